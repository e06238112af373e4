import Logging
import NIOCore
import NIOPosix
import Primitives
import SocketIO

#if canImport(Glibc)
    import Glibc
#endif

/// A signaling server of the seed's kind: Socket.IO v5 over long polling and WebSocket, on the signaling thread of this process.
public final class SignalingServer: Sendable {
    /// Where it listens: the port that was free when 0 was asked for.
    public let port: Int
    /// What a person should know about its certificate, in a sentence; nil when there is nothing.
    public let notice: String?
    private let loop: any EventLoop
    private let listener: any Channel
    private let hub: NIOLoopBoundBox<ServerHub>
    private let tls: ServerTLS?
    private let log: Logger

    private init(
        port: Int, notice: String?, loop: any EventLoop, listener: any Channel, hub: NIOLoopBoundBox<ServerHub>, tls: ServerTLS?, log: Logger
    ) {
        self.port = port
        self.notice = notice
        self.loop = loop
        self.listener = listener
        self.hub = hub
        self.tls = tls
        self.log = log
    }

    /// A server with the usual limits on one address; see `start(_:log:)`.
    /// - Parameters:
    ///   - host: an address or a name of this machine; 0.0.0.0 or :: for all of them.
    ///   - port: 0 for any that is free.
    public static func start(
        host: String = "127.0.0.1", port: Int = ServerURL.defaultPort,
        log: Logger = Logger(label: "signaling", factory: { _ in SwiftLogNoOpLogHandler() })
    ) throws(SignalingError) -> SignalingServer {
        var configuration = ServerConfiguration()
        configuration.host = host
        configuration.port = port
        return try start(configuration, log: log)
    }

    /// Listens at once; returns when it does. Not to be called on the signaling thread.
    /// - Throws: with one sentence for a person: the port is busy, or may not be used, the address is not this machine's, or a file of the
    ///   certificate is no good.
    public static func start(_ configuration: ServerConfiguration, log: Logger) throws(SignalingError) -> SignalingServer {
        let (host, port) = (configuration.host, configuration.port)
        guard (0...65535).contains(port) else { throw SignalingError(.badAddress, "A port is a number from 0 to 65535, not \(port).") }
        let tls: ServerTLS? = if let files = configuration.tls { try ServerTLS(files) } else { nil }
        let loop = SignalingLoop.loop
        let hub = NIOLoopBoundBox.makeBoxSendingValue(ServerHub(loop: loop, configuration: configuration, log: log), eventLoop: loop)
        let bootstrap = ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(acceptBackoff(log)) }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 1_000_000, high: ServerHub.maximumUnsent))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(tls.makeHandler()) }
                    try hub.value.configure(channel)
                }
            }
        do {
            let listener = try bootstrap.bind(host: host, port: port).wait()
            loop.execute { watchLag(of: hub, on: loop, due: .now() + lagInterval) }
            let port = listener.localAddress?.port ?? port
            let notice = tls?.warning(unixTime: WallClock.unixTime())
            log.notice("listening", metadata: ["host": "\(host)", "port": "\(port)", "tls": "\(tls != nil)"])
            if let notice { log.warning("certificate", metadata: ["warning": "\(notice)"]) }
            return SignalingServer(port: port, notice: notice, loop: loop, listener: listener, hub: hub, tls: tls, log: log)
        } catch {
            throw explain(error, host: host, port: port)
        }
    }

    /// When accepting fails, mostly since no descriptors are left, it is tried again after a second: trying at once would only fail again.
    private static func acceptBackoff(_ log: Logger) -> AcceptBackoffHandler {
        AcceptBackoffHandler(shouldForwardIOErrorCaught: false) { error in
            let isFull = error.errnoCode == EMFILE || error.errnoCode == ENFILE
            log.warning(
                isFull
                    ? "connections wait: there are no file descriptors left; raise the limit (ulimit -n, LimitNOFILE)"
                    : "connections wait: one could not be accepted",
                metadata: ["error": "\(String(cString: strerror(error.errnoCode)))"])
            return .seconds(1)
        }
    }

    // MARK: Lag

    private static let lagInterval = TimeAmount.milliseconds(500)

    /// Notes how late a timer of the loop runs, again and again until the server stops.
    private static func watchLag(of hub: NIOLoopBoundBox<ServerHub>, on loop: any EventLoop, due: NIODeadline) {
        loop.scheduleTask(deadline: due) {
            guard !hub.value.isStopping else { return }
            let now = NIODeadline.now()
            hub.value.metrics.loopRan(late: .microseconds((now - due).nanoseconds / 1000))
            watchLag(of: hub, on: loop, due: now + lagInterval)
        }
    }

    private static func explain(_ error: any Error, host: String, port: Int) -> SignalingError {
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE:
            SignalingError(.portBusy, "Port \(port) is in use by another program: stop that one, or choose another port with --port.")
        case EACCES:
            SignalingError(.notPermitted, "Port \(port) may not be used without more rights: choose one above 1023 with --port.")
        case EADDRNOTAVAIL:
            SignalingError(.badAddress, "\(host) is no address of this machine: try 127.0.0.1, or 0.0.0.0 for all of its addresses.")
        case let code?:
            SignalingError(.failed, "The signaling server cannot listen on \(host), port \(port): \(String(cString: strerror(code))).")
        case nil:
            SignalingError(
                .badAddress, "The signaling server cannot listen on \(host): it is neither an address nor a name of this machine.")
        }
    }

    /// Takes the certificate from its files anew: for connections from now on.
    /// - Throws: with a sentence when a file is no good; then all stays as it was. Without TLS nothing happens.
    public func reloadTLS() throws(SignalingError) {
        guard let tls else { return }
        do {
            try tls.reload()
        } catch {
            log.error("the certificate stays as it was", metadata: ["error": "\(error.description)"])
            throw error
        }
        log.notice("the certificate has been read again")
        if let warning = tls.warning(unixTime: WallClock.unixTime()) { log.warning("certificate", metadata: ["warning": "\(warning)"]) }
    }

    /// Stops listening, tells every client, and closes every connection. Blocks until that is done, at most about two seconds.
    /// - Parameter message: what clients that understand it are told.
    public func stop(message: String = "The server is stopping.") {
        let done = loop.makePromise(of: Void.self)
        let (loop, listener, hub) = (loop, listener, hub)
        loop.execute {
            listener.close(promise: nil)
            let gone = hub.value.stop(message: message)
            listener.closeFuture.and(gone).whenComplete { _ in done.succeed() }
            loop.scheduleTask(in: .seconds(2)) { done.succeed() }
        }
        guard !loop.inEventLoop else { return }
        try? done.futureResult.wait()
        log.notice("stopped")
    }
}
