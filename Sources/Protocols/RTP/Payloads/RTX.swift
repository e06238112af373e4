import ByteCoding

/// Retransmission payloads (RFC 4588 section 4): the original sequence number, then the original payload.
enum RTX {
    /// The packet `original` as a retransmission; nil when it is not RTP.
    static func wrap(_ original: [UInt8], payloadType: UInt8, ssrc: UInt32, sequenceNumber: UInt16, layout: ExtensionLayout)
        -> [UInt8]?
    {
        guard let header = try? RTPHeader.parse(original.span) else { return nil }
        let fields = RTPFields(
            marker: header.marker, payloadType: payloadType, sequenceNumber: sequenceNumber, timestamp: header.timestamp, ssrc: ssrc)
        var packet = makeRTPPacket(fields, layout: layout, payloadCount: header.payload.count + 2)
        packet.append(uint16: header.sequenceNumber)
        packet.append(contentsOf: original[header.payload])
        return packet
    }

    /// The original sequence number; the rest of the payload is the original's. Nil for padding only, which probes bandwidth.
    static func originalSequenceNumber(_ header: RTPHeader, in bytes: Span<UInt8>) -> UInt16? {
        guard header.payload.count > 2, header.payload.upperBound <= bytes.count else { return nil }
        return bytes.uint16(at: header.payload.lowerBound)
    }
}
