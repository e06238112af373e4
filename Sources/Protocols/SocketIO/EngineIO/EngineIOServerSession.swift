import DequeModule
import JSON
import Primitives

/// Names one WebSocket of the composition's.
public struct WebSocketID: Hashable, Sendable {
    public let value: UInt64
    public init(_ value: UInt64) { self.value = value }
}

enum EngineIOServerOutput: Sendable, Hashable {
    case answerPoll([UInt8])
    case packet(EngineIOPacket, on: WebSocketID)
    case closeWebSocket(WebSocketID)
    case closed(SocketIODeparture, reason: String)
}

/// The server's side of one Engine.IO session: a long-polling pair of requests, or a WebSocket, or the change from one to the other.
///
/// Until the client's `5`, packets go to polling; from then on to the WebSocket only.
struct EngineIOServerSession: Sendable {
    private enum Transport {
        case polling
        case webSocket(WebSocketID)
    }

    /// A WebSocket that has not taken over yet.
    private struct Candidate {
        let id: WebSocketID
        let deadline: Instant
        /// Set by the probe: when a GET that waits is next let go.
        var nextNoop: Instant?
    }

    private enum Heartbeat {
        case pingAt(Instant)
        case pongUntil(Instant)
    }

    /// How late a timer may be and still count as punctual: later, the client gets its full time to answer.
    private static let punctuality = Interval.milliseconds(100)

    let configuration: SocketIOServerConfiguration
    private var transport: Transport
    private var candidate: Candidate?
    private var heartbeat: Heartbeat
    private var isPollWaiting = false
    private var isPosting = false
    private(set) var isClosed = false
    /// What the next GET takes along.
    private var buffer: [EngineIOPacket] = []
    private var bufferedBytes = 0
    private var outputs: Deque<EngineIOServerOutput> = []

    /// Opens the session and greets: over `webSocket`, or when nil in the answer to the first GET, which counts as begun.
    init(id: String, webSocket: WebSocketID?, configuration: SocketIOServerConfiguration, now: Instant) {
        self.configuration = configuration
        transport = webSocket.map(Transport.webSocket) ?? .polling
        heartbeat = .pingAt(now + configuration.pingInterval)
        isPollWaiting = webSocket == nil
        let greeting: JSONValue = [
            "sid": .string(id), "upgrades": webSocket == nil ? ["websocket"] : [],
            "pingInterval": .integer(Int64(configuration.pingInterval.wholeMilliseconds)),
            "pingTimeout": .integer(Int64(configuration.pingTimeout.wholeMilliseconds)),
            "maxPayload": .integer(Int64(configuration.maximumPayload)),
        ]
        send(.open(greeting.encoded()[...]))
    }

    var requestTransport: EngineIORequest.Transport {
        if case .polling = transport { .polling } else { .webSocket }
    }

    // MARK: Polling

    /// A GET has come. False: answer it with 400.
    mutating func beginPoll(now: Instant) -> Bool {
        // A timer that is a little late must not keep a session alive whose time is over.
        handleTimeout(now: now)
        guard !isClosed, case .polling = transport else { return false }
        guard !isPollWaiting else {
            close(reason: "overlapping GET requests")
            return false
        }
        isPollWaiting = true
        return true
    }

    /// The client gave up the GET that waits.
    mutating func cancelPoll() {
        guard isPollWaiting else { return }
        isPollWaiting = false
        close(reason: "the polling request was cancelled")
    }

    /// A POST's head has come. False: answer it with 400 and close its connection.
    mutating func beginPost(isBinary: Bool) -> Bool {
        guard !isClosed, case .polling = transport else { return false }
        guard !isPosting, !isBinary else {
            close(reason: isBinary ? "a binary POST request" : "overlapping POST requests")
            return false
        }
        isPosting = true
        return true
    }

    /// The POST is over: its packets, to be handed to `accept` one after the other.
    /// Nil: its body was nil, and the session stays, or it holds what is no packet, and the session is closed.
    mutating func endPost(body: [UInt8]?) -> [EngineIOPacket]? {
        isPosting = false
        guard let body, !isClosed else { return nil }
        guard let packets = try? EngineIOPayload.decode(body) else {
            close(reason: "a payload that is none")
            return nil
        }
        return packets
    }

    // MARK: WebSocket

    /// A WebSocket with this session's id has opened: it may take over.
    mutating func openWebSocket(_ id: WebSocketID, now: Instant) {
        guard !isClosed, case .polling = transport, candidate == nil else { return outputs.append(.closeWebSocket(id)) }
        candidate = Candidate(id: id, deadline: now + configuration.upgradeTimeout)
    }

