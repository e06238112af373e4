import Primitives

/// Time that moves when the script says so.
public struct SimulatedClock {
    public private(set) var now = Instant.zero + .seconds(1000)

    public init() {}

    public mutating func advance(by time: Interval) { now += time }

    /// Moves on by `time`, calling `due` at each time-out on the way. One that stays due for ever is a violation.
    public mutating func run(for time: Interval, next: (Instant) -> Instant?, due: (Instant) -> Void) {
        let end = now + time
        var repeats = 0
        while let at = next(now), at <= end {
            repeats = at <= now ? repeats + 1 : 0
            if repeats > 2000 { violated("a time-out that stays due") }
            now = max(now, at)
            due(now)
        }
        now = end
    }
}
