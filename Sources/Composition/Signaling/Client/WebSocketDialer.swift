import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import SocketIO
import TLSClient

/// Opens a client's WebSocket to an engine, without asking over polling first.
enum WebSocketDialer {
    /// Larger than anything that a signaling server sends.
    static let maximumMessage = 1_000_000
    /// What waits for a server that does not read.
    static let maximumUnsent = 4_000_000

    /// A WebSocket that is open, with nothing read yet that `configure` could miss: it is called before the first message.
    /// Everything runs on the loop. Fails with a `SignalingError` whose text is for a person.
    /// - Parameter tls: for https.
    static func open(
        _ url: ServerURL, tls: TLSClient, on loop: any EventLoop, configure: @escaping (WebSocketHandler) -> Void
    ) -> EventLoopFuture<any Channel> {
        let opened = loop.makePromise(of: (any Channel).self)
        let boundConfigure = NIOLoopBound(configure, eventLoop: loop)
        let front: NIOLoopBound<[any ChannelHandler]>
        do {
            front = NIOLoopBound(url.isSecure ? try tls.handlers(for: url.host) : [], eventLoop: loop)
        } catch {
            opened.fail(SignalingError(.failed, explain(error, url)))
            return opened.futureResult
        }
        let bootstrap = ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: .init(low: maximumUnsent / 4, high: maximumUnsent))
            .connectTimeout(.seconds(10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandlers(front.value)
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

    fileprivate static func explain(_ error: any Error, _ url: ServerURL) -> String {
        if let error = error as? SignalingError { return error.description }
        if let error = error as? NIOConnectionError, let first = error.connectionErrors.first { return explain(first.error, url) }
        if let error = error as? IOError {
            return error.errnoCode == ECONNREFUSED
                ? "Nothing answers at \(url)." : "\(url) cannot be reached: \(String(cString: strerror(error.errnoCode)))."
        }
        if error is NIOConnectionError { return "The name \(url.host) cannot be resolved." }
        if case .connectTimeout? = error as? ChannelError { return "\(url) does not answer." }
        if error is WebSocketUpgradeFailure { return "What answers at \(url) is no signaling server." }
        return TLSFailure.explain(error, at: "\(url)", serverName: url.host) ?? "\(url) cannot be reached."
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
        opened.fail(SignalingError(.failed, refusal(head.status.code)))
        context.close(promise: nil)
    }

    private func refusal(_ status: UInt) -> String {
        switch status {
        case 401, 403: "The server at \(url) does not let this client in (HTTP status \(status))."
        case 429: "The server at \(url) has had too many connections from here; it is tried again (HTTP status 429)."
        case 500...599: "The server at \(url) is there but does not serve at the moment (HTTP status \(status))."
        default: "What answers at \(url) is no signaling server (HTTP status \(status))."
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        opened.fail(SignalingError(.failed, "What answers at \(url) is no signaling server."))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isTLS = TLSFailure.explain(error, at: "", serverName: nil) != nil
        let failure = isTLS || error is IOError ? error : WebSocketUpgradeFailure()
        opened.fail(SignalingError(.failed, WebSocketDialer.explain(failure, url)))
        context.close(promise: nil)
    }
}

/// What answered does not speak HTTP, or not as it has to.
private struct WebSocketUpgradeFailure: Error {}
