import DequeModule
import JSON
import Primitives

/// The server's side of one client: Socket.IO's namespaces over an Engine.IO session.
///
/// After every call, `poll` until nil.
public struct SocketIOServerSession: Sendable {
    private struct Namespace {
        enum State { case outside, asked, connected }

        let name: String
        var state = State.outside
        var lastAcknowledgement = 0
        /// The events that the client is to acknowledge, oldest first.
        var owed: [Int] = []
    }

    private var engine: EngineIOServerSession
    private var namespaces = [Namespace(name: "/")]
    /// Until when a namespace has to be joined; nil once one is.
    private var deadline: Instant?
    /// A binary packet whose attachments are still to come.
    private var pending: (packet: SocketIOPacket, attachments: [ArraySlice<UInt8>])?
    private var outputs: Deque<SocketIOServerOutput> = []

    /// - Parameters:
    ///   - id: the engine's session id, a secret of the client's. The ids of its sockets are others: they come with `accept`.
    ///   - webSocket: the transport; nil for long polling, whose first GET counts as waiting.
    public init(id: String, webSocket: WebSocketID?, configuration: SocketIOServerConfiguration, now: Instant) {
        engine = EngineIOServerSession(id: id, webSocket: webSocket, configuration: configuration, now: now)
        deadline = configuration.isEngineOnly ? nil : now + configuration.connectTimeout
    }

    private var configuration: SocketIOServerConfiguration { engine.configuration }
    public var requestTransport: EngineIORequest.Transport { engine.requestTransport }
    public var isClosed: Bool { engine.isClosed }

    // MARK: What the transports tell

    /// A GET has come. False: answer it with 400; true: the answer comes as `.answerPoll`.
    public mutating func beginPoll(now: Instant) -> Bool { engine.beginPoll(now: now) }

    /// The connection of the GET that waits is gone.
    public mutating func cancelPoll() { engine.cancelPoll() }

    /// A POST's head has come. False: answer it with 400 and close its connection.
    public mutating func beginPost(isBinary: Bool) -> Bool { engine.beginPost(isBinary: isBinary) }

    /// The POST is over. Nil: it was too large or broken off; the session stays.
    /// - Returns: false when its body is no payload: answer it with 400, the session is closed.
    @discardableResult
    public mutating func endPost(body: [UInt8]?, now: Instant) -> Bool {
        guard let packets = engine.endPost(body: body) else { return body == nil }
        for packet in packets {
            if let message = engine.accept(packet, now: now) { handle(message) }
        }
        return true
    }

    /// A further WebSocket with this session's id.
    public mutating func openWebSocket(_ id: WebSocketID, now: Instant) { engine.openWebSocket(id, now: now) }

    public mutating func receive(_ message: WebSocketMessage, on id: WebSocketID, now: Instant) {
        if let message = engine.receive(message, on: id, now: now) { handle(message) }
    }

    public mutating func closedWebSocket(_ id: WebSocketID) { engine.closedWebSocket(id) }

    // MARK: What the application sends

    /// Lets the client into a namespace that it has asked for.
    /// - Parameter socketID: what others know it by there.
    public mutating func accept(namespace: String = "/", socketID: String) {
        guard let index = index(of: namespace), namespaces[index].state == .asked else { return }
        namespaces[index].state = .connected
        deadline = nil
        send(SocketIOPacket(.connect, namespace: namespace, data: RawJSON(["sid": .string(socketID)])))
    }

    /// Refuses the client a namespace that it has asked for. It may ask again.
    public mutating func refuse(namespace: String = "/", message: String, data: JSONValue? = nil) {
        guard let index = index(of: namespace), namespaces[index].state == .asked else { return }
        namespaces[index].state = .outside
        sendError(namespace, message, data)
    }

