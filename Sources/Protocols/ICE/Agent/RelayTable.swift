import Primitives

/// The agent's allocations on TURN servers: one for each server, from the first socket that gets an answer.
struct RelayTable: Sendable {
    struct Relay: Sendable {
        /// The socket that talks to the server.
        let base: SocketAddress
        let startedAt: Instant
        var client: TURNClient
        var isUnreachable = false
        /// Stays when the allocation is lost, so that nothing takes it for a socket.
        var relayed: SocketAddress?
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

    /// Whether an allocation that is still awaited could bring a candidate.
    var isPending: Bool {
        relays.contains { waiting in
            waiting.client.state == .allocating && !relays.contains { $0.server == waiting.server && $0.relayed != nil }
        }
    }

    mutating func add(server: TURNServer, base: SocketAddress) -> Bool {
        let isFirst = !relays.contains { $0.server == server.address }
        if !isFirst { spares.append((server, base)) }
        return isFirst
    }

    mutating func start(_ client: TURNClient, base: SocketAddress, now: Instant) {
        relays.append(Relay(base: base, startedAt: now, client: client))
    }

    /// The next socket to try, for a server that has not answered so far.
    mutating func takeSpare(now: Instant) -> (server: TURNServer, base: SocketAddress)? {
        guard let index = spares.firstIndex(where: { spareDue($0.server).map { $0 <= now } == true }) else { return nil }
        return spares.remove(at: index)
    }

    /// When another socket should try this server; nil: never, since it answers.
    private func spareDue(_ server: TURNServer) -> Instant? {
        guard let last = relays.last(where: { $0.server == server.address }),
            !relays.contains(where: { $0.server == server.address && $0.client.hasAnswered })
        else { return nil }
        return last.isUnreachable || last.client.isOver ? last.startedAt : last.startedAt + patience
    }

    mutating func handleTimeout(now: Instant) {
        for i in relays.indices { relays[i].client.handleTimeout(now: now) }
    }

    var nextTimeout: Instant? {
        var next: Instant?
        for due in relays.lazy.map(\.client.nextTimeout) + spares.lazy.map({ spareDue($0.server) }) {
            if let due { next = min(next ?? due, due) }
        }
        return next
    }

    mutating func handle(_ message: STUNMessage, from server: SocketAddress, base: SocketAddress, now: Instant) -> Bool {
        guard let index = index(server: server, base: base) else { return false }
        return relays[index].client.handle(message, now: now)
    }

    mutating func accept(_ relayed: SocketAddress, of relay: Relay) {
        if let index = index(server: relay.server, base: relay.base) { relays[index].relayed = relayed }
    }

    mutating func markUnreachable(_ index: Int) { relays[index].isUnreachable = true }

    mutating func permit(_ ip: IPAddress, through index: Int, now: Instant) { relays[index].client.permit(ip, now: now) }
    mutating func bind(_ peer: SocketAddress, through index: Int, now: Instant) { relays[index].client.bind(peer, now: now) }
    mutating func hold(_ payload: [UInt8], through index: Int, to peer: SocketAddress) { relays[index].client.hold(payload, for: peer) }

    /// Where the datagram, now framed in place, has to go; nil: it cannot be sent now.
    mutating func wrap(_ payload: inout [UInt8], through index: Int, to peer: SocketAddress) -> ICERoute? {
        guard relays[index].client.wrap(&payload, to: peer) else { return nil }
        return ICERoute(base: relays[index].base, destination: relays[index].server)
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

    mutating func forgetPeers() {
        for i in relays.indices { relays[i].client.forgetPeers() }
    }

    mutating func close() {
        spares = []
        for i in relays.indices { relays[i].client.close() }
    }
}
