import Primitives

/// How often refusals may be logged: whoever is refused a thousand times a second must not fill the disk, nor hold up the loop.
struct RefusalLog: Sendable {
    private var budget = RateBudget()
    private var unsaid = 0

    /// One is to be logged. Nil: not this one; otherwise how many were not before it.
    mutating func next(now: Instant) -> Int? {
        guard budget.take(RateLimit(perSecond: 1, burst: 20), now: now) == nil else {
            unsaid += 1
            return nil
        }
        defer { unsaid = 0 }
        return unsaid
    }
}
