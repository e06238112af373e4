/// A terminal's size in cells, as a person writes it: `80x24`.
public struct ScreenChoice: Hashable, Sendable {
    public var columns: Int
    public var rows: Int

    public init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }

    /// 1x1 to 1000x1000.
    public init?(_ text: String) {
        let parts = text.split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, let columns = Int(parts[0]), let rows = Int(parts[1]), (1...1000).contains(columns),
            (1...1000).contains(rows)
        else { return nil }
        self.init(columns: columns, rows: rows)
    }
}

/// What a screen can show of the other side's picture, so that no more is sent than can be seen.
public struct CallScreen: Hashable, Sendable {
    /// Of the whole terminal, in cells.
    public var columns: Int
    public var rows: Int
    /// Of the picture, in samples that can be told apart.
    public var width: Int
    public var height: Int

    public init(columns: Int, rows: Int, width: Int, height: Int) {
        self.columns = columns
        self.rows = rows
        self.width = width
        self.height = height
    }
}
