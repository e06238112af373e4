import NIOCore
import SocketIO

/// A client's WebSocket: the only handler of its pipeline, but for TLS.
///
/// Frames are read where they lie, unmasked into one array a message, and what is written in one go goes out in one buffer: relaying is
/// all that this server does, so no frame is made an object of.
final class ServerWebSocket: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How long a client may take to close its side.
    private static let closingTime = TimeAmount.seconds(5)

    let id: WebSocketID
    private let hub: ServerHub
    private var session: ServerSession?
    private var context: ChannelHandlerContext?
    /// The beginning of a frame whose end has not come.
    private var partial: ByteBuffer?
    /// A message whose last fragment has not come.
    private var fragments: (isText: Bool, isASCII: Bool, bytes: [UInt8])?
    private var unsent: ByteBuffer?
    private var isClosing = false
    private var isWritable = true

    init(id: WebSocketID, hub: ServerHub) {
        self.id = id
        self.hub = hub
    }

    /// Says whom to tell what is read.
    func attach(to session: ServerSession) { self.session = session }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelInactive(context: ChannelHandlerContext) {
        // A place is held from now on, not from when the hub last had something to do.
        hub.beginBatch()
        finish()
        hub.flush()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelWritabilityChanged(context: ChannelHandlerContext) { isWritable = context.channel.isWritable }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        guard !isClosing else { return }
        hub.beginBatch()
        guard var whole = partial else { return keep(buffer, from: readFrames(of: buffer)) }
        // Held once only, so that a long message grows without being copied.
        partial = nil
        whole.writeBuffer(&buffer)
        let read = readFrames(of: whole)
        if read > 0 { keep(whole, from: read) } else if !isClosing { partial = whole }
    }

    func channelReadComplete(context: ChannelHandlerContext) { hub.flush() }

    /// Keeps what is left, in a buffer of its own: the one that it was read into is used again.
    private func keep(_ buffer: ByteBuffer, from read: Int) {
        let rest = buffer.readableBytes - read
        guard rest > 0, !isClosing, let context else { return }
        var kept = context.channel.allocator.buffer(capacity: rest)
        kept.writeBytes(buffer.readableBytesView.dropFirst(read))
        partial = kept
    }

    /// Handles every frame that is there as a whole; how many bytes that were.
    private func readFrames(of buffer: ByteBuffer) -> Int {
        let bytes = buffer.readableBytesUInt8Span
        var position = 0
        while !isClosing {
            do throws(WebSocketFrames.CloseCode) {
                let maximum = hub.engine.maximumPayload - (fragments?.bytes.count ?? 0)
                guard let head = try WebSocketFrames.head(in: bytes, at: position, maximum: maximum) else { return position }
                let end = position + head.headLength + head.length
                guard end <= bytes.count else { return position }
                let payload = WebSocketFrames.unmasked(bytes, position + head.headLength..<end, key: head.key)
                position = end
                try handle(head, payload.bytes, isASCII: payload.isASCII)
            } catch {
                close(code: error)
            }
        }
        return position
    }

    private func handle(_ head: WebSocketFrames.Head, _ bytes: [UInt8], isASCII: Bool) throws(WebSocketFrames.CloseCode) {
        switch head.opcode {
        case WebSocketFrames.Opcode.text, WebSocketFrames.Opcode.binary:
            guard fragments == nil else { throw .protocolError }
            let isText = head.opcode == WebSocketFrames.Opcode.text
            if head.isFinal { try deliver(isText: isText, isASCII, bytes) } else { fragments = (isText, isASCII, bytes) }
        case WebSocketFrames.Opcode.continuation:
            guard var all = fragments else { throw .protocolError }
            fragments = nil
            all.bytes.append(contentsOf: bytes)
            all.isASCII = all.isASCII && isASCII
            if head.isFinal { try deliver(isText: all.isText, all.isASCII, all.bytes) } else { fragments = all }
        case WebSocketFrames.Opcode.ping:
            // Nothing is stored for who asks and does not listen.
            if isWritable { write(opcode: WebSocketFrames.Opcode.pong, bytes[...]) }
        case WebSocketFrames.Opcode.close: closedByClient(Array(bytes.prefix(2)))
        default: break
        }
    }

    private func deliver(isText: Bool, _ isASCII: Bool, _ bytes: [UInt8]) throws(WebSocketFrames.CloseCode) {
        if isText, !isASCII, (try? UTF8Span(validating: bytes.span)) == nil { throw .notUTF8 }
        session?.received(isText ? .text(bytes) : .binary(bytes), on: id)
    }

    // MARK: Writing

    /// Queues a packet; the hub's `flush` sends it. False: what was sent before has not been read, and nothing more is taken.
    func send(_ packet: EngineIOPacket) -> Bool {
        guard !isClosing else { return true }
        guard isWritable, unsent?.readableBytes ?? 0 <= hub.engine.maximumBuffered else { return false }
        let opcode = packet.type == nil ? WebSocketFrames.Opcode.binary : WebSocketFrames.Opcode.text
        write(opcode: opcode, type: packet.type, packet.data)
        return true
    }

    private func write(opcode: UInt8, type: UInt8? = nil, _ data: ArraySlice<UInt8>) {
        guard let context else { return }
        let length = data.count + (type == nil ? 0 : 1)
        if unsent == nil { hub.willFlush(self) }
        var buffer = unsent ?? context.channel.allocator.buffer(capacity: length + 10)
        // Held once only, so that writing does not copy.
        unsent = nil
        WebSocketFrames.writeHead(opcode: opcode, length: length, to: &buffer)
        if let type { buffer.writeInteger(type) }
        buffer.writeBytes(data)
        unsent = buffer
    }

    /// Writes what is queued.
    func flush() {
        guard let context, let buffer = unsent else { return }
        unsent = nil
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    // MARK: Closing

    /// Sends what is queued and a close frame, and closes this side. The connection ends when the client has closed its own: closed at
    /// once, what it has sent meanwhile would make the kernel throw away what it has not read.
    func close(code: WebSocketFrames.CloseCode? = nil) {
        guard let context, !isClosing else { return }
        sendClose(code.map { [UInt8($0.rawValue >> 8), UInt8(truncatingIfNeeded: $0.rawValue)] } ?? [])
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        let late = context.eventLoop.scheduleTask(in: Self.closingTime) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in late.cancel() }
    }

    private func closedByClient(_ code: [UInt8]) {
        guard let context, !isClosing else { return }
        sendClose(code)
        context.close(promise: nil)
    }

    private func sendClose(_ code: [UInt8]) {
        write(opcode: WebSocketFrames.Opcode.close, code[...])
        isClosing = true
        partial = nil
        fragments = nil
        flush()
        finish()
    }

    /// Tells the session, once, that nothing more comes.
    private func finish() {
        let listener = session
        session = nil
        listener?.lost(id)
    }
}
