/// The bytes of a frame's pixels. Grows to what the largest frame took and stays so; each write says how much it needs at most.
struct PixelOutput: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0

    mutating func clear() { count = 0 }

    /// `room`: the most bytes that `body` writes.
    @inline(__always)
    mutating func write(_ room: Int, _ body: (inout EscapeWriter) -> Void) {
        // A writer's words are written four bytes at a time.
        let missing = count + room + 8 - bytes.count
        if missing > 0 { bytes += Array(repeating: 0, count: max(missing, bytes.count / 2)) }
        let start = count
        count = bytes.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return start }
            return EscapeWriter.withDecimals { decimals in
                var writer = EscapeWriter(base + start, decimals: decimals)
                body(&writer)
                return writer.pointer - base
            } ?? start
        }
    }

    /// The cursor onto a cell.
    mutating func address(column: Int, row: Int) {
        write(32) { writer in
            writer.bytes("\u{1b}[")
            writer.number(row + 1)
            writer.byte(UInt8(ascii: ";"))
            writer.number(column + 1)
            writer.byte(UInt8(ascii: "H"))
        }
    }
}
