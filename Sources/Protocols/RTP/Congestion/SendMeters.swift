import Primitives

/// Whether the application sends much less than it may: what it did not use of 65 % of the estimate piles up, for half a second at most.
struct SendBudget: Sendable {
    private static let share = 0.65
    private static let depth = 0.5
    /// Parts of the depth.
    private static let (begin, end) = (0.8, 0.5)

    private var level = 0.0
    private var last: Instant?
    private(set) var isLimited = false

    /// - Parameter rate: the estimate, in bit/s.
    mutating func sent(_ size: Int, rate: Double, now: Instant) {
        let limit = rate / 8 * Self.share * Self.depth
        if let last { level += rate / 8 * Self.share * max(0, (now - last).seconds) }
        last = now
        level = max(-limit, min(limit, level) - Double(size))
        if level > limit * Self.begin { isLimited = true } else if level < limit * Self.end { isLimited = false }
    }
}

/// The least of the last ten to twenty seconds: a path's delay without its queues.
struct RecentMinimum: Sendable {
    private static let period = Interval.seconds(10)
    private var before: Int64?
    private var current: Int64?
    private var began: Instant?

    var value: Int64? {
        guard let before, let current else { return before ?? current }
        return min(before, current)
    }

    mutating func add(_ sample: Int64, now: Instant) {
        let start = began ?? now
        began = start
        if now - start > Self.period { (before, current, began) = (current, nil, now) }
        current = min(current ?? sample, sample)
    }
}

/// What is lost of the audio, lately.
struct AudioLoss: Sendable {
    private var packets = 0
    private var lost = 0
    private(set) var fraction: Double?

    mutating func add(_ result: PacketResult) {
        if result.wasLost {
            lost -= 1
        } else {
            packets += 1
            if result.arrival == nil { lost += 1 }
        }
    }

    /// As the other side reported it.
    mutating func report(_ fraction: Double) { self.fraction = self.fraction.map { ($0 + fraction) / 2 } ?? fraction }

    /// The last period's, smoothed; a new period begins. Nil: nothing is known.
    mutating func take() -> Double? {
        if packets >= 20 {
            report(max(0, min(1, Double(lost) / Double(packets))))
            (packets, lost) = (0, min(0, lost))
        }
        return fraction
    }
}

/// How much of what is sent is whose, smoothed over about a second; in bit/s on the wire.
struct SendShares: Sendable {
    private static let window = Interval.milliseconds(500)
    private var began: Instant?
    private var bytes = (audio: 0, video: 0, payload: 0, repair: 0)
    /// Until it is measured, what Opus, a copy of it and the headers take.
    private(set) var audio = 80_000.0
    private(set) var repair = 0.0
    /// How much of the video's packets is payload.
    private(set) var payloadShare = 0.93
    private(set) var video = 0.0

    mutating func sent(_ kind: SentKind, bytes size: Int, payload: Int, now: Instant) {
        advance(now)
        let wire = size + CongestionController.wireOverhead
        switch kind {
        case .audio: bytes.audio += wire
        case .video:
            bytes.video += wire
            bytes.payload += payload
        case .retransmission: bytes.repair += wire
        case .padding: break
        }
    }

    mutating func advance(_ now: Instant) {
        let start = began ?? now
        began = start
        let elapsed = now - start
        guard elapsed >= Self.window else { return }
        func blend(_ old: Double, _ bytes: Int) -> Double { (old + Double(bytes) * 8 / elapsed.seconds) / 2 }
        audio = blend(audio, bytes.audio)
        repair = blend(repair, bytes.repair)
        video = blend(video, bytes.video)
        if bytes.video > 2000 { payloadShare = (payloadShare + Double(bytes.payload) / Double(bytes.video)) / 2 }
        (bytes, began) = ((0, 0, 0, 0), now)
    }
}
