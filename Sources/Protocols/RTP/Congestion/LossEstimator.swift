import Primitives

/// Tells loss that a full link makes from loss that the link has anyway, by how it goes with the rate.
///
/// Each observation is a quarter of a second: so much was sent, so many packets were lost. A link of capacity B that loses p of what it
/// carries would lose p + (1 - p)(r - B)/r of what is sent at r. As long as a p explains all that was seen, no rate is blamed for it.
struct LossEstimator: Sendable {
    static let window = 20
    static let shortest = Interval.milliseconds(250)
    static let fewest = 20
    /// More than this is not put down to the link's nature.
    static let maximumInherent = 0.3
    /// Losses come in bursts, so that as many packets tell less than as many coins.
    private static let dispersion = 4.0
    private static let decay = 0.9

    private struct Observation {
        var packets: Double
        var lost: Double
        var rate: Double
        var fraction: Double { max(0, min(1, lost / packets)) }
    }

    private var observations: [Observation] = []
    private var packets = 0
    private var lost = 0
    private var bytes = 0
    private var firstSent: Instant?
    private var lastSent = Instant.zero
    /// What loss allows, in bit/s; nil while it blames no rate.
    private(set) var limit: Double?
    /// Lately, 0...1.
    private(set) var fraction = 0.0

    mutating func add(_ result: PacketResult) {
        if result.wasLost {
            lost -= 1
            return
        }
        firstSent = min(firstSent ?? result.sent, result.sent)
        lastSent = max(lastSent, result.sent)
        packets += 1
        bytes += result.size
        if result.arrival == nil { lost += 1 }
    }

    /// After a blackout or on a new path nothing of the old one counts.
    mutating func reset() { self = LossEstimator() }

    /// - Parameters:
    ///   - rate: what the delay allows, in bit/s.
    ///   - acknowledged: what arrives.
    mutating func update(rate: Double, acknowledged: Double?) {
        guard let firstSent, packets >= Self.fewest, lastSent - firstSent >= Self.shortest else { return }
        let sent = Double(bytes) * 8 / (lastSent - firstSent).seconds
        observations.append(Observation(packets: Double(packets), lost: Double(max(0, lost)), rate: sent))
        if observations.count > Self.window { observations.removeFirst() }
        (packets, bytes, lost, self.firstSent) = (0, 0, min(0, lost), nil)
        let recent = observations.suffix(4)
        fraction = recent.reduce(0) { $0 + $1.lost } / recent.reduce(1) { $0 + $1.packets }
        judge(rate, acknowledged)
    }

    private mutating func judge(_ rate: Double, _ acknowledged: Double?) {
        let current = min(rate, limit ?? rate)
        let now = misfit(current)
        let floor = min(current, (acknowledged ?? current) * RateControl.beta)
        var lower: [(rate: Double, misfit: Double)] = []
        for factor in [0.95, 0.9, 0.8, 0.7, 0.6] where current * factor >= floor {
            lower.append((current * factor, misfit(current * factor)))
        }
        lower.append((floor, misfit(floor)))
        let best = lower.reduce(now) { min($0, $1.misfit) }
        let newest = observations.last?.fraction ?? 0
        if fraction > Self.maximumInherent, newest > Self.maximumInherent {
            limit = max(floor, current * (1 - newest / 2))
        } else if fraction > 0.02, now > best * 1.6 + 3 {
            limit = lower.filter { $0.misfit <= best * 1.2 + 1 }.reduce(floor) { max($0, $1.rate) }
        } else if let limit, newest < 0.1 || newest <= fraction {
            let raised = limit * (fraction > 0.1 ? 1.01 : fraction > 0.02 ? 1.03 : 1.08)
            self.limit = raised >= rate ? nil : raised
        }
    }

    /// How badly a capacity explains what was seen, with the inherent loss that suits it best.
    private func misfit(_ capacity: Double) -> Double {
        var (over, under) = (0.0, 0.0)
        var weight = 1.0
        for seen in observations.reversed() {
            let excess = Self.excess(seen.rate, capacity)
            over += weight * seen.packets * (1 - excess) * (seen.fraction - excess)
            under += weight * seen.packets * (1 - excess) * (1 - excess)
            weight *= Self.decay
        }
        let inherent = under > 0 ? max(0, min(Self.maximumInherent, over / under)) : 0
        var sum = 0.0
        weight = 1
        for seen in observations.reversed() {
            let excess = Self.excess(seen.rate, capacity)
            let expected = inherent + (1 - inherent) * excess
            let error = seen.fraction - expected
            sum += weight * seen.packets * error * error / max(0.02, expected * (1 - expected))
            weight *= Self.decay
        }
        return sum / Self.dispersion
    }

    private static func excess(_ rate: Double, _ capacity: Double) -> Double { rate > capacity ? (rate - capacity) / rate : 0 }
}
