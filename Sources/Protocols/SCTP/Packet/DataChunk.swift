import ByteCoding

/// The header of DATA (RFC 9260, section 3.3.1).
///
///     |   Type = 0    |  Res  |I|U|B|E|            Length             |
///     |                              TSN                              |
///     |      Stream Identifier S      |   Stream Sequence Number n    |
///     |                  Payload Protocol Identifier                  |
///     |                           User Data                           |
struct DataChunkHeader: Equatable, Sendable {
    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8
        static let end = Flags(rawValue: 1)
        static let beginning = Flags(rawValue: 2)
        static let unordered = Flags(rawValue: 4)
        /// The sender wants its SACK at once (RFC 7053).
        static let immediate = Flags(rawValue: 8)
    }

    /// With the chunk header.
    static let size = 16
    /// What one chunk in a packet of its own can carry.
    static let maximumPayload = PacketFormat.space - size

    var flags: Flags
    var tsn: UInt32
    var stream: UInt16
    var sequence: UInt16
    var payloadType: UInt32

    init(flags: Flags, tsn: UInt32, stream: UInt16, sequence: UInt16, payloadType: UInt32) {
        self.flags = flags
        self.tsn = tsn
        self.stream = stream
        self.sequence = sequence
        self.payloadType = payloadType
    }

    /// The user data are the body from byte 12 on, at least one of them.
    init(_ chunk: borrowing ChunkView) throws(WireError) {
        guard chunk.body.count >= 12 else { throw .truncated }
        guard chunk.body.count > 12 else { throw .malformed("DATA without user data") }
        flags = Flags(rawValue: chunk.flags & 0x0f)
        tsn = chunk.body.uint32(at: 0)
        stream = chunk.body.uint16(at: 4)
        sequence = chunk.body.uint16(at: 6)
        payloadType = chunk.body.uint32(at: 8)
    }

    /// The whole chunk, onto a packet.
    func append(_ payload: [UInt8], _ range: Range<Int>, to packet: inout [UInt8]) {
        packet.append(ChunkType.data)
        packet.append(flags.rawValue)
        packet.append(uint16: UInt16(truncatingIfNeeded: range.count + Self.size))
        packet.append(uint32: tsn)
        packet.append(uint16: stream)
        packet.append(uint16: sequence)
        packet.append(uint32: payloadType)
        packet.append(contentsOf: payload[range])
        packet.pad()
    }
}
