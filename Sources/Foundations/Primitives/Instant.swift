/// A length of time, in whole microseconds; may be negative.
///
/// `Swift.Duration` counts attoseconds in 128 bits, which a packet path need not pay for.
public struct Interval: Hashable, Comparable, Sendable, AdditiveArithmetic {
    public var microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public static let zero = Interval(microseconds: 0)
    public static func microseconds(_ count: Int64) -> Interval { Interval(microseconds: count) }
    public static func milliseconds(_ count: Int) -> Interval { Interval(microseconds: Int64(count) &* 1000) }
    public static func milliseconds(_ count: Double) -> Interval { Interval(seconds: count / 1000) }
    public static func seconds(_ count: Int) -> Interval { Interval(microseconds: Int64(count) &* 1_000_000) }
    public static func seconds(_ count: Double) -> Interval { Interval(seconds: count) }

    /// Clamps what does not fit, and takes NaN for zero, so that a number from a user or the network cannot trap.
    public init(seconds: Double) {
        let value = seconds * 1_000_000
        microseconds = value.isNaN ? 0 : Int64(max(-9e18, min(9e18, value)))
    }

    public var milliseconds: Double { Double(microseconds) / 1000 }
    public var seconds: Double { Double(microseconds) / 1_000_000 }
    public var wholeMilliseconds: Int { Int(microseconds / 1000) }

    public static func + (a: Interval, b: Interval) -> Interval { Interval(microseconds: a.microseconds &+ b.microseconds) }
    public static func - (a: Interval, b: Interval) -> Interval { Interval(microseconds: a.microseconds &- b.microseconds) }
    public static func * (a: Interval, factor: Int) -> Interval { Interval(microseconds: a.microseconds &* Int64(factor)) }
    public static func * (a: Interval, factor: Double) -> Interval { Interval(seconds: a.seconds * factor) }
    public static func / (a: Interval, divisor: Int) -> Interval { Interval(microseconds: a.microseconds / Int64(divisor)) }
    public static func < (a: Interval, b: Interval) -> Bool { a.microseconds < b.microseconds }
}

/// A point on a monotonic time line whose origin nobody but the clock's owner knows, in microseconds.
///
/// Protocols are handed instants and never ask for one; tests make them up.
public struct Instant: Hashable, Comparable, Sendable {
    public var microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public static let zero = Instant(microseconds: 0)
    /// Later than every instant a clock gives, and far enough from overflow to add to.
    public static let distantFuture = Instant(microseconds: Int64.max / 4)

    public static func + (a: Instant, b: Interval) -> Instant { Instant(microseconds: a.microseconds &+ b.microseconds) }
    public static func - (a: Instant, b: Interval) -> Instant { Instant(microseconds: a.microseconds &- b.microseconds) }
    public static func - (a: Instant, b: Instant) -> Interval { Interval(microseconds: a.microseconds &- b.microseconds) }
    public static func += (a: inout Instant, b: Interval) { a = a + b }
    public static func < (a: Instant, b: Instant) -> Bool { a.microseconds < b.microseconds }
}

/// The earlier of two times at which something is due; nil: never.
@inlinable
public func earliest(_ a: Instant?, _ b: Instant?) -> Instant? {
    guard let a, let b else { return a ?? b }
    return min(a, b)
}
