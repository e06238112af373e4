/// A `VirtualTerminal` that shows sixels and kitty's images too, for tests. What is not as it should be, it lists in `problems`.
public struct PixelTerminal: Sendable {
    public private(set) var text: VirtualTerminal
    public let cellWidth: Int
    public let cellHeight: Int
    public private(set) var problems: [String] = []
    /// Strings that were drawn, and the widest of them in pixels.
    public private(set) var sixelStrings = 0
    public private(set) var widestSixel = 0
    public private(set) var imagesSent = 0
    /// By id.
    public private(set) var placements: [Int: Placement] = [:]

    public struct Placement: Equatable, Sendable {
        public var column: Int
        public var row: Int
        public var columns: Int
        public var rows: Int
        public var width: Int
        public var height: Int
        public var samples: [UInt32]
    }

    private var sixelPixels: [UInt32]
    private var seen: [Int]
    private var pending: [UInt8] = []
    private var kittyKeys: [String: String]?
    private var kittyData: [UInt8] = []
    private static let nothing = UInt32.max

    public init(columns: Int, rows: Int, cellWidth: Int, cellHeight: Int) {
        text = VirtualTerminal(columns: columns, rows: rows)
        self.cellWidth = cellWidth
        self.cellHeight = cellHeight
        sixelPixels = Array(repeating: Self.nothing, count: columns * rows * cellWidth * cellHeight)
        seen = text.writes
    }

    public var width: Int { text.columns * cellWidth }
    public var height: Int { text.rows * cellHeight }

    /// 0x00RRGGBB; nil: no picture there.
    public func pixel(_ x: Int, _ y: Int) -> UInt32? {
        let (column, row) = (x / cellWidth, y / cellHeight)
        for placement in placements.values
        where (placement.column..<placement.column + placement.columns).contains(column)
            && (placement.row..<placement.row + placement.rows).contains(row)
        {
            let sx = (x - placement.column * cellWidth) * placement.width / (placement.columns * cellWidth)
            let sy = (y - placement.row * cellHeight) * placement.height / (placement.rows * cellHeight)
            return placement.samples[sy * placement.width + sx]
        }
        let value = sixelPixels[y * width + x]
        return value == Self.nothing ? nil : value
    }

    public mutating func feed(_ bytes: some Sequence<UInt8>) {
        pending += bytes
        var start = 0
        var index = 0
        while index + 1 < pending.count {
            guard pending[index] == 0x1b, pending[index + 1] == UInt8(ascii: "P") || pending[index + 1] == UInt8(ascii: "_") else {
                index += 1
                continue
            }
            var end = index + 2
            while end + 1 < pending.count, pending[end] != 0x1b { end += 1 }
            guard end + 1 < pending.count else { break }
            feedText(pending[start..<index])
            if pending[end + 1] != UInt8(ascii: "\\") { problems.append("a string that is broken off") }
            let body = Array(pending[(index + 2)..<end])
            if pending[index + 1] == UInt8(ascii: "P") { sixel(body) } else { kitty(body) }
            (start, index) = (end + 2, end + 2)
        }
        if index + 1 >= pending.count { index = pending.count }
        feedText(pending[start..<index])
        pending.removeFirst(index)
        if !pending.isEmpty { problems.append("a string without an end") }
        if text.hasScrolled { problems.append("scrolled") }
    }

    /// What is written on a cell takes the sixels from it.
    private mutating func feedText(_ bytes: ArraySlice<UInt8>) {
        text.feed(bytes)
        for cell in seen.indices where text.writes[cell] != seen[cell] {
            let (left, top) = (cell % text.columns * cellWidth, cell / text.columns * cellHeight)
            for y in top..<top + cellHeight { for x in left..<left + cellWidth { sixelPixels[y * width + x] = Self.nothing } }
        }
        seen = text.writes
        problems += text.unknown
    }

    // MARK: - Sixels

