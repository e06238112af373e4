import ICE
import Primitives
import TURNSimulation
import TestSupport

/// Two agents over a simulated network, with a signaling channel that delays, and perhaps STUN and TURN servers.
struct SimulatedAgents {
    enum Signaling { case credentialsFirst, candidatesFirst, none }

    static let start = Instant.zero + .seconds(100)
    static let stunServer = SocketAddress(IPAddress("203.0.113.1")!, port: 3478)

    let seed: UInt64
    var network: SimulatedNetwork
    var agents: [ICEAgent]
    var hosts: [[SocketAddress]]
    var events: [[(at: Instant, event: ICEEvent)]] = [[], []]
    var now = Self.start
    var signaling = Signaling.credentialsFirst
    var signalingDelay = Interval.milliseconds(5)
    /// When each side is told the other's credentials.
    var credentialsAt: [Instant]
    var hasStunServer = false
    var turn: [SimulatedTURNServer] = []
    var streams: SimulatedStreams
    var turnStreams = SimulatedTURNStreams()
    /// Hosts that may only use TCP.
    var udpBlocked: Set<IPAddress> = []
    /// Datagrams that took no relay although neither end is a server.
    var directDatagrams = 0
    /// Datagrams of media, sent every 20 ms on `sendPair` when on.
    var mediaFlows = false
    var mediaReceived = [0, 0]
    var lastMedia: [Instant?] = [nil, nil]
    /// The longest time without media since `mediaFlows` was set, or since this was.
    var longestGap: [Interval] = [.zero, .zero]
    private var pendingCandidates: [(at: Instant, to: Int, candidate: Candidate)] = []
    private var nextMedia = Self.start
    private(set) var steps = 0

    static func address(_ ip: String, _ port: UInt16 = 5000) -> SocketAddress { SocketAddress(IPAddress(ip)!, port: port) }

    init(
        seed: UInt64, conditions: PathConditions = PathConditions(), roles: [ICERole] = [.controlling, .controlled],
        hosts: [[SocketAddress]] = [[address("192.0.2.1")], [address("198.51.100.2")]], stunServers: [SocketAddress] = [],
        passwords: [String?] = [nil, nil], signaling: Signaling = .credentialsFirst, policy: ICETransportPolicy = .all,
        turn: [SimulatedTURNServer] = [], transports: [TURNTransport] = [.udp]
    ) {
        self.seed = seed
        self.hosts = hosts
        self.signaling = signaling
        self.turn = turn
        network = SimulatedNetwork(seed: seed, conditions: conditions)
        streams = SimulatedStreams(seed: seed, delay: conditions.delay)
        for i in turn.indices { streams.listen(at: turn[i].address, owner: Self.firstServer + i) }
        var random = RandomSource.seeded(seed)
        agents = roles.map { role in
            var configuration = ICEAgent.Configuration(
                role: role, credentials: .random(using: &random), stunServers: stunServers, policy: policy)
            configuration.software = "tchat"
            configuration.turnServers = turn.flatMap { server in transports.map { server.server($0) } }
            return ICEAgent(configuration: configuration, random: random.fork(), hmacSHA1: testHMAC, md5: testMD5)
        }
        let soon = Self.start + .milliseconds(10)
        credentialsAt = [soon, soon]
        wrongPasswords = passwords
    }

    private let wrongPasswords: [String?]

    mutating func open() {
        for i in 0..<2 {
            for host in hosts[i] { agents[i].addHostCandidate(base: host, now: now) }
            drain(i)
        }
    }

    /// Runs until `isDone` or the time is up; returns whether it was done.
    @discardableResult
    mutating func run(for duration: Interval, until isDone: (SimulatedAgents) -> Bool = { _ in false }) -> Bool {
        let end = now + duration
        while !isDone(self) {
            steps += 1
            var next = end
            for i in 0..<2 {
                if let timeout = agents[i].nextTimeout { next = min(next, timeout) }
                if agents[i].remoteCredentials == nil, signaling != .none { next = min(next, credentialsAt[i]) }
            }
            if let delivery = network.nextDelivery { next = min(next, delivery) }
            if let delivery = streams.nextDelivery { next = min(next, delivery) }
            if let candidate = pendingCandidates.map(\.at).min() { next = min(next, candidate) }
            if mediaFlows { next = min(next, nextMedia) }
            if next >= end {
                now = end
                return isDone(self)
            }
            now = max(now, next)
            step()
        }
        return true
    }

