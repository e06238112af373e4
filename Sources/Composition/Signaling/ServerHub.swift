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
    static let maximumConnections = 20_000
    /// Bytes written to one connection that the kernel has not taken: beyond it the client is too slow.
    static let maximumUnsent = 4_000_000
    /// A connection without traffic is closed after this; an engine's heartbeat is faster.
    private static let idleTime = TimeAmount.seconds(90)
    /// List changes within this time are told together.
    private static let listDelay = TimeAmount.milliseconds(50)
    private static let identifierAlphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    let configuration = SocketIOServerConfiguration()
    private let loop: any EventLoop
    private let log: Logger
    private var channels = Channels(
        crypto: ChannelCrypto(sha256: { _ in [] }, hmacSHA256: { _, _ in [] }, hmacSHA1: { _, _ in [] }), random: .system)
    private var random = RandomSource.system
    private var sessions: [String: ServerSession] = [:]
    private var sessionsBySocket: [String: ServerSession] = [:]
    private var connections: [ObjectIdentifier: any Channel] = [:]
    private var lastWebSocket: UInt64 = 0
    /// Sessions that have something to say. One at a time is served, so that no session is entered while it is being drained.
    private var busy: Deque<ServerSession> = []
    private var isServing = false
    private var isListScheduled = false
    private var isStopped = false

    init(loop: any EventLoop, log: Logger) {
        self.loop = loop
        self.log = log
    }

    // MARK: Connections

    func configure(_ channel: any Channel) throws {
        guard !isStopped, connections.count < Self.maximumConnections else {
            log.warning("connection refused: too many")
            throw ChannelError.ioOnClosedChannel
        }
        let key = ObjectIdentifier(channel)
        connections[key] = channel
        channel.closeFuture.assumeIsolated().whenComplete { [weak self] _ in self?.connections[key] = nil }
        let pipeline = channel.pipeline.syncOperations
        let encoder = HTTPResponseEncoder()
        let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
        let pipelining = HTTPServerPipelineHandler()
        try pipeline.addHandlers([
            IdleStateHandler(allTimeout: Self.idleTime), encoder, decoder, pipelining,
        ])
        try pipeline.addHandler(HTTPServerHandler(hub: self, http: [pipelining, encoder], decoder: decoder))
    }

    func stop() {
        isStopped = true
        for session in Array(sessions.values) { session.close(reason: "the server stops") }
        for channel in connections.values { channel.close(promise: nil) }
    }

    // MARK: Sessions

    func session(_ id: String?) -> ServerSession? { id.flatMap { sessions[$0] } }

    func newWebSocketID() -> WebSocketID {
        lastWebSocket &+= 1
        return WebSocketID(lastWebSocket)
    }

    /// Over `socket`, or when nil for a GET that waits.
    func openSession(webSocket: (id: WebSocketID, handler: WebSocketHandler)? = nil, poll: HTTPServerHandler? = nil) -> ServerSession {
        let id = random.string(20, from: Self.identifierAlphabet)
        let socketID = random.string(20, from: Self.identifierAlphabet)
        let state = SocketIOServerSession(
            id: id, webSocket: webSocket?.id, configuration: configuration, now: SignalingLoop.now())
        let session = ServerSession(id: id, socketID: socketID, state: state, hub: self, loop: loop)
        if let webSocket { session.webSockets[webSocket.id] = webSocket.handler }
        session.waitingPoll = poll
        sessions[id] = session
        serve(session)
        return session
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
        switch channels.connected(session.socketID, auth: auth, address: nil, now: SignalingLoop.now(), unixTime: 0) {
        case .accepted(let actions): perform(actions)
        case .refused(let code): session.close(reason: code.message)
        }
    }

    func received(_ session: ServerSession, _ event: String, _ arguments: [RawJSON], _ acknowledgement: Int?) {
        perform(
            channels.received(
                from: session.socketID, event: event, arguments: arguments, acknowledgement: acknowledgement, now: SignalingLoop.now(),
                unixTime: 0))
    }

    func disconnected(_ session: ServerSession, reason: String) {
        log.debug("disconnected", metadata: ["id": "\(session.socketID)", "reason": "\(reason)"])
        let actions = channels.disconnected(session.socketID, .closed, now: SignalingLoop.now())
        sessionsBySocket[session.socketID] = nil
        perform(actions)
    }

    func closed(_ session: ServerSession) { sessions[session.id] = nil }

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
        guard channels.isListStale, !isListScheduled, !isStopped else { return }
        isListScheduled = true
        loop.assumeIsolated().scheduleTask(in: Self.listDelay) { [weak self] in
            guard let self else { return }
            self.isListScheduled = false
            self.perform(self.channels.listUpdates())
        }
    }
}
