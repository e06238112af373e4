import Primitives

/// Makes pictures coarser while a terminal takes too long to accept them, and finer again when it keeps up.
///
/// Frames that find the terminal busy are left out anyway, so that the rate falls by itself; this makes those that are sent smaller.
public struct QualityGovernor: Sendable {
    /// Change and elision thresholds, from the best to the coarsest.
    static let thresholds: [UInt8] = [6, 9, 13, 18, 26]
    private static let slow = Interval.milliseconds(60)
    private static let fast = Interval.milliseconds(20)
    private static let patience = Interval.seconds(3)

    public private(set) var level = 0
    private var lastChange: Instant?
    private var lastSlow: Instant?

    public init() {}

    public var threshold: UInt8 { Self.thresholds[level] }

    /// - Parameter delay: how long the terminal took, or has been taking, for the last frame.
    public mutating func note(delay: Interval, now: Instant) {
        if delay >= Self.slow {
            lastSlow = now
            if level + 1 < Self.thresholds.count, lastChange.map({ now - $0 >= .milliseconds(500) }) ?? true { change(by: 1, now: now) }
        } else if level > 0, delay <= Self.fast, let lastSlow, let lastChange, now - max(lastSlow, lastChange) >= Self.patience {
            change(by: -1, now: now)
        }
    }

    private mutating func change(by step: Int, now: Instant) {
        level += step
        lastChange = now
    }
}
