import JSON
import NIOCore
import Primitives
import SocketIO

/// The client on its loop: moves what the session and the flow say between the WebSocket and the caller.
final class ClientCore {
    /// A join refused after a reconnect may be refused by this client's own ghost: the server notices within its heartbeat.
    private static let rejoinDelay = TimeAmount.seconds(2)
    private static let maximumRejoins = 30
    private static let listPatience = TimeAmount.milliseconds(500)

    private let url: ServerURL
    private let loop: any EventLoop
    private let onEvent: @Sendable (SignalingEvent) -> Void
    private var session: SocketIOClientSession
    private var flow = ClientFlow()
    private var socket: (id: WebSocketID, handler: WebSocketHandler, channel: (any Channel)?)?
    /// The socket that is being opened; others that open are late and closed.
    private var dialing: WebSocketID?
    private var timer: Scheduled<Void>?
    private var wantsList = false
    private var listRequest: Int?
    private var rejoins = 0
    private var isStopped = false

    init(url: ServerURL, options: SignalingOptions, loop: any EventLoop, onEvent: @escaping @Sendable (SignalingEvent) -> Void) {
        self.url = url
        self.loop = loop
        self.onEvent = onEvent
        var auth: [JSONMember] = [JSONMember("features", ["members"])]
        if let name = options.name { auth.insert(JSONMember("name", .string(name)), at: 0) }
        session = SocketIOClientSession(configuration: SocketIOClientConfiguration(auth: .object(auth)), random: .system)
    }

    // MARK: What the caller wants

    func start() {
        session.start(now: SignalingLoop.now())
        drain()
    }

    func networkChanged() {}

    func join(_ channel: String, password: String?, capacity: Int?) {
        if let old = flow.channel, old != channel { leave(old) }
        guard flow.channel != channel || !flow.isInside else { return }
        flow.want(channel)
        rejoins = 0
        askToJoin()
        drain()
    }

    private func askToJoin() {
        guard !isStopped, let channel = flow.channel, session.emit("create or join", [.string(channel)]) else { return }
        flow.asked()
    }

    func leave(_ channel: String) {
        guard flow.channel == channel else { return }
        _ = session.emit("leave", [.string(channel)])
        flow.give()
        drain()
    }

    func send(_ signal: OutgoingSignal) {
        guard flow.isInside, let channel = flow.channel else { return }
        let name = JSONMember("channel", .string(channel))
        switch signal {
        case .offer(let sdp, _):
            _ = session.emit("handshake", [.object([name, JSONMember("offer", ["type": "offer", "sdp": .string(sdp)])])])
        case .answer(let sdp, _):
            _ = session.emit("handshake", [.object([name, JSONMember("answer", ["type": "answer", "sdp": .string(sdp)])])])
        case .candidate(let candidate, let mid, let index, _):
            let fields: JSONValue = [
                "candidate": .string(candidate), "sdpMid": mid.map(JSONValue.string) ?? .null,
                "sdpMLineIndex": index.map { .integer(Int64($0)) } ?? .null,
            ]
            _ = session.emit("icecandidate", [.object([name, JSONMember("candidate", fields)])])
        }
        drain()
    }

    func listChannels() {
        wantsList = true
        guard let request = session.emitAcknowledged("channels", []) else { return }
        listRequest = request
        loop.assumeIsolated().scheduleTask(in: Self.listPatience) { [weak self] in
            guard let self, self.listRequest == request else { return }
            self.listRequest = nil
            self.tell(.listUnsupported)
        }
        drain()
    }

    func stop(flushingLeave: Bool, done: EventLoopPromise<Void>) {
        guard !isStopped else { return done.succeed() }
        if flushingLeave, let channel = flow.channel { _ = session.emit("leave", [.string(channel)]) }
        isStopped = true
        session.stop()
        let channel = socket?.channel
        drain()
        timer?.cancel()
        if let channel { channel.closeFuture.whenComplete { _ in done.succeed() } } else { done.succeed() }
    }

    private func tell(_ event: SignalingEvent) { if !isStopped { onEvent(event) } }

    // MARK: What the session says

    private func drain() {
        while let output = session.poll() {
            switch output {
            case .openWebSocket(let id): open(id)
            case .frame(let message, let id): if socket?.id == id { socket?.handler.send(message) }
            case .closeWebSocket(let id): close(id)
            case .connected(let id):
                flow.connected(id: id)
                rejoins = 0
                tell(.connected(id: id))
                askToJoin()
                if wantsList { listChannels() }
            case .event(let name, let arguments): received(name, arguments)
            case .acknowledgement(let id, let arguments):
                guard id == listRequest else { continue }
                listRequest = nil
                tell(arguments.first.flatMap(ClientFlow.channels).map(SignalingEvent.channels) ?? .listUnsupported)
            case .disconnected(let reason, let retryAfter):
                flow.outside()
                listRequest = nil
                tell(.disconnected(reason: reason, willRetry: retryAfter != nil))
            }
        }
        socket?.handler.flush()
        schedule()
    }

    private func received(_ name: String, _ arguments: [RawJSON]) {
        for event in flow.handle(name, arguments) {
            if case .joinFailed = event, flow.hasBeenInside, rejoins < Self.maximumRejoins {
                rejoins += 1
                loop.assumeIsolated().scheduleTask(in: Self.rejoinDelay) { [weak self] in
                    guard let self, !self.flow.isInside else { return }
                    self.askToJoin()
                    self.drain()
                }
                continue
            }
            if case .joinFailed = event { flow.give() }
            tell(event)
        }
    }

    // MARK: The WebSocket

    private func open(_ id: WebSocketID) {
        dialing = id
        let opened = WebSocketDialer.open(url, on: loop) { [weak self] handler in
            guard let self, self.dialing == id else { return }
            self.socket = (id, handler, nil)
            handler.listen { [weak self] message in
                self?.session.receive(message, on: id, now: SignalingLoop.now())
                self?.drain()
            } onClosed: { [weak self] in
                self?.lost(id, "The connection to the signaling server is lost.")
            }
        }
        opened.assumeIsolated().whenComplete { [weak self] result in
            switch result {
            case .success(let channel):
                if let self, self.socket?.id == id, !self.isStopped { self.socket?.channel = channel } else { channel.close(promise: nil) }
            case .failure(let error): self?.lost(id, (error as? SignalingError)?.description ?? "\(error)")
            }
        }
    }

    private func close(_ id: WebSocketID) {
        if dialing == id { dialing = nil }
        guard let (current, handler, _) = socket, current == id else { return }
        socket = nil
        handler.close()
    }

    private func lost(_ id: WebSocketID, _ reason: String) {
        if socket?.id == id { socket = nil }
        session.closedWebSocket(id, reason: reason, now: SignalingLoop.now())
        drain()
    }

    private func schedule() {
        timer?.cancel()
        timer = nil
        guard !isStopped, let next = session.nextTimeout else { return }
        timer = loop.assumeIsolated().scheduleTask(deadline: SignalingLoop.deadline(next)) { [weak self] in
            self?.session.handleTimeout(now: SignalingLoop.now())
            self?.drain()
        }
    }
}
