import Primitives

/// How long audio must be held so that nearly every packet is there in time: the spread of the packets' delays over the last seconds.
struct AudioDelayEstimator: Sendable {
    static let window = 200
    static let minimumTarget = Interval.milliseconds(20)
    static let maximumTarget = Interval.milliseconds(400)
    /// The part of the packets that should not be late.
    static let quantile = 0.97
    /// More than this is an outage, which no buffer bridges.
    static let outlier = Interval.seconds(1)

    /// Arrival minus media time, in microseconds; only differences mean something.
    private var transits: [Int64] = []
    private var oldest = 0
    private var untilUpdate = 10
    private(set) var fastest: Int64?
    private(set) var target: Interval

    init(initialTarget: Interval) { target = initialTarget }

    /// After an outage or a silence the sender's time line may have moved.
    mutating func rebase() {
        transits.removeAll(keepingCapacity: true)
        oldest = 0
        fastest = nil
    }

    mutating func add(transit: Int64) {
        if let fastest, transit - fastest > Self.outlier.microseconds { return }
        fastest = min(fastest ?? transit, transit)
        if transits.count < Self.window {
            transits.append(transit)
        } else {
            transits[oldest] = transit
            oldest = (oldest + 1) % Self.window
        }
        untilUpdate -= 1
        guard untilUpdate <= 0 else { return }
        untilUpdate = 10
        update()
    }

    /// Up at once, down by a hundredth of the time that passes.
    private mutating func update() {
        let sorted = transits.sorted()
        guard let first = sorted.first, sorted.count >= 10 else { return }
        fastest = first
        let high = sorted[min(sorted.count - 1, Int(Double(sorted.count) * Self.quantile))]
        let wanted = max(Self.minimumTarget, min(Self.maximumTarget, Interval(microseconds: high - first) + .milliseconds(5)))
        if wanted > target {
            target = wanted
        } else if sorted.count >= 50 {
            target = max(wanted, target - .milliseconds(2))
        }
    }
}
