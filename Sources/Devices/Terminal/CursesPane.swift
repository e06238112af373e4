import CNcurses
import CellGraphics
import Glibc

/// A window of text that ncurses keeps off screen: written with colours and attributes, then copied into a grid.
public final class CursesPane {
    public let columns: Int
    public let rows: Int
    private let window: UnsafeMutablePointer<WINDOW>?

    /// 1...1000 columns and rows; what cannot be had stays blank.
    public init(columns: Int, rows: Int) {
        self.columns = max(1, min(1000, columns))
        self.rows = max(1, min(1000, rows))
        let size = (Int32(self.rows), Int32(self.columns))
        nonisolated(unsafe) let made = CursesLibrary.withLock { newpad(size.0, size.1) } ?? nil
        window = made
    }

    deinit {
        guard let window else { return }
        _ = CursesLibrary.withLock { delwin(window) }
    }

    public func erase() { _ = CursesLibrary.withLock { werase(window) } }

    /// Writes text, made safe, up to the limit or the row's end; gives the column after it. What does not fit is cut with an ellipsis.
    @discardableResult
    public func put(
        _ text: String, column: Int, row: Int, limit: Int = .max, foreground: CellColor = .default, background: CellColor = .default,
        attributes: CellAttributes = []
    ) -> Int {
        guard let window, row >= 0, row < rows, column >= 0, column < columns else { return column }
        let room = min(columns - column, max(0, limit))
        let safe = TerminalText.sanitize(text, maximumColumns: room)
        let pair = CursesLibrary.pair(CursesLibrary.ColorPair(foreground: foreground, background: background))
        let style = Self.curses(attributes)
        var at = column
        CursesLibrary.withLock {
            for cluster in TerminalText.clusters(safe) {
                var wide = cluster.text.unicodeScalars.map { wchar_t(bitPattern: $0.value) }
                wide.append(0)
                if cncurses_put(window, Int32(row), Int32(at), wide, style, pair) == ERR {
                    _ = cncurses_put(window, Int32(row), Int32(at), [0xfffd, 0], style, pair)
                }
                at += cluster.width
            }
        }
        return at
    }

    /// Copies the pane to where its upper left corner shall be; what lies outside the grid is cut off.
    public func copy(into grid: inout CellGrid, column: Int, row: Int) {
        guard let window else { return }
        let pairs = CursesLibrary.pairs()
        var line = [cchar_t](repeating: cchar_t(), count: columns + 1)
        var text = [wchar_t](repeating: 0, count: Int(CCHARW_MAX) + 1)
        for y in 0..<rows {
            _ = CursesLibrary.withLock { wmove(window, Int32(y), 0) == ERR ? ERR : win_wchnstr(window, &line, Int32(columns)) }
            var x = 0
            // A wide character comes back once, not once a column.
            for cell in line {
                guard x < columns else { break }
                var attributes: attr_t = 0
                var number: Int32 = 0
                var copy = cell
                guard cncurses_read(&copy, &text, &attributes, &number) != ERR else { break }
                let scalars = text.prefix { $0 != 0 }.compactMap { Unicode.Scalar(UInt32(bitPattern: $0)) }
                var string = String.UnicodeScalarView()
                string.append(contentsOf: scalars)
                let cluster = TerminalText.clusters(String(string)).first ?? TerminalText.clusters(" ")[0]
                let colors = pairs.indices.contains(Int(number)) ? pairs[Int(number)] : pairs[0]
                grid.put(
                    cluster, column: column + x, row: row + y, foreground: colors.foreground, background: colors.background,
                    attributes: Self.attributes(attributes))
                x += cluster.width
            }
        }
    }

    private static func curses(_ attributes: CellAttributes) -> attr_t {
        (attributes.contains(.bold) ? cncurses_bold : 0) | (attributes.contains(.dim) ? cncurses_dim : 0)
            | (attributes.contains(.reverse) ? cncurses_reverse : 0) | (attributes.contains(.underline) ? cncurses_underline : 0)
    }

    private static func attributes(_ value: attr_t) -> CellAttributes {
        var result: CellAttributes = []
        if value & cncurses_bold != 0 { result.insert(.bold) }
        if value & cncurses_dim != 0 { result.insert(.dim) }
        if value & cncurses_reverse != 0 { result.insert(.reverse) }
        if value & cncurses_underline != 0 { result.insert(.underline) }
        return result
    }
}
