import Primitives

struct AssociationConfiguration: Sendable {
    var localPort: UInt16 = 5000
    var remotePort: UInt16 = 5000
    /// The largest message that is taken in.
    var messageLimit = 262_144
    /// What may be held for the application and for messages that are not whole.
    var receiveWindow = 4 << 20
    var initialTimeout = Interval.milliseconds(500)
    var heartbeatInterval = Interval.seconds(30)

    /// As RFC 8831, section 6.2 has it.
    static let streams: UInt16 = 65_535
    /// Unanswered sends of an INIT or COOKIE ECHO, and of data, a request or a heartbeat, before the peer counts as gone: half a minute.
    static let handshakeTries = 16
    static let tries = 16
    static let acknowledgementDelay = Interval.milliseconds(50)
    /// Packets on one acknowledgement or within one `burstInterval`.
    static let burst = 64
    static let burstInterval = Interval.milliseconds(1)
    /// Answers to the peer's chunks that wait to be sent; more are not given.
    static let controlLimit = 16
}

enum AssociationEvent: Sendable, Equatable {
    case established
    /// The peer has lost its state and begun anew (RFC 9260, section 5.2.4): nothing of the old association is left.
    case restarted
    /// The peer has ended what it sends on these streams.
    case incomingReset([UInt16])
    /// Nothing is under way on these streams any more, and they may be used anew.
    case outgoingReset([UInt16])
    case ended(String)
}
