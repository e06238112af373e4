import Primitives

/// For peers without transport-wide feedback: what receiver reports tell of loss and round trip, under what the other side allows (REMB).
struct ReportEstimator: Sendable {
    /// Between two steps up or down.
    static let interval = Interval.milliseconds(800)
    /// A queue of this length is congestion, whatever is lost.
    static let maximumQueue = Interval.milliseconds(150)

    /// bit/s.
    private(set) var rate: Double
    /// The other side's estimate; nil: none yet.
    private(set) var allowed: Double?
    let minimum: Double
    var maximum: Double
    private var smallest: (roundTrip: Interval, at: Instant)?
    private var last: Instant?
    private var isSlowStart = true
    /// Whether the path has shown a limit.
    var isReduced: Bool { rate < maximum }

    init(rate: Double, minimum: Double, maximum: Double) {
        self.rate = rate
        self.minimum = minimum
        self.maximum = maximum
    }

    mutating func allow(_ rate: Double) {
        allowed = max(minimum, rate)
        // At once when it is less.
        self.rate = min(self.rate, max(minimum, rate))
    }

    /// - Parameters:
    ///   - fraction: lost since the last report, 0...1.
    ///   - isLimited: less is sent than might be.
    mutating func report(lost fraction: Double, roundTrip: Interval?, isLimited: Bool, now: Instant) {
        // What was changed shows after a round trip.
        if let last, now - last < max(Self.interval, min(.seconds(3), roundTrip ?? .zero)) { return }
        last = now
        if let roundTrip, smallest.map({ roundTrip < $0.roundTrip || now - $0.at > .seconds(30) }) ?? true { smallest = (roundTrip, now) }
        let queue = roundTrip.map { $0 - (smallest?.roundTrip ?? $0) } ?? .zero
        if queue > Self.maximumQueue {
            rate *= queue > Self.maximumQueue * 3 ? 0.7 : RateControl.beta
            isSlowStart = false
        } else if fraction > 0.1 {
            isSlowStart = false
            // Without a queue it is more likely the link's nature, up to a point.
            if queue > .milliseconds(40) || fraction > LossEstimator.maximumInherent { rate *= 1 - fraction / 2 }
        } else if fraction < 0.02 || queue < .milliseconds(40) {
            if !isLimited || allowed != nil { rate *= isSlowStart ? 1.5 : 1.08 }
            if fraction >= 0.02 { isSlowStart = false }
        }
        rate = max(minimum, min(rate, maximum, allowed ?? maximum))
    }
}
