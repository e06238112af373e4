import Primitives

/// The agent's allocations on TURN servers: one for each server and transport. Over UDP from the first socket that gets an answer;
/// over a stream, which is opened again when it is lost.
struct RelayTable: Sendable {
    struct Relay: Sendable {
        /// The socket that talks to the server, or the stream's name.
        let base: SocketAddress
        let startedAt: Instant
        var client: TURNClient
        var isUnreachable = false
        /// Stays when the allocation is lost, so that nothing takes it for a socket.
        var relayed: SocketAddress?
        /// When to connect again.
        var reconnectAt: Instant?
        /// Since there was an allocation last.
        var failures = 0
        /// It has given an allocation at some time.
        var hasServed = false
        var server: SocketAddress { client.server.address }
    }

    private(set) var relays: [Relay] = []
    /// Sockets that could ask too, if the first gets no answer: one without a way to the server must not be the end of it.
    private var spares: [(server: TURNServer, base: SocketAddress)] = []
    private let patience: Interval

    init(patience: Interval) { self.patience = patience }

    var isEmpty: Bool { relays.isEmpty }

    func index(relayed: SocketAddress) -> Int? { relays.isEmpty ? nil : relays.firstIndex { $0.relayed == relayed } }
    func index(server: SocketAddress, base: SocketAddress) -> Int? { relays.firstIndex { $0.server == server && $0.base == base } }
    func index(streamBase: SocketAddress) -> Int? { relays.firstIndex { $0.base == streamBase } }

    /// Whether an allocation that is still awaited could bring a candidate.
    var isPending: Bool {
        relays.contains { waiting in
            waiting.client.state == .allocating
                && !relays.contains { $0.client.server.isSame(as: waiting.client.server) && $0.relayed != nil }
        }
    }

    mutating func add(server: TURNServer, base: SocketAddress) -> Bool {
        let isFirst = !relays.contains { $0.client.server.isSame(as: server) }
        if !isFirst, !server.transport.isStream { spares.append((server, base)) }
        return isFirst
    }

    mutating func start(_ client: TURNClient, base: SocketAddress, now: Instant) {
        relays.append(Relay(base: base, startedAt: now, client: client))
    }

    /// A new allocation in the place of one that is over.
    mutating func restart(_ index: Int, _ client: TURNClient) {
        relays[index].client = client
        relays[index].reconnectAt = nil
        relays[index].relayed = nil
    }

    /// The socket is gone: allocations made from it cannot be spoken to any more. What they were known as is returned.
    mutating func removeAll(base: SocketAddress) -> (servers: [TURNServer], relayed: [SocketAddress]) {
        let lost = relays.filter { $0.base == base }
        spares.removeAll { spare in spare.base == base || lost.contains { $0.client.server.isSame(as: spare.server) } }
        relays.removeAll { $0.base == base }
        return (lost.map(\.client.server), lost.compactMap(\.relayed))
    }

    // MARK: Time

    /// The next socket to try, for a server that has not answered so far.
    mutating func takeSpare(now: Instant) -> (server: TURNServer, base: SocketAddress)? {
        guard let index = spares.firstIndex(where: { spareDue($0.server).map { $0 <= now } == true }) else { return nil }
        return spares.remove(at: index)
    }

    /// When another socket should try this server; nil: never, since it answers.
    private func spareDue(_ server: TURNServer) -> Instant? {
        guard let last = relays.last(where: { $0.client.server.isSame(as: server) }) else { return .zero }
        guard !relays.contains(where: { $0.client.server.isSame(as: server) && $0.client.hasAnswered }) else { return nil }
        return last.isUnreachable || last.client.isOver ? last.startedAt : last.startedAt + patience
    }

    /// Schedules the next attempt: soon after an allocation was lost, later and later when none comes of it, at last never.
    mutating func scheduleReconnect(_ index: Int, now: Instant) {
        relays[index].failures += 1
        let failures = relays[index].failures
        guard failures <= Self.reconnectLimit else { return relays[index].reconnectAt = nil }
        relays[index].reconnectAt = now + Self.firstReconnect * (1 << min(failures - 1, 6))
    }

