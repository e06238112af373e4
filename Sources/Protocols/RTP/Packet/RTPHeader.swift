import ByteCoding

/// An RTP packet's header and where its parts lie (RFC 3550 section 5.1); the bytes stay where they are.
///
///      0                   1                   2                   3
///     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
///     |                           timestamp                           |
///     |           synchronization source (SSRC) identifier            |
///     |            contributing sources, 0 to 15 of them              |
///     | defined by profile            |  length in words, extension   |
public struct RTPHeader: Sendable, Equatable {
    public var marker: Bool
    /// 0...127.
    public var payloadType: UInt8
    public var sequenceNumber: UInt16
    public var timestamp: UInt32
    public var ssrc: UInt32
    /// Where the contributing sources lie, four bytes each.
    public var contributingSources: Range<Int>
    /// The 16 bits "defined by profile"; meaningless while `extensions` is empty.
    public var extensionProfile: UInt16
    /// The header extension's body, without its own four-byte head.
    public var extensions: Range<Int>
    /// The payload without padding; may be empty.
    public var payload: Range<Int>

    /// Parses the header and checks that every part lies inside the packet.
    public static func parse(_ bytes: Span<UInt8>) throws(WireError) -> RTPHeader {
        var reader = ByteReader(bytes)
        let first = try reader.readUInt8()
        guard first >> 6 == 2 else { throw .malformed("RTP version") }
        let second = try reader.readUInt8()
        let sequenceNumber = try reader.readUInt16()
        let timestamp = try reader.readUInt32()
        let ssrc = try reader.readUInt32()
        let sourcesStart = reader.offset
        try reader.skip(Int(first & 0x0f) * 4)
        let sources = sourcesStart..<reader.offset
        var profile: UInt16 = 0
        var extensions = reader.offset..<reader.offset
        if first & 0x10 != 0 {
            profile = try reader.readUInt16()
            let words = Int(try reader.readUInt16())
            let start = reader.offset
            try reader.skip(words * 4)
            extensions = start..<reader.offset
        }
        var end = bytes.count
        if first & 0x20 != 0 {
            guard reader.remaining > 0 else { throw .truncated }
            let padding = Int(bytes[bytes.count - 1])
            guard padding > 0, padding <= reader.remaining else { throw .malformed("RTP padding") }
            end -= padding
        }
        return RTPHeader(
            marker: second & 0x80 != 0, payloadType: second & 0x7f, sequenceNumber: sequenceNumber, timestamp: timestamp, ssrc: ssrc,
            contributingSources: sources, extensionProfile: profile, extensions: extensions, payload: reader.offset..<end)
    }

    /// Where the value of the header extension with this id lies (RFC 8285); nil when it is not there or the block is broken before it.
    public func headerExtension(id: UInt8, in bytes: Span<UInt8>) -> Range<Int>? {
        guard id != 0, extensions.upperBound <= bytes.count else { return nil }
        let twoByte = extensionProfile & 0xfff0 == 0x1000
        guard twoByte || extensionProfile == 0xbede else { return nil }
        var at = extensions.lowerBound
        while at < extensions.upperBound {
            let head = bytes[at]
            // A zero byte is padding in both forms.
            if head == 0 {
                at += 1
                continue
            }
            let found: UInt8
            let length: Int
            if twoByte {
                guard at + 1 < extensions.upperBound else { return nil }
                found = head
                length = Int(bytes[at + 1])
                at += 2
            } else {
                found = head >> 4
                // Id 15 ends the one-byte form; nothing after it may be read.
                guard found != 15 else { return nil }
                length = Int(head & 0x0f) + 1
                at += 1
            }
            guard at + length <= extensions.upperBound else { return nil }
            if found == id { return at..<at + length }
            at += length
        }
        return nil
    }
}

/// RTCP shares the transport with RTP: it is RTCP when the second byte is 192...223 (RFC 5761 section 4).
public func isRTCP(_ packet: Span<UInt8>) -> Bool { packet.count >= 2 && (192...223).contains(packet[1]) }
