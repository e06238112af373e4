import DequeModule
import NIOCore
import NIOHTTP1
import NIOWebSocket
import Primitives
import SocketIO

/// One HTTP connection: long polling, the change to WebSocket, and all that is not the engine's.
final class HTTPServerHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Body {
        case ignored
        /// A POST to this session, with what has come of it.
        case collected(ServerSession, [UInt8])
        /// A POST over the limit: read to its end, else its sender would not read the answer, but kept no more.
        case tooLarge(Int)
        /// The answer has been given already.
        case refused
    }

    private static let maximumDiscarded = 16_000_000

    private let hub: ServerHub
    private let connection: ServerConnection
    private let http: [any RemovableChannelHandler]
    private let decoder: any RemovableChannelHandler
    private var context: ChannelHandlerContext?
    private var head: HTTPRequestHead?
    private var body = Body.ignored
    private var pollingSession: ServerSession?
    /// What NIO hands on while an answer is being written: handled afterwards, so that requests behind each other do not nest.
    private var waiting: Deque<HTTPServerRequestPart> = []
    private var isHandling = false

    /// - Parameters:
    ///   - http: the handlers that have to go when the connection becomes a WebSocket.
    ///   - decoder: goes last, since it then hands on what it has not read.
    init(hub: ServerHub, connection: ServerConnection, http: [any RemovableChannelHandler], decoder: any RemovableChannelHandler) {
        self.hub = hub
        self.connection = connection
        self.http = http
        self.decoder = decoder
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelInactive(context: ChannelHandlerContext) {
        hub.beginBatch()
        pollingSession?.cancelPoll(self)
        pollingSession = nil
        if case .collected(let session, _) = body { _ = session.endPost(body: nil) }
        body = .ignored
        hub.flush()
        context.fireChannelInactive()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        hub.flush()
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError, head == nil {
            head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
            respond(.badRequest, "This is no HTTP request.\n", close: true)
        } else {
            context.close(promise: nil)
        }
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        waiting.append(unwrapInboundIn(data))
        handleWaiting()
    }

    private func handleWaiting() {
        guard !isHandling else { return }
        isHandling = true
        defer { isHandling = false }
        while let part = waiting.popFirst() { handle(part) }
    }

    private func handle(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head):
            hub.beginBatch()
            // Whoever asks on and on without reading is closed, as on a WebSocket.
            if let context, !context.channel.isWritable {
                body = .refused
                context.close(promise: nil)
                return
            }
            connection.live(now: hub.now)
            self.head = head
            body = begin(head)
        case .body(let part): collect(part)
        case .end:
            guard let head else { return }
            hub.beginBatch()
            end(head)
        }
    }

    private func begin(_ head: HTTPRequestHead) -> Body {
        if let refusal = connection.refusal ?? (hub.isStopping && !isHealthCheck(head) ? .stopping : nil) {
            respond(refusal.answer, close: true)
            return .refused
        }
        guard head.method == .POST, let (request, path) = hub.request(head.uri) else { return .ignored }
        let session = hub.session(request.sessionID, path: path)
        if let refusal = request.refusal(session: session?.state.requestTransport, isGET: false, isUpgrade: false) {
            refuse(refusal)
            return .refused
        }
        let isBinary = head.headers.first(name: "content-type") == "application/octet-stream"
        guard let session, session.beginPost(isBinary: isBinary) else {
            refuse(.badRequest, close: true)
            return .refused
        }
        return .collected(session, [])
    }

    private func isHealthCheck(_ head: HTTPRequestHead) -> Bool { head.uri.prefix { $0 != "?" } == "/healthz" }

    private func collect(_ part: ByteBuffer) {
        switch body {
        case .collected(let session, let bytes) where bytes.count + part.readableBytes > hub.engine.maximumPayload:
            body = .tooLarge(bytes.count)
            _ = session.endPost(body: nil)
        case .collected(let session, var bytes):
            // Held once only, so that appending does not copy.
            body = .refused
            bytes.append(contentsOf: part.readableBytesView)
            body = .collected(session, bytes)
        case .tooLarge(let count) where count > Self.maximumDiscarded: context?.close(promise: nil)
        case .tooLarge(let count): body = .tooLarge(count + part.readableBytes)
        case .ignored, .refused: break
        }
    }

    private func end(_ head: HTTPRequestHead) {
        switch body {
        case .refused: break
        case .tooLarge: respond(.payloadTooLarge, "", close: true)
        case .collected(let session, let bytes):
            body = .ignored
            hub.metrics.received(bytes: bytes.count)
            // Answered first: what follows from it may close the session, and this connection is not to wait for others.
            if session.endPost(body: bytes) { respond(.ok, "ok", type: "text/html") } else { refuse(.badRequest) }
            hub.serve(session)
        case .ignored: answer(head)
        }
    }

    private func answer(_ head: HTTPRequestHead) {
        guard let (request, path) = hub.request(head.uri) else { return respond(hub.answer(head, on: connection)) }
        guard head.method != .OPTIONS else { return respond(.noContent, "") }
        let isUpgrade = head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
        let session = hub.session(request.sessionID, path: path)
        if let refusal = request.refusal(session: session?.state.requestTransport, isGET: head.method == .GET, isUpgrade: isUpgrade) {
            return isUpgrade ? respond(.badRequest, refusal.message, close: true) : refuse(refusal)
        }
        if isUpgrade { return upgrade(head, to: session, path: path) }
        guard head.method == .GET else { return refuse(.badRequest) }
        guard let session else {
            guard let client = admitted(head) else { return }
            connection.wait()
            pollingSession = hub.openSession(path: path, client: client.address, poll: self)
            return
        }
        pollingSession = session
        connection.wait()
        guard session.beginPoll(self) else {
            pollingSession = nil
            return refuse(.badRequest)
        }
    }

    /// Whose new session this would be; nil when it has been refused.
    private func admitted(_ head: HTTPRequestHead) -> (address: IPAddress?, Void)? {
        let client = hub.client(of: head, on: connection)
        guard let refusal = hub.policy.sessionOpened(from: client, now: hub.now) else { return (client, ()) }
        hub.count(refusal, from: client)
        respond(refusal.answer, close: true)
        return nil
    }

    // MARK: Answers

    /// The GET that waits gets its packets.
    func answerPoll(_ payload: [UInt8]) {
        pollingSession = nil
        let isOutermost = !isHandling
        isHandling = true
        respond(.ok, bytes: payload, type: "text/plain; charset=UTF-8")
        guard isOutermost else { return }
        isHandling = false
        handleWaiting()
    }

    private func refuse(_ refusal: EngineIORefusal, close: Bool = false) {
        respond(
            HTTPResponseStatus(statusCode: refusal.status), bytes: Array(refusal.body.utf8), type: "application/json", close: close)
    }

    private func respond(_ status: HTTPResponseStatus, _ text: String, type: String = "text/plain; charset=UTF-8", close: Bool = false) {
        respond(status, bytes: Array(text.utf8), type: type, close: close)
    }

    /// An answer of the engine's.
    private func respond(_ status: HTTPResponseStatus, bytes: [UInt8], type: String, close: Bool = false) {
        guard let head else { return }
        var headers = Self.corsHeaders(for: head)
        headers.add(name: "Cache-Control", value: "no-store")
        if status != .noContent {
            headers.add(name: "Content-Type", value: type)
            headers.add(name: "Content-Length", value: String(bytes.count))
        }
        respond(HTTPAnswer(status: status, headers: headers, body: head.method == .HEAD ? [] : bytes), close: close)
    }

    private func respond(_ answer: HTTPAnswer, close: Bool = false) {
        guard let context, let head else { return }
        self.head = nil
        connection.live(now: hub.now)
        hub.updateTimer(of: connection)
        // The parser stops behind a request that names another protocol.
        let isLast = close || !head.isKeepAlive || head.headers.contains(name: "upgrade")
        var headers = answer.headers
        if isLast { headers.replaceOrAdd(name: "Connection", value: "close") }
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers))), promise: nil)
        if !answer.body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: answer.body)))), promise: nil)
        }
        guard isLast else { return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
        let sent = context.eventLoop.makePromise(of: Void.self)
        let channel = context.channel
        sent.futureResult.whenComplete { _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
    }

    /// Pages from anywhere may use the engine: it holds nothing that a browser would send along unasked.
    private static func corsHeaders(for head: HTTPRequestHead) -> HTTPHeaders {
        var headers: HTTPHeaders = ["Access-Control-Allow-Origin": "*"]
        guard head.method == .OPTIONS else { return headers }
        headers.add(name: "Access-Control-Allow-Methods", value: "GET,POST")
        let asked = head.headers["access-control-request-headers"].joined(separator: ", ")
        if !asked.isEmpty { headers.add(name: "Access-Control-Allow-Headers", value: asked) }
        return headers
    }

    // MARK: WebSocket

    private func upgrade(_ head: HTTPRequestHead, to session: ServerSession?, path: EnginePath) {
        guard let context else { return }
        // NIO's own upgrade handler looks at a connection's first request only; some clients upgrade on one that has polled.
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
        upgrader.buildUpgradeResponse(channel: context.channel, upgradeRequest: head, initialResponseHeaders: [:])
            .assumeIsolated().whenComplete { result in
                guard case .success(let headers) = result else {
                    return self.respond(.badRequest, EngineIORefusal.badRequest.message, close: true)
                }
                guard session == nil else { return self.becomeWebSocket(headers) { session?.open($0) } }
                guard let client = self.admitted(head) else { return }
                self.becomeWebSocket(headers) { _ = self.hub.openSession(path: path, client: client.address, webSocket: $0) }
            }
    }

    private func becomeWebSocket(_ headers: HTTPHeaders, opened: (ServerWebSocket) -> Void) {
        guard let context else { return }
        var headers = headers
        headers.add(name: "Access-Control-Allow-Origin", value: "*")
        headers.replaceOrAdd(name: "Upgrade", value: "websocket")
        headers.replaceOrAdd(name: "Connection", value: "Upgrade")
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        head = nil
        let pipeline = context.pipeline.syncOperations
        let webSocket = ServerWebSocket(id: hub.newWebSocketID(), hub: hub)
        do {
            try pipeline.addHandler(webSocket)
        } catch {
            context.close(promise: nil)
            return
        }
        hub.becameWebSocket(connection)
        for gone in http { pipeline.removeHandler(gone, promise: nil) }
        opened(webSocket)
        let decoder = decoder
        pipeline.removeHandler(self, promise: nil)
        // What came right behind the request is handed on when the decoder goes, and no end of a read follows that.
        pipeline.removeHandler(decoder).assumeIsolated().whenComplete { [hub] _ in hub.flush() }
    }
}
