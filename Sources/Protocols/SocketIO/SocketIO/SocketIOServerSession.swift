import DequeModule
import JSON
import Primitives

public enum SocketIOServerOutput: Sendable, Hashable {
    /// The body for the GET that waits.
    case answerPoll([UInt8])
    case frame(WebSocketMessage, on: WebSocketID)
    case closeWebSocket(WebSocketID)
    /// The client has joined the namespace `/`, with what it gave as `auth`.
    case connected(auth: RawJSON?)
    /// `acknowledgement` is set when the client wants an answer.
    case event(name: String, arguments: [RawJSON], acknowledgement: Int?)
    /// The client is no longer in the namespace; comes once for each `connected`.
    case disconnected(reason: String)
    /// The session is over: forget it. Nothing follows.
    case closed(reason: String)
}

/// The server's side of one client: Socket.IO's namespace `/` over an Engine.IO session.
///
/// After every call, `poll` until nil.
public struct SocketIOServerSession: Sendable {
    private enum Namespace {
        case waiting(until: Instant)
        case connected
        /// The client has left; it may stay on the engine.
        case left
    }

    private var engine: EngineIOServerSession
    private let socketID: String
    private let configuration: SocketIOServerConfiguration
    private var namespace: Namespace
    /// A binary event whose attachments are still to come.
    private var pending: (packet: SocketIOPacket, missing: Int)?
    private var outputs: Deque<SocketIOServerOutput> = []

    /// - Parameters:
    ///   - id: the engine's session id.
    ///   - socketID: the id that the members of a channel know; never the engine's, which would let them take the session over.
    ///   - webSocket: the transport; nil for long polling, whose first GET counts as waiting.
    public init(id: String, socketID: String, webSocket: WebSocketID?, configuration: SocketIOServerConfiguration, now: Instant) {
        engine = EngineIOServerSession(id: id, webSocket: webSocket, configuration: configuration, now: now)
        self.socketID = socketID
        self.configuration = configuration
        namespace = .waiting(until: now + configuration.connectTimeout)
    }

    public var requestTransport: EngineIORequest.Transport { engine.requestTransport }

    // MARK: What the transports tell

    /// A GET has come. False: answer it with 400; true: the answer comes as `.answerPoll`.
    public mutating func beginPoll(now: Instant) -> Bool {
        defer { drain(now) }
        return engine.beginPoll()
    }

    /// The connection of the GET that waits is gone.
    public mutating func cancelPoll(now: Instant) {
        engine.cancelPoll()
        drain(now)
    }

    /// A POST's head has come. False: answer it with 400 and close its connection.
    public mutating func beginPost(isBinary: Bool, now: Instant) -> Bool {
        defer { drain(now) }
        return engine.beginPost(isBinary: isBinary)
    }

    /// The POST is over. Nil: it was too large or broken off; the session stays.
    public mutating func endPost(body: [UInt8]?, now: Instant) {
        engine.endPost(body: body, now: now)
        drain(now)
    }

    /// A further WebSocket with this session's id.
    public mutating func openWebSocket(_ id: WebSocketID, now: Instant) {
        engine.openWebSocket(id, now: now)
        drain(now)
    }

    public mutating func receive(_ message: WebSocketMessage, on id: WebSocketID, now: Instant) {
        engine.receive(message, on: id, now: now)
        drain(now)
    }

    public mutating func closedWebSocket(_ id: WebSocketID, now: Instant) {
        engine.closedWebSocket(id)
        drain(now)
    }

    // MARK: What the application sends

    /// Sends an encoded packet; nothing happens when the client is not in the namespace.
    public mutating func send(_ packet: [UInt8]) {
        if case .connected = namespace { engine.send(.message(packet)) }
    }

    public mutating func close(reason: String, now: Instant) {
        engine.close(reason: reason)
        drain(now)
    }

    // MARK: Time

    public var nextTimeout: Instant? {
        guard let next = engine.nextTimeout else { return nil }
        if case .waiting(let until) = namespace { return min(next, until) }
        return next
    }

    public mutating func handleTimeout(now: Instant) {
        engine.handleTimeout(now: now)
        if case .waiting(let until) = namespace, until <= now { engine.close(reason: "no namespace joined in time") }
        drain(now)
    }

    public mutating func poll(now: Instant) -> SocketIOServerOutput? {
        if outputs.isEmpty { drain(now) }
        if outputs.isEmpty {
            engine.flush()
            drain(now)
        }
        return outputs.popFirst()
    }

    // MARK: Packets

    private mutating func drain(_ now: Instant) {
        while let output = engine.poll() {
            switch output {
            case .answerPoll(let body): outputs.append(.answerPoll(body))
            case .frame(let message, let id): outputs.append(.frame(message, on: id))
            case .closeWebSocket(let id): outputs.append(.closeWebSocket(id))
            case .message(let text): handle(text)
            case .binary: handleAttachment()
            case .closed(let reason):
                leave(reason: reason)
                outputs.append(.closed(reason: reason))
            }
        }
    }

    private mutating func leave(reason: String) {
        if case .connected = namespace { outputs.append(.disconnected(reason: reason)) }
        namespace = .left
        pending = nil
    }

    private mutating func handle(_ text: [UInt8]) {
        guard !engine.isClosed else { return }
        guard pending == nil, let packet = try? SocketIOPacket(parsing: text), packet.attachments <= configuration.maximumAttachments
        else { return engine.close(reason: "a packet that is none") }
        guard packet.namespace == "/" else { return handleForeign(packet) }
        switch (packet.kind, namespace) {
        case (.connect, .waiting), (.connect, .left):
            namespace = .connected
            let reply = SocketIOPacket(.connect, data: RawJSON(["sid": .string(socketID)]))
            engine.send(.message(reply.encoded()))
            outputs.append(.connected(auth: packet.data))
        case (.disconnect, .connected): leave(reason: "left by the client")
        case (.event, .connected): deliver(packet)
        case (.binaryEvent, .connected), (.binaryAcknowledgement, .connected):
            if packet.attachments > 0 { pending = (packet, packet.attachments) } else { deliver(packet) }
        case (.acknowledgement, .connected): break
        default: engine.close(reason: "a packet out of turn")
        }
    }

    /// Only `/` exists.
    private mutating func handleForeign(_ packet: SocketIOPacket) {
        guard packet.kind == .connect else { return engine.close(reason: "a packet out of turn") }
        let data = RawJSON(["message": "Invalid namespace"])
        engine.send(.message(SocketIOPacket(.connectError, namespace: packet.namespace, data: data).encoded()))
    }

    private mutating func handleAttachment() {
        guard !engine.isClosed else { return }
        guard let (packet, missing) = pending else { return engine.close(reason: "binary data out of turn") }
        pending = missing > 1 ? (packet, missing - 1) : nil
        // What was attached is dropped: the placeholders in the arguments are refused like any other wrong value.
        if missing == 1 { deliver(packet) }
    }

    private mutating func deliver(_ packet: SocketIOPacket) {
        guard let event = packet.event else { return }
        outputs.append(.event(name: event.name, arguments: event.arguments, acknowledgement: packet.id))
    }
}