    /// Sends an event; nothing happens when the client is not in the namespace.
    /// - Parameter attachments: what the placeholders in `arguments` stand for.
    public mutating func emit(
        _ name: String, _ arguments: [JSONValue], attachments: [ArraySlice<UInt8>] = [], namespace: String = "/"
    ) {
        guard isConnected(namespace) else { return }
        send(.event(name, arguments, namespace: namespace, attachments: attachments.count), attachments)
    }

    /// Sends an event that wants an answer, and gives the id that `.acknowledged` will carry; nil when the client is not in the namespace.
    public mutating func emitAcknowledged(
        _ name: String, _ arguments: [JSONValue], attachments: [ArraySlice<UInt8>] = [], namespace: String = "/"
    ) -> Int? {
        guard let index = index(of: namespace), namespaces[index].state == .connected else { return nil }
        let id = namespaces[index].lastAcknowledgement
        namespaces[index].lastAcknowledgement += 1
        if namespaces[index].owed.count >= configuration.maximumOwedAcknowledgements { namespaces[index].owed.removeFirst() }
        namespaces[index].owed.append(id)
        send(.event(name, arguments, id: id, namespace: namespace, attachments: attachments.count), attachments)
        return id
    }

    /// Answers an event that wanted it.
    public mutating func acknowledge(
        _ id: Int, _ arguments: [JSONValue], attachments: [ArraySlice<UInt8>] = [], namespace: String = "/"
    ) {
        guard isConnected(namespace) else { return }
        let kind = attachments.isEmpty ? SocketIOPacket.Kind.acknowledgement : .binaryAcknowledgement
        let data = RawJSON(.array(arguments))
        send(SocketIOPacket(kind, namespace: namespace, id: id, attachments: attachments.count, data: data), attachments)
    }

    /// Sends a packet of the namespace that is encoded already, so that many clients can be sent the same bytes.
    public mutating func send(encoded packet: ArraySlice<UInt8>, namespace: String = "/") {
        if isConnected(namespace) { engine.send(.message(packet)) }
    }

    /// Sends a message of Engine.IO's, when the application speaks that.
    public mutating func send(message: EngineIOPacket) {
        if configuration.isEngineOnly { engine.send(message) }
    }

    /// Sends the client out of a namespace; official clients do not come back by themselves then.
    public mutating func disconnect(namespace: String = "/", reason: String) {
        guard let index = index(of: namespace), namespaces[index].state == .connected else { return }
        send(SocketIOPacket(.disconnect, namespace: namespace))
        leave(index, .left, reason: reason)
    }

    public mutating func close(reason: String) { engine.close(reason: reason) }

    // MARK: Time

    public var nextTimeout: Instant? { engine.nextTimeout.map { earliest($0, deadline) ?? $0 } }

    public mutating func handleTimeout(now: Instant) {
        engine.handleTimeout(now: now)
        if let deadline, deadline <= now { engine.close(reason: "no namespace joined in time") }
    }

    public mutating func poll() -> SocketIOServerOutput? {
        while true {
            if let output = outputs.popFirst() {
                if isStale(output) { continue }
                return output
            }
            var output = engine.poll()
            if output == nil {
                engine.flush()
                output = engine.poll()
            }
            switch output {
            case nil: return nil
            case .answerPoll(let body): return .answerPoll(body)
            case .packet(let packet, let id): return .packet(packet, on: id)
            case .closeWebSocket(let id): return .closeWebSocket(id)
            case .closed(let departure, let reason):
                for index in namespaces.indices { leave(index, departure, reason: reason) }
                outputs.append(.closed(reason: reason))
            }
        }
    }

    /// What came along with a wish to join that was refused then.
    private func isStale(_ output: SocketIOServerOutput) -> Bool {
        switch output {
        case .event(let event): !isConnected(event.namespace)
        case .acknowledged(let namespace, _, _, _): !isConnected(namespace)
        default: false
        }
    }

    // MARK: Namespaces

    private func index(of name: String) -> Int? { namespaces.firstIndex { $0.name == name } }

