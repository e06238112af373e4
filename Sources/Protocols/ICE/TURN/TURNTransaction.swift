import Primitives

/// A request to a TURN server that awaits its response, retransmitted as RFC 8489 §6.2.1 says.
struct TURNTransaction: Sendable {
    enum Kind: Hashable, Sendable {
        case allocate(isIPv4: Bool)
        /// In seconds; zero ends the allocation.
        case refresh(lifetime: UInt32)
        case createPermission(IPAddress)
        case channelBind(UInt16, SocketAddress)

        var method: STUNMessage.Method {
            switch self {
            case .allocate: .allocate
            case .refresh: .refresh
            case .createPermission: .createPermission
            case .channelBind: .channelBind
            }
        }

        var attributes: [STUNAttribute] {
            switch self {
            case .allocate(isIPv4: true): [.requestedTransport(17)]
            // IPv4 is what a server gives unasked (RFC 8656 §7.2).
            case .allocate(isIPv4: false): [.requestedTransport(17), .requestedAddressFamily(isIPv4: false)]
            case .refresh(let lifetime): [.lifetime(lifetime)]
            // A permission is for a host: the port does not count (RFC 8656 §9).
            case .createPermission(let ip): [.xorPeerAddress(SocketAddress(ip, port: 0))]
            case .channelBind(let number, let peer): [.channelNumber(number), .xorPeerAddress(peer)]
            }
        }
    }

    static let firstWait = Interval.milliseconds(500)
    /// Rc; after the last the wait is Rm times the first.
    static let sendLimit = 7
    private static let lastWait = firstWait * 16
    /// Ti: over a stream, which repeats what is lost itself (RFC 8489 §6.2.2).
    static let streamWait = Interval.milliseconds(39_500)

    let id: STUNTransactionID
    let kind: Kind
    let payload: [UInt8]
    /// The nonce it carries; nil: no credential.
    let nonce: [UInt8]?
    /// How often it was made anew with another nonce.
    let renewals: Int
    var sends = 1
    /// When to send it again, or else to give up.
    var due: Instant

    /// false: it was sent often enough.
    mutating func retransmit(now: Instant) -> Bool {
        guard sends < Self.sendLimit else { return false }
        sends += 1
        due = now + (sends == Self.sendLimit ? Self.lastWait : Self.firstWait * (1 << (sends - 1)))
        return true
    }
}
