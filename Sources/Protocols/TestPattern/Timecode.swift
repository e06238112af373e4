import MediaTypes

/// A frame's number and the wall clock when it was drawn, as two rows of dark and bright blocks along the bottom of the picture.
///
///      strip: 2 rows of 40 blocks, each 1/40 of the width and 1/15 of the height
///      bits:  number (22) | wall clock, ms since 1970 (42) | CRC-16 of both (16), the most significant bit first, from the top left
///
/// Blocks are placed by proportion, so a scaled picture reads like the original. At 160x120 a block is 4x8, which is whole transform
/// blocks of VP8.
public struct Timecode: Sendable, Equatable {
    /// Modulo 2^22, which lasts 38 hours at 30 frames a second.
    public var number: Int
    /// Modulo 2^42: until the year 2109.
    public var wallClockMilliseconds: Int64

    public init(number: Int, wallClockMilliseconds: Int64) {
        self.number = number & 0x3f_ffff
        self.wallClockMilliseconds = wallClockMilliseconds & 0x3ff_ffff_ffff
    }

    static let columns = 40
    static let rows = 2
    static let rowsInPicture = 15
    static let dark: UInt8 = 56
    static let bright: UInt8 = 196
    /// The smallest picture that carries one.
    public static let leastWidth = 160
    public static let leastHeight = 120

    // 22 and 42 bits fill a word.
    private var word: UInt64 { UInt64(truncatingIfNeeded: number) << 42 | UInt64(bitPattern: wallClockMilliseconds) }

    /// 80 bits, each true for a bright block.
    var bits: [Bool] {
        let word = word
        let check = Self.checksum(word)
        return (0..<64).map { word >> (63 - UInt64($0)) & 1 == 1 } + (0..<16).map { check >> (15 - UInt16($0)) & 1 == 1 }
    }

    /// Reads the blocks of a picture of any size from 160x120; nil when it has none, or they are too damaged for the checksum.
    public static func read(from frame: I420Frame) -> Timecode? {
        guard frame.width >= leastWidth, frame.height >= leastHeight else { return nil }
        let bytes = frame.bytes.span
        var levels = [Int](repeating: 0, count: columns * rows)
        for row in 0..<rows {
            let (top, bottom) = middle(rowsInPicture - rows + row, of: rowsInPicture, in: frame.height)
            for column in 0..<columns {
                let (left, right) = middle(column, of: columns, in: frame.width)
                // Up to 4x4 samples say enough.
                let stepX = max(1, (right - left) / 4)
                let stepY = max(1, (bottom - top) / 4)
                var sum = 0
                var count = 0
                for y in stride(from: top, to: bottom, by: stepY) {
                    for x in stride(from: left, to: right, by: stepX) {
                        sum += Int(bytes[y * frame.width + x])
                        count += 1
                    }
                }
                levels[row * columns + column] = sum * 16 / max(count, 1)
            }
        }
        guard let low = levels.min(), let high = levels.max(), high - low > 30 * 16 else { return nil }
        let threshold = (low + high) / 2
        var word: UInt64 = 0
        for level in levels[..<64] { word = word << 1 | (level > threshold ? 1 : 0) }
        var check: UInt16 = 0
        for level in levels[64...] { check = check << 1 | (level > threshold ? 1 : 0) }
        guard check == checksum(word) else { return nil }
        return Timecode(number: Int(word >> 42), wallClockMilliseconds: Int64(word & 0x3ff_ffff_ffff))
    }

    /// Where the part `index` of `count` equal ones along `length` begins.
    static func edge(_ index: Int, of count: Int, in length: Int) -> Int { index * length / count }

    /// A part without its outer quarters, which the neighbours blur into.
    private static func middle(_ index: Int, of count: Int, in length: Int) -> (Int, Int) {
        let start = edge(index, of: count, in: length)
        let end = edge(index + 1, of: count, in: length)
        let margin = (end - start) / 4
        return (start + margin, end - margin)
    }

    /// CRC-16 with the polynomial 0x1021 from 0xffff (ITU-T V.41).
    static func checksum(_ word: UInt64) -> UInt16 {
        var check: UInt16 = 0xffff
        for bit in 0..<64 {
            let top = check >> 15 ^ UInt16(truncatingIfNeeded: word >> (63 - UInt64(bit)) & 1)
            check = check << 1 ^ (top == 1 ? 0x1021 : 0)
        }
        return check
    }
}
