import Primitives

/// TCP connections in simulated time: reliable and in order, but cut into pieces as a reader may find them.
///
/// Who takes part is told by a number; an accepted connection's id is the opener's with the top bit set.
public struct SimulatedStreams: Sendable {
    public enum Event: Sendable, Equatable {
        case opened(local: SocketAddress)
        case accepted(listener: SocketAddress, remote: SocketAddress)
        case received([UInt8])
        case closed(String)
    }

    public struct Delivery: Sendable {
        public let at: Instant
        public let owner: Int
        public let id: StreamID
        public let event: Event
    }

    private struct Connection: Sendable {
        let opener: Int
        let acceptor: Int
        let from: SocketAddress
        let to: SocketAddress
        /// What is sent later arrives later.
        var lastArrival: [Instant] = [.zero, .zero]
    }

    public var delay: Interval
    /// Connections there are refused.
    public var refused: Set<SocketAddress> = []
    /// Connections there come to nothing at all.
    public var unanswered: Set<SocketAddress> = []
    public private(set) var opened = 0
    private var listeners: [SocketAddress: Int] = [:]
    private var connections: [StreamID: Connection] = [:]
    private var underway: [Delivery] = []
    private var nextPort: UInt16 = 30_000
    private var random: RandomSource

    public init(seed: UInt64, delay: Interval = .milliseconds(1)) {
        self.delay = delay
        random = .seeded(seed)
    }

    public mutating func listen(at address: SocketAddress, owner: Int) { listeners[address] = owner }

    private static func accepted(_ id: StreamID) -> StreamID { StreamID(id.rawValue | 1 << 63) }
    private static func key(_ id: StreamID) -> StreamID { StreamID(id.rawValue & (1 << 63 - 1)) }

    public mutating func open(_ id: StreamID, owner: Int, from ip: IPAddress, to: SocketAddress, at now: Instant) {
        opened += 1
        if unanswered.contains(to) { return }
        guard let acceptor = listeners[to], !refused.contains(to) else {
            underway.append(Delivery(at: now + delay * 2, owner: owner, id: id, event: .closed("connection refused")))
            return
        }
        let from = SocketAddress(ip, port: nextPort)
        nextPort &+= 1
        connections[id] = Connection(opener: owner, acceptor: acceptor, from: from, to: to)
        firstAccepted = firstAccepted ?? Self.accepted(id)
        deliver(.accepted(listener: to, remote: from), of: id, toOpener: false, at: now)
        deliver(.opened(local: from), of: id, toOpener: true, at: now + delay)
    }

    public mutating func send(_ bytes: [UInt8], on id: StreamID, at now: Instant) {
        let toOpener = id != Self.key(id)
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Bool.random(using: &random) ? rest.count : Int.random(in: 1...rest.count, using: &random))
            deliver(.received(Array(piece)), of: Self.key(id), toOpener: toOpener, at: now)
            rest = rest.dropFirst(piece.count)
        }
    }

    /// By one end; the other hears of it.
    public mutating func close(_ id: StreamID, at now: Instant) {
        deliver(.closed("closed by the other end"), of: Self.key(id), toOpener: id != Self.key(id), at: now)
        connections[Self.key(id)] = nil
    }

    /// As a reset from the middle of the network would.
    public mutating func breakAll(at now: Instant) {
        for (id, connection) in connections.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            underway.removeAll { Self.key($0.id) == id }
            underway.append(Delivery(at: now, owner: connection.opener, id: id, event: .closed("connection reset")))
            underway.append(Delivery(at: now, owner: connection.acceptor, id: Self.accepted(id), event: .closed("connection reset")))
        }
        connections = [:]
    }

    /// The open end of a connection that came from this address.
    public func acceptedStream(from: SocketAddress) -> StreamID? {
        connections.first { $0.value.from == from }.map { Self.accepted($0.key) }
    }
    public private(set) var firstAccepted: StreamID?
    /// What is under way to an end, or the first of it.
    public func firstBytes(on id: StreamID) -> [UInt8] {
        underway.filter { $0.id == id }.flatMap { if case .received(let bytes) = $0.event { bytes } else { [UInt8]() } }
    }
    public var openCount: Int { connections.count }

    private mutating func deliver(_ event: Event, of id: StreamID, toOpener: Bool, at now: Instant) {
        guard var connection = connections[id] else { return }
        let side = toOpener ? 0 : 1
        let at = max(connection.lastArrival[side], now + delay)
        connection.lastArrival[side] = at
        connections[id] = connection
        underway.append(
            Delivery(
                at: at, owner: toOpener ? connection.opener : connection.acceptor, id: toOpener ? id : Self.accepted(id), event: event))
    }

    public var nextDelivery: Instant? { underway.map(\.at).min() }

    public mutating func deliver(upTo now: Instant) -> [Delivery] {
        let due = underway.filter { $0.at <= now }.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
        underway.removeAll { $0.at <= now }
        return due.map(\.element)
    }
}
