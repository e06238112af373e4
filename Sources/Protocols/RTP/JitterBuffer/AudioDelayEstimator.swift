import Primitives

/// How long audio must be held so that nearly every packet is there in time: a quantile of the packets' delays against the fastest, in a
/// histogram that forgets.
struct AudioDelayEstimator: Sendable {
    /// Packets among which the fastest is looked for: a new path, or a clock that drifts, is followed within four seconds.
    static let window = 200
    static let minimumTarget = Interval.milliseconds(20)
    static let maximumTarget = Interval.milliseconds(400)
    /// The part of the packets that should not be late.
    static let quantile: Float = 0.98
    /// What each packet leaves of the weight of those before it: a time of 200 packets.
    static let memory: Float = 0.995
    static let bucket = Interval.milliseconds(5)
    static let buckets = 100
    /// More than this is an outage, which no buffer bridges.
    static let outlier = Interval.seconds(1)

    /// Arrival minus media time, in microseconds; only differences mean something.
    private var transits: [Int64] = []
    private var oldest = 0
    /// They add up to 1 after the first packet.
    private var weights = [Float](repeating: 0, count: buckets)
    private var added = 0
    private var untilUpdate = 10
    private(set) var fastest: Int64?
    private(set) var target: Interval

    init(initialTarget: Interval) { target = initialTarget }

    /// After an outage or a silence the sender's time line may have moved; how far packets spread is remembered.
    mutating func rebase() {
        transits.removeAll(keepingCapacity: true)
        oldest = 0
        fastest = nil
    }

    /// Begins a time line at a packet that says nothing about jitter.
    mutating func rebase(at transit: Int64) {
        rebase()
        note(transit)
    }

    mutating func add(transit: Int64) {
        if let fastest, transit &- fastest > Self.outlier.microseconds { return }
        note(transit)
        guard let fastest else { return }
        let spread = max(0, transit &- fastest) / Self.bucket.microseconds
        let index = min(Self.buckets - 1, Int(spread))
        added = min(added + 1, 1_000_000)
        // The first ones count alike, instead of the very first for all.
        let kept = min(Self.memory, 1 - 1 / Float(added))
        for i in weights.indices { weights[i] *= kept }
        weights[index] += 1 - kept
        untilUpdate -= 1
        if untilUpdate <= 0 {
            untilUpdate = 10
            update()
        } else if transit &- fastest > target.microseconds {
            update(mayFall: false)
        }
    }

    private mutating func note(_ transit: Int64) {
        if transits.count < Self.window {
            transits.append(transit)
            fastest = min(fastest ?? transit, transit)
        } else {
            let gone = transits[oldest]
            transits[oldest] = transit
            oldest = (oldest + 1) % Self.window
            fastest = gone == fastest ? transits.min() : min(fastest ?? transit, transit)
        }
    }

    /// Up at once, down by little.
    private mutating func update(mayFall: Bool = true) {
        guard added >= 10 else { return }
        var sum: Float = 0
        let index = weights.firstIndex { weight in
            sum += weight
            return sum >= Self.quantile
        }
        let edge = Self.bucket * ((index ?? Self.buckets - 1) + 1)
        let wanted = max(Self.minimumTarget, min(Self.maximumTarget, edge))
        if wanted > target {
            target = wanted
        } else if mayFall, added >= 50 {
            target = max(wanted, target - max(.milliseconds(2), (target - wanted) / 20))
        }
    }
}
