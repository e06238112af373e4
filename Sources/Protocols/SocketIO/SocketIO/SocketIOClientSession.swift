import DequeModule
import JSON
import Primitives

public enum SocketIOClientOutput: Sendable, Hashable {
    /// Open a WebSocket; earlier ones no longer matter.
    case openWebSocket(WebSocketID)
    case frame(WebSocketMessage, on: WebSocketID)
    case closeWebSocket(WebSocketID)
    /// Send a WebSocket ping (RFC 6455 section 5.5.2), and report its pong.
    case ping(WebSocketID)
    case connected(id: String)
    case event(name: String, arguments: [RawJSON])
    case acknowledgement(id: Int, arguments: [RawJSON])
    /// The connection was lost, refused or could not be made. `code` is what a refusal named; `retryAfter` is nil when the session will
    /// not try again.
    case disconnected(reason: String, code: String?, retryAfter: Interval?)
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
    /// Events that came before the server's CONNECT, and their size together.
    public var maximumEarlyEvents = 64
    public var maximumEarlyBytes = 1_000_000
    /// A connection that may have died with the network has so long to show that it has not.
    public var pongTimeout = Interval.seconds(3)
    /// Codes of a CONNECT_ERROR (its `data.code`) after which the session tries again; after all others it does not.
    public var passingRefusals: Set<String> = []

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
    private var lastOpening = Instant.zero
    /// A WebSocket ping is out.
    private var pongDue: Instant?
    private var isServerStopping = false
    private var early: [SocketIOClientOutput] = []
    private var earlyBytes = 0
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
        // The attachments of binary events: no event here has use for their content.
        case .binary, .pong, .upgrade, .noop: break
        }
    }

    /// The WebSocket could not be opened, or is gone.
    public mutating func closedWebSocket(_ id: WebSocketID, reason: String, now: Instant) {
        guard id == socket else { return }
        lose(reason, now, isOpen: false)
    }

    public mutating func receivedPong(on id: WebSocketID) {
        if id == socket { pongDue = nil }
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

    /// The server has said that it stops: when it sends this client away now, that is not for good.
    public mutating func serverStops() { isServerStopping = true }

    /// The way to the server may be another one now, or be there again: looks whether the connection lives, or tries at once to make one.
    public mutating func networkChanged(now: Instant) {
        switch state {
        case .idle, .stopped: return
        case .waiting(let until):
            // At most one attempt a second, however often the network changes.
            let soonest = lastOpening + configuration.minimumDelay
            if soonest <= now { open(now) } else { state = .waiting(until: min(until, soonest)) }
        case .connecting(let id, let deadline):
            state = .connecting(id, deadline: min(deadline, now + configuration.pongTimeout))
        case .connected(let id):
            guard pongDue == nil else { return }
            pongDue = now + configuration.pongTimeout
            outputs.append(.ping(id))
        }
        attempts = 0
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
        case .connected: earliest(patience.map { lastPing + $0 }, pongDue)
        }
    }

    public mutating func handleTimeout(now: Instant) {
        guard let time = nextTimeout, time <= now else { return }
        switch state {
        case .waiting: open(now)
        case .connecting: lose("The server does not answer.", now)
        case .connected:
            if let pongDue, pongDue <= now {
                lose("The connection to the server has not outlived a change of the network.", now, retryAfter: .zero)
            } else {
                lose("The server has gone silent.", now)
            }
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
        earlyBytes = 0
        patience = nil
        pongDue = nil
        isServerStopping = false
        lastOpening = now
        state = .connecting(id, deadline: now + configuration.connectTimeout)
        outputs.append(.openWebSocket(id))
    }

    /// - Parameter retryAfter: nil: as the back-off says.
    private mutating func lose(_ reason: String, _ now: Instant, isOpen: Bool = true, code: String? = nil, retryAfter: Interval? = nil) {
        if isOpen, let id = socket { outputs.append(.closeWebSocket(id)) }
        let delay = retryAfter ?? backOff()
        state = .waiting(until: now + delay)
        outputs.append(.disconnected(reason: reason, code: code, retryAfter: delay))
    }

    private mutating func end(_ reason: String, code: String? = nil) {
        if let id = socket { outputs.append(.closeWebSocket(id)) }
        state = .stopped
        outputs.append(.disconnected(reason: reason, code: code, retryAfter: nil))
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
        case .event, .binaryEvent:
            guard let event = packet.event else { return }
            deliver(.event(name: event.name, arguments: event.arguments), text.count)
            // Whoever asks for an answer gets one, though there is nothing to say.
            if let number = packet.id { deliver(frame(SocketIOPacket(.acknowledgement, id: number, data: RawJSON([])), on: id), 0) }
        case .acknowledgement, .binaryAcknowledgement:
            guard let number = packet.id, let arguments = packet.data?.elements else { return }
            deliver(.acknowledgement(id: number, arguments: arguments), text.count)
        case .disconnect:
            let reason = "The server has sent this client away."
            if isServerStopping { lose(reason, now) } else { end(reason) }
        case .connectError: refused(packet.data, now)
        }
    }

    private mutating func refused(_ answer: RawJSON?, _ now: Instant) {
        let text = answer?.member("message")?.string ?? answer?.string ?? "no reason given"
        let reason = "The server refused: \(String(text.unicodeScalars.prefix(200)))"
        let code = answer?.member("data")?.member("code")?.string.flatMap { $0.utf8.count <= 64 ? $0 : nil }
        guard let code, configuration.passingRefusals.contains(code) else { return end(reason, code: code) }
        let seconds = answer?.member("data")?.member("retryAfter")?.decoded.doubleValue ?? 0
        let asked = min(Interval(seconds: seconds), Self.longestWait)
        lose(reason, now, code: code, retryAfter: max(asked, backOff()))
    }

    private static let longestWait = Interval.seconds(60)

    /// Some servers send events before their CONNECT: those wait for it.
    private mutating func deliver(_ output: SocketIOClientOutput, _ size: Int) {
        if case .connected = state {
            outputs.append(output)
        } else if early.count < configuration.maximumEarlyEvents, earlyBytes + size <= configuration.maximumEarlyBytes {
            earlyBytes += size
            early.append(output)
        }
    }

    private func frame(_ packet: SocketIOPacket, on id: WebSocketID) -> SocketIOClientOutput {
        .frame(EngineIOPacket.message(packet.encoded()[...]).webSocketMessage, on: id)
    }

    private mutating func send(_ packet: SocketIOPacket, on id: WebSocketID) {
        outputs.append(frame(packet, on: id))
    }
}
