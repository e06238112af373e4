import Primitives

/// What the link is thought to carry, from the rates at which it was seen to be full; in kbit/s.
struct LinkCapacity: Sendable {
    private(set) var estimate: Double?
    /// Relative to the estimate.
    private var variance = 0.4

    private var spread: Double { 3 * (variance * (estimate ?? 0)).squareRoot() }
    var upper: Double { (estimate ?? .infinity) + spread }
    var lower: Double { max(0, (estimate ?? 0) - spread) }

    mutating func update(_ rate: Double) {
        let before = estimate ?? rate
        let now = 0.95 * before + 0.05 * rate
        let error = now - rate
        variance = max(0.4, min(2.5, 0.95 * variance + 0.05 * error * error / max(1, now)))
        estimate = now
    }

    mutating func reset() { self = LinkCapacity() }
}

/// Additive or multiplicative increase, multiplicative decrease, steered by the detector.
struct RateControl: Sendable {
    static let beta = 0.85
    /// A second, while nothing is known of the link.
    static let growth = 1.08

    private enum State { case hold, increase }
    /// bit/s.
    private(set) var rate: Double
    let minimum: Double
    private var state = State.hold
    private var capacity = LinkCapacity()
    private var lastChange: Instant?
    private var lastDecrease: Instant?

    init(rate: Double, minimum: Double) {
        self.rate = rate
        self.minimum = minimum
    }

    /// As measured by a probe, or fallen to for another reason.
    mutating func set(_ rate: Double, now: Instant) {
        self.rate = max(minimum, rate)
        lastChange = now
    }

    mutating func limit(to maximum: Double) { rate = min(rate, maximum) }

    /// - Parameters:
    ///   - acknowledged: what arrives, in bit/s; nil while unknown.
    ///   - isLimited: the application sends less than it might, so that nothing is learnt about more.
    mutating func update(
        _ usage: OveruseDetector.Usage, acknowledged: Double?, roundTrip: Interval, isLimited: Bool, now: Instant
    ) {
        switch usage {
        case .over:
            if mayDecrease(acknowledged, roundTrip, now) { decrease(acknowledged, now) }
            state = .hold
            lastChange = now
        case .under:
            // The queue is draining: what was kept off is not to be filled at once.
            state = .hold
            lastChange = now
        case .normal:
            if state == .hold {
                state = .increase
                lastChange = now
            }
            increase(acknowledged, roundTrip, isLimited, now)
        }
    }

    private func mayDecrease(_ acknowledged: Double?, _ roundTrip: Interval, _ now: Instant) -> Bool {
        guard let lastDecrease else { return true }
        if now - lastDecrease >= max(.milliseconds(10), min(.milliseconds(200), roundTrip)) { return true }
        return acknowledged.map { $0 < rate / 2 } ?? false
    }

    private mutating func decrease(_ acknowledged: Double?, _ now: Instant) {
        lastDecrease = now
        guard let acknowledged else {
            rate = max(minimum, rate / 2)
            return
        }
        var lowered = acknowledged * Self.beta
        if lowered > rate, let known = capacity.estimate { lowered = known * 1000 * Self.beta }
        rate = max(minimum, min(rate, lowered))
        if acknowledged / 1000 < capacity.lower { capacity.reset() }
        capacity.update(acknowledged / 1000)
    }

    private mutating func increase(_ acknowledged: Double?, _ roundTrip: Interval, _ isLimited: Bool, _ now: Instant) {
        let elapsed = min(1, (now - (lastChange ?? now)).seconds)
        lastChange = now
        if let acknowledged, acknowledged / 1000 > capacity.upper { capacity.reset() }
        // What comes through without a growing queue is there.
        if let acknowledged { rate = max(rate, acknowledged * Self.beta) }
        guard !isLimited else { return }
        let grown: Double
        if capacity.estimate != nil {
            // About one packet each response time: near the link's limit every step is felt.
            let frame = rate / 8 / 30
            let packet = frame / (frame / 1200).rounded(.up)
            let response = (roundTrip + .milliseconds(100)).seconds
            grown = rate + max(4000, packet * 8 / response) * elapsed
        } else {
            var factor = 1.0
            // 8 % a second, in parts: the binomial's first terms are exact enough below a second.
            let exponent = elapsed * 0.076_961_041
            factor += exponent + exponent * exponent / 2 + exponent * exponent * exponent / 6
            grown = rate * factor
        }
        let limit = acknowledged.map { $0 * 1.5 + 10_000 } ?? .infinity
        rate = max(rate, min(grown, limit))
    }
}
