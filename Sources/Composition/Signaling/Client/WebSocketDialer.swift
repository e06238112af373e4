import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import SocketIO

/// Opens a client's WebSocket to an engine, without asking over polling first.
enum WebSocketDialer {
    /// Larger than anything that a signaling server sends.
    static let maximumMessage = 4_000_000

    /// A WebSocket that is open, with nothing read yet that `configure` could miss: it is called before the first message.
    /// Everything runs on the loop. Fails with a `SignalingError` whose text is for a person.
    static func open(_ url: ServerURL, on loop: any EventLoop, configure: @escaping (WebSocketHandler) -> Void) -> EventLoopFuture<
        any Channel
    > {
        let opened = loop.makePromise(of: (any Channel).self)
        let boundConfigure = NIOLoopBound(configure, eventLoop: loop)
        let tls: NIOSSLContext?
        do {
            tls = url.isSecure ? try NIOSSLContext(configuration: .makeClientConfiguration()) : nil
        } catch {
            return loop.makeFailedFuture(SignalingError(.failed, "TLS is not usable: \(error)"))
        }
        let bootstrap = ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(tlsHandler(tls, url)) }
                    let upgrader = NIOWebSocketClientUpgrader(maxFrameSize: maximumMessage, automaticErrorHandling: false) { channel, _ in
                        channel.eventLoop.makeCompletedFuture {
                            let handler = WebSocketHandler(isClient: true, maximumBytes: maximumMessage)
                            boundConfigure.value(handler)
                            try channel.pipeline.syncOperations.addHandler(handler)
                            opened.succeed(channel)
                        }
                    }
                    let request = UpgradeRequest(url, opened: opened)
                    let boundRequest = NIOLoopBound(request, eventLoop: channel.eventLoop)
                    try pipeline.addHTTPClientHandlers(
                        leftOverBytesStrategy: .forwardBytes,
                        withClientUpgrade: (
                            [upgrader],
                            { context in context.pipeline.syncOperations.removeHandler(boundRequest.value, promise: nil) }
                        ))
                    try pipeline.addHandler(request)
                }
            }
        connect(bootstrap, url).whenFailure { opened.fail(SignalingError(.failed, explain($0, url))) }
        return opened.futureResult
    }

    private static func connect(_ bootstrap: ClientBootstrap, _ url: ServerURL) -> EventLoopFuture<any Channel> {
        // An address needs no resolver, and so no further thread.
        if let address = try? NIOCore.SocketAddress(ipAddress: url.host, port: url.port) { return bootstrap.connect(to: address) }
        return bootstrap.connect(host: url.host, port: url.port)
    }

    private static func tlsHandler(_ tls: NIOSSLContext, _ url: ServerURL) throws -> NIOSSLClientHandler {
        // An address is no server name (RFC 6066 section 3).
        let isAddress = (try? NIOCore.SocketAddress(ipAddress: url.host, port: 0)) != nil
        return try NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : url.host)
    }

    private static func explain(_ error: any Error, _ url: ServerURL) -> String {
        if let error = error as? SignalingError { return error.description }
        if let error = error as? NIOConnectionError, let first = error.connectionErrors.first { return explain(first.error, url) }
        if let error = error as? IOError {
            return error.errnoCode == ECONNREFUSED
                ? "Nothing answers at \(url)." : "\(url) cannot be reached: \(String(cString: strerror(error.errnoCode)))."
        }
        if error is NIOConnectionError { return "The name \(url.host) cannot be resolved." }
        if case .connectTimeout? = error as? ChannelError { return "\(url) does not answer." }
        return "\(url) cannot be reached: \(error)."
    }
}

/// Asks for the upgrade as soon as the connection stands, and tells when it is refused.
private final class UpgradeRequest: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let url: ServerURL
    private let opened: EventLoopPromise<any Channel>

    init(_ url: ServerURL, opened: EventLoopPromise<any Channel>) {
        self.url = url
        self.opened = opened
    }

    func channelActive(context: ChannelHandlerContext) {
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: "\(EngineIORequest.path)?EIO=4&transport=websocket",
            headers: ["Host": url.authority, "User-Agent": "tchat"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        opened.fail(SignalingError(.failed, "What answers at \(url) is no signaling server (HTTP status \(head.status.code))."))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        opened.fail(SignalingError(.failed, "What answers at \(url) is no signaling server."))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isTLS = error is NIOSSLError || error is BoringSSLError
        let text =
            isTLS
            ? "No TLS connection to \(url) can be made: it speaks none, or its certificate is not trusted."
            : "What answers at \(url) is no signaling server."
        opened.fail(SignalingError(.failed, text))
        context.close(promise: nil)
    }
}
