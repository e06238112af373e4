import MediaTypes
import Primitives

/// Frames into paced VP8 packets, and packets again for whoever lost them.
struct VideoSender: Sendable {
    static let clockRate: Int64 = 90_000
    /// A picture larger than this is a fault of the encoder.
    static let maximumFrame = 4 << 20
    static let minimumKeyFrameInterval = Interval.milliseconds(300)

    var stream: OutgoingStream
    var rtx: OutgoingStream
    private var packetizer: VP8Packetizer
    private var pacer: Pacer
    private var history = SendHistory()
    private var keyFrameRequested: Instant?
    private(set) var keyFrameDue: Instant?
    private(set) var frames = 0
    private(set) var retransmitted = 0

    init(ssrcs: LocalSSRCs, initialBitrate: Int, random: inout RandomSource, now: Instant) {
        stream = OutgoingStream(ssrc: ssrcs.video, clockRate: Self.clockRate, random: &random)
        rtx = OutgoingStream(ssrc: ssrcs.videoRTX, clockRate: Self.clockRate, random: &random)
        packetizer = VP8Packetizer(firstPictureID: UInt16.random(in: 0..<0x8000, using: &random))
        pacer = Pacer(initialBitrate: initialBitrate, now: now)
    }

    /// Queues a frame; false: it was dropped, and what follows cannot be decoded without a key frame.
    mutating func send(_ frame: EncodedVideoFrame, payloadType: UInt8, mid: HeaderExtension?, now: Instant) -> Bool {
        guard !frame.payload.isEmpty else { return true }
        guard frame.payload.count <= Self.maximumFrame, !pacer.isFull else { return false }
        let element = stream.isAcknowledged ? nil : mid
        var packetizer = self.packetizer
        packetizer.packetize(frame.payload) { descriptor, bytes, isLast in
            let sequenceNumber = stream.takeSequenceNumber()
            let fields = RTPFields(
                marker: isLast, payloadType: payloadType, sequenceNumber: sequenceNumber, timestamp: frame.timestamp, ssrc: stream.ssrc)
            var packet = makeRTPPacket(fields, extension: element, payloadCount: bytes.count + VP8Packetizer.descriptorSize)
            descriptor.write(to: &packet)
            packet.append(contentsOf: bytes)
            pacer.enqueue(
                Pacer.Item(
                    packet: packet, sequenceNumber: sequenceNumber, payloadCount: bytes.count + VP8Packetizer.descriptorSize,
                    isRetransmission: false))
        }
        self.packetizer = packetizer
        pacer.updateRate(now: now)
        stream.captured(timestamp: frame.timestamp, at: frame.time)
        frames += 1
        return true
    }

    /// Queues again what the other side misses and is still at hand.
    mutating func resend(_ missing: [UInt16], rtxPayloadType: UInt8?, mid: HeaderExtension?, roundTrip: Interval?, now: Instant) {
        for sequenceNumber in missing {
            guard let packet = history.take(sequenceNumber, now: now, roundTrip: roundTrip) else { continue }
            var item = Pacer.Item(packet: packet, sequenceNumber: sequenceNumber, payloadCount: 0, isRetransmission: true)
            if let rtxPayloadType {
                let element = rtx.isAcknowledged ? nil : mid
                guard
                    let wrapped = RTX.wrap(
                        packet, payloadType: rtxPayloadType, ssrc: rtx.ssrc, sequenceNumber: rtx.takeSequenceNumber(), extension: element)
                else { continue }
                item.packet = wrapped
                rtx.sent(payload: wrapped.count - 12 - (element.map { 8 + $0.value.count } ?? 0), now: now)
            }
            retransmitted += 1
            pacer.enqueue(item)
        }
    }

    /// The next packet that the pacer lets go.
    mutating func next(keepsHistory: Bool, roundTrip: Interval?, now: Instant) -> [UInt8]? {
        guard let item = pacer.next(now: now) else { return nil }
        guard !item.isRetransmission else { return item.packet }
        stream.sent(payload: item.payloadCount, now: now)
        guard keepsHistory else { return item.packet }
        history.add(item.packet, sequenceNumber: item.sequenceNumber, now: now, roundTrip: roundTrip)
        // The one that leaves is encrypted in place, so it must be a copy of its own.
        var copy = [UInt8]()
        copy.reserveCapacity(item.packet.count + protectionReserve)
        copy.append(contentsOf: item.packet)
        return copy
    }

    /// The other side asked for a key frame; one that comes too soon after the last is kept until its time.
    mutating func noteKeyFrameRequest(now: Instant) {
        guard keyFrameDue == nil else { return }
        keyFrameDue = keyFrameRequested.map { max(now, $0 + Self.minimumKeyFrameInterval) } ?? now
    }

    /// Whether the encoder is to be told now.
    mutating func takeKeyFrameRequest(now: Instant) -> Bool {
        guard let due = keyFrameDue, now >= due else { return false }
        keyFrameDue = nil
        keyFrameRequested = now
        return true
    }

    mutating func clear() { pacer.removeAll() }

    var nextTimeout: Instant? { earliest(pacer.nextTimeout, keyFrameDue) }
}

/// The earlier of two times that may not be set.
func earliest(_ a: Instant?, _ b: Instant?) -> Instant? {
    guard let a, let b else { return a ?? b }
    return min(a, b)
}