    /// 0.5 s, 1 s, 2 s and so on to 32 s: more than an allocation's lifetime in all.
    private static let firstReconnect = Interval.milliseconds(500)
    private static let reconnectLimit = 24

    func reconnectDue(_ now: Instant) -> Int? { relays.firstIndex { $0.reconnectAt.map { $0 <= now } == true } }

    mutating func handleTimeout(now: Instant) {
        for i in relays.indices { relays[i].client.handleTimeout(now: now) }
    }

    var nextTimeout: Instant? {
        var next: Instant?
        for due in relays.lazy.map(\.client.nextTimeout) + relays.lazy.map(\.reconnectAt) + spares.lazy.map({ spareDue($0.server) }) {
            if let due { next = min(next ?? due, due) }
        }
        return next
    }

    // MARK: The clients

    mutating func handle(_ message: STUNMessage, from server: SocketAddress, base: SocketAddress, now: Instant) -> Bool {
        guard let index = index(server: server, base: base) else { return false }
        return relays[index].client.handle(message, now: now)
    }

    mutating func accept(_ relayed: SocketAddress, of relay: Relay) {
        guard let index = index(server: relay.server, base: relay.base) else { return }
        relays[index].relayed = relayed
        relays[index].failures = 0
        relays[index].hasServed = true
    }

    mutating func markUnreachable(_ index: Int) { relays[index].isUnreachable = true }
    mutating func lose(_ index: Int, _ reason: TURNFailure) { relays[index].client.fail(reason) }

    mutating func permit(_ ip: IPAddress, through index: Int, now: Instant) { relays[index].client.permit(ip, now: now) }
    mutating func bind(_ peer: SocketAddress, through index: Int, now: Instant) { relays[index].client.bind(peer, now: now) }
    mutating func hold(_ payload: [UInt8], through index: Int, to peer: SocketAddress) { relays[index].client.hold(payload, for: peer) }

    /// Frames the datagram in place; false: it cannot be sent now.
    mutating func wrap(_ payload: inout [UInt8], through index: Int, to peer: SocketAddress) -> Bool {
        relays[index].client.wrap(&payload, to: peer)
    }

    func unwrap(_ datagram: Span<UInt8>, from server: SocketAddress, base: SocketAddress) -> RelayedDatagram? {
        guard let index = index(server: server, base: base), let relayed = relays[index].relayed,
            let data = relays[index].client.unwrap(datagram)
        else { return nil }
        return RelayedDatagram(payload: data.payload, source: data.peer, base: relayed)
    }

    mutating func poll() -> (relay: Relay, output: TURNClient.Output)? {
        for i in relays.indices {
            if let output = relays[i].client.poll() { return (relays[i], output) }
        }
        return nil
    }

    /// One entry for each server and transport: the best that any socket got from it.
    var diagnosis: [ICEDiagnosis.Relay] {
        var result: [ICEDiagnosis.Relay] = []
        for relay in relays {
            let outcome: ICEDiagnosis.Relay.Outcome =
                switch relay.client.state {
                case .allocating, .closed: .waiting
                case .allocated: .allocated
                case .failed(let reason): .failed(reason)
                }
            let server = relay.client.server
            let entry = ICEDiagnosis.Relay(server: "\(server)", transport: server.transport, outcome: outcome)
            if let known = result.firstIndex(where: { $0.server == entry.server }) {
                if result[known].outcome != .allocated { result[known] = entry }
            } else {
                result.append(entry)
            }
        }
        return result
    }

    mutating func forgetPeers() {
        for i in relays.indices { relays[i].client.forgetPeers() }
    }

    mutating func close() {
        spares = []
        for i in relays.indices { relays[i].client.close() }
    }
}
