import DequeModule
import JSON
import Logging
import NIOCore
import NIOHTTP1
import Primitives
import SocketIO

/// The paths below which an engine answers.
enum EnginePath: String, CaseIterable {
    case socketIO = "/socket.io/"
    /// Engine.IO alone, for test suites of the protocol.
    case engineIO = "/engine.io/"
}

/// The server on its loop: every connection, the sessions that they carry, and the application that these talk to.
///
/// Whoever comes in from outside, a read, a timer, a call, begins with `beginBatch` and ends with `flush`: what is written in between goes
/// out in one go.
final class ServerHub {
    private static let identifierAlphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    let configuration: ServerConfiguration
    let engine: SocketIOServerConfiguration
    let routes: HTTPRoutes
    let loop: any EventLoop
    let log: Logger
    var policy: ServerPolicy
    var metrics = ServerMetrics()
    var refusalLog = RefusalLog()
    private(set) var application: (any ServerApplication)?
    private(set) var isStopping = false
    /// The time of what is being handled.
    private(set) var now = SignalingLoop.now()
    var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var random = RandomSource.system
    private(set) var sessions: [String: ServerSession] = [:]
    private var lastWebSocket: UInt64 = 0
    /// Sessions that have something to say. One at a time is served, so that no session is entered while it is being drained.
    private var busy: Deque<ServerSession> = []
    private var isServing = false
    private var unflushed: [ServerWebSocket] = []
    private var timers = TimerQueue()
    let memory = MemoryKeeper()
    private var wake: (at: Instant, task: Scheduled<Void>)?
    private var stopped: EventLoopPromise<Void>?

    init(loop: any EventLoop, configuration: ServerConfiguration, log: Logger) {
        self.loop = loop
        self.configuration = configuration
        self.log = log
        routes = HTTPRoutes(configuration)
        engine = configuration.engine
        policy = ServerPolicy(limits: configuration.limits)
        timers.add(memory)
        application = configuration.isConformance ? ConformanceApplication(hub: self) : ChannelsApplication(hub: self)
    }

    // MARK: Batches

    func beginBatch() { now = SignalingLoop.now() }

    func willFlush(_ webSocket: ServerWebSocket) { unflushed.append(webSocket) }

    func flush() {
        // Writing may fail at once, and that may lead to more.
        while !unflushed.isEmpty {
            let all = unflushed
            unflushed.removeAll(keepingCapacity: all.count < 64)
            for webSocket in all { webSocket.flush() }
        }
        scheduleWake()
    }

    // MARK: Sessions

    /// An engine's request, and which engine's; nil for anything else.
    func request(_ target: String) -> (EngineIORequest, EnginePath)? {
        for path in configuration.isConformance ? EnginePath.allCases : [.socketIO] {
            if let request = EngineIORequest(target: target, path: path.rawValue) { return (request, path) }
        }
        return nil
    }

    func session(_ id: String?, path: EnginePath) -> ServerSession? {
        guard let id, let session = sessions[id], session.path == path else { return nil }
        return session
    }

    func newWebSocketID() -> WebSocketID {
        lastWebSocket &+= 1
        return WebSocketID(lastWebSocket)
    }

    func newIdentifier() -> String { random.string(20, from: Self.identifierAlphabet) }

    /// Opens a session over a WebSocket, or for a GET that waits. The policy has let it in already.
    func openSession(path: EnginePath, client: IPAddress?, webSocket: ServerWebSocket? = nil, poll: HTTPServerHandler? = nil)
        -> ServerSession
    {
        let id = newIdentifier()
        var configuration = engine
        configuration.isEngineOnly = path == .engineIO
        let state = SocketIOServerSession(id: id, webSocket: webSocket?.id, configuration: configuration, now: now)
        let session = ServerSession(id: id, path: path, client: client, state: state, hub: self)
        if let webSocket { session.begin(on: webSocket) }
        if let poll { session.begin(on: poll) }
        sessions[id] = session
        timers.add(session)
        serve(session)
        return session
    }

    /// Does what a session, and whoever that concerns, wants done.
    func serve(_ session: ServerSession) {
        if !session.isBusy {
            session.isBusy = true
            busy.append(session)
        }
        if !isServing { drainBusy() }
    }

    private func drainBusy() {
        isServing = true
        while let next = busy.popFirst() {
            next.isBusy = false
            next.drain()
        }
        isServing = false
    }

    func closed(_ session: ServerSession, reason: String) {
        guard sessions.removeValue(forKey: session.id) != nil else { return }
        timers.remove(session)
        policy.sessionClosed(from: session.client, now: now)
        log.debug("session closed", metadata: ["id": "\(session.socketID)", "reason": "\(reason)"])
        if sessions.isEmpty { sessions = [:] }
    }

    // MARK: Time

    func add(_ owner: any Timed) { timers.add(owner) }
    func remove(_ owner: any Timed) { timers.remove(owner) }
    func updateTimer(of owner: some Timed) { timers.update(owner) }

    /// One timer of the loop's for all of ours; it is set anew only when something is due before it.
    private func scheduleWake() {
        guard let next = timers.next else { return }
        if let wake, wake.at <= next { return }
        wake?.task.cancel()
        let task = loop.assumeIsolated().scheduleTask(deadline: SignalingLoop.deadline(next)) { [weak self] in
            guard let self else { return }
            self.wake = nil
            self.beginBatch()
            while let owner = self.timers.popDue(now: self.now) {
                owner.handleTimeout(now: self.now)
                self.timers.update(owner)
            }
            self.flush()
        }
        wake = (next, task)
    }

    // MARK: The end

    /// Tells the clients, then closes every connection; done when all are closed, after a second at the most.
    func stop(message: String) -> EventLoopFuture<Void> {
        if let stopped { return stopped.futureResult }
        let done = loop.makePromise(of: Void.self)
        stopped = done
        isStopping = true
        beginBatch()
        // One answer to a GET that waits takes along both.
        isServing = true
        application?.stopping(message: message)
        for session in Array(sessions.values) { session.close(reason: "the server stops") }
        drainBusy()
        flush()
        for connection in Array(connections.values) { connection.stop() }
        let late = loop.assumeIsolated().scheduleTask(in: .seconds(1)) { [weak self] in
            for connection in self.map({ Array($0.connections.values) }) ?? [] { connection.channel.close(promise: nil) }
            done.succeed()
        }
        done.futureResult.assumeIsolated().whenComplete { [weak self] _ in
            late.cancel()
            self?.wake?.task.cancel()
        }
        finishStopping()
        return done.futureResult
    }

    func finishStopping() {
        if isStopping, connections.isEmpty { stopped?.succeed() }
    }
}
