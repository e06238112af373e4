import ByteCoding

/// Walks the packets of a compound or reduced-size RTCP packet (RFC 3550 section 6.1, RFC 5506).
///
///      0                   1                   2                   3
///     |V=2|P| count   | packet type   |   length in words, minus one  |
public enum RTCPParser {
    /// Calls `each` for every packet in order; what was already handed out stays valid when a later one is broken.
    public static func parse(_ bytes: Span<UInt8>, each: (RTCPPacket) -> Void) throws(WireError) {
        var reader = ByteReader(bytes)
        guard !reader.isAtEnd else { throw .truncated }
        while !reader.isAtEnd {
            let first = try reader.readUInt8()
            guard first >> 6 == 2 else { throw .malformed("RTCP version") }
            let type = try reader.readUInt8()
            let length = Int(try reader.readUInt16()) * 4
            var body = try reader.readSpan(length)
            if first & 0x20 != 0 {
                guard length > 0 else { throw .malformed("RTCP padding") }
                let padding = Int(body[length - 1])
                guard padding > 0, padding <= length else { throw .malformed("RTCP padding") }
                body = body.extracting(0..<length - padding)
            }
            each(try packet(type: type, count: first & 0x1f, body))
        }
    }

    private static func packet(type: UInt8, count: UInt8, _ body: Span<UInt8>) throws(WireError) -> RTCPPacket {
        var reader = ByteReader(body)
        switch type {
        case 200:
            let ssrc = try reader.readUInt32()
            let info = SenderInfo(
                ntp: NTPTime(value: try reader.readUInt64()), rtpTimestamp: try reader.readUInt32(),
                packetCount: try reader.readUInt32(), octetCount: try reader.readUInt32())
            return .senderReport(ssrc: ssrc, info: info, blocks: try blocks(count, &reader))
        case 201: return .receiverReport(ssrc: try reader.readUInt32(), blocks: try blocks(count, &reader))
        case 202: return .sourceDescription(try descriptions(count, &reader))
        case 203:
            var ssrcs: [UInt32] = []
            for _ in 0..<count { ssrcs.append(try reader.readUInt32()) }
            return .bye(ssrcs: ssrcs)
        case 205 where count == 1:
            let (sender, media) = (try reader.readUInt32(), try reader.readUInt32())
            return .nack(sender: sender, media: media, missing: try missing(&reader))
        case 205 where count == 15:
            // What is broken inside of its frame does not break what follows.
            let (sender, media) = (try reader.readUInt32(), try reader.readUInt32())
            guard let feedback = try? TransportFeedback(sender: sender, media: media, &reader) else {
                return .other(packetType: type, count: count)
            }
            return .transportFeedback(feedback)
        case 206 where count == 15: return try applicationFeedback(&reader) ?? .other(packetType: type, count: count)
        case 206 where count == 1: return .pictureLoss(sender: try reader.readUInt32(), media: try reader.readUInt32())
        case 206 where count == 4:
            let sender = try reader.readUInt32()
            try reader.skip(4)
            var requests: [FullIntraEntry] = []
            while reader.remaining >= 8 {
                requests.append(FullIntraEntry(ssrc: try reader.readUInt32(), sequenceNumber: try reader.readUInt8()))
                try reader.skip(3)
            }
            return .fullIntraRequest(sender: sender, requests: requests)
        default: return .other(packetType: type, count: count)
        }
    }

    /// REMB: "REMB", how many sources, six bits of exponent and 18 of mantissa, the sources; nil for another application's.
    private static func applicationFeedback(_ reader: inout ByteReader) throws(WireError) -> RTCPPacket? {
        let sender = try reader.readUInt32()
        try reader.skip(4)
        guard reader.remaining >= 8, try reader.readUInt32() == 0x5245_4d42 else { return nil }
        let count = try reader.readUInt8()
        let field = try reader.readUInt24()
        let (exponent, mantissa) = (Int(field >> 18), Int(field & 0x3_ffff))
        // More than any link carries is all the same.
        let bitrate = mantissa == 0 ? 0 : exponent > 40 ? Int.max >> 2 : mantissa << exponent
        var ssrcs: [UInt32] = []
        for _ in 0..<count { ssrcs.append(try reader.readUInt32()) }
        return .receiverEstimate(sender: sender, bitrate: bitrate, ssrcs: ssrcs)
    }

    private static func blocks(_ count: UInt8, _ reader: inout ByteReader) throws(WireError) -> [ReportBlock] {
        var blocks: [ReportBlock] = []
        for _ in 0..<count {
            let ssrc = try reader.readUInt32()
            let fraction = try reader.readUInt8()
            // Shifting up and down again extends the sign of the 24 bits.
            let lost = Int32(bitPattern: try reader.readUInt24() << 8) >> 8
            blocks.append(
                ReportBlock(
                    ssrc: ssrc, fractionLost: fraction, cumulativeLost: lost, extendedHighestSequence: try reader.readUInt32(),
                    jitter: try reader.readUInt32(), lastSenderReport: try reader.readUInt32(),
                    delaySinceLastSenderReport: try reader.readUInt32()))
        }
        return blocks
    }

    private static func descriptions(_ count: UInt8, _ reader: inout ByteReader) throws(WireError) -> [SourceDescription] {
        var chunks: [SourceDescription] = []
        for _ in 0..<count {
            var chunk = SourceDescription(ssrc: try reader.readUInt32())
            while true {
                let type = try reader.readUInt8()
                if type == 0 { break }
                let text = try reader.readBytes(Int(try reader.readUInt8()))
                if type == 1 { chunk.cname = String(decoding: text, as: UTF8.self) }
            }
            // The list of items ends at the next word's boundary.
            try reader.skip(min(reader.remaining, (4 - reader.offset % 4) % 4))
            chunks.append(chunk)
        }
        return chunks
    }

    /// Pairs of a packet id and a mask of the 16 after it (RFC 4585 section 6.2.1).
    private static func missing(_ reader: inout ByteReader) throws(WireError) -> [UInt16] {
        var missing: [UInt16] = []
        while reader.remaining >= 4 {
            let id = try reader.readUInt16()
            let mask = try reader.readUInt16()
            missing.append(id)
            for bit in 0..<16 where mask >> UInt16(bit) & 1 == 1 { missing.append(id &+ UInt16(bit) &+ 1) }
        }
        guard reader.isAtEnd else { throw .truncated }
        return missing
    }
}
