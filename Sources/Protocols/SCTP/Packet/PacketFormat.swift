import ByteCoding

/// The common header (RFC 9260, section 3.1) and how chunks follow it.
///
///      0                   1                   2                   3
///     |      Source Port Number       |    Destination Port Number    |
///     |                        Verification Tag                       |
///     |              Checksum (CRC-32C, little-endian)                |
///     |  Chunk Type   |  Chunk Flags  |         Chunk Length          |
///     |            Chunk Value, padded to four bytes                  |
enum PacketFormat {
    /// With DTLS, UDP and IPv6 around it, it fits a path of 1280 bytes.
    static let maximumSize = 1191
    static let headerSize = 12
    static let chunkHeaderSize = 4
    /// What chunks can fill, whole words only.
    static let space = (maximumSize - headerSize) / 4 * 4

    static func padded(_ count: Int) -> Int { (count &+ 3) & ~3 }

    /// A packet without chunks; `seal` puts the checksum in when they are there.
    static func begin(from source: UInt16, to destination: UInt16, tag: UInt32) -> [UInt8] {
        var packet: [UInt8] = []
        packet.reserveCapacity(maximumSize)
        packet.append(uint16: source)
        packet.append(uint16: destination)
        packet.append(uint32: tag)
        packet.append(uint32: 0)
        return packet
    }

    static func seal(_ packet: inout [UInt8]) { packet.set(uint32: CRC32C.ofPacket(packet.span).byteSwapped, at: 8) }

    static func hasRightChecksum(_ packet: Span<UInt8>) -> Bool {
        packet.count >= headerSize && packet.uint32(at: 8).byteSwapped == CRC32C.ofPacket(packet)
    }
}

/// The chunks that are spoken here (RFC 9260, section 3.2; RFC 3758; RFC 6525).
enum ChunkType {
    static let data: UInt8 = 0
    static let initiation: UInt8 = 1
    static let initiationAck: UInt8 = 2
    static let sack: UInt8 = 3
    static let heartbeat: UInt8 = 4
    static let heartbeatAck: UInt8 = 5
    static let abort: UInt8 = 6
    static let shutdown: UInt8 = 7
    static let shutdownAck: UInt8 = 8
    static let error: UInt8 = 9
    static let cookieEcho: UInt8 = 10
    static let cookieAck: UInt8 = 11
    static let shutdownComplete: UInt8 = 14
    static let reconfiguration: UInt8 = 130
    static let forwardTSN: UInt8 = 192
}

/// What the two highest bits of an unknown chunk's or parameter's type ask for (RFC 9260, sections 3.2 and 3.2.1).
struct UnknownTypeRule {
    let isSkipped: Bool
    let isReported: Bool

    init(chunk type: UInt8) {
        isSkipped = type & 0x80 != 0
        isReported = type & 0x40 != 0
    }

    init(parameter type: UInt16) { self.init(chunk: UInt8(truncatingIfNeeded: type >> 8)) }
}

/// One chunk inside a packet.
struct ChunkView: ~Escapable {
    let type: UInt8
    let flags: UInt8
    /// Without header and padding.
    let body: Span<UInt8>
    /// Where the next one begins, counted in the packet; past its end behind the last.
    let next: Int

    /// Throws `truncated` when less than the chunk says is there, or its length does not even cover its header.
    @_lifetime(copy packet)
    init(in packet: Span<UInt8>, at offset: Int) throws(WireError) {
        guard offset <= packet.count - PacketFormat.chunkHeaderSize else { throw .truncated }
        let length = Int(packet.uint16(at: offset + 2))
        guard length >= PacketFormat.chunkHeaderSize, offset + length <= packet.count else { throw .truncated }
        type = packet[offset]
        flags = packet[offset + 1]
        body = packet.extracting(offset + PacketFormat.chunkHeaderSize..<offset + length)
        next = offset + PacketFormat.padded(length)
    }
}

/// One type-length-value parameter or error cause inside a chunk.
///
///     |        Parameter Type         |       Parameter Length        |
///     |            Parameter Value, padded to four bytes              |
struct ParameterView: ~Escapable {
    let type: UInt16
    let value: Span<UInt8>
    let next: Int

    @_lifetime(copy bytes)
    init(in bytes: Span<UInt8>, at offset: Int) throws(WireError) {
        guard offset <= bytes.count - 4 else { throw .truncated }
        let length = Int(bytes.uint16(at: offset + 2))
        guard length >= 4, offset + length <= bytes.count else { throw .truncated }
        type = bytes.uint16(at: offset)
        value = bytes.extracting(offset + 4..<offset + length)
        next = offset + PacketFormat.padded(length)
    }
}

extension Array where Element == UInt8 {
    mutating func appendChunk(_ type: UInt8, flags: UInt8 = 0, _ body: [UInt8] = []) {
        append(type)
        append(flags)
        append(uint16: UInt16(truncatingIfNeeded: body.count + PacketFormat.chunkHeaderSize))
        append(contentsOf: body)
        pad()
    }

    /// What the last one is padded with does not count for the chunk (RFC 9260, section 3.2).
    mutating func appendParameter(_ type: UInt16, _ value: [UInt8] = []) {
        pad()
        append(uint16: type)
        append(uint16: UInt16(truncatingIfNeeded: value.count + 4))
        append(contentsOf: value)
    }

    /// Chunks and parameters begin on words; so do the packets they are put into.
    mutating func pad() { while count & 3 != 0 { append(0) } }
}
