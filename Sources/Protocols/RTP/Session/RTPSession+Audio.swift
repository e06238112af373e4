import ByteCoding
import MediaTypes
import Primitives

/// Audio's redundancy (RFC 2198): written by what the other side loses, taken apart as it comes.
extension RTPSession {
    /// Audio packets that carry at least one copy, as nobody knows the loss yet: five seconds.
    private static let unknownPackets = 250

    /// How much of this side's audio is lost on its way, 0...1. Until it is told, the other side's reports say, those about video among
    /// them: they come more often, and the path is the same.
    public mutating func setAudioLoss(_ fraction: Double) { audioLoss = fraction.isFinite ? max(0, min(1, fraction)) : nil }

    /// At most so many copies, 0 to 2, however much is lost: each is as large as the sound itself.
    public mutating func limitAudioCopies(_ most: Int) { redPacketizer.limit = max(0, min(REDPacketizer.maximumCopies, most)) }

    mutating func protectAudio(_ frame: EncodedAudioFrame, payloadType: UInt8, red: UInt8) -> (payload: [UInt8], payloadType: UInt8)? {
        let loss = audioLoss ?? max(counters.audio.remoteFractionLost, counters.video.remoteFractionLost)
        redPacketizer.follow(audioStream.packets < Self.unknownPackets ? max(loss, REDPacketizer.oneCopy) : loss)
        return redPacketizer.wrap(frame.payload, timestamp: frame.timestamp, payloadType: payloadType).map { ($0, red) }
    }

    /// The packet's own payload first, then its copies, the newest first.
    mutating func giveOutAudio(_ header: RTPHeader, _ packet: Span<UInt8>, _ now: Instant) {
        guard header.payloadType == media.audioREDPayloadType, header.payloadType != media.audioPayloadType else {
            giveOutAudio(header.sequenceNumber, header.timestamp, Array(copying: packet.extracting(header.payload)), now)
            return
        }
        let bytes = packet.extracting(header.payload)
        guard let blocks = try? RED.parse(bytes) else {
            counters.discarded += 1
            return
        }
        for (age, block) in blocks.reversed().enumerated() where block.payloadType == media.audioPayloadType && !block.payload.isEmpty {
            let payload = Array(copying: bytes.extracting(block.payload))
            guard let place = Self.place(of: block, age: age, payload) else { continue }
            giveOutAudio(
                header.sequenceNumber &- place, header.timestamp &- block.timestampOffset, payload, isRedundant: age > 0, now)
        }
    }

    /// How many packets before its carrier a copy was sent: as its age in packets of its own length says while that is small, else
    /// (after a silence that was not sent) by its place in the row. Nil when the two contradict each other.
    private static func place(of block: RED.Block, age: Int, _ payload: [UInt8]) -> UInt16? {
        guard age > 0 else { return 0 }
        guard block.timestampOffset > 0, let ticks = OpusPacket.duration(payload) else { return nil }
        let packets = Int(block.timestampOffset) / Int(ticks)
        guard packets >= age else { return nil }
        return UInt16(packets <= 4 ? packets : age)
    }

    private mutating func giveOutAudio(
        _ sequenceNumber: UInt16, _ timestamp: UInt32, _ payload: [UInt8], isRedundant: Bool = false, _ now: Instant
    ) {
        guard !payload.isEmpty else { return }
        var received = ReceivedAudioPacket(sequenceNumber: sequenceNumber, timestamp: timestamp, payload: payload, arrival: now)
        received.isRedundant = isRedundant
        received.captureTime = captureTime(ofAudio: timestamp)?.interval
        outputs.append(.audio(received))
    }
}