    private func isConnected(_ name: String) -> Bool {
        index(of: name).map { namespaces[$0].state == .connected } ?? false
    }

    private mutating func leave(_ index: Int, _ departure: SocketIODeparture, reason: String) {
        let old = namespaces[index]
        namespaces[index] = Namespace(name: old.name, lastAcknowledgement: old.lastAcknowledgement)
        if old.state == .connected { outputs.append(.disconnected(namespace: old.name, departure, reason: reason)) }
    }

    // MARK: Packets

    private mutating func send(_ packet: SocketIOPacket, _ attachments: [ArraySlice<UInt8>] = []) {
        engine.send(.message(packet.encoded()[...]))
        for attachment in attachments { engine.send(.binary(attachment)) }
    }

    private mutating func sendError(_ namespace: String, _ message: String, _ data: JSONValue? = nil) {
        var members = [JSONMember("message", .string(message))]
        if let data { members.append(JSONMember("data", data)) }
        send(SocketIOPacket(.connectError, namespace: namespace, data: RawJSON(.object(members))))
    }

    private mutating func handle(_ message: EngineIOPacket) {
        guard !configuration.isEngineOnly else { return outputs.append(.message(message)) }
        switch message {
        case .message(let text):
            guard pending == nil, let packet = try? SocketIOPacket(parsing: text), packet.attachments <= configuration.maximumAttachments
            else { return engine.close(reason: "a packet that is none") }
            if packet.attachments > 0 { pending = (packet, []) } else { handle(packet, []) }
        case .binary(let bytes): handleAttachment(bytes)
        default: break
        }
    }

    private mutating func handleAttachment(_ bytes: ArraySlice<UInt8>) {
        guard let count = pending?.packet.attachments else { return engine.close(reason: "binary data out of turn") }
        pending?.attachments.append(bytes)
        guard let (packet, attachments) = pending else { return }
        guard attachments.reduce(0, { $0 + $1.count }) <= configuration.maximumBuffered else {
            return engine.close(reason: "attachments that are too large")
        }
        guard attachments.count == count else { return }
        pending = nil
        guard packet.data?.hasOnlyPlaceholders(below: count) == true else { return engine.close(reason: "a placeholder for nothing") }
        handle(packet, attachments)
    }

    private mutating func handle(_ packet: SocketIOPacket, _ attachments: [ArraySlice<UInt8>]) {
        guard packet.kind != .connect else { return ask(packet) }
        guard let index = index(of: packet.namespace), namespaces[index].state != .outside else {
            return engine.close(reason: "a packet out of turn")
        }
        switch packet.kind {
        case .disconnect: leave(index, .left, reason: "left by the client")
        case .event, .binaryEvent:
            guard let event = packet.event else { return }
            outputs.append(
                .event(
                    SocketIOEvent(
                        namespace: packet.namespace, name: event.name, arguments: event.arguments, attachments: attachments,
                        acknowledgement: packet.id)))
        case .acknowledgement, .binaryAcknowledgement:
            guard let id = packet.id, let place = namespaces[index].owed.firstIndex(of: id) else { return }
            namespaces[index].owed.remove(at: place)
            outputs.append(
                .acknowledged(namespace: packet.namespace, id: id, arguments: packet.data?.elements ?? [], attachments: attachments))
        case .connect, .connectError: engine.close(reason: "a packet out of turn")
        }
    }

    private mutating func ask(_ packet: SocketIOPacket) {
        let name = packet.namespace
        guard configuration.namespaces.contains(name) else { return sendError(name, "Invalid namespace") }
        let index = index(of: name) ?? namespaces.endIndex
        if index == namespaces.endIndex { namespaces.append(Namespace(name: name)) }
        guard namespaces[index].state == .outside else { return engine.close(reason: "a packet out of turn") }
        namespaces[index].state = .asked
        outputs.append(.connecting(namespace: name, auth: packet.data))
    }
}
