import FuzzSupport
import Primitives
import SocketIO

/// A server's session and the connections that a client pretends to have, used in any order; what the session wants done is looked at.
public struct ServerLink {
    public var session: SocketIOServerSession
    public private(set) var isClosed = false
    /// Namespaces that the client was let into.
    public private(set) var joined: Set<String> = []
    private var isPollWaiting: Bool
    private var isPosting = false
    private var sockets: [WebSocketID] = []
    private var lastSocket: UInt64 = 0
    private let limit: Int

    public init(isOverWebSocket: Bool, configuration: SocketIOServerConfiguration, now: Instant) {
        if isOverWebSocket {
            lastSocket = 1
            sockets = [WebSocketID(1)]
        }
        isPollWaiting = !isOverWebSocket
        limit = configuration.maximumBuffered + configuration.maximumPayload
        session = SocketIOServerSession(id: "engine", webSocket: sockets.first, configuration: configuration, now: now)
    }

    private func socket(_ byte: UInt8) -> WebSocketID? { sockets.isEmpty ? nil : sockets[Int(byte) % sockets.count] }

    // MARK: What the client does

    public mutating func get(now: Instant) {
        let wasWaiting = isPollWaiting
        guard session.beginPoll(now: now) else { return }
        if wasWaiting || isClosed { violated("a second GET, or one of a session that is over, is taken") }
        isPollWaiting = true
    }

    public mutating func cancel() {
        guard isPollWaiting else { return }
        isPollWaiting = false
        session.cancelPoll()
    }

    public mutating func post(_ body: [UInt8], isBinary: Bool, isBrokenOff: Bool, now: Instant) {
        guard session.beginPost(isBinary: isBinary) else { return }
        if isBinary || isClosed { violated("a POST is taken that is binary, or of a session that is over") }
        session.endPost(body: isBrokenOff ? nil : body, now: now)
    }

    public mutating func open(now: Instant) {
        // Nobody finds a session that is over.
        guard sockets.count < 8, !session.isClosed else { return }
        lastSocket += 1
        sockets.append(WebSocketID(lastSocket))
        session.openWebSocket(WebSocketID(lastSocket), now: now)
    }

    public mutating func say(_ message: WebSocketMessage, on byte: UInt8, now: Instant) {
        if let id = socket(byte) { session.receive(message, on: id, now: now) }
    }

    public mutating func drop(_ byte: UInt8) {
        guard let id = socket(byte) else { return }
        sockets.removeAll { $0 == id }
        session.closedWebSocket(id)
    }

    /// One deed, as the script says.
    public mutating func act(_ input: inout FuzzInput, now: Instant) {
        let deed = input.byte()
        switch deed % 10 {
        case 0: get(now: now)
        case 1: cancel()
        case 2: post(input.block(), isBinary: deed >= 250, isBrokenOff: deed / 10 % 8 == 7, now: now)
        case 3: open(now: now)
        case 4, 5, 6: say(.text(input.block()), on: input.byte(), now: now)
        case 7: say(.binary(input.block()), on: input.byte(), now: now)
        case 8: drop(input.byte())
        default:
            // What a client says to be on a WebSocket, which a script would seldom hit upon.
            get(now: now)
            open(now: now)
            let newest = UInt8(truncatingIfNeeded: max(0, sockets.count - 1))
            say(.text(Array("2probe".utf8)), on: newest, now: now)
            say(.text(Array("5".utf8)), on: newest, now: now)
        }
    }

    // MARK: What the session wants

    /// - Parameter told: what is the application's to do. A `.connecting` has to be decided there.
    public mutating func drain(_ told: (inout SocketIOServerSession, SocketIOServerOutput) -> Void) {
        var outputs = 0
        while let output = session.poll() {
            outputs += 1
            if outputs > 100_000 { violated("outputs without end") }
            if isClosed { violated("\(output) after the end") }
            switch output {
            case .answerPoll(let body):
                if !isPollWaiting { violated("an answer that nobody waits for") }
                isPollWaiting = false
                if body.count > limit * 2 { violated("an answer of \(body.count) bytes") }
                if (try? EngineIOPayload.decode(body)) == nil { violated("an answer that cannot be read") }
            case .packet(let packet, let id):
                // One that has just gone, or is being closed, may still be written to.
                if id.value == 0 || id.value > lastSocket { violated("a frame for no WebSocket") }
                if (try? EngineIOPacket(packet.webSocketMessage)) != packet { violated("a frame that is read differently") }
            case .closeWebSocket(let id): sockets.removeAll { $0 == id }
            case .connecting(let namespace, _):
                told(&session, output)
                joined.insert(namespace)
            case .disconnected(let namespace, _, _):
                if joined.remove(namespace) == nil { violated("out of a namespace that nobody was in") }
                told(&session, output)
            case .closed:
                isClosed = true
                if session.nextTimeout != nil { violated("a time-out after the end") }
                told(&session, output)
            default: told(&session, output)
            }
        }
        if session.isClosed != isClosed { violated("closed without saying so") }
    }
}
