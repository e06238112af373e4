/// The colour of a cell: 24-bit RGB, or the terminal's own default.
public struct CellColor: Hashable, Sendable {
    /// 0x00RRGGBB, or `defaultValue`.
    public let packed: UInt32

    static let defaultValue: UInt32 = 0x0100_0000
    public static let `default` = CellColor(packed: defaultValue)

    init(packed: UInt32) { self.packed = packed }

    public init(red: UInt8, green: UInt8, blue: UInt8) { packed = UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue) }
    /// 0xRRGGBB; higher bits are ignored.
    public init(rgb: UInt32) { packed = rgb & 0xff_ffff }

    public var isDefault: Bool { packed == Self.defaultValue }
    public var red: UInt8 { UInt8(truncatingIfNeeded: packed >> 16) }
    public var green: UInt8 { UInt8(truncatingIfNeeded: packed >> 8) }
    public var blue: UInt8 { UInt8(truncatingIfNeeded: packed) }
}

public struct CellAttributes: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let bold = CellAttributes(rawValue: 1)
    public static let dim = CellAttributes(rawValue: 2)
    public static let reverse = CellAttributes(rawValue: 4)
    public static let underline = CellAttributes(rawValue: 8)
}

/// What a cell holds, as the grid stores it: everything but its colours in one word, so that two cells compare by three words.
///
/// ```
///  31..30   29       28     27        26             25     24..21       20..0
/// +------+--------+------+---------+--------------+------+------------+---------------------------------------+
/// | zero | blocks | hole | picture | continuation | wide | attributes | Unicode scalar, or 0x110000 + cluster |
/// +------+--------+------+---------+--------------+------+------------+---------------------------------------+
/// ```
enum GlyphWord {
    static let valueMask: UInt32 = 0x1f_ffff
    static let attributeShift: UInt32 = 21
    static let attributeMask: UInt32 = 0xf << attributeShift
    /// The glyph takes this column and the next.
    static let wide: UInt32 = 1 << 25
    /// The right half of the wide glyph to the left.
    static let continuation: UInt32 = 1 << 26
    /// May be shown approximately; all else is exact.
    static let picture: UInt32 = 1 << 27
    /// A blank that pixels lie on: drawn once before they come, and never over them. Its foreground is the number of the picture.
    static let hole: UInt32 = 1 << 28 | picture | space
    /// In what is shown, instead of a picture's number: the pixels are not there yet.
    static let noPixels: UInt32 = 0xff_ffff
    /// A picture in quadrants or sextants, of which any glyph that shows the same colours in the same places will do.
    static let blocks: UInt32 = 1 << 29
    static let firstCluster: UInt32 = 0x11_0000
    static let space: UInt32 = 0x20
    static let upperHalf: UInt32 = 0x2580
    static let halfBlock = upperHalf | picture
    /// Never in a grid: a shown cell of which nothing is known.
    static let unknown: UInt32 = .max

    static func attributes(_ word: UInt32) -> UInt32 { (word & attributeMask) >> attributeShift }
}

/// One cell, taken out of a grid.
public struct Cell: Equatable, Sendable {
    /// One user-perceived character; empty for the right half of a wide one.
    public var text: String
    public var foreground: CellColor
    public var background: CellColor
    public var attributes: CellAttributes
    public var isPicture: Bool

    public init(
        _ text: String = " ", foreground: CellColor = .default, background: CellColor = .default, attributes: CellAttributes = [],
        isPicture: Bool = false
    ) {
        self.text = text
        self.foreground = foreground
        self.background = background
        self.attributes = attributes
        self.isPicture = isPicture
    }
}

/// A rectangle of cells.
public struct CellRegion: Hashable, Sendable {
    public var column: Int
    public var row: Int
    public var columns: Int
    public var rows: Int

    public init(column: Int, row: Int, columns: Int, rows: Int) {
        self.column = column
        self.row = row
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }

    public var isEmpty: Bool { columns == 0 || rows == 0 }
    public var endColumn: Int { column + columns }
    public var endRow: Int { row + rows }

    public func intersection(_ other: CellRegion) -> CellRegion {
        let left = max(column, other.column)
        let top = max(row, other.row)
        return CellRegion(
            column: left, row: top, columns: min(endColumn, other.endColumn) - left, rows: min(endRow, other.endRow) - top)
    }
}
