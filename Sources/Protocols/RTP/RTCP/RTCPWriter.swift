import ByteCoding

extension Array where Element == UInt8 {
    /// Appends one packet, framed; `other` cannot be written and adds nothing.
    ///
    /// At most 31 blocks, chunks or sources, as the count field has 5 bits.
    public mutating func append(rtcp packet: RTCPPacket) {
        let start = count
        switch packet {
        case .senderReport(let ssrc, let info, let blocks):
            beginRTCP(count: blocks.prefix(31).count, type: 200)
            append(uint32: ssrc)
            append(uint64: info.ntp.value)
            append(uint32: info.rtpTimestamp)
            append(uint32: info.packetCount)
            append(uint32: info.octetCount)
            for block in blocks.prefix(31) { append(block) }
        case .receiverReport(let ssrc, let blocks):
            beginRTCP(count: blocks.prefix(31).count, type: 201)
            append(uint32: ssrc)
            for block in blocks.prefix(31) { append(block) }
        case .sourceDescription(let chunks):
            beginRTCP(count: chunks.prefix(31).count, type: 202)
            for chunk in chunks.prefix(31) { append(chunk) }
        case .bye(let ssrcs):
            beginRTCP(count: ssrcs.prefix(31).count, type: 203)
            for ssrc in ssrcs.prefix(31) { append(uint32: ssrc) }
        case .nack(let sender, let media, let missing):
            beginRTCP(count: 1, type: 205)
            append(uint32: sender)
            append(uint32: media)
            append(missing: missing)
        case .pictureLoss(let sender, let media):
            beginRTCP(count: 1, type: 206)
            append(uint32: sender)
            append(uint32: media)
        case .fullIntraRequest(let sender, let requests):
            beginRTCP(count: 4, type: 206)
            append(uint32: sender)
            append(uint32: 0)
            for request in requests {
                append(uint32: request.ssrc)
                append(uint32: UInt32(request.sequenceNumber) << 24)
            }
        case .transportFeedback(let feedback):
            beginRTCP(count: 15, type: 205)
            append(uint32: feedback.sender)
            append(uint32: feedback.media)
            append(transportFeedback: feedback)
        case .receiverEstimate(let sender, let bitrate, let ssrcs):
            beginRTCP(count: 15, type: 206)
            append(uint32: sender)
            append(uint32: 0)
            append(uint32: 0x5245_4d42)
            append(UInt8(truncatingIfNeeded: ssrcs.prefix(255).count))
            var (mantissa, exponent) = (Swift.max(0, bitrate), 0)
            while mantissa > 0x3_ffff {
                mantissa >>= 1
                exponent += 1
            }
            append(uint24: UInt32(exponent << 18 | mantissa))
            for ssrc in ssrcs.prefix(255) { append(uint32: ssrc) }
        case .other: return
        }
        set(uint16: UInt16(truncatingIfNeeded: (count - start) / 4 - 1), at: start + 2)
    }

    private mutating func beginRTCP(count: Int, type: UInt8) {
        append(0x80 | UInt8(truncatingIfNeeded: count))
        append(type)
        append(uint16: 0)
    }

    private mutating func append(_ block: ReportBlock) {
        append(uint32: block.ssrc)
        append(block.fractionLost)
        append(uint24: UInt32(bitPattern: block.cumulativeLost) & 0xff_ffff)
        append(uint32: block.extendedHighestSequence)
        append(uint32: block.jitter)
        append(uint32: block.lastSenderReport)
        append(uint32: block.delaySinceLastSenderReport)
    }

    private mutating func append(_ chunk: SourceDescription) {
        let start = count
        append(uint32: chunk.ssrc)
        if let cname = chunk.cname {
            let text = Array(cname.utf8.prefix(255))
            append(1)
            append(UInt8(truncatingIfNeeded: text.count))
            append(contentsOf: text)
        }
        // At least one zero ends the items.
        repeat { append(0) } while (count - start) % 4 != 0
    }

    /// Sequence numbers in rising order pack best; any order is right.
    private mutating func append(missing: [UInt16]) {
        var index = 0
        while index < missing.count {
            let id = missing[index]
            var mask: UInt16 = 0
            index += 1
            while index < missing.count {
                let ahead = missing[index] &- id
                guard (1...16).contains(ahead) else { break }
                mask |= 1 << (ahead - 1)
                index += 1
            }
            append(uint16: id)
            append(uint16: mask)
        }
    }
}
