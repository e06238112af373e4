/// Names one TCP or TLS connection of this process. Whoever opens a connection draws the number; ones that were accepted have the top
/// bit set.
public struct StreamID: Hashable, Sendable {
    public let rawValue: UInt64

    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}
