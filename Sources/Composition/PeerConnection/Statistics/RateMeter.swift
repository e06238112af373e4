import Primitives

/// A rate over the last two seconds, in buckets of 100 ms: fixed size, no allocation per packet.
struct RateMeter {
    private static let width: Int64 = 100_000
    private static let count = 20

    private var buckets = [Int](repeating: 0, count: RateMeter.count)
    private var total = 0
    /// Which bucket of time was written last.
    private var last: Int64?
    private var first: Int64 = 0

    mutating func add(_ bytes: Int, now: Instant) {
        advance(to: now)
        guard let last else { return }
        buckets[Int(last % Int64(Self.count))] += bytes
        total += bytes
    }

    /// kbit/s; over the time since the first byte while that is shorter than the window.
    mutating func kilobitsPerSecond(now: Instant) -> Double {
        guard last != nil else { return 0 }
        advance(to: now)
        let span = min(Int64(Self.count), (last ?? 0) - first + 1)
        return Double(total) * 8 / (Double(span * Self.width) / 1000)
    }

    private mutating func advance(to now: Instant) {
        let current = max(0, now.microseconds / Self.width)
        guard let last else {
            last = current
            first = current
            return
        }
        guard current > last else { return }
        for index in (last + 1)...min(current, last + Int64(Self.count)) {
            total -= buckets[Int(index % Int64(Self.count))]
            buckets[Int(index % Int64(Self.count))] = 0
        }
        self.last = current
    }
}