    private mutating func step() {
        for i in 0..<2 where signaling != .none && agents[i].remoteCredentials == nil && credentialsAt[i] <= now {
            var credentials = agents[1 - i].localCredentials
            if let wrong = wrongPasswords[i] { credentials.password = wrong }
            agents[i].setRemoteCredentials(credentials, now: now)
            drain(i)
        }
        let due = pendingCandidates.filter { $0.at <= now }
        pendingCandidates.removeAll { $0.at <= now }
        for item in due {
            agents[item.to].addRemoteCandidate(item.candidate, now: now)
            drain(item.to)
        }
        for delivery in network.deliver(upTo: now) { receive(delivery) }
        for delivery in streams.deliver(upTo: now) { receive(delivery) }
        if mediaFlows, nextMedia <= now {
            nextMedia = now + .milliseconds(20)
            for i in 0..<2 {
                guard let pair = agents[i].sendPair else { continue }
                var packet: [UInt8] = [0x80, 96, 0, 0]
                switch agents[i].route(&packet, over: pair) {
                case .socket(let base, let destination): send(packet, base: base, destination: destination, by: i)
                case .stream(let id): streams.send(packet, on: id, at: now)
                case nil: break
                }
                drain(i)
            }
        }
        for i in 0..<2 {
            if let timeout = agents[i].nextTimeout, timeout <= now { agents[i].handleTimeout(now: now) }
            drain(i)
        }
    }

    private mutating func receive(_ delivery: SimulatedNetwork.Delivery) {
        if hasStunServer, delivery.to.ip == Self.stunServer.ip {
            guard let request = try? STUNMessage(parsing: delivery.payload.span), request.messageClass == .request else { return }
            let response = STUNMessage(.success, transactionID: request.transactionID, attributes: [.xorMappedAddress(delivery.from)])
            network.send(response.encoded(fingerprint: false), from: delivery.to, to: delivery.from, at: now)
            return
        }
        if let server = turn.firstIndex(where: { $0.address.ip == delivery.to.ip }) {
            serve(delivery.payload, from: delivery.from, to: delivery.to, server: server)
            return
        }
        for i in 0..<2 where hosts[i].contains(delivery.to) {
            if !turn.contains(where: { $0.address.ip == delivery.from.ip }) { directDatagrams += 1 }
            take(delivery.payload, from: delivery.from, base: delivery.to, by: i)
            drain(i)
        }
    }

    mutating func take(_ payload: [UInt8], from source: SocketAddress, base: SocketAddress, by i: Int) {
        var (payload, source, base) = (payload, source, base)
        if let inner = agents[i].unwrap(payload.span, from: source, base: base) {
            (payload, source, base) = (Array(payload[inner.payload]), inner.source, inner.base)
        }
        if !agents[i].handle(payload.span, from: source, base: base, now: now) {
            mediaReceived[i] += 1
            if let last = lastMedia[i] { longestGap[i] = max(longestGap[i], now - last) }
            lastMedia[i] = now
        }
    }

    private mutating func send(_ payload: [UInt8], base: SocketAddress, destination: SocketAddress, by i: Int) {
        if udpBlocked.contains(base.ip) { return }
        if network.send(payload, from: base, to: destination, at: now) == .unreachable {
            agents[i].sendFailed(to: destination, base: base, now: now)
        }
    }

    mutating func drain(_ i: Int) {
        while let output = agents[i].poll() {
            switch output {
            case .transmit(let base, let destination, let payload): send(payload, base: base, destination: destination, by: i)
            case .openStream, .sendStream, .closeStream: useStreams(output, by: i)
            case .resolve: break
            case .event(let event):
                events[i].append((now, event))
                if case .localCandidate(let candidate) = event, signaling != .none {
                    // Through the text form, as a peer gets it.
                    guard let received = Candidate(sdp: candidate.sdp) else { continue }
                    let early = signaling == .candidatesFirst ? Interval.zero : .milliseconds(20)
                    pendingCandidates.append((now + signalingDelay + early, 1 - i, received))
                }
            }
        }
    }

    func relayFailures(_ side: Int) -> [TURNFailure] {
        events[side].compactMap { if case .relayFailed(_, let reason) = $0.event { reason } else { nil } }
    }

    var bothConnected: Bool { agents.allSatisfy { $0.state == .connected } }
    var states: [ICEConnectionState] { agents.map(\.state) }
    var elapsed: Interval { now - Self.start }

    /// When a side reached a state, first.
    func time(of state: ICEConnectionState, side: Int) -> Instant? { events[side].first { $0.event == .stateChanged(state) }?.at }
    func localCandidates(_ side: Int) -> [Candidate] {
        events[side].compactMap { if case .localCandidate(let candidate) = $0.event { candidate } else { nil } }
    }

    /// Both ends must be the two ends of one path.
    var pairsMatch: Bool {
        guard let a = agents[0].selectedPair, let b = agents[1].selectedPair else { return false }
        return a.local.address == b.destination && b.local.address == a.destination
    }
}