    /// A WebSocket has read a message: the packet, when it is one for the application.
    mutating func receive(_ message: WebSocketMessage, on id: WebSocketID, now: Instant) -> EngineIOPacket? {
        guard !isClosed else { return nil }
        let packet = try? EngineIOPacket(message)
        if case .webSocket(id) = transport {
            if let packet { return accept(packet, now: now) }
            close(reason: "a packet that is none")
            return nil
        }
        guard candidate?.id == id else { return nil }
        switch packet {
        case .ping(let data) where data.elementsEqual("probe".utf8):
            outputs.append(.packet(.pong(data), on: id))
            candidate?.nextNoop = now + configuration.upgradeNoopInterval
            releasePoll()
        case .upgrade: upgrade(to: id)
        default: dropCandidate()
        }
        return nil
    }

    /// The WebSocket is gone.
    mutating func closedWebSocket(_ id: WebSocketID) {
        if candidate?.id == id { candidate = nil }
        guard case .webSocket(id) = transport, !isClosed else { return }
        // There is nothing left to close or to write to.
        transport = .polling
        close(reason: "the connection was closed")
    }

    private mutating func upgrade(to id: WebSocketID) {
        releasePoll()
        candidate = nil
        transport = .webSocket(id)
        for packet in buffer { outputs.append(.packet(packet, on: id)) }
        buffer = []
        bufferedBytes = 0
    }

    private mutating func dropCandidate() {
        guard let id = candidate?.id else { return }
        candidate = nil
        outputs.append(.closeWebSocket(id))
    }

    /// Lets a GET go that would keep the client from upgrading.
    private mutating func releasePoll() {
        guard isPollWaiting else { return }
        if buffer.isEmpty { buffer.append(.noop) }
        answerPoll()
    }

    // MARK: Packets

    /// Takes a packet of the open transport: gives it back when it is for the application.
    mutating func accept(_ packet: EngineIOPacket, now: Instant) -> EngineIOPacket? {
        guard !isClosed else { return nil }
        switch packet {
        case .message, .binary: return packet
        case .pong: heartbeat = .pingAt(now + configuration.pingInterval)
        case .ping: close(reason: "a ping from the client")
        case .close:
            releasePoll()
            close(.left, reason: "closed by the client")
        case .open, .upgrade, .noop: break
        }
        return nil
    }

    mutating func send(_ packet: EngineIOPacket) {
        guard !isClosed else { return }
        if case .webSocket(let id) = transport { return outputs.append(.packet(packet, on: id)) }
        buffer.append(packet)
        bufferedBytes += packet.data.count
        if bufferedBytes > configuration.maximumBuffered { close(reason: "the client reads too slowly") }
    }

    private mutating func answerPoll() {
        isPollWaiting = false
        outputs.append(.answerPoll(EngineIOPayload.encode(buffer)))
        buffer = []
        bufferedBytes = 0
    }

    mutating func close(_ departure: SocketIODeparture = .closed, reason: String) {
        guard !isClosed else { return }
        dropCandidate()
        switch transport {
        case .webSocket(let id): outputs.append(.closeWebSocket(id))
        case .polling where isPollWaiting:
            buffer.append(.close)
            answerPoll()
        case .polling: break
        }
        isClosed = true
        buffer = []
        outputs.append(.closed(departure, reason: reason))
    }

    // MARK: Time

    var nextTimeout: Instant? {
        guard !isClosed else { return nil }
        let beat =
            switch heartbeat {
            case .pingAt(let time), .pongUntil(let time): time
            }
        guard let candidate else { return beat }
        return min(beat, candidate.deadline, candidate.nextNoop ?? candidate.deadline)
    }

    mutating func handleTimeout(now: Instant) {
        guard !isClosed else { return }
        if case .pingAt(let time) = heartbeat, time <= now {
            let base = now - time <= Self.punctuality ? time : now
            heartbeat = .pongUntil(base + configuration.pingTimeout)
            send(.ping([]))
        }
        if case .pongUntil(let time) = heartbeat, time <= now { return close(.timedOut, reason: "no answer to a ping") }
        guard let candidate else { return }
        if candidate.deadline <= now { return dropCandidate() }
        if let time = candidate.nextNoop, time <= now {
            self.candidate?.nextNoop = now + configuration.upgradeNoopInterval
            releasePoll()
        }
    }

    /// Answers a GET that waits, if there is something to say. Called last, so that one answer takes along all that was sent in one go.
    mutating func flush() {
        if isPollWaiting, !buffer.isEmpty { answerPoll() }
    }

    mutating func poll() -> EngineIOServerOutput? { outputs.popFirst() }
}
