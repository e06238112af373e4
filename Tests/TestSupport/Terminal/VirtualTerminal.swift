/// A small terminal of its own making, for tests: what programs write becomes cells. What it does not know, it lists in `unknown`.
///
/// It answers questions as its `kind` does; the answers wait in `takeAnswers`. Widths are the C library's, not the program's.
public struct VirtualTerminal: Sendable {
    public enum Color: Equatable, Sendable {
        case standard
        case indexed(UInt8)
        case rgb(UInt8, UInt8, UInt8)
    }

    public struct Cell: Equatable, Sendable {
        /// Empty for the right half of a wide character.
        public var text = " "
        public var foreground = Color.standard
        public var background = Color.standard
        public var bold = false
        public var dim = false
        public var italic = false
        public var underline = false
        public var blink = false
        public var reverse = false
    }

    /// A picture drawn in pixels, as it was sent, and the cell where the cursor was.
    public struct Graphic: Equatable, Sendable {
        public enum Kind: Equatable, Sendable { case sixel, kitty }

        public var kind: Kind
        public var column: Int
        public var row: Int
        /// Between the introducer and the terminator: `q…` or `0;1;0q…`, and `G…`.
        public var payload: [UInt8]
    }

    public private(set) var columns: Int
    public private(set) var rows: Int
    public let kind: TerminalKind
    public internal(set) var cells: [Cell]
    public internal(set) var column = 0
    public internal(set) var row = 0
    /// DEC private modes that were set or reset.
    public internal(set) var privateModes: [Int: Bool] = [:]
    /// What no terminal of today is known to understand, or this one does not; the first hundred.
    public internal(set) var unknown: [String] = []
    /// Blocks of DEC mode 2026 that were opened and closed.
    public internal(set) var synchronizedFrames = 0
    /// A line went off the top, of either screen.
    public internal(set) var hasScrolled = false
    public internal(set) var hasAlternateScrolled = false
    /// Of OSC 0 or 2; nil: none was set.
    public internal(set) var title: String?
    /// Each title that was set, in order; the last hundred.
    public internal(set) var titles: [String] = []
    /// Of OSC 52; nil: nothing was put there.
    public internal(set) var clipboard: String?
    public internal(set) var bells = 0
    /// Flags pushed by the kitty keyboard protocol, the newest last; each screen has its own.
    public internal(set) var keyboardFlags: [Int] = []
    /// The last 256.
    public internal(set) var graphics: [Graphic] = []
    public internal(set) var isApplicationKeypad = false
    /// Cells stay where they are put, whatever is in them (BDSM, `CSI 8 l`).
    public internal(set) var isBidiExplicit = false
    /// How often something was written on each cell, or erased there.
    public internal(set) var writes: [Int]

    var pen = Cell()
    var savedCursor = (column: 0, row: 0, pen: Cell())
    var titleStack: [String?] = []
    var main: Screen?
    var wrapsNext = false
    private var answers: [UInt8] = []
    private var pending: [UInt8] = []

    /// What is put aside while the alternate screen is shown.
    struct Screen: Sendable {
        var cells: [Cell]
        var column: Int
        var row: Int
        var keyboardFlags: [Int]
    }

    /// - Parameter kind: whose answers are given; a terminal that answers nothing unless told.
    public init(columns: Int, rows: Int, kind: TerminalKind = .silent) {
        self.columns = columns
        self.rows = rows
        self.kind = kind
        cells = Array(repeating: Cell(), count: columns * rows)
        writes = Array(repeating: 0, count: columns * rows)
    }

    public subscript(column: Int, row: Int) -> Cell { cells[row * columns + column] }

    public var text: [String] { (0..<rows).map { row in (0..<columns).map { self[$0, row].text }.joined() } }

    /// The alternate screen is shown; the main one waits under it.
    public var isAlternate: Bool { main != nil }
    public var isCursorShown: Bool { privateModes[25] ?? true }
    public var isBracketedPaste: Bool { privateModes[2004] ?? false }
    /// Which of the modes that report the mouse are on.
    public var mouseModes: [Int] { [9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016].filter { privateModes[$0] == true } }
    /// Nothing of what a program switches on is on.
    public var isLeftClean: Bool {
        !isAlternate && isCursorShown && !isBracketedPaste && mouseModes.isEmpty && keyboardFlags.isEmpty && privateModes[1] != true
            && privateModes[2026] != true && privateModes[7] != false && !isApplicationKeypad && !isBidiExplicit && pen == Cell()
    }

    /// Another size, as real terminals do it without reflowing: the upper left part stays.
    public mutating func resize(columns: Int, rows: Int) {
        cells = Self.resized(cells, from: (self.columns, self.rows), to: (columns, rows))
        if var kept = main {
            kept.cells = Self.resized(kept.cells, from: (self.columns, self.rows), to: (columns, rows))
            main = kept
        }
        (self.columns, self.rows) = (columns, rows)
        writes = Array(repeating: 0, count: columns * rows)
        (column, row, wrapsNext) = (min(column, columns - 1), min(row, rows - 1), false)
    }

