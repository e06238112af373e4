import JSON
import NIOCore
import NIOPosix
import Primitives
import SocketIO
import TLSClient

/// A member of channels on a signaling server, ours or one of the seed's kind.
///
/// Goes straight to WebSocket, comes back by itself after a loss, and joins again. `onEvent` is called on the signaling
/// thread, in order: it must not block. All methods may be called from any thread and return at once, but for `stop`.
public final class SignalingClient: Sendable {
    private let loop: any EventLoop
    private let core: NIOLoopBoundBox<ClientCore>

    public convenience init(
        url: ServerURL, options: SignalingOptions = SignalingOptions(), onEvent: @escaping @Sendable (SignalingEvent) -> Void
    ) {
        self.init(url: url, options: options, trust: .environment, onEvent: onEvent)
    }

    init(url: ServerURL, options: SignalingOptions, trust: TrustRoots, onEvent: @escaping @Sendable (SignalingEvent) -> Void) {
        loop = SignalingLoop.loop
        core = NIOLoopBoundBox.makeBoxSendingValue(
            ClientCore(url: url, options: options, tls: TLSClient(trust: trust), loop: loop, onEvent: onEvent), eventLoop: loop)
    }

    private func run(_ body: @escaping @Sendable (ClientCore) -> Void) {
        let core = core
        loop.execute { body(core.value) }
    }

    public func start() { run { $0.start() } }

    /// Joins as soon as there is a connection, and again after each reconnect. A channel joined before is left.
    /// - Parameters:
    ///   - password: asked for by the channel, or, for the first member, what the channel will ask for.
    ///   - capacity: of the channel when this is its first member; nil: the server's own.
    public func join(_ channel: String, password: String? = nil, capacity: Int? = nil) {
        run { $0.join(ClientFlow.Wish(channel: channel, password: password, capacity: capacity)) }
    }

    public func leave(_ channel: String) { run { $0.leave(channel) } }

    /// To one or all others in the channel; dropped when this side is in none, or the one is not there.
    public func send(_ signal: OutgoingSignal) { run { $0.send(signal) } }

    /// The machine's network has changed, or it was asleep: what was connected is looked at, and what waits to connect does so at once.
    public func networkChanged() { run { $0.networkChanged() } }

    /// Asks for the list once, and for being told of changes. `.listUnsupported` comes after 0.5 s without an answer.
    public func listChannels() { run { $0.listChannels() } }

    /// Ends the connection for good; no event comes after it returns. Blocks until all is sent, at most about a second.
    /// - Parameter flushingLeave: say `leave` first, so that the other member knows at once whatever the server makes of a lost connection.
    public func stop(flushingLeave: Bool = true) {
        let core = core
        let loop = loop
        guard !loop.inEventLoop else { return core.value.stop(flushingLeave: flushingLeave, done: loop.makePromise()) }
        let done = loop.makePromise(of: Void.self)
        loop.execute {
            core.value.stop(flushingLeave: flushingLeave, done: done)
            loop.scheduleTask(in: .seconds(1)) { done.succeed() }
        }
        try? done.futureResult.wait()
    }

    /// Does a signaling server answer there in time? Blocks for at most that long.
    public static func answers(url: ServerURL, within time: Interval = .milliseconds(300)) -> Bool {
        let loop = SignalingLoop.loop
        guard !loop.inEventLoop else { return false }
        let result = loop.makePromise(of: Bool.self)
        loop.execute {
            loop.scheduleTask(in: .microseconds(time.microseconds)) { result.succeed(false) }
            let opened = WebSocketDialer.open(url, tls: TLSClient(trust: .environment), on: loop) { socket in
                // A client of the engine is greeted before it has said anything.
                socket.listen { message in
                    guard case .open? = try? EngineIOPacket(message) else { return result.succeed(false) }
                    result.succeed(true)
                } onClosed: {
                    result.succeed(false)
                }
            }
            opened.whenComplete { outcome in
                switch outcome {
                case .success(let channel): result.futureResult.whenComplete { _ in channel.close(promise: nil) }
                case .failure: result.succeed(false)
                }
            }
        }
        return (try? result.futureResult.wait()) ?? false
    }
}
