/// A small terminal of its own making, for tests: what programs write becomes cells. What it does not know, it lists in `unknown`.
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
        public var underline = false
        public var reverse = false
    }

    public let columns: Int
    public let rows: Int
    public private(set) var cells: [Cell]
    public private(set) var column = 0
    public private(set) var row = 0
    public private(set) var privateModes: [Int: Bool] = [:]
    public private(set) var unknown: [String] = []
    /// Blocks of DEC mode 2026 that were opened and closed, and printable bytes outside of them.
    public private(set) var synchronizedFrames = 0
    public private(set) var hasScrolled = false
    /// How often something was written on each cell; and on all of them, when the screen is cleared.
    public private(set) var writes: [Int]
    private var pen = Cell()
    private var pending: [UInt8] = []
    private var wrapsNext = false

    public init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        cells = Array(repeating: Cell(), count: columns * rows)
        writes = Array(repeating: 0, count: columns * rows)
    }

    public subscript(column: Int, row: Int) -> Cell { cells[row * columns + column] }

    public var text: [String] { (0..<rows).map { row in (0..<columns).map { self[$0, row].text }.joined() } }

    public mutating func feed(_ bytes: some Sequence<UInt8>) {
        pending += bytes
        var index = 0
        while index < pending.count, let used = step(pending[index...]) { index += used }
        pending.removeFirst(index)
    }

    /// How many bytes were taken; nil: more are needed.
    private mutating func step(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = bytes.first else { return nil }
        switch first {
        case 0x1b: return escape(bytes)
        case 0x0a:
            lineFeed()
            return 1
        case 0x0d:
            column = 0
            wrapsNext = false
            return 1
        case 0..<0x20, 0x7f:
            unknown.append("control \(first)")
            return 1
        default:
            let length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
            guard bytes.count >= length else { return nil }
            for scalar in String(decoding: bytes.prefix(length), as: UTF8.self).unicodeScalars { print(scalar) }
            return length
        }
    }

    private mutating func escape(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 2 else { return nil }
        let start = bytes.startIndex
        switch bytes[start + 1] {
        case UInt8(ascii: "["):
            guard let end = bytes.dropFirst(2).firstIndex(where: { (0x40...0x7e).contains($0) }) else { return nil }
            control(String(decoding: bytes[(start + 2)..<end], as: UTF8.self), final: bytes[end])
            return end + 1 - start
        case UInt8(ascii: "P"), UInt8(ascii: "]"), UInt8(ascii: "_"), UInt8(ascii: "^"):
            var index = start + 2
            while index < bytes.endIndex {
                if bytes[index] == 7 { return index + 1 - start }
                if bytes[index] == 0x1b, index + 1 < bytes.endIndex, bytes[index + 1] == UInt8(ascii: "\\") { return index + 2 - start }
                index += 1
            }
            return nil
        case UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "7"), UInt8(ascii: "8"): return 2
        case UInt8(ascii: "("), UInt8(ascii: ")"): return bytes.count >= 3 ? 3 : nil
        default:
            unknown.append("escape \(bytes[start + 1])")
            return 2
        }
    }

    private mutating func control(_ parameters: String, final: UInt8) {
        let isPrivate = parameters.hasPrefix("?")
        let numbers = parameters.drop { $0 == "?" || $0 == ">" }.split(separator: ";", omittingEmptySubsequences: false).map {
            Int($0) ?? 0
        }
        let first = numbers.first ?? 0
        switch final {
        case UInt8(ascii: "h") where isPrivate, UInt8(ascii: "l") where isPrivate:
            let isOn = final == UInt8(ascii: "h")
            if first == 2026, !isOn, privateModes[2026] == true { synchronizedFrames += 1 }
            for mode in numbers { privateModes[mode] = isOn }
        case UInt8(ascii: "m") where !isPrivate: rendition(numbers)
        case UInt8(ascii: "H"):
            row = min(rows, max(1, first)) - 1
            column = min(columns, max(1, numbers.count > 1 ? numbers[1] : 1)) - 1
            wrapsNext = false
        case UInt8(ascii: "C"):
            column = min(columns - 1, column + max(1, first))
            wrapsNext = false
        case UInt8(ascii: "J") where first == 2:
            cells = Array(repeating: Cell(), count: columns * rows)
            for index in writes.indices { writes[index] += 1 }
        case UInt8(ascii: "h"), UInt8(ascii: "l"), UInt8(ascii: "c"), UInt8(ascii: "p"), UInt8(ascii: "q"), UInt8(ascii: "r"),
            UInt8(ascii: "t"):
            break
        case UInt8(ascii: "S") where isPrivate: break
        default: unknown.append("control sequence \(parameters)\(Character(Unicode.Scalar(final)))")
        }
    }

    private mutating func rendition(_ numbers: [Int]) {
        var rest = (numbers.isEmpty ? [0] : numbers)[...]
        while let code = rest.popFirst() {
            switch code {
            case 0: pen = Cell()
            case 1: pen.bold = true
            case 2: pen.dim = true
            case 4: pen.underline = true
            case 7: pen.reverse = true
            case 22: (pen.bold, pen.dim) = (false, false)
            case 24: pen.underline = false
            case 27: pen.reverse = false
            case 30...37: pen.foreground = .indexed(UInt8(code - 30))
            case 40...47: pen.background = .indexed(UInt8(code - 40))
            case 90...97: pen.foreground = .indexed(UInt8(code - 82))
            case 100...107: pen.background = .indexed(UInt8(code - 92))
            case 39: pen.foreground = .standard
            case 49: pen.background = .standard
            case 38, 48:
                let kind = rest.popFirst()
                let values = rest.prefix(kind == 5 ? 1 : 3).map { UInt8(clamping: $0) }
                rest = rest.dropFirst(values.count)
                let color: Color =
                    kind == 5 ? .indexed(values.first ?? 0) : values.count == 3 ? .rgb(values[0], values[1], values[2]) : .standard
                if code == 38 { pen.foreground = color } else { pen.background = color }
            default: unknown.append("rendition \(code)")
            }
        }
    }

    private mutating func lineFeed() {
        wrapsNext = false
        if row + 1 < rows {
            row += 1
        } else {
            hasScrolled = true
            cells.removeFirst(columns)
            cells += Array(repeating: Cell(), count: columns)
        }
    }

    private mutating func print(_ scalar: Unicode.Scalar) {
        switch scalar.properties.generalCategory {
        case .nonspacingMark:
            let previous = row * columns + (wrapsNext ? column : max(0, column - 1))
            let index = cells[previous].text.isEmpty ? previous - 1 : previous
            cells[index].text.unicodeScalars.append(scalar)
            return
        case .format, .control: unknown.append("invisible U+\(String(scalar.value, radix: 16))")
        default: break
        }
        let width = Self.isWide(scalar) ? 2 : 1
        if wrapsNext || column + width > columns {
            column = 0
            lineFeed()
        }
        erase(column)
        if width == 2 { erase(column + 1) }
        var cell = pen
        cell.text = String(scalar)
        cells[row * columns + column] = cell
        writes[row * columns + column] += 1
        if width == 2 {
            writes[row * columns + column + 1] += 1
            cell.text = ""
            cells[row * columns + column + 1] = cell
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
        if cells[index].text.isEmpty, column > 0 { cells[index - 1].text = " " }
        if column + 1 < columns, cells[index + 1].text.isEmpty { cells[index + 1].text = " " }
    }

    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xff00...0xff60, 0x1f300...0x1f64f,
            0x1f680...0x1f6ff, 0x1f900...0x1f9ff:
            true
        default: false
        }
    }
}
