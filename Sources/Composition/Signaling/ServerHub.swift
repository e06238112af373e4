import Channels
import DequeModule
import JSON
import Logging
import NIOCore
import NIOHTTP1
import Primitives
import SocketIO

/// The server on its loop: every session, the channels that they are in, and the connections that carry them.
final class ServerHub {
    /// Bytes written to one connection that the kernel has not taken: beyond it the client is too slow.
    static let maximumUnsent = 4_000_000
    /// A connection without traffic is closed after this; an engine's heartbeat is faster.
    private static let idleTime = TimeAmount.seconds(90)
    /// List changes within this time are told together.
    private static let listDelay = TimeAmount.milliseconds(50)
    private static let identifierAlphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    /// How long a connection that is refused may take to ask, so that it can be told.
    private static let refusalTime = TimeAmount.seconds(5)

    let configuration: ServerConfiguration
    let routes: HTTPRoutes
    var metrics = ServerMetrics()
    private let loop: any EventLoop
    private let log: Logger
    var policy: ServerPolicy
    private var channels: Channels
    private var random = RandomSource.system
    private var sessions: [String: ServerSession] = [:]
    private var sessionsBySocket: [String: ServerSession] = [:]
    private var connections: [ObjectIdentifier: any Channel] = [:]
    private var lastWebSocket: UInt64 = 0
    /// Sessions that have something to say. One at a time is served, so that no session is entered while it is being drained.
    private var busy: Deque<ServerSession> = []
    private var isServing = false
    private var isListScheduled = false
    private(set) var isStopping = false
    private var stopped: EventLoopPromise<Void>?

    init(loop: any EventLoop, configuration: ServerConfiguration, log: Logger) {
        self.loop = loop
        self.log = log
        self.configuration = configuration
        routes = HTTPRoutes(configuration)
        policy = ServerPolicy(limits: configuration.limits)
        channels = Channels(limits: configuration.channels, access: configuration.access, crypto: .openSSL, random: .system)
    }

    // MARK: Connections

    func configure(_ channel: any Channel) throws {
        let peer = IPAddress(channel.remoteAddress)
        // A trusted proxy's connections carry many clients; those are counted by their sessions.
        let counted = peer.flatMap { isTrustedProxy($0) ? nil : $0 }
        let refusal = isStopping ? .stopping : policy.connectionOpened(from: counted, now: SignalingLoop.now())
        if let refusal { count(refusal, from: peer) }
        guard !isStopping, refusal == nil || policy.mayAnswerRefused else {
            if !isStopping { policy.connectionClosed(from: counted, now: SignalingLoop.now()) }
            throw ChannelError.ioOnClosedChannel
        }
        metrics.connectionOpened()
        let key = ObjectIdentifier(channel)
        connections[key] = channel
        let encoder = HTTPResponseEncoder()
        let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
        let pipelining = HTTPServerPipelineHandler()
        let http = HTTPServerHandler(hub: self, peer: peer, refusal: refusal, http: [pipelining, encoder], decoder: decoder)
        channel.closeFuture.assumeIsolated().whenComplete { [weak self] _ in
            guard let self else { return }
            self.connections[key] = nil
            self.policy.connectionClosed(from: counted, now: SignalingLoop.now())
            self.metrics.connectionClosed(wasWebSocket: http.isWebSocket)
            if self.connections.isEmpty { self.stopped?.succeed() }
        }
        let pipeline = channel.pipeline.syncOperations
        let time = refusal == nil ? Self.idleTime : Self.refusalTime
        try pipeline.addHandlers([IdleStateHandler(allTimeout: time), encoder, decoder, pipelining])
        try pipeline.addHandler(http)
    }

    private func isTrustedProxy(_ address: IPAddress) -> Bool { configuration.trustedProxies.contains { $0.contains(address) } }

    /// Counts and logs what is refused.
    func count(_ refusal: ServerRefusal, from address: IPAddress?) {
        metrics.refused(refusal)
        log.info("refused", metadata: ["reason": "\(refusal.rawValue)", "address": "\(address.map { "\($0)" } ?? "unknown")"])
    }

    /// Tells every client, closes their sessions, and then what is still open.
    /// - Returns: done when no connection is left.
    func stop(message: String) -> EventLoopFuture<Void> {
        if let stopped { return stopped.futureResult }
        isStopping = true
        let stopped = loop.makePromise(of: Void.self)
        self.stopped = stopped
        perform(channels.stopping(message: message))
        for session in Array(sessions.values) { session.close(reason: "the server stops") }
        if connections.isEmpty { stopped.succeed() }
        // What was written just now goes out first; who does not read it does not get it.
        loop.assumeIsolated().scheduleTask(in: .milliseconds(100)) { [weak self] in
            for channel in self?.connections.values ?? [:].values { channel.close(promise: nil) }
        }
        return stopped.futureResult
    }

    // MARK: What is not the engine's

    func answer(_ head: HTTPRequestHead, from client: IPAddress?) -> HTTPAnswer {
        let context = RouteContext(isStopping: isStopping, metrics: { self.metrics.text(self.snapshot) })
        return routes.answer(method: head.method, target: head.uri, headers: head.headers, client: client, context: context)
    }

