import Primitives

/// So many at once, so many a second after that.
struct TokenBucket: Sendable {
    let capacity: Int
    let perSecond: Int
    /// In millionths.
    private var tokens: Int64
    private var last: Instant?

    init(capacity: Int, perSecond: Int) {
        self.capacity = capacity
        self.perSecond = perSecond
        tokens = Int64(capacity) * 1_000_000
    }

    /// False: too much has come.
    mutating func take(now: Instant) -> Bool {
        if let last {
            // An hour fills any bucket here, and cannot overflow. A clock that goes back gives nothing.
            let passed = max(0, min((now - last).microseconds, 3_600_000_000))
            tokens = min(Int64(capacity) * 1_000_000, tokens + passed * Int64(perSecond))
        }
        last = max(last ?? now, now)
        guard tokens >= 1_000_000 else { return false }
        tokens -= 1_000_000
        return true
    }
}
