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
    private(set) var pacer: Pacer
    private var history = SendHistory()
    private var keyFrameRequested: Instant?
    private(set) var keyFrameDue: Instant?
    private(set) var frames = 0
    private(set) var retransmitted = 0
    private(set) var retransmittedBytes = 0
    private(set) var paddingBytes = 0
    /// Times that frames were dropped because they had waited too long.
    private(set) var drops = 0
    private var awaitsKeyFrame = false

    init(ssrcs: LocalSSRCs, initialBitrate: Int, random: inout RandomSource, now: Instant) {
        stream = OutgoingStream(ssrc: ssrcs.video, clockRate: Self.clockRate, random: &random)
        rtx = OutgoingStream(ssrc: ssrcs.videoRTX, clockRate: Self.clockRate, random: &random)
        packetizer = VP8Packetizer(firstPictureID: UInt16.random(in: 0..<0x8000, using: &random))
        pacer = Pacer(initialBitrate: initialBitrate, now: now)
    }

    /// Queues a frame; false: it was dropped, and what follows cannot be decoded without a key frame.
    mutating func send(_ frame: EncodedVideoFrame, payloadType: UInt8, layout: ExtensionLayout, now: Instant) -> Bool {
        guard !frame.payload.isEmpty else { return true }
        guard frame.payload.count <= Self.maximumFrame, !pacer.isFull else { return false }
        // After frames were dropped the others refer to what the other side has not got.
        guard !awaitsKeyFrame || frame.isKeyFrame else { return false }
        awaitsKeyFrame = false
        var layout = layout
        if stream.isAcknowledged { layout.mid = nil }
        let stamps = layout.stamps
        var packetizer = self.packetizer
        var isFirst = true
        packetizer.packetize(frame.payload) { descriptor, bytes, isLast in
            // The number is given when the packet leaves, so that dropped frames leave no gap.
            let fields = RTPFields(
                marker: isLast, payloadType: payloadType, sequenceNumber: 0, timestamp: frame.timestamp, ssrc: stream.ssrc)
            var packet = makeRTPPacket(fields, layout: layout, payloadCount: bytes.count + VP8Packetizer.descriptorSize)
            descriptor.write(to: &packet)
            packet.append(contentsOf: bytes)
            pacer.enqueue(
                Pacer.Item(
                    packet: packet, payloadCount: bytes.count + VP8Packetizer.descriptorSize, isRetransmission: false, startsFrame: isFirst,
                    endsKeyFrame: isLast && frame.isKeyFrame, stamps: stamps, queued: now))
            isFirst = false
        }
        self.packetizer = packetizer
        pacer.updateRate(now: now)
        stream.captured(timestamp: frame.timestamp, at: frame.time)
        frames += 1
        return true
    }

    /// Queues again what the other side misses and is still at hand.
    /// - Parameter isLossy: each goes twice, since one copy gets lost too often; the second behind the first ones of all.
    mutating func resend(
        _ missing: [UInt16], rtxPayloadType: UInt8?, layout: ExtensionLayout, roundTrip: Interval?, isLossy: Bool = false, now: Instant
    ) {
        var layout = layout
        if rtx.isAcknowledged { layout.mid = nil }
        var copies: [[UInt8]] = []
        for sequenceNumber in missing {
            guard pacer.takesRetransmissions, let packet = history.take(sequenceNumber, now: now, roundTrip: roundTrip) else { continue }
            // As it was, the packet keeps its stamps too: SRTP may not encrypt two different ones under one number.
            enqueue(again: packet, rtxPayloadType: rtxPayloadType, layout: layout, now: now)
            // Without RTX a second copy would be a replay of the first.
            if isLossy, rtxPayloadType != nil { copies.append(packet) }
        }
        for packet in copies where pacer.takesRetransmissions {
            enqueue(again: packet, rtxPayloadType: rtxPayloadType, layout: layout, now: now)
        }
    }

    private mutating func enqueue(again packet: [UInt8], rtxPayloadType: UInt8?, layout: ExtensionLayout, now: Instant) {
        var item = Pacer.Item(packet: packet, payloadCount: 0, isRetransmission: true, queued: now)
        if let rtxPayloadType {
            guard
                let wrapped = RTX.wrap(
                    packet, payloadType: rtxPayloadType, ssrc: rtx.ssrc, sequenceNumber: rtx.takeSequenceNumber(), layout: layout)
            else { return }
            item.packet = wrapped
            item.stamps = layout.stamps
            rtx.sent(payload: wrapped.count - 12 - layout.count, now: now)
        }
        retransmitted += 1
        retransmittedBytes += item.packet.count
        pacer.enqueue(item)
    }

    /// A packet that is about to leave: number it, stamp it, and say that it has left by `left`.
    struct Departure {
        var packet: [UInt8]
        var kind: SentKind
        var stamps: PacketStamps
        var payloadCount: Int
        var sequenceNumber: UInt16?
    }

    /// The next packet that the pacer lets go.
    mutating func next(isProbe: Bool = false, now: Instant) -> Departure? {
        guard var item = pacer.next(isProbe: isProbe, now: now) else { return nil }
        guard !item.isRetransmission else {
            return Departure(packet: item.packet, kind: .retransmission, stamps: item.stamps, payloadCount: 0, sequenceNumber: nil)
        }
        let sequenceNumber = stream.takeSequenceNumber()
        item.packet.set(uint16: sequenceNumber, at: 2)
        stream.sent(payload: item.payloadCount, now: now)
        return Departure(
            packet: item.packet, kind: .video, stamps: item.stamps, payloadCount: item.payloadCount, sequenceNumber: sequenceNumber)
    }

    /// Keeps a stamped packet for retransmission.
    mutating func keep(_ packet: [UInt8], sequenceNumber: UInt16, roundTrip: Interval?, now: Instant) {
        // The one that leaves is encrypted in place, so this must be a copy of its own.
        var copy = [UInt8]()
        copy.reserveCapacity(packet.count + protectionReserve)
        copy.append(contentsOf: packet)
        history.add(copy, sequenceNumber: sequenceNumber, now: now, roundTrip: roundTrip)
    }

    /// A packet on the retransmissions' source that carries nothing (RFC 3550 section 5.1), to fill a probe.
    mutating func padding(payloadType: UInt8, layout: ExtensionLayout, size: Int, now: Instant) -> Departure {
        var layout = layout
        if rtx.isAcknowledged { layout.mid = nil }
        let fields = RTPFields(
            marker: false, payloadType: payloadType, sequenceNumber: rtx.takeSequenceNumber(), timestamp: 0, ssrc: rtx.ssrc)
        let count = max(1, min(255, size))
        var packet = makeRTPPacket(fields, layout: layout, payloadCount: count)
        packet[0] |= 0x20
        for _ in 1..<count { packet.append(0) }
        packet.append(UInt8(count))
        paddingBytes += count
        rtx.sent(payload: 0, now: now)
        return Departure(packet: packet, kind: .padding, stamps: layout.stamps, payloadCount: 0, sequenceNumber: nil)
    }

    /// What has waited too long goes away, and everything up to the next key frame with it; true: one is needed.
    mutating func dropOldFrames(now: Instant) -> Bool {
        pacer.age(now: now) > Pacer.maximumAge && dropFrames()
    }

    mutating func dropFrames() -> Bool {
        guard pacer.dropFrames() else { return false }
        awaitsKeyFrame = true
        drops += 1
        return true
    }

    /// The other side asked for a key frame; one that comes too soon after the last is kept until its time.
    /// - Parameter roundTrip: a request that comes sooner after the last was made before its answer could be there, and so is a repeat;
    ///   nil for what this side itself finds missing.
    mutating func noteKeyFrameRequest(roundTrip: Interval? = nil, now: Instant) {
        if let keyFrameRequested, let roundTrip, now - keyFrameRequested < min(.milliseconds(500), roundTrip * 3 / 4) { return }
        // One that waits to be sent answers this request too.
        guard keyFrameDue == nil, pacer.keyFrames == 0 else { return }
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

    mutating func steer(_ estimate: Double?, now: Instant) { pacer.steer(estimate, now: now) }
    mutating func passed(_ bytes: Int, now: Instant) { pacer.passed(bytes, now: now) }
}
