/// Whether a queue is growing on the path: the trend of the delay over the last 20 groups, held against a threshold that adapts.
struct OveruseDetector: Sendable {
    enum Usage: Sendable, Equatable { case normal, over, under }

    static let window = 20
    static let smoothing = 0.9
    static let gain = 4.0
    /// All in milliseconds.
    static let firstThreshold = 12.5
    static let thresholds = 6.0...600.0
    static let (up, down) = (0.0087, 0.039)
    static let patience = 10.0
    /// A queue that is shorter is none: a frame's packets alone make as much.
    static let shortestQueue = 25.0
    private static let basePeriod = 5000.0
    private static let maximumDeltas = 60
    /// A spike this far above the threshold does not move it.
    private static let maximumStep = 15.0

    private(set) var usage = Usage.normal
    private(set) var threshold = firstThreshold
    private var points: [(time: Double, delay: Double)] = []
    private var first: Int64?
    private var deltas = 0
    private var accumulated = 0.0
    private var smoothed = 0.0
    private var lastTrend = 0.0
    /// The least smoothed delay of this and the last period.
    private var base = (before: Double.infinity, current: Double.infinity, began: 0.0)
    private var overusedFor: Double?
    private var overuses = 0
    private var lastUpdate: Double?

    mutating func add(_ group: PacketGroups.Deltas) {
        let start = first ?? group.arrival
        first = start
        let time = Double(group.arrival &- start) / 1000
        deltas = min(deltas + 1, 1000)
        accumulated += group.arrived - group.sent
        smoothed = Self.smoothing * smoothed + (1 - Self.smoothing) * accumulated
        if time - base.began > Self.basePeriod { base = (base.current, smoothed, time) }
        base.current = min(base.current, smoothed)
        points.append((time, smoothed))
        if points.count > Self.window { points.removeFirst() }
        let trend = points.count == Self.window ? slope ?? lastTrend : lastTrend
        detect(trend, sent: group.sent, time: time)
    }

    /// By least squares; nil when all came at once.
    private var slope: Double? {
        let count = Double(points.count)
        let middle = points.reduce((0.0, 0.0)) { ($0.0 + $1.time / count, $0.1 + $1.delay / count) }
        var (over, under) = (0.0, 0.0)
        for point in points {
            over += (point.time - middle.0) * (point.delay - middle.1)
            under += (point.time - middle.0) * (point.time - middle.0)
        }
        return under > 0 ? over / under : nil
    }

    private mutating func detect(_ trend: Double, sent: Double, time: Double) {
        guard deltas >= 2 else { return }
        let scaled = Double(min(deltas, Self.maximumDeltas)) * trend * Self.gain
        if scaled > threshold {
            overusedFor = overusedFor.map { $0 + sent } ?? sent / 2
            overuses += 1
            let queue = smoothed - min(base.before, base.current)
            if let overusedFor, overusedFor > Self.patience, overuses > 1, trend >= lastTrend, queue >= Self.shortestQueue {
                self.overusedFor = 0
                overuses = 0
                usage = .over
            }
        } else {
            overusedFor = nil
            overuses = 0
            usage = scaled < -threshold ? .under : .normal
        }
        lastTrend = trend
        adapt(to: abs(scaled), time: time)
    }

    /// Rises slowly and falls faster, so that what competes by loss cannot starve this side.
    private mutating func adapt(to value: Double, time: Double) {
        defer { lastUpdate = time }
        guard value <= threshold + Self.maximumStep else { return }
        let elapsed = max(0, min(time - (lastUpdate ?? time), 100))
        threshold += (value < threshold ? Self.down : Self.up) * (value - threshold) * elapsed
        threshold = max(Self.thresholds.lowerBound, min(Self.thresholds.upperBound, threshold))
    }
}
