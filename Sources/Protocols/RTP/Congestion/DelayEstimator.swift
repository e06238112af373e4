import Primitives

/// The rate that the path's delay allows: groups, trend, detector and rate control together.
struct DelayEstimator: Sendable {
    /// Longer than this it is no frame's packets that wait.
    static let standingQueue = Interval.milliseconds(80)
    /// A queue that stands for so long is drained, though it does not grow.
    static let standingPatience = Interval.milliseconds(500)
    /// By then less rate must have shown; else it is the path that became longer.
    static let drainPatience = Interval.seconds(1)

    private var groups = PacketGroups()
    private var detector = OveruseDetector()
    private var control: RateControl
    private(set) var acknowledged = AcknowledgedRate()
    private var lastOveruse: Instant?
    /// What a probe has shown lately: what arrives takes a while to follow it.
    private var probed: (rate: Double, at: Instant)?
    private var lastArrival: Int64?
    /// From this clock to the other's, in microseconds.
    private var smallestDelay = RecentMinimum()
    /// How long the newest packet waited on its way.
    private(set) var queue = Interval.zero
    /// The same, smoothed, in milliseconds.
    private var steadyQueue = 0.0
    private var standingSince: Instant?
    /// When a standing queue was acted upon, and how long it was.
    private var drained: (at: Instant, queue: Double)?

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
        let travel = arrival &- sent.microseconds
        smallestDelay.add(travel, now: sent)
        queue = .microseconds(travel &- (smallestDelay.value ?? travel))
        steadyQueue += (queue.milliseconds - steadyQueue) / 10
        acknowledged.add(size: size, arrival: arrival, isLimited: isLimited)
        if let deltas = groups.add(sent: sent, arrival: arrival) { detector.add(deltas) }
    }

    mutating func add(unreported size: Int) { acknowledged.add(unreported: size) }

    /// - Parameter probed: what a probe has just shown, in bit/s.
    mutating func update(probed: Double?, roundTrip: Interval, isLimited: Bool, now: Instant) {
        if detector.usage == .over { lastOveruse = now }
        if isStanding(now) {
            lastOveruse = now
            control.update(.over, acknowledged: known(now), roundTrip: roundTrip, isLimited: isLimited, now: now)
            return
        }
        if let probed, probed > control.rate, detector.usage != .over {
            control.set(probed, now: now)
            self.probed = (probed, now)
        } else {
            // Where a queue stands, no more is added to it, though it does not grow.
            control.update(
                detector.usage, acknowledged: known(now), roundTrip: roundTrip,
                isLimited: isLimited || queue > Self.standingQueue, now: now)
        }
    }

    private func known(_ now: Instant) -> Double? {
        guard let probed, now - probed.at < .seconds(1) else { return acknowledged.rate }
        return acknowledged.rate.map { max($0, probed.rate * 0.8) }
    }

    /// Whether a queue has to be drained now that has stood for a while.
    private mutating func isStanding(_ now: Instant) -> Bool {
        if let drained, now - drained.at >= Self.drainPatience {
            if steadyQueue > drained.queue - 30 { smallestDelay = RecentMinimum() }
            self.drained = nil
            standingSince = nil
        }
        guard steadyQueue > Self.standingQueue.milliseconds, drained == nil else {
            standingSince = nil
            return false
        }
        let since = standingSince ?? now
        standingSince = since
        guard now - since >= Self.standingPatience, acknowledged.rate != nil else { return false }
        drained = (now, steadyQueue)
        return true
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
        smallestDelay = RecentMinimum()
        queue = .zero
        (steadyQueue, standingSince, drained) = (0, nil, nil)
    }

    /// No overuse for a while.
    func isCalm(_ now: Instant) -> Bool { detector.usage != .over && lastOveruse.map { now - $0 > .seconds(3) } ?? true }
}
