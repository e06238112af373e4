import NIOCore
import NIOHTTP1
import NIOWebSocket
import Primitives
import SocketIO

/// One HTTP connection: long polling, the change to WebSocket, and what else the server has to show.
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
    private let peer: IPAddress?
    /// Why this connection gets nothing else.
    private let refusal: ServerRefusal?
    private let http: [any RemovableChannelHandler]
    private let decoder: any RemovableChannelHandler
    private var context: ChannelHandlerContext?
    private var head: HTTPRequestHead?
    private var body = Body.ignored
    private var pollingSession: ServerSession?
    private(set) var isWebSocket = false

    /// - Parameters:
    ///   - peer: the other end of the connection.
    ///   - refusal: the answer to whatever comes.
    ///   - http: the handlers that have to go when the connection becomes a WebSocket.
    ///   - decoder: goes last, since it then hands on what it has not read.
    init(
        hub: ServerHub, peer: IPAddress?, refusal: ServerRefusal?, http: [any RemovableChannelHandler], decoder: any RemovableChannelHandler
    ) {
        self.hub = hub
        self.peer = peer
        self.refusal = refusal
        self.http = http
        self.decoder = decoder
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelInactive(context: ChannelHandlerContext) {
        abandon()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError, head == nil {
            head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
            respond(.badRequest, "This is no HTTP request.\n", close: true)
        } else {
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    private func abandon() {
        pollingSession?.cancelPoll(self)
        pollingSession = nil
        if case .collected(let session, _) = body { session.endPost(body: nil) }
        body = .ignored
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = head.method == .POST ? begin(post: head) : .ignored
        case .body(let part): collect(part)
        case .end:
            guard let head else { return }
            switch body {
            case .refused: break
            case .tooLarge: respond(.payloadTooLarge, "", close: true)
            case .collected(let session, let bytes):
                body = .ignored
                // Answered first: what follows from it may close the session and this connection with it.
                respond(.ok, "ok", type: "text/html")
                session.endPost(body: bytes)
            case .ignored: answer(head)
            }
        }
    }

    private func begin(post head: HTTPRequestHead) -> Body {
        guard refusal == nil, let request = EngineIORequest(target: head.uri) else { return .ignored }
        let session = hub.session(request.sessionID)
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

    private func collect(_ part: ByteBuffer) {
        switch body {
        case .collected(let session, let bytes) where bytes.count + part.readableBytes > hub.configuration.engine.maximumPayload:
            body = .tooLarge(bytes.count)
            session.endPost(body: nil)
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

    /// Whose request it is, as far as proxies can be believed.
    private func client(_ head: HTTPRequestHead) -> IPAddress? {
        guard let peer else { return nil }
        let trusted = hub.configuration.trustedProxies
        return trusted.isEmpty ? peer : clientAddress(peer: peer, forwardedFor: head.headers["x-forwarded-for"], trusted: trusted)
    }

    private func answer(_ head: HTTPRequestHead) {
        if let refusal { return respond(refusal.answer) }
        guard let request = EngineIORequest(target: head.uri) else { return respond(hub.answer(head, from: client(head))) }
        guard head.method != .OPTIONS else { return respond(.noContent, "") }
        let isUpgrade = head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
        let session = hub.session(request.sessionID)
        if let refusal = request.refusal(session: session?.state.requestTransport, isGET: head.method == .GET, isUpgrade: isUpgrade) {
            return isUpgrade ? respond(.badRequest, refusal.message, close: true) : refuse(refusal)
        }
        if isUpgrade { return upgrade(head, to: session) }
        guard let session else {
            let client = client(head)
            if let refusal = hub.admitSession(from: client) { return respond(refusal.answer) }
            pollingSession = hub.openSession(from: client, poll: self)
            return
        }
        guard head.method == .GET else { return refuse(.badRequest) }
        pollingSession = session
        guard session.beginPoll(self) else {
            pollingSession = nil
            return refuse(.badRequest)
        }
    }

    // MARK: Answers

    /// The GET that waits gets its packets.
    func answerPoll(_ payload: [UInt8]) {
        pollingSession = nil
        respond(.ok, bytes: payload, type: "text/plain; charset=UTF-8")
    }

    private func refuse(_ refusal: EngineIORefusal, close: Bool = false) {
        respond(.badRequest, refusal.body, type: "application/json", close: close)
    }

    private func respond(_ status: HTTPResponseStatus, _ text: String, type: String = "text/plain; charset=UTF-8", close: Bool = false) {
        respond(status, bytes: Array(text.utf8), type: type, close: close)
    }

    /// For the engine, which pages from anywhere may use.
    private func respond(_ status: HTTPResponseStatus, bytes: [UInt8], type: String, close: Bool = false) {
        guard let head else { return }
        var headers = Self.corsHeaders(for: head)
        headers.add(name: "Cache-Control", value: "no-store")
        if close { headers.add(name: "Connection", value: "close") }
        if status != .noContent {
            headers.add(name: "Content-Type", value: type)
            headers.add(name: "Content-Length", value: String(bytes.count))
        }
        respond(HTTPAnswer(status: status, headers: headers, body: head.method == .HEAD ? [] : bytes))
    }

    private func respond(_ answer: HTTPAnswer) {
        guard let context, let head else { return }
        self.head = nil
        // The parser stops behind a request that names another protocol.
        let isLast = !head.isKeepAlive || head.headers.contains(name: "upgrade") || answer.headers[canonicalForm: "connection"] == ["close"]
        var headers = answer.headers
        if isLast { headers.replaceOrAdd(name: "Connection", value: "close") }
        context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers))), promise: nil)
        if !answer.body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: answer.body)))), promise: nil)
        }
        let sent = context.eventLoop.makePromise(of: Void.self)
        if isLast {
            let channel = context.channel
            sent.futureResult.whenComplete { _ in channel.close(promise: nil) }
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
    }

    /// Pages from anywhere may use the server: it holds nothing that a browser would send along unasked.
    private static func corsHeaders(for head: HTTPRequestHead) -> HTTPHeaders {
        var headers: HTTPHeaders = ["Access-Control-Allow-Origin": "*"]
        guard head.method == .OPTIONS else { return headers }
        headers.add(name: "Access-Control-Allow-Methods", value: "GET,POST")
        let asked = head.headers["access-control-request-headers"].joined(separator: ", ")
        if !asked.isEmpty { headers.add(name: "Access-Control-Allow-Headers", value: asked) }
        return headers
    }

    // MARK: WebSocket

    private func upgrade(_ head: HTTPRequestHead, to session: ServerSession?) {
        guard let context else { return }
        let client = client(head)
        // NIO's own upgrade handler looks at a connection's first request only; some clients upgrade on one that has polled.
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
        upgrader.buildUpgradeResponse(channel: context.channel, upgradeRequest: head, initialResponseHeaders: [:])
            .assumeIsolated().whenComplete { result in
                switch result {
                case .success(let headers):
                    if session == nil, let refusal = self.hub.admitSession(from: client) { return self.respond(refusal.answer) }
                    self.becomeWebSocket(headers, session, client)
                case .failure: self.respond(.badRequest, EngineIORefusal.badRequest.message, close: true)
                }
            }
    }

    /// - Parameter session: the one that it upgrades; nil: a new one, which has been admitted.
    private func becomeWebSocket(_ headers: HTTPHeaders, _ session: ServerSession?, _ client: IPAddress?) {
        guard let context else { return }
        isWebSocket = true
        hub.metrics.connectionBecameWebSocket()
        var headers = headers
        headers.add(name: "Access-Control-Allow-Origin", value: "*")
        headers.replaceOrAdd(name: "Upgrade", value: "websocket")
        headers.replaceOrAdd(name: "Connection", value: "Upgrade")
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        head = nil
        let pipeline = context.pipeline.syncOperations
        let limit = hub.configuration.engine.maximumPayload
        let handler = WebSocketHandler(isClient: false, maximumBytes: limit)
        do {
            try pipeline.addHandlers([WebSocketFrameEncoder(), ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: limit))])
            try pipeline.addHandler(handler)
        } catch {
            context.close(promise: nil)
            return
        }
        for gone in http { pipeline.removeHandler(gone, promise: nil) }
        let id = hub.newWebSocketID()
        if let session {
            session.listen(to: handler, id)
            session.openWebSocket(id, handler)
        } else {
            hub.openSession(from: client, webSocket: (id, handler)).listen(to: handler, id)
        }
        let decoder = decoder
        pipeline.removeHandler(self, promise: nil)
        pipeline.removeHandler(decoder, promise: nil)
    }
}
