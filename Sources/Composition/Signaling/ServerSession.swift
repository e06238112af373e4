import NIOCore
import Primitives
import SocketIO

/// One client's session with the connections that carry it. Lives on the loop.
final class ServerSession {
    let id: String
    let socketID: String
    /// Whose it is, as far as proxies can be believed.
    let client: IPAddress?
    var budget = EventBudget()
    var state: SocketIOServerSession
    var webSockets: [WebSocketID: WebSocketHandler] = [:]
    /// The connection whose GET waits for an answer.
    var waitingPoll: HTTPServerHandler?
    var isBusy = false
    private unowned let hub: ServerHub
    private let loop: any EventLoop
    private var timer: (at: Instant, task: Scheduled<Void>)?

    init(id: String, socketID: String, client: IPAddress?, state: SocketIOServerSession, hub: ServerHub, loop: any EventLoop) {
        self.id = id
        self.socketID = socketID
        self.client = client
        self.state = state
        self.hub = hub
        self.loop = loop
    }

    func close(reason: String) {
        state.close(reason: reason)
        hub.serve(self)
    }

    // MARK: What the connections tell

    /// A GET has come. False: refuse it.
    func beginPoll(_ handler: HTTPServerHandler) -> Bool {
        let isAccepted = state.beginPoll(now: SignalingLoop.now())
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
        defer { hub.serve(self) }
        return state.beginPost(isBinary: isBinary)
    }

    /// False: the body was no payload; refuse it.
    @discardableResult
    func endPost(body: [UInt8]?) -> Bool {
        defer { hub.serve(self) }
        return state.endPost(body: body, now: SignalingLoop.now())
    }

    /// A WebSocket that names this session: it may take over from polling.
    func openWebSocket(_ id: WebSocketID, _ handler: WebSocketHandler) {
        webSockets[id] = handler
        state.openWebSocket(id, now: SignalingLoop.now())
        hub.serve(self)
    }

    /// Hands on what a WebSocket of this session reads.
    func listen(to handler: WebSocketHandler, _ id: WebSocketID) {
        handler.listen { [weak self] message in
            guard let self else { return }
            self.state.receive(message, on: id, now: SignalingLoop.now())
            self.hub.serve(self)
        } onClosed: { [weak self] in
            guard let self else { return }
            self.webSockets[id] = nil
            self.state.closedWebSocket(id)
            self.hub.serve(self)
        }
    }

    // MARK: What the session says

    /// For the hub only, which sees to it that this is not entered twice.
    func drain() {
        while let output = state.poll() {
            switch output {
            case .answerPoll(let body):
                let poll = waitingPoll
                waitingPoll = nil
                poll?.answerPoll(body)
            case .packet(let packet, let id): send(packet.webSocketMessage, id)
            case .closeWebSocket(let id): webSockets.removeValue(forKey: id)?.close()
            case .connecting(_, let auth):
                state.accept(socketID: socketID)
                hub.connected(self, auth: auth)
            case .event(let event): hub.received(self, event.name, event.arguments, event.acknowledgement)
            case .disconnected(_, _, let reason): hub.disconnected(self, reason: reason)
            case .acknowledged, .message: break
            case .closed:
                timer?.task.cancel()
                timer = nil
                hub.closed(self)
                return
            }
        }
        for handler in webSockets.values { handler.flush() }
        schedule()
    }

    private func send(_ message: WebSocketMessage, _ id: WebSocketID) {
        guard let handler = webSockets[id] else { return }
        guard handler.isWritable else { return state.close(reason: "the client reads too slowly") }
        handler.send(message)
    }

    /// A timer that fires early is cheaper than one that is set anew with every packet: it only ever moves forward.
    private func schedule() {
        guard let next = state.nextTimeout else { return }
        if let timer, timer.at <= next { return }
        timer?.task.cancel()
        let task = loop.assumeIsolated().scheduleTask(deadline: SignalingLoop.deadline(next)) { [weak self] in
            guard let self else { return }
            self.timer = nil
            self.state.handleTimeout(now: SignalingLoop.now())
            self.hub.serve(self)
        }
        timer = (next, task)
    }
}
