import Primitives

/// When the next of equally spaced things is due: frames, samples.
public struct Cadence: Sendable {
    private let unitsPerSecond: Double
    private let tolerance: Interval
    private var start: Instant?
    private var passed = 0

    /// - Parameter tolerance: whoever is later than this is not made up for by a burst: the beat starts anew.
    public init(unitsPerSecond: Double, tolerance: Interval) {
        self.unitsPerSecond = max(0.001, unitsPerSecond)
        self.tolerance = tolerance
    }

    /// The time of the next unit, at once for the first; then moves on by `units`.
    public mutating func advance(by units: Int = 1, now: Instant) -> Instant {
        var due = now
        if let start {
            due = start + .seconds(Double(passed) / unitsPerSecond)
            if now - due > tolerance { due = now }
        }
        if start == nil || due == now {
            start = due
            passed = 0
        }
        passed += units
        return due
    }
}
