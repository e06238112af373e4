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
    private let loop: any EventLoop
    private let listener: any Channel
    private let hub: NIOLoopBoundBox<ServerHub>

    private init(port: Int, loop: any EventLoop, listener: any Channel, hub: NIOLoopBoundBox<ServerHub>) {
        self.port = port
        self.loop = loop
        self.listener = listener
        self.hub = hub
    }

    /// Listens at once; returns when it does. Not to be called on the signaling thread.
    /// - Parameters:
    ///   - host: an address or a name of this machine; 0.0.0.0 or :: for all of them.
    ///   - port: 0 for any that is free.
    /// - Throws: with one sentence for a person: the port is busy, or may not be used, or the address is not this machine's.
    public static func start(
        host: String = "127.0.0.1", port: Int = ServerURL.defaultPort,
        log: Logger = Logger(label: "signaling", factory: { _ in SwiftLogNoOpLogHandler() })
    ) throws(SignalingError) -> SignalingServer {
        guard (0...65535).contains(port) else { throw SignalingError(.badAddress, "A port is a number from 0 to 65535, not \(port).") }
        let loop = SignalingLoop.loop
        let hub = NIOLoopBoundBox.makeBoxSendingValue(ServerHub(loop: loop, log: log), eventLoop: loop)
        let bootstrap = ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 1_000_000, high: ServerHub.maximumUnsent))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try hub.value.configure(channel) }
            }
        do {
            let listener = try bootstrap.bind(host: host, port: port).wait()
            return SignalingServer(port: listener.localAddress?.port ?? port, loop: loop, listener: listener, hub: hub)
        } catch {
            throw explain(error, host: host, port: port)
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

    /// Stops listening and closes every connection. Blocks until that is done, at most about a second.
    public func stop() {
        let done = loop.makePromise(of: Void.self)
        let (loop, listener, hub) = (loop, listener, hub)
        loop.execute {
            listener.close(promise: nil)
            hub.value.stop()
            listener.closeFuture.whenComplete { _ in done.succeed() }
            loop.scheduleTask(in: .seconds(1)) { done.succeed() }
        }
        guard !loop.inEventLoop else { return }
        try? done.futureResult.wait()
    }
}
