/// How large a terminal's cell is in its pixels, which pixel graphics must know to fill whole cells.
public struct CellPixels: Hashable, Sendable {
    public let width: Int
    public let height: Int

    /// What is taken for it where the terminal scales pictures itself and does not say.
    public static let usual = CellPixels(uncheckedWidth: 8, height: 16)

    /// Nil for what cannot be: nothing, or more than 256 pixels.
    public init?(width: Int, height: Int) {
        guard (1...256).contains(width), (1...256).contains(height) else { return nil }
        self.init(uncheckedWidth: width, height: height)
    }

    /// Of a screen that many pixels large; a rest that makes no whole cell is taken for a border.
    public init?(columns: Int, rows: Int, pixelWidth: Int, pixelHeight: Int) {
        guard columns > 0, rows > 0 else { return nil }
        self.init(width: pixelWidth / columns, height: pixelHeight / rows)
    }

    private init(uncheckedWidth width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    public var aspect: Double { Double(width) / Double(height) }
}
