import Primitives

/// What an allocation may do for one peer, and when to ask for it (again).
///
/// `due` is nil while a request is in flight.
struct TURNPermission: Sendable {
    static let refreshInterval = Interval.seconds(240)
    static let lifetime = Interval.seconds(300)
    static let limit = 64

    let ip: IPAddress
    var isGranted = false
    /// The server has said no, or nothing.
    var isRefused = false
    /// Still of use: refreshed.
    var isWanted = true
    var due: Instant?
    var expires = Instant.zero
}

struct TURNChannel: Sendable {
    static let refreshInterval = Interval.seconds(540)
    /// The binding's own 600 s, and the 300 s in which its number may not be given to another peer (RFC 8656 §12).
    static let reservation = Interval.seconds(900)
    static let limit = 16

    let number: UInt16
    let peer: SocketAddress
    var isBound = false
    var isWanted = true
    var due: Instant?
    var reservedUntil = Instant.zero
}

/// Datagrams for peers whose permission is still being asked for.
struct HeldDatagrams: Sendable {
    private static let limit = 16
    private var items: [(peer: SocketAddress, payload: [UInt8])] = []

    /// A retransmission of one that waits already adds nothing.
    mutating func append(_ payload: [UInt8], to peer: SocketAddress) {
        guard items.count < Self.limit, payload.count <= 2048, !items.contains(where: { $0.peer == peer && $0.payload == payload })
        else { return }
        items.append((peer, payload))
    }

    mutating func take(for ip: IPAddress) -> [(peer: SocketAddress, payload: [UInt8])] {
        defer { items.removeAll { $0.peer.ip == ip } }
        return items.filter { $0.peer.ip == ip }
    }

    mutating func removeAll() { items = [] }
}
