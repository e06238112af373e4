import Logging
import NIOCore
import NIOHTTP1
import Primitives

/// One TCP connection, from the first byte to the last, whatever it carries.
final class ServerConnection: Timed {
    /// A connection that only waits is closed after this; an engine's heartbeat is faster.
    static let idleTime = Interval.seconds(90)
    /// How long a connection that is refused may take to ask, so that it can be told why.
    private static let refusedTime = Interval.seconds(5)

    let channel: any Channel
    /// The other end; nil when it is no Internet address.
    let peer: IPAddress?
    /// Whom the connection counts for: nobody when it is a trusted proxy's.
    let counted: IPAddress?
    /// Why its first request is refused.
    let refusal: ServerRefusal?
    private(set) var isWebSocket = false
    var timer = TimerQueue.Place()
    /// When it is closed unless something happens before; nil while a session keeps watch.
    private var deadline: Instant?

    init(_ channel: any Channel, peer: IPAddress?, counted: IPAddress?, refusal: ServerRefusal?, now: Instant) {
        self.channel = channel
        self.peer = peer
        self.counted = counted
        self.refusal = refusal
        deadline = now + (refusal == nil ? Self.idleTime : Self.refusedTime)
    }

    /// A request has begun, or an answer has been given.
    func live(now: Instant) { if refusal == nil { deadline = now + Self.idleTime } }

    /// A GET waits for a session's packets.
    func wait() { deadline = nil }

    func becameWebSocket() {
        isWebSocket = true
        deadline = nil
    }

    var nextTimeout: Instant? { deadline }

    func handleTimeout(now: Instant) {
        deadline = nil
        channel.close(promise: nil)
    }

    /// The server stops. A WebSocket is closed by its session, with a close frame.
    func stop() { if !isWebSocket { channel.close(promise: nil) } }
}

extension ServerHub {
    /// Takes a connection that has been accepted; behind TLS, its handler comes first.
    func configure(_ channel: any Channel) throws {
        guard !isStopping else { throw ChannelError.ioOnClosedChannel }
        beginBatch()
        let peer = IPAddress(channel.remoteAddress)
        let isProxy = peer.map { address in configuration.trustedProxies.contains { $0.contains(address) } } ?? false
        let counted = isProxy ? nil : peer
        let refusal = policy.connectionOpened(from: counted, now: now)
        let connection = ServerConnection(channel, peer: peer, counted: counted, refusal: refusal, now: now)
        let key = ObjectIdentifier(connection)
        connections[key] = connection
        _ = memory.count(connections.count, now: now)
        metrics.connectionOpened()
        channel.closeFuture.assumeIsolated().whenComplete { [weak self] _ in self?.closed(connection, key) }
        add(connection)
        if let refusal {
            count(refusal, from: peer)
            guard policy.mayAnswerRefused else { throw ChannelError.ioOnClosedChannel }
        }
        let pipeline = channel.pipeline.syncOperations
        let encoder = HTTPResponseEncoder()
        let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
        let pipelining = HTTPServerPipelineHandler()
        try pipeline.addHandlers([encoder, decoder, pipelining])
        try pipeline.addHandler(HTTPServerHandler(hub: self, connection: connection, http: [pipelining, encoder], decoder: decoder))
        flush()
    }

    /// Counts what is refused, and logs as much of it as is reasonable.
    func count(_ refusal: ServerRefusal, from address: IPAddress?) {
        metrics.refused(refusal)
        guard let unsaid = refusalLog.next(now: now) else { return }
        var facts: Logger.Metadata = ["reason": "\(refusal.rawValue)", "address": "\(address.map { "\($0)" } ?? "unknown")"]
        if unsaid > 0 { facts["unlogged"] = "\(unsaid)" }
        log.info("refused", metadata: facts)
    }

    private func closed(_ connection: ServerConnection, _ key: ObjectIdentifier) {
        guard connections.removeValue(forKey: key) != nil else { return }
        beginBatch()
        remove(connection)
        policy.connectionClosed(from: connection.counted, now: now)
        metrics.connectionClosed(wasWebSocket: connection.isWebSocket)
        if connections.isEmpty { connections = [:] }
        if memory.count(connections.count, now: now) {
            updateTimer(of: memory)
            flush()
        }
        finishStopping()
    }

    func becameWebSocket(_ connection: ServerConnection) {
        connection.becameWebSocket()
        remove(connection)
        metrics.connectionBecameWebSocket()
    }

    /// Whose request this is.
    func client(of head: HTTPRequestHead, on connection: ServerConnection) -> IPAddress? {
        connection.peer.map {
            clientAddress(peer: $0, forwardedFor: head.headers["x-forwarded-for"], trusted: configuration.trustedProxies)
        }
    }

    /// The numbers of this moment.
    var snapshot: ServerMetrics.Snapshot {
        var snapshot = ServerMetrics.Snapshot()
        snapshot.sessions = sessions.count
        snapshot.version = configuration.version
        snapshot.process = ProcessFacts.now()
        application?.fill(&snapshot)
        return snapshot
    }

    /// What is asked of the server beside its engine.
    func answer(_ head: HTTPRequestHead, on connection: ServerConnection) -> HTTPAnswer {
        let context = RouteContext(isStopping: isStopping) { self.metrics.text(self.snapshot) }
        return routes.answer(
            method: head.method, target: head.uri, headers: head.headers, client: client(of: head, on: connection), context: context)
    }
}
