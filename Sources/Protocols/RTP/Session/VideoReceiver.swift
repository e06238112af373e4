import ByteCoding
import MediaTypes
import Primitives

/// One received video stream: statistics, frames, and what to ask the sender for.
struct VideoReceiver: Sendable {
    /// After this much silence nothing that was lost meanwhile is worth having.
    static let staleAfter = Interval.seconds(1)
    /// However packets are accounted for, nothing is held longer than this without a key-frame request.
    static let maximumHold = Interval.seconds(2)
    /// A key frame on its way is waited for this long after its last packet.
    static let keyFramePatience = Interval.milliseconds(200)

    let ssrc: UInt32
    var reception = ReceptionStatistics(clockRate: VideoSender.clockRate)
    private var buffer = VideoReceiveBuffer()
    private var nacks = NACKGenerator()
    private var lastArrival: Instant?
    private var wantsKeyFrame = true
    private var nextRequest: Instant?
    /// The last request was not a repeat.
    private var isRequestFresh = false
    private(set) var frames = 0
    private(set) var recovered = 0
    private(set) var freezes = 0

    init(ssrc: UInt32) { self.ssrc = ssrc }

    /// Takes a packet of this stream and appends the frames that it makes ready; throws for a payload that is not VP8.
    mutating func receive(
        _ header: RTPHeader, _ bytes: Span<UInt8>, usesNACK: Bool, now: Instant, into output: inout [EncodedVideoFrame]
    ) throws(WireError) {
        let before = nacks.newest
        let sequence: Int64
        switch reception.receive(sequenceNumber: header.sequenceNumber, timestamp: header.timestamp, now: now) {
        case .accepted(let position): sequence = position
        case .rejected: return
        case .restarted(let position):
            sequence = position
            buffer.restart()
            nacks.restart()
            freeze(now)
        }
        if let lastArrival, let before, sequence > before + 1, now - lastArrival > Self.staleAfter {
            // A blackout, not a loss: asking for a second of packets would only delay the key frame.
            _ = nacks.receive(sequence, now: now)
            nacks.forgetAll()
            freeze(now)
        } else {
            note(sequence, now)
        }
        lastArrival = now
        let packet = try VideoPacket(
            sequence: sequence, timestamp: header.timestamp, marker: header.marker, bytes: bytes, range: header.payload)
        // Before the first key frame: another frame's start cannot be helped by waiting, a key frame's own packets may be out of order.
        if nextRequest == nil { nextRequest = packet.startsFrame && !packet.startsKeyFrame ? now : now + NACKGenerator.tick }
        insert(packet, now: now, into: &output)
        if !usesNACK, isBlocked(now: now, limit: .milliseconds(50)) { giveUp(now) }
    }

    /// Takes the original packet out of a retransmission.
    mutating func receiveRetransmission(
        _ header: RTPHeader, _ bytes: Span<UInt8>, now: Instant, into output: inout [EncodedVideoFrame]
    ) throws(WireError) {
        guard let original = RTX.originalSequenceNumber(header, in: bytes),
            let sequence = reception.position(ofRetransmitted: original)
        else { return }
        let packet = try VideoPacket(
            sequence: sequence, timestamp: header.timestamp, marker: header.marker, bytes: bytes,
            range: header.payload.lowerBound + 2..<header.payload.upperBound)
        note(sequence, now)
        lastArrival = now
        insert(packet, now: now, into: &output)
    }

    private mutating func note(_ sequence: Int64, _ now: Instant) {
        switch nacks.receive(sequence, now: now) {
        case .none: break
        case .recovered: recovered += 1
        case .overflow: freeze(now)
        }
    }

    private mutating func insert(_ packet: VideoPacket, now: Instant, into output: inout [EncodedVideoFrame]) {
        let (wasFrozen, count) = (buffer.isFrozen, output.count)
        _ = buffer.insert(packet, now: now, into: &output)
        frames += output.count - count
        if let next = buffer.nextSequence {
            nacks.forget(before: next)
            wantsKeyFrame = false
        } else if !wasFrozen || output.count > count {
            freeze(now)
        }
    }

    /// Nothing comes out until a key frame, which is asked for as soon as that is allowed.
    private mutating func freeze(_ now: Instant) {
        if !wantsKeyFrame { freezes += 1 }
        buffer.freeze()
        wantsKeyFrame = true
        nextRequest = max(now, nextRequest ?? now)
    }

    private func giveUpAfter(_ roundTrip: Interval?) -> Interval {
        // Four tries, as long as that is no longer than a new key frame takes.
        max(.milliseconds(200), min(.milliseconds(500), roundTrip.map { $0 * 5 } ?? NACKGenerator.defaultRoundTrip * 3))
    }

    private func isBlocked(now: Instant, limit: Interval) -> Bool {
        nacks.oldest(now: now, roundTrip: nil).map { now - $0.noticed >= limit } ?? false
    }

    private mutating func giveUp(_ now: Instant) {
        guard let oldest = nacks.oldest(now: now, roundTrip: nil) else { return }
        freeze(now)
        let keep = buffer.keyFrameCandidate(after: oldest.sequence) ?? (nacks.newest ?? oldest.sequence) &+ 1
        nacks.forget(before: keep)
    }

    /// The decoder refused a frame.
    mutating func decoderFailed(now: Instant) { freeze(now) }

    struct Feedback {
        var missing: [UInt16] = []
        var wantsKeyFrame = false
    }

    /// What to tell the sender now.
    mutating func feedback(usesNACK: Bool, roundTrip: Interval?, now: Instant) -> Feedback {
        if let oldest = nacks.oldest(now: now, roundTrip: roundTrip),
            oldest.isExhausted || now - oldest.noticed >= (usesNACK ? giveUpAfter(roundTrip) : .milliseconds(50))
        {
            giveUp(now)
        }
        if let held = buffer.heldSince, now - held >= Self.maximumHold { freeze(now) }
        var feedback = Feedback()
        if usesNACK { feedback.missing = nacks.due(now: now, roundTrip: roundTrip) }
        if let at = requestTime, now >= at {
            // Where much gets lost, each request goes twice; the encoder and the pacer take a frame's time or two to answer.
            isRequestFresh = !isRequestFresh && nacks.isLossy
            let wait = (roundTrip ?? NACKGenerator.defaultRoundTrip) + .milliseconds(60)
            nextRequest = now + (isRequestFresh ? NACKGenerator.tick : max(.milliseconds(120), min(.milliseconds(500), wait)))
            feedback.wantsKeyFrame = true
        }
        return feedback
    }

    /// When the next key-frame request may go; nil when none is wanted, or when nothing comes that could answer it.
    private var requestTime: Instant? {
        guard wantsKeyFrame, let nextRequest, let lastArrival, nextRequest - lastArrival < Self.staleAfter else { return nil }
        return buffer.lastKeyFrameProgress.map { max(nextRequest, $0 + Self.keyFramePatience) } ?? nextRequest
    }

    func nextTimeout(usesNACK: Bool, roundTrip: Interval?) -> Instant? {
        var next = requestTime
        if usesNACK { next = earliest(next, nacks.nextTick) }
        if let oldest = nacks.oldest(now: .zero, roundTrip: nil) {
            next = earliest(next, oldest.noticed + (usesNACK ? giveUpAfter(roundTrip) : .milliseconds(50)))
        }
        return earliest(next, buffer.heldSince.map { $0 + Self.maximumHold })
    }

    /// The source said BYE: nothing more is asked of it.
    mutating func ended() {
        nacks.forgetAll()
        buffer.freeze()
        wantsKeyFrame = true
        nextRequest = nil
    }
}
