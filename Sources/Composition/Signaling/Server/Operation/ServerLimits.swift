/// How much the server takes from one address and from all. An IPv6 address counts with its whole /64, which one household has.
public struct ServerLimits: Sendable, Hashable {
    /// Connections at a time, and as many sessions.
    public var connections = 20_000
    /// Of one address, and as many sessions.
    public var connectionsPerAddress = 256
    /// Events of one socket.
    public var events = RateLimit(perSecond: 100, burst: 1000)
    /// Events of all sockets of one address.
    public var addressEvents = RateLimit(perSecond: 1000, burst: 10_000)
    /// `create or join` from one address.
    public var joins = RateLimit(perSecond: 10, burst: 200)
    /// Refused events of one socket before it is closed.
    public var refusals = RateLimit(perSecond: 20, burst: 1000)
    /// Whether 127.0.0.0/8 and ::1 are limited by address and by socket as others are.
    public var countsLoopback = false

    public init() {}
}
