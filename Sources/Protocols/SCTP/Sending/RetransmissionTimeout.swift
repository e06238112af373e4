import Primitives

/// How long an acknowledgement may take (RFC 9260, section 6.3).
struct RetransmissionTimeout: Sendable {
    static let minimum = Interval.milliseconds(200)
    static let maximum = Interval.seconds(10)
    /// Waiting longer between tries only makes the way back from an outage longer.
    static let longestBackoff = Interval.seconds(2)

    private let initial: Interval
    private(set) var smoothed: Interval?
    private var variation = Interval.zero
    private var doublings = 0

    init(initial: Interval) { self.initial = initial }

    private var base: Interval {
        guard let smoothed else { return initial }
        return min(Self.maximum, max(Self.minimum, smoothed + variation * 4))
    }

    var current: Interval {
        let base = base
        return max(base, min(base * (1 << min(doublings, 10)), Self.longestBackoff))
    }

    mutating func measured(_ sample: Interval) {
        guard sample >= .zero, sample < .seconds(60) else { return }
        doublings = 0
        guard let before = smoothed else {
            smoothed = sample
            variation = sample / 2
            return
        }
        let error = before > sample ? before - sample : sample - before
        variation = (variation * 3 + error) / 4
        smoothed = (before * 7 + sample) / 8
    }

    mutating func expired() { doublings = min(doublings + 1, 10) }
    /// Something has come through, though it measures nothing.
    mutating func progressed() { doublings = 0 }
}