    private static func resized(_ cells: [Cell], from: (columns: Int, rows: Int), to: (columns: Int, rows: Int)) -> [Cell] {
        var result = Array(repeating: Cell(), count: to.columns * to.rows)
        for row in 0..<min(from.rows, to.rows) {
            for column in 0..<min(from.columns, to.columns) { result[row * to.columns + column] = cells[row * from.columns + column] }
            // Half of a wide character at the edge is nobody's.
            if to.columns < from.columns, cells[row * from.columns + to.columns].text.isEmpty {
                result[row * to.columns + to.columns - 1].text = " "
            }
        }
        return result
    }

    /// What the terminal has to say to the program since the last time.
    public mutating func takeAnswers() -> [UInt8] {
        defer { answers = [] }
        return answers
    }

    mutating func answer(_ text: String?) {
        if let text { answers += text.utf8 }
    }

    mutating func note(_ what: String) {
        if unknown.count < 100 { unknown.append(what) }
    }

    public mutating func feed(_ bytes: some Sequence<UInt8>) {
        var all = pending
        all += bytes
        var index = 0
        all.withUnsafeBufferPointer { bytes in
            while index < bytes.count {
                let used = step(UnsafeBufferPointer(rebasing: bytes[index...]))
                if used == 0 { break }
                index += used
            }
        }
        pending = index == all.count ? [] : Array(all[index...])
    }

    /// How many bytes were taken; 0: more are needed.
    private mutating func step(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let first = bytes[0]
        if first >= 0x20, first < 0x7f {
            print(Unicode.Scalar(first), width: 1)
            return 1
        }
        switch first {
        case 0x1b: return escape(bytes)
        case 0x07: bells += 1
        case 0x08:
            column = max(0, column - 1)
            wrapsNext = false
        case 0x09:
            column = min(columns - 1, (column / 8 + 1) * 8)
            wrapsNext = false
        case 0x0a: lineFeed()
        case 0x0d:
            column = 0
            wrapsNext = false
        case 0..<0x20, 0x7f: note("control \(first)")
        default:
            let length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
            guard bytes.count >= length else { return 0 }
            if length > 1, let scalar = Self.scalar(bytes, length) {
                print(scalar)
                return length
            }
            note("no UTF-8 \(first)")
        }
        return 1
    }

    private static func scalar(_ bytes: UnsafeBufferPointer<UInt8>, _ length: Int) -> Unicode.Scalar? {
        var value = UInt32(bytes[0]) & (length == 2 ? 0x1f : length == 3 ? 0x0f : 0x07)
        for index in 1..<length {
            guard bytes[index] & 0xc0 == 0x80 else { return nil }
            value = value << 6 | UInt32(bytes[index] & 0x3f)
        }
        guard value >= (length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000) else { return nil }
        return Unicode.Scalar(value)
    }

    mutating func lineFeed() {
        wrapsNext = false
        if row + 1 < rows {
            row += 1
            return
        }
        hasScrolled = true
        if isAlternate { hasAlternateScrolled = true }
        cells.removeFirst(columns)
        cells += Array(repeating: Cell(), count: columns)
    }

    private mutating func print(_ scalar: Unicode.Scalar) {
        if (0x80..<0xa0).contains(scalar.value) { return note("control U+\(String(scalar.value, radix: 16))") }
        let width = WidthTable.columns(scalar)
        guard width == 0 else { return print(scalar, width: width) }
        if scalar.properties.generalCategory == .format { note("invisible U+\(String(scalar.value, radix: 16))") }
        let previous = row * columns + (wrapsNext ? column : max(0, column - 1))
        let index = cells[previous].text.isEmpty ? max(0, previous - 1) : previous
        cells[index].text.unicodeScalars.append(scalar)
    }

    private mutating func print(_ scalar: Unicode.Scalar, width: Int) {
        if privateModes[7] == false {
            column = min(column, max(0, columns - width))
        } else if wrapsNext || column + width > columns {
            column = 0
            lineFeed()
        }
        // A terminal of one column cannot show a wide character.
        guard width <= columns else { return }
        erase(column)
        if width == 2 { erase(column + 1) }
        let index = row * columns + column
        cells[index] = pen
        cells[index].text = String(scalar)
        writes[index] += 1
        if width == 2 {
            writes[index + 1] += 1
            cells[index + 1] = pen
            cells[index + 1].text = ""
        }
        if column + width >= columns {
            column = columns - 1
            wrapsNext = true
        } else {
            column += width
        }
    }

    /// Half of a wide character that is written over takes the other half with it.
    private mutating func erase(_ column: Int) {
        let index = row * columns + column
        if column > 0, cells[index].text.isEmpty { cells[index - 1].text = " " }
        if column + 1 < columns, cells[index + 1].text.isEmpty { cells[index + 1].text = " " }
    }
}
