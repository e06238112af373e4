import DequeModule
import JSON
import Primitives

public enum SocketIOClientOutput: Sendable, Hashable {
    /// Open a WebSocket; earlier ones no longer matter.
    case openWebSocket(WebSocketID)
    case frame(WebSocketMessage, on: WebSocketID)
    case closeWebSocket(WebSocketID)
    case connected(id: String)
    case event(name: String, arguments: [RawJSON])
    case acknowledgement(id: Int, arguments: [RawJSON])
    /// The connection was lost, refused or could not be made. `retryAfter` is nil when the session will not try again.
    case disconnected(reason: String, retryAfter: Interval?)
}

public struct SocketIOClientConfiguration: Sendable {
    /// Goes along with each CONNECT.
    public var auth: JSONValue?
    /// The back-off doubles from the first to the second, each time within the jitter (a share of it, either way), and stays between them.
    public var minimumDelay = Interval.seconds(1)
    public var maximumDelay = Interval.seconds(5)
    public var jitter = 0.5
    /// From the opening of the WebSocket to the server's CONNECT.
    public var connectTimeout = Interval.seconds(10)
    /// Events that came before the server's CONNECT.
    public var maximumEarlyEvents = 64

    public init(auth: JSONValue? = nil) { self.auth = auth }
}

/// The client's side of Socket.IO over a WebSocket: connects, keeps watch, and comes back after a loss.
///
/// After every call, `poll` until nil.
public struct SocketIOClientSession: Sendable {
    private enum State {
        case idle
        case waiting(until: Instant)
        /// The WebSocket, the engine's greeting or the server's CONNECT is still to come.
        case connecting(WebSocketID, deadline: Instant)
        case connected(WebSocketID)
        case stopped
    }

    private let configuration: SocketIOClientConfiguration
    private var random: RandomSource
    private var state = State.idle
    private var attempts = 0
    private var lastSocket: UInt64 = 0
    private var lastAcknowledgement = 0
    /// How long the server may be silent; from its greeting.
    private var patience: Interval?
    private var lastPing = Instant.zero
    private var early: [SocketIOClientOutput] = []
    private var outputs: Deque<SocketIOClientOutput> = []

    public init(configuration: SocketIOClientConfiguration, random: RandomSource) {
        self.configuration = configuration
        self.random = random
    }

    public var isConnected: Bool { if case .connected = state { true } else { false } }

    public mutating func start(now: Instant) {
        if case .idle = state { open(now) }
    }

    // MARK: What the WebSocket tells

    public mutating func receive(_ message: WebSocketMessage, on id: WebSocketID, now: Instant) {
        guard id == socket else { return }
        guard let packet = try? EngineIOPacket(message) else { return lose("The server sent what is no packet.", now) }
        switch packet {
        case .open(let greeting): greet(greeting, on: id, now)
        case .ping(let data):
            lastPing = now
            outputs.append(.frame(EngineIOPacket.pong(data).webSocketMessage, on: id))
        case .close: lose("The server closed the connection.", now)
        case .message(let text): handle(text, on: id, now)
        // Nothing that this side understands comes as binary data.
        case .binary, .pong, .upgrade, .noop: break
        }
    }

    /// The WebSocket could not be opened, or is gone.
    public mutating func closedWebSocket(_ id: WebSocketID, reason: String, now: Instant) {
        guard id == socket else { return }
        lose(reason, now, isOpen: false)
    }

    // MARK: What the application wants

    /// Sends an event; false when the server's CONNECT has not come, and nothing is kept.
    public mutating func emit(_ name: String, _ arguments: [JSONValue]) -> Bool {
        guard case .connected(let id) = state else { return false }
        send(.event(name, arguments), on: id)
        return true
    }

    /// Sends an event that wants an answer, and gives the id that the answer will carry; nil when not connected.
    public mutating func emitAcknowledged(_ name: String, _ arguments: [JSONValue]) -> Int? {
        guard case .connected(let id) = state else { return nil }
        lastAcknowledgement &+= 1
        send(.event(name, arguments, id: lastAcknowledgement), on: id)
        return lastAcknowledgement
    }

    /// Says good-bye and ends for good.
    public mutating func stop() {
        if case .connected(let id) = state { send(SocketIOPacket(.disconnect), on: id) }
        if let id = socket { outputs.append(.closeWebSocket(id)) }
        state = .stopped
    }

