import ByteCoding

/// SACK (RFC 9260, section 3.3.4).
///
///     |                      Cumulative TSN Ack                       |
///     |          Advertised Receiver Window Credit (a_rwnd)           |
///     | Number of Gap Ack Blocks = N  |  Number of Duplicate TSNs = M |
///     |    Gap Ack Block #1 Start     |     Gap Ack Block #1 End      |
///     |                              ...                              |
///     |                       Duplicate TSN 1 ...                     |
struct SackChunk: Equatable, Sendable {
    /// Both ends counted from the cumulative TSN, and part of the block.
    struct Block: Equatable, Sendable {
        var start: UInt16
        var end: UInt16
    }

    static let fixedSize = 16

    var cumulativeTSN: UInt32
    var window: UInt32
    /// In rising order, none touching another.
    var blocks: [Block] = []
    var duplicates: [UInt32] = []

    init(cumulativeTSN: UInt32, window: UInt32, blocks: [Block] = [], duplicates: [UInt32] = []) {
        self.cumulativeTSN = cumulativeTSN
        self.window = window
        self.blocks = blocks
        self.duplicates = duplicates
    }

    /// Which TSNs came twice is of no use to the sender here, and left out.
    init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        cumulativeTSN = try reader.readUInt32()
        window = try reader.readUInt32()
        let blockCount = Int(try reader.readUInt16())
        let duplicateCount = Int(try reader.readUInt16())
        guard reader.remaining >= 4 * (blockCount + duplicateCount) else { throw .truncated }
        guard blockCount > 0 else { return }
        blocks.reserveCapacity(blockCount)
        var last: UInt16 = 0
        for _ in 0..<blockCount {
            let block = Block(start: try reader.readUInt16(), end: try reader.readUInt16())
            guard block.start > last, block.end >= block.start else { throw .malformed("SACK with blocks out of order") }
            last = block.end
            blocks.append(block)
        }
    }

    func append(to packet: inout [UInt8]) {
        packet.append(ChunkType.sack)
        packet.append(0)
        packet.append(uint16: UInt16(truncatingIfNeeded: Self.fixedSize + 4 * (blocks.count + duplicates.count)))
        packet.append(uint32: cumulativeTSN)
        packet.append(uint32: window)
        packet.append(uint16: UInt16(truncatingIfNeeded: blocks.count))
        packet.append(uint16: UInt16(truncatingIfNeeded: duplicates.count))
        for block in blocks {
            packet.append(uint16: block.start)
            packet.append(uint16: block.end)
        }
        for duplicate in duplicates { packet.append(uint32: duplicate) }
    }
}
