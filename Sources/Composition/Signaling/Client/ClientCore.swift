import JSON
import NIOCore
import Primitives
import SocketIO
import TLSClient

/// The client on its loop: moves what the session and the flow say between the WebSocket and the caller.
final class ClientCore {
    private static let listPatience = TimeAmount.milliseconds(500)
    private static let joinPatience = TimeAmount.seconds(15)

    private let url: ServerURL
    private let tls: TLSClient
    private let loop: any EventLoop
    private let onEvent: @Sendable (SignalingEvent) -> Void
    private var session: SocketIOClientSession
    private var flow = ClientFlow()
    private var retry = JoinRetry()
    private var socket: (id: WebSocketID, handler: WebSocketHandler, channel: (any Channel)?)?
    /// The socket that is being opened; others that open are late and closed.
    private var dialing: WebSocketID?
    private var timer: Scheduled<Void>?
    /// The next try to join, or the end of the patience with this one.
    private var joinTimer: Scheduled<Void>?
    private var wantsList = false
    private var listRequest: Int?
    private var isStopped = false

    init(
        url: ServerURL, options: SignalingOptions, tls: TLSClient, loop: any EventLoop,
        onEvent: @escaping @Sendable (SignalingEvent) -> Void
    ) {
        self.url = url
        self.tls = tls
        self.loop = loop
        self.onEvent = onEvent
        var configuration = SocketIOClientConfiguration(auth: options.auth)
        configuration.passingRefusals = ["rate-limited", "stopping"]
        session = SocketIOClientSession(configuration: configuration, random: .system)
    }

    private func schedule(in time: TimeAmount, _ body: @escaping (ClientCore) -> Void) -> Scheduled<Void> {
        loop.assumeIsolated().scheduleTask(in: time) { [weak self] in
            if let self { body(self) }
        }
    }

    // MARK: What the caller wants

    func start() {
        session.start(now: SignalingLoop.now())
        drain()
    }

    func join(_ wish: ClientFlow.Wish) {
        if let old = flow.channel, old != wish.channel { leave(old) }
        guard flow.channel != wish.channel || !flow.isInside else { return }
        flow.want(wish)
        retry.reset()
        askToJoin()
        drain()
    }

    private func askToJoin() {
        setJoinTimer(nil)
        guard !isStopped, flow.channel != nil, let request = session.emitAcknowledged("create or join", flow.joinArguments) else { return }
        flow.asked(request)
        setJoinTimer(
            schedule(in: Self.joinPatience) { core in
                guard let channel = core.flow.channel, core.flow.joinTimedOut(request) else { return }
                // Its answer may still come, and nobody would be there.
                _ = core.session.emit("leave", [.string(channel)])
                core.handle([.joinFailed(JoinFailure(message: "The server has not answered."), channel: channel)])
                core.drain()
            })
    }

    private func setJoinTimer(_ next: Scheduled<Void>?) {
        joinTimer?.cancel()
        joinTimer = next
    }

    func leave(_ channel: String) {
        guard flow.channel == channel else { return }
        _ = session.emit("leave", [.string(channel)])
        setJoinTimer(nil)
        flow.give()
        drain()
    }

    func send(_ signal: OutgoingSignal) {
        guard let (event, payload) = flow.outgoing(signal) else { return }
        _ = session.emit(event, [payload])
        drain()
    }

    func networkChanged() {
        session.networkChanged(now: SignalingLoop.now())
        drain()
    }

    func listChannels() {
        wantsList = true
        guard let request = session.emitAcknowledged("channels", []) else { return }
        listRequest = request
        _ = schedule(in: Self.listPatience) { core in
            // An answer that is only late is told all the same.
            if core.listRequest == request { core.tell(.listUnsupported) }
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
        setJoinTimer(nil)
        if let channel { channel.closeFuture.whenComplete { _ in done.succeed() } } else { done.succeed() }
    }

    private func tell(_ event: SignalingEvent) { if !isStopped { onEvent(event) } }

    // MARK: What the session says

    private func drain() {
        while let output = session.poll() {
            switch output {
            case .openWebSocket(let id): open(id)
            case .frame(let message, let id): send(message, on: id)
            case .closeWebSocket(let id): close(id)
            case .ping(let id): if socket?.id == id { socket?.handler.ping() }
            case .connected(let id):
                flow.connected(id: id)
                retry.reset()
                tell(.connected(id: id))
                askToJoin()
                if wantsList { listChannels() }
            case .event(let name, let arguments): handle(flow.handle(name, arguments))
            case .acknowledgement(let id, let arguments):
                if let events = flow.acknowledged(id, arguments) { handle(events) }
                guard id == listRequest else { continue }
                listRequest = nil
                tell(arguments.first.flatMap(ServerText.channels).map(SignalingEvent.channels) ?? .listUnsupported)
            case .disconnected(let reason, let code, let retryAfter):
                flow.outside()
                setJoinTimer(nil)
                listRequest = nil
                let sentence = code.map { JoinFailure(code: $0, message: reason).sentence } ?? reason
                tell(.disconnected(reason: sentence, willRetry: retryAfter != nil))
            }
        }
        socket?.handler.flush()
        scheduleTimeout()
    }

    private func handle(_ events: [SignalingEvent]) {
        for event in events {
            switch event {
            case .joinFailed(let failure, let channel): refused(failure, channel: channel)
            case .joined:
                setJoinTimer(nil)
                retry.reset()
                tell(event)
            case .serverStopping:
                session.serverStops()
                tell(event)
            default: tell(event)
            }
        }
    }

    private func refused(_ failure: JoinFailure, channel: String) {
        guard let delay = retry.delay(after: failure, hasBeenInside: flow.hasBeenInside) else {
            setJoinTimer(nil)
            flow.give()
            return tell(.joinFailed(failure, channel: channel))
        }
        if retry.tries == 1, failure.code != nil { tell(.refused(failure)) }
        setJoinTimer(
            schedule(in: .microseconds(delay.microseconds)) { core in
                core.askToJoin()
                core.drain()
            })
    }

    // MARK: The WebSocket

    private func open(_ id: WebSocketID) {
        dialing = id
        let opened = WebSocketDialer.open(url, tls: tls, on: loop) { [weak self] handler in
            guard let self, self.dialing == id else { return }
            self.socket = (id, handler, nil)
            handler.listen { [weak self] message in
                self?.session.receive(message, on: id, now: SignalingLoop.now())
                self?.drain()
            } onPong: { [weak self] in
                self?.session.receivedPong(on: id)
                self?.scheduleTimeout()
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

    private func send(_ message: WebSocketMessage, on id: WebSocketID) {
        guard let socket, socket.id == id else { return }
        guard socket.handler.isWritable else {
            session.closedWebSocket(id, reason: "The server does not take what is sent to it.", now: SignalingLoop.now())
            return close(id)
        }
        socket.handler.send(message)
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

    private func scheduleTimeout() {
        timer?.cancel()
        timer = nil
        guard !isStopped, let next = session.nextTimeout else { return }
        timer = loop.assumeIsolated().scheduleTask(deadline: SignalingLoop.deadline(next)) { [weak self] in
            self?.session.handleTimeout(now: SignalingLoop.now())
            self?.drain()
        }
    }
}
