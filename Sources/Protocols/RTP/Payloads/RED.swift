import ByteCoding

/// Redundant audio (RFC 2198 section 3): copies of earlier payloads in front of a packet's own, each with a head that says how old it is.
///
///      0                   1                   2                   3
///     |1|   block PT  |     timestamp offset      |   block length    |   each copy, the oldest first
///     |0|   block PT  |                                                   the packet's own, which has the rest
public enum RED {
    /// One payload within a packet.
    public struct Block: Sendable, Equatable {
        public var payloadType: UInt8
        /// How many ticks it is older than the packet's timestamp; 0 for the packet's own.
        public var timestampOffset: UInt32
        /// Where it lies; empty when the sender left it out.
        public var payload: Range<Int>
    }

    /// 14 bits.
    public static let maximumOffset: UInt32 = 0x3fff
    /// 10 bits; the packet's own payload may be longer.
    public static let maximumLength = 0x3ff
    /// More copies than any sender makes.
    static let maximumBlocks = 16

    /// The copies in the packet's order, then its own payload, as ranges of `bytes`.
    public static func parse(_ bytes: Span<UInt8>) throws(WireError) -> [Block] {
        var reader = ByteReader(bytes)
        var blocks: [Block] = []
        var lengths: [Int] = []
        while true {
            let first = try reader.readUInt8()
            guard first & 0x80 != 0 else {
                blocks.append(Block(payloadType: first, timestampOffset: 0, payload: 0..<0))
                break
            }
            guard blocks.count < maximumBlocks else { throw .malformed("RED block count") }
            let rest = try reader.readUInt24()
            blocks.append(Block(payloadType: first & 0x7f, timestampOffset: rest >> 10, payload: 0..<0))
            lengths.append(Int(rest & 0x3ff))
        }
        for (index, length) in lengths.enumerated() {
            let start = reader.offset
            try reader.skip(length)
            blocks[index].payload = start..<reader.offset
        }
        blocks[blocks.count - 1].payload = reader.offset..<bytes.count
        return blocks
    }

    /// Writes copies, the oldest first, and a payload. A copy that a head cannot describe, by age or length, is left out.
    public static func write(_ copies: [(timestampOffset: UInt32, payload: [UInt8])], _ payload: [UInt8], payloadType: UInt8) -> [UInt8] {
        let fitting = copies.filter { (1...maximumOffset).contains($0.timestampOffset) && $0.payload.count <= maximumLength }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(fitting.reduce(1 + payload.count) { $0 + 4 + $1.payload.count })
        for copy in fitting {
            bytes.append(0x80 | payloadType & 0x7f)
            bytes.append(uint24: copy.timestampOffset << 10 | UInt32(copy.payload.count))
        }
        bytes.append(payloadType & 0x7f)
        for copy in fitting { bytes.append(contentsOf: copy.payload) }
        bytes.append(contentsOf: payload)
        return bytes
    }
}