    var snapshot: ServerMetrics.Snapshot {
        var snapshot = ServerMetrics.Snapshot()
        snapshot.sessions = sessions.count
        snapshot.channels = channels.channelCount
        snapshot.members = channels.memberCount
        snapshot.joins = channels.joins
        snapshot.relayed = channels.relayed
        snapshot.refusals = Dictionary(channels.refusals.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: +)
        snapshot.process = .now()
        snapshot.version = configuration.version
        return snapshot
    }

    // MARK: Sessions

    func session(_ id: String?) -> ServerSession? { id.flatMap { sessions[$0] } }

    func newWebSocketID() -> WebSocketID {
        lastWebSocket &+= 1
        return WebSocketID(lastWebSocket)
    }

    /// Over `webSocket`, or when nil for a GET that waits.
    ///
    /// `admitSession` has admitted it.
    func openSession(
        from client: IPAddress?, webSocket: (id: WebSocketID, handler: WebSocketHandler)? = nil, poll: HTTPServerHandler? = nil
    ) -> ServerSession {
        let id = random.string(20, from: Self.identifierAlphabet)
        let socketID = random.string(20, from: Self.identifierAlphabet)
        let state = SocketIOServerSession(
            id: id, webSocket: webSocket?.id, configuration: configuration.engine, now: SignalingLoop.now())
        let session = ServerSession(id: id, socketID: socketID, client: client, state: state, hub: self, loop: loop)
        if let webSocket { session.webSockets[webSocket.id] = webSocket.handler }
        session.waitingPoll = poll
        sessions[id] = session
        serve(session)
        return session
    }

    /// Whether a client may open one more session, which then counts; nil: it may.
    func admitSession(from client: IPAddress?) -> ServerRefusal? {
        let refusal = isStopping ? .stopping : policy.sessionOpened(from: client, now: SignalingLoop.now())
        if let refusal { count(refusal, from: client) }
        return refusal
    }

    /// Does what a session, and whoever that concerns, wants done.
    func serve(_ session: ServerSession) {
        if !session.isBusy {
            session.isBusy = true
            busy.append(session)
        }
        guard !isServing else { return }
        isServing = true
        while let next = busy.popFirst() {
            next.isBusy = false
            next.drain()
        }
        isServing = false
    }

    // MARK: What sessions tell

    func connected(_ session: ServerSession, auth: RawJSON?) {
        sessionsBySocket[session.socketID] = session
        log.debug("connected", metadata: ["id": "\(session.socketID)"])
        switch channels.connected(
            session.socketID, auth: auth, address: session.client, now: SignalingLoop.now(), unixTime: WallClock.unixTime())
        {
        case .accepted(let actions): perform(actions)
        case .refused(let code): session.close(reason: code.message)
        }
    }

    func received(_ session: ServerSession, _ event: String, _ arguments: [RawJSON], _ acknowledgement: Int?) {
        let now = SignalingLoop.now()
        switch policy.admitEvent(from: session.client, socket: &session.budget, isJoin: event == "create or join", now: now) {
        case .allowed:
            perform(
                channels.received(
                    from: session.socketID, event: event, arguments: arguments, acknowledgement: acknowledgement, now: now,
                    unixTime: WallClock.unixTime()))
        case .refused(let wait):
            perform(
                channels.refuse(
                    from: session.socketID, event: event, acknowledgement: acknowledgement, code: .rateLimited, retryAfter: wait, now: now))
        case .close:
            count(.flooding, from: session.client)
            session.close(reason: ServerRefusal.flooding.message)
        }
    }

    func disconnected(_ session: ServerSession, reason: String) {
        log.debug("disconnected", metadata: ["id": "\(session.socketID)", "reason": "\(reason)"])
        let actions = channels.disconnected(session.socketID, .closed, now: SignalingLoop.now())
        sessionsBySocket[session.socketID] = nil
        perform(actions)
    }

    func closed(_ session: ServerSession) {
        guard sessions.removeValue(forKey: session.id) != nil else { return }
        policy.sessionClosed(from: session.client, now: SignalingLoop.now())
    }

    private func perform(_ actions: [ChannelAction]) {
        for action in actions {
            switch action {
            case .emit(let ids, let event, let arguments): send(.event(event, arguments), to: ids)
            case .acknowledge(let id, let number, let arguments):
                send(SocketIOPacket(.acknowledgement, id: number, data: RawJSON(.array(arguments))), to: [id])
            case .relay(let ids, let packet): send(packet, to: ids)
            case .close(let id, let reason): sessionsBySocket[id]?.close(reason: reason)
            }
        }
        scheduleList()
    }

    private func send(_ packet: SocketIOPacket, to ids: [String]) {
        send(packet.encoded(), to: ids)
    }

    private func send(_ bytes: [UInt8], to ids: [String]) {
        for id in ids {
            guard let session = sessionsBySocket[id] else { continue }
            session.state.send(encoded: bytes[...])
            serve(session)
        }
    }

    private func scheduleList() {
        guard channels.isListStale, !isListScheduled, !isStopping else { return }
        isListScheduled = true
        loop.assumeIsolated().scheduleTask(in: Self.listDelay) { [weak self] in
            guard let self else { return }
            self.isListScheduled = false
            self.perform(self.channels.listUpdates())
        }
    }
}
