/// Serial-number arithmetic (RFC 1982) for counters that wrap: RTP sequence numbers and timestamps.
extension FixedWidthInteger where Self: UnsignedInteger {
    /// How far `self` is ahead of `other` on the circle, negative when behind; exactly half way counts as behind.
    @inlinable
    public func serialDistance(from other: Self) -> Int {
        let forward = self &- other
        return forward < (1 << (Self.bitWidth - 1)) ? Int(forward) : -Int(other &- self)
    }
    @inlinable
    public func isNewer(than other: Self) -> Bool { serialDistance(from: other) > 0 }
}

/// Turns a counter that wraps into one that does not: the 64-bit value nearest to the last.
public struct SerialUnwrapper<Wrapped: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    private var last: Int64?

    public init() {}

    public mutating func unwrap(_ value: Wrapped) -> Int64 {
        guard let last else {
            // One turn up, so that something older than the first is not negative.
            let first = Int64(value) + (1 << Int64(Wrapped.bitWidth))
            self.last = first
            return first
        }
        let next = last &+ Int64(value.serialDistance(from: Wrapped(truncatingIfNeeded: last)))
        self.last = next
        return next
    }
}
