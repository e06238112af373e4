import Primitives

/// The rate that the path's delay allows: groups, trend, detector and rate control together.
struct DelayEstimator: Sendable {
    private var groups = PacketGroups()
    private var detector = OveruseDetector()
    private var control: RateControl
    private(set) var acknowledged = AcknowledgedRate()
    private var lastOveruse: Instant?
    private var lastArrival: Int64?

    init(rate: Double, minimum: Double) { control = RateControl(rate: rate, minimum: minimum) }

    /// bit/s.
    var rate: Double { control.rate }
    var usage: OveruseDetector.Usage { detector.usage }

    /// - Parameter arrival: by the receiver's clock, in microseconds.
    mutating func add(_ result: PacketResult, arrival: Int64, isLimited: Bool) {
        add(sent: result.sent, arrival: arrival, size: result.size, isLimited: isLimited)
    }

    mutating func add(sent: Instant, arrival: Int64, size: Int, isLimited: Bool) {
        if let lastArrival, arrival &- lastArrival > 2_000_000 || arrival &- lastArrival < -2_000_000 { restartDetection() }
        lastArrival = arrival
        acknowledged.add(size: size, arrival: arrival, isLimited: isLimited)
        if let deltas = groups.add(sent: sent, arrival: arrival) { detector.add(deltas) }
    }

    mutating func add(unreported size: Int) { acknowledged.add(unreported: size) }

    /// - Parameter probed: what a probe has just shown, in bit/s.
    mutating func update(probed: Double?, roundTrip: Interval, isLimited: Bool, now: Instant) {
        if detector.usage == .over { lastOveruse = now }
        if let probed, probed > control.rate, detector.usage != .over {
            control.set(probed, now: now)
        } else {
            control.update(
                detector.usage, acknowledged: acknowledged.rate, roundTrip: roundTrip, isLimited: isLimited, now: now)
        }
    }

    mutating func limit(to maximum: Double) { control.limit(to: maximum) }

    /// After an outage old delays say nothing.
    mutating func restart(rate: Double, now: Instant) {
        restartDetection()
        control.set(rate, now: now)
    }

    private mutating func restartDetection() {
        groups = PacketGroups()
        detector = OveruseDetector()
    }

    /// No overuse for a while.
    func isCalm(_ now: Instant) -> Bool { detector.usage != .over && lastOveruse.map { now - $0 > .seconds(3) } ?? true }
}
