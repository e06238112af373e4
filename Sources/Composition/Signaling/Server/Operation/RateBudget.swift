import Primitives

/// So many a second in the long run, and so many at once.
public struct RateLimit: Sendable, Hashable {
    public var perSecond: Double
    public var burst: Int

    public init(perSecond: Double, burst: Int) {
        self.perSecond = perSecond
        self.burst = burst
    }

    /// What one costs.
    fileprivate var step: Int64 { max(1, min(3_600_000_000, Interval(seconds: 1 / max(perSecond, 1e-6)).microseconds)) }
    /// What may be owed.
    fileprivate var depth: Int64 { step * Int64(max(1, min(1_000_000, burst))) }
}

/// A token bucket in eight bytes, full at first: it keeps only when it would be full again (the generic cell rate algorithm).
struct RateBudget: Sendable, Hashable {
    private var fullAt = Instant(microseconds: 0)

    /// Takes one. Nil: there was one; otherwise nothing is taken, and it says after how long there will be one.
    mutating func take(_ limit: RateLimit, now: Instant) -> Interval? {
        let next = max(fullAt, now) + Interval(microseconds: limit.step)
        let over = (next - now).microseconds - limit.depth
        guard over <= 0 else { return Interval(microseconds: over) }
        fullAt = next
        return nil
    }

    func isFull(now: Instant) -> Bool { fullAt <= now }
}