    // MARK: Time

    public var nextTimeout: Instant? {
        switch state {
        case .idle, .stopped: nil
        case .waiting(let until): until
        case .connecting(_, let deadline): deadline
        case .connected: patience.map { lastPing + $0 }
        }
    }

    public mutating func handleTimeout(now: Instant) {
        guard let time = nextTimeout, time <= now else { return }
        switch state {
        case .waiting: open(now)
        case .connecting: lose("The server does not answer.", now)
        case .connected: lose("The server has gone silent.", now)
        case .idle, .stopped: break
        }
    }

    public mutating func poll() -> SocketIOClientOutput? { outputs.popFirst() }

    // MARK: Inside

    private var socket: WebSocketID? {
        switch state {
        case .connecting(let id, _), .connected(let id): id
        case .idle, .waiting, .stopped: nil
        }
    }

    private mutating func open(_ now: Instant) {
        lastSocket &+= 1
        let id = WebSocketID(lastSocket)
        early.removeAll()
        patience = nil
        state = .connecting(id, deadline: now + configuration.connectTimeout)
        outputs.append(.openWebSocket(id))
    }

    private mutating func lose(_ reason: String, _ now: Instant, isOpen: Bool = true, isFinal: Bool = false) {
        if isOpen, let id = socket { outputs.append(.closeWebSocket(id)) }
        guard !isFinal else {
            state = .stopped
            return outputs.append(.disconnected(reason: reason, retryAfter: nil))
        }
        let delay = backOff()
        state = .waiting(until: now + delay)
        outputs.append(.disconnected(reason: reason, retryAfter: delay))
    }

    private mutating func backOff() -> Interval {
        let base = configuration.minimumDelay * (1 << min(attempts, 16))
        attempts += 1
        let factor = 1 + configuration.jitter * (Double.random(in: 0..<2, using: &random) - 1)
        return max(configuration.minimumDelay, min(configuration.maximumDelay, base * factor))
    }

    private mutating func greet(_ greeting: ArraySlice<UInt8>, on id: WebSocketID, _ now: Instant) {
        guard case .connecting = state, patience == nil else { return }
        guard let raw = try? RawJSON(validating: greeting), raw.member("sid")?.string != nil,
            let interval = raw.member("pingInterval")?.integer, let timeout = raw.member("pingTimeout")?.integer,
            (1...86_400_000).contains(interval), (1...86_400_000).contains(timeout)
        else { return lose("What answers there is no signaling server.", now) }
        patience = .milliseconds(interval + timeout)
        lastPing = now
        send(SocketIOPacket(.connect, data: configuration.auth.map { RawJSON($0) }), on: id)
    }

    private mutating func handle(_ text: ArraySlice<UInt8>, on id: WebSocketID, _ now: Instant) {
        guard let packet = try? SocketIOPacket(parsing: text) else { return lose("The server sent what is no packet.", now) }
        guard packet.namespace == "/" else { return }
        switch packet.kind {
        case .connect:
            guard case .connecting = state, let socketID = packet.data?.member("sid")?.string, socketID.utf8.count <= 128 else { return }
            state = .connected(id)
            attempts = 0
            outputs.append(.connected(id: socketID))
            outputs.append(contentsOf: early)
            early.removeAll()
        case .event:
            guard let event = packet.event else { return }
            deliver(.event(name: event.name, arguments: event.arguments))
        case .acknowledgement:
            guard let number = packet.id, let arguments = packet.data?.elements else { return }
            deliver(.acknowledgement(id: number, arguments: arguments))
        case .disconnect: lose("The server has sent this client away.", now, isFinal: true)
        case .connectError:
            let text = packet.data?.member("message")?.string ?? packet.data?.string ?? "no reason given"
            lose("The server refused: \(text.prefix(200))", now, isFinal: true)
        case .binaryEvent, .binaryAcknowledgement: break
        }
    }

    /// Some servers send events before their CONNECT: those wait for it.
    private mutating func deliver(_ output: SocketIOClientOutput) {
        if case .connected = state {
            outputs.append(output)
        } else if early.count < configuration.maximumEarlyEvents {
            early.append(output)
        }
    }

    private mutating func send(_ packet: SocketIOPacket, on id: WebSocketID) {
        outputs.append(.frame(EngineIOPacket.message(packet.encoded()[...]).webSocketMessage, on: id))
    }
}