    private mutating func sixel(_ body: [UInt8]) {
        guard let q = body.firstIndex(of: UInt8(ascii: "q")) else {
            problems.append("a device control string that is no sixels")
            return
        }
        sixelStrings += 1
        let (left, top) = (text.column * cellWidth, text.row * cellHeight)
        var colors: [Int: UInt32] = [:]
        var color = 0
        var (x, y) = (0, 0)
        var size = (width: 0, height: 0)
        var index = q + 1
        func numbers() -> [Int] {
            var found = [0]
            while index < body.count, body[index] == UInt8(ascii: ";") || (48..<58).contains(body[index]) {
                if body[index] == UInt8(ascii: ";") {
                    found.append(0)
                } else {
                    found[found.count - 1] = found[found.count - 1] * 10 + Int(body[index]) - 48
                }
                index += 1
            }
            return found
        }
        while index < body.count {
            let byte = body[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                let raster = numbers()
                if raster.count != 4 || raster[0] != 1 || raster[1] != 1 { problems.append("raster attributes \(raster)") }
                if raster.count == 4 { size = (raster[2], raster[3]) }
                widestSixel = max(widestSixel, size.width)
                // The terminal may put the cursor under the picture.
                if top + (size.height + 5) / 6 * 6 > height || left + size.width > width { problems.append("sixels that scroll") }
            case UInt8(ascii: "#"):
                let values = numbers()
                color = values[0]
                if color > 255 { problems.append("register \(color)") }
                guard values.count > 1 else { continue }
                // Not every terminal takes that for a choice.
                color = -1
                if values.count != 5 || values[1] != 2 || values[2...].contains(where: { $0 > 100 }) {
                    problems.append("color \(values)")
                    continue
                }
                let levels = values[2...].map { UInt32(($0 * 255 + 50) / 100) }
                colors[values[0]] = levels[0] << 16 | levels[1] << 8 | levels[2]
            case UInt8(ascii: "$"): x = 0
            case UInt8(ascii: "-"): (x, y) = (0, y + 6)
            case UInt8(ascii: "!"), 63...126:
                var count = 1
                var sign = byte
                if byte == UInt8(ascii: "!") {
                    count = numbers()[0]
                    sign = index < body.count ? body[index] : 0
                    index += 1
                }
                guard (63...126).contains(sign) else {
                    problems.append("repeated \(sign)")
                    continue
                }
                let bits = sign - 63
                if bits != 0, colors[color] == nil { problems.append("color \(color) is not defined") }
                for _ in 0..<count {
                    for bit in 0..<6 where bits >> UInt8(bit) & 1 == 1 {
                        guard x < size.width, y + bit < size.height else {
                            problems.append("outside at \(x),\(y + bit)")
                            continue
                        }
                        let at = (top + y + bit) * width + left + x
                        if top + y + bit < height, left + x < width { sixelPixels[at] = colors[color] ?? 0 }
                    }
                    x += 1
                }
            default: problems.append("sixel byte \(byte)")
            }
        }
    }

    // MARK: - Kitty

    private mutating func kitty(_ body: [UInt8]) {
        guard body.first == UInt8(ascii: "G") else {
            problems.append("an application program command that is not kitty's")
            return
        }
        let end = body.firstIndex(of: UInt8(ascii: ";")) ?? body.count
        var keys: [String: String] = [:]
        for pair in String(decoding: body[1..<end], as: UTF8.self).split(separator: ",") {
            let parts = pair.split(separator: "=")
            if parts.count == 2 { keys[String(parts[0])] = String(parts[1]) } else { problems.append("kitty's \(pair)") }
        }
        if keys["q"] != "2" { problems.append("asks for an answer") }
        let payload = body[min(body.count, end + 1)...]
        if payload.count > 4096 { problems.append("a chunk of \(payload.count)") }
        if keys["a"] == "d" {
            if kittyKeys != nil { problems.append("a deletion between chunks") }
            if placements.removeValue(forKey: Int(keys["i"] ?? "") ?? -1) == nil { problems.append("deletes what is not there") }
            return
        }
        if kittyKeys == nil {
            kittyKeys = keys
            kittyData = []
        } else if keys["a"] != nil {
            problems.append("a new image between chunks")
        }
        let isLast = keys["m"] != "1"
        if !isLast, payload.count % 4 != 0 { problems.append("a chunk that is cut within four digits") }
        kittyData += Self.base64(payload)
        guard isLast, let first = kittyKeys else { return }
        kittyKeys = nil
        func number(_ key: String) -> Int { Int(first[key] ?? "") ?? 0 }
        imagesSent += 1
        guard first["a"] == "T", first["f"] == "24", first["C"] == "1", number("i") > 0, number("p") == 1,
            number("s") > 0, number("v") > 0, kittyData.count == number("s") * number("v") * 3
        else {
            problems.append("an image \(first) of \(kittyData.count) bytes")
            return
        }
        let samples = stride(from: 0, to: kittyData.count, by: 3).map { (at: Int) -> UInt32 in
            let (red, green) = (UInt32(kittyData[at]) << 16, UInt32(kittyData[at + 1]) << 8)
            return red | green | UInt32(kittyData[at + 2])
        }
        if text.column + number("c") > text.columns || text.row + number("r") > text.rows { problems.append("an image outside") }
        placements[number("i")] = Placement(
            column: text.column, row: text.row, columns: number("c"), rows: number("r"), width: number("s"), height: number("v"),
            samples: samples)
    }

    private static let values: [UInt8: UInt32] = Dictionary(
        uniqueKeysWithValues: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8.enumerated().map {
            ($0.element, UInt32($0.offset))
        })

    private static func base64(_ digits: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var (bits, count) = (UInt32(0), 0)
        for digit in digits {
            guard let value = values[digit] else { break }
            bits = bits << 6 | value
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        return bytes
    }
}
