import NIOCore
import Primitives
import SocketIO

/// One client's session with the connections that carry it. Lives on the loop.
final class ServerSession: Timed {
    let id: String
    /// The path that it was opened under.
    let path: EnginePath
    /// Whose it is, as far as a trusted proxy can say; nil when it is not known.
    let client: IPAddress?
    /// What others know it by in `/`; empty until it has been let in there.
    var socketID = ""
    var budget = EventBudget()
    var state: SocketIOServerSession
    var timer = TimerQueue.Place()
    /// Waits in the hub's queue.
    var isBusy = false
    private let hub: ServerHub
    private var isPolling = false
    /// The WebSocket that carries it, and perhaps one that wants to.
    private var webSockets: [ServerWebSocket] = []
    /// The connection whose GET waits for an answer.
    private var waitingPoll: HTTPServerHandler?

    init(id: String, path: EnginePath, client: IPAddress?, state: SocketIOServerSession, hub: ServerHub) {
        self.id = id
        self.path = path
        self.client = client
        self.state = state
        self.hub = hub
    }

    func close(reason: String) {
        state.close(reason: reason)
        hub.serve(self)
    }

    // MARK: What the connections tell

    /// The first transport, to which it has been opened already.
    func begin(on webSocket: ServerWebSocket) {
        webSockets.append(webSocket)
        webSocket.attach(to: self)
    }

    func begin(on poll: HTTPServerHandler) {
        waitingPoll = poll
        isPolling = true
    }

    /// A GET has come. False: refuse it.
    func beginPoll(_ handler: HTTPServerHandler) -> Bool {
        let isAccepted = state.beginPoll(now: hub.now)
        if isAccepted { waitingPoll = handler }
        hub.serve(self)
        return isAccepted
    }

    func cancelPoll(_ handler: HTTPServerHandler) {
        guard waitingPoll === handler else { return }
        waitingPoll = nil
        state.cancelPoll()
        hub.serve(self)
    }

    func beginPost(isBinary: Bool) -> Bool {
        let isAccepted = state.beginPost(isBinary: isBinary)
        hub.serve(self)
        return isAccepted
    }

    /// False: the body was no payload; refuse it. What it brings about is seen to by the hub's `serve`.
    func endPost(body: [UInt8]?) -> Bool { state.endPost(body: body, now: hub.now) }

    /// A WebSocket that names this session: it may take over from polling.
    func open(_ webSocket: ServerWebSocket) {
        begin(on: webSocket)
        state.openWebSocket(webSocket.id, now: hub.now)
        hub.serve(self)
    }

    func received(_ message: WebSocketMessage, on id: WebSocketID) {
        hub.metrics.received(bytes: message.byteCount)
        state.receive(message, on: id, now: hub.now)
        if isPolling, state.requestTransport == .webSocket {
            isPolling = false
            hub.metrics.sessionUpgraded()
        }
        hub.serve(self)
    }

    func lost(_ id: WebSocketID) {
        webSockets.removeAll { $0.id == id }
        state.closedWebSocket(id)
        hub.serve(self)
    }

    // MARK: Time

    var nextTimeout: Instant? { state.nextTimeout }

    func handleTimeout(now: Instant) {
        state.handleTimeout(now: now)
        hub.serve(self)
    }

    // MARK: What the session says

    /// For the hub only, which sees to it that this is not entered twice.
    func drain() {
        while let output = state.poll() {
            switch output {
            case .packet(let packet, let id): send(packet, id)
            case .event(let event): hub.application?.received(event, from: self)
            case .answerPoll(let body):
                let poll = waitingPoll
                waitingPoll = nil
                hub.metrics.sent(bytes: body.count)
                poll?.answerPoll(body)
            case .closeWebSocket(let id):
                guard let index = webSockets.firstIndex(where: { $0.id == id }) else { continue }
                webSockets.remove(at: index).close(code: hub.isStopping ? .goingAway : nil)
            case .connecting(let namespace, let auth): hub.application?.connecting(self, namespace: namespace, auth: auth)
            case .acknowledged: break
            case .disconnected(let namespace, let departure, let reason):
                hub.application?.disconnected(self, namespace: namespace, departure, reason: reason)
            case .message(let packet): hub.application?.received(packet, from: self)
            case .closed(let reason): return hub.closed(self, reason: reason)
            }
        }
        hub.updateTimer(of: self)
    }

    private func send(_ packet: EngineIOPacket, _ id: WebSocketID) {
        guard let webSocket = webSockets.first(where: { $0.id == id }) else { return }
        hub.metrics.sent(bytes: packet.data.count + 1)
        if !webSocket.send(packet) { state.close(reason: "the client reads too slowly") }
    }
}
