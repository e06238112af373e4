/// A screenful of cells in flat arrays, one word each for glyph, foreground and background.
///
/// Renderers write picture cells straight into the arrays; text goes through `put`. Everything outside is cut off, nothing traps.
public struct CellGrid: Sendable {
    public let columns: Int
    public let rows: Int
    var glyphs: [UInt32]
    var foregrounds: [UInt32]
    var backgrounds: [UInt32]
    var clusters: ClusterTable

    /// Blank, of 0...1000 columns and rows.
    public init(columns: Int, rows: Int) {
        let bounds = Self.bounds(columns: columns, rows: rows)
        (self.columns, self.rows) = (bounds.columns, bounds.rows)
        let count = bounds.columns * bounds.rows
        clusters = ClusterTable(cells: count)
        glyphs = Array(repeating: GlyphWord.space, count: count)
        foregrounds = Array(repeating: CellColor.defaultValue, count: count)
        backgrounds = Array(repeating: CellColor.defaultValue, count: count)
    }

    public var bounds: CellRegion { CellRegion(column: 0, row: 0, columns: columns, rows: rows) }

    /// Of the grid that a screen of that size has: 0...1000 columns and rows.
    public static func bounds(columns: Int, rows: Int) -> CellRegion {
        CellRegion(column: 0, row: 0, columns: max(0, min(1000, columns)), rows: max(0, min(1000, rows)))
    }

    /// Letters with marks that it has not had yet lose them from now on; a new grid of the same text has room again.
    public var isOutOfClusters: Bool { clusters.isFull }

    /// Blank outside the grid.
    public subscript(column: Int, row: Int) -> Cell {
        guard column >= 0, row >= 0, column < columns, row < rows else { return Cell() }
        let index = row * columns + column
        let word = glyphs[index]
        return Cell(
            word & GlyphWord.continuation != 0 ? "" : clusters.text(word & GlyphWord.valueMask),
            foreground: CellColor(packed: foregrounds[index]), background: CellColor(packed: backgrounds[index]),
            attributes: CellAttributes(rawValue: UInt8(GlyphWord.attributes(word))), isPicture: word & GlyphWord.picture != 0)
    }

    public mutating func clear(_ region: CellRegion? = nil, background: CellColor = .default) {
        let area = bounds.intersection(region ?? bounds)
        guard !area.isEmpty else { return }
        for row in area.row..<area.endRow {
            separate(column: area.column, row: row)
            separate(column: area.endColumn, row: row)
            let range = row * columns + area.column..<row * columns + area.endColumn
            for index in range {
                glyphs[index] = GlyphWord.space
                foregrounds[index] = CellColor.defaultValue
                backgrounds[index] = background.packed
            }
        }
    }

    /// Writes text that is made safe first (`TerminalText`), up to the row's or the limit's end; gives the column after it.
    /// A wide character that does not fit whole becomes a space.
    @discardableResult
    public mutating func put(
        _ text: String, column: Int, row: Int, limit: Int = .max, foreground: CellColor = .default, background: CellColor = .default,
        attributes: CellAttributes = []
    ) -> Int {
        var at = column
        let end = limit == .max ? columns : min(columns, column + max(0, limit))
        guard row >= 0, row < rows else { return at }
        for cluster in TerminalText.clusters(text) {
            guard at < end else { break }
            let fits = at + cluster.width <= end
            put(fits ? cluster : .space, column: at, row: row, foreground: foreground, background: background, attributes: attributes)
            at += cluster.width
        }
        return min(at, end)
    }

    public mutating func put(
        _ cluster: TextCluster, column: Int, row: Int, foreground: CellColor = .default, background: CellColor = .default,
        attributes: CellAttributes = []
    ) {
        guard column >= 0, row >= 0, row < rows, column + cluster.width <= columns else { return }
        separate(column: column, row: row)
        separate(column: column + cluster.width, row: row)
        let index = row * columns + column
        let style = UInt32(attributes.rawValue) << GlyphWord.attributeShift & GlyphWord.attributeMask
        glyphs[index] = clusters.word(cluster) | style | (cluster.width == 2 ? GlyphWord.wide : 0)
        foregrounds[index] = foreground.packed
        backgrounds[index] = background.packed
        guard cluster.width == 2 else { return }
        glyphs[index + 1] = GlyphWord.space | GlyphWord.continuation | style
        foregrounds[index + 1] = foreground.packed
        backgrounds[index + 1] = background.packed
    }

    /// Before an edge is written over: a wide glyph that lies across it loses both halves.
    mutating func separate(column: Int, row: Int) {
        guard column > 0, column < columns else { return }
        let index = row * columns + column
        guard glyphs[index] & GlyphWord.continuation != 0 else { return }
        glyphs[index] = GlyphWord.space
        glyphs[index - 1] = GlyphWord.space
    }

    /// The rows as text, for tests and logs.
    public var text: [String] { (0..<rows).map { row in (0..<columns).map { self[$0, row].text }.joined() } }
}
