import NIOCore
import NIOWebSocket
import SocketIO

/// The last handler of a WebSocket's pipeline, either side: puts fragments together, answers control frames, and hands on whole messages.
final class WebSocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let isClient: Bool
    private let maximumBytes: Int
    private var onMessage: ((WebSocketMessage) -> Void)?
    private var onClosed: (() -> Void)?
    private var onPong: (() -> Void)?
    private var context: ChannelHandlerContext?
    private var fragments: (isText: Bool, bytes: [UInt8])?
    private var isClosing = false

    init(isClient: Bool, maximumBytes: Int) {
        self.isClient = isClient
        self.maximumBytes = maximumBytes
    }

    /// Says who listens; all are dropped once the socket has closed.
    func listen(onMessage: @escaping (WebSocketMessage) -> Void, onPong: (() -> Void)? = nil, onClosed: @escaping () -> Void) {
        self.onMessage = onMessage
        self.onPong = onPong
        self.onClosed = onClosed
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength: close(code: .messageTooLarge)
        case is NIOWebSocketError: close(code: .protocolError)
        default: context.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        guard !isClosing else { return }
        // RFC 6455 section 5.1: a server takes masked frames only. No extension is ever agreed on, so no RSV bit may be set.
        guard isClient || frame.maskKey != nil, frame.rsv1 == false, frame.rsv2 == false, frame.rsv3 == false else {
            return close(code: .protocolError)
        }
        switch frame.opcode {
        case .text, .binary:
            guard fragments == nil else { return close(code: .protocolError) }
            let bytes = Array(buffer: frame.unmaskedData)
            if frame.fin { deliver(isText: frame.opcode == .text, bytes) } else { fragments = (frame.opcode == .text, bytes) }
        case .continuation:
            guard let isText = fragments?.isText else { return close(code: .protocolError) }
            fragments?.bytes.append(contentsOf: frame.unmaskedData.readableBytesView)
            guard let bytes = fragments?.bytes, bytes.count <= maximumBytes else { return close(code: .messageTooLarge) }
            if frame.fin {
                fragments = nil
                deliver(isText: isText, bytes)
            }
        case .ping:
            // Whoever does not read its pongs gets no more of them.
            guard context.channel.isWritable else { return }
            write(opcode: .pong, frame.unmaskedData)
            context.flush()
        case .connectionClose: close(code: nil)
        case .pong: onPong?()
        default: close(code: .protocolError)
        }
    }

    private func deliver(isText: Bool, _ bytes: [UInt8]) { onMessage?(isText ? .text(bytes) : .binary(bytes)) }

    /// Whether what was written before has mostly gone out. False: the other side reads too slowly.
    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Queues a message; `flush` sends it.
    func send(_ message: WebSocketMessage) {
        guard let context, !isClosing else { return }
        switch message {
        case .text(let bytes): write(opcode: .text, context.channel.allocator.buffer(bytes: bytes))
        case .binary(let bytes): write(opcode: .binary, context.channel.allocator.buffer(bytes: bytes))
        }
    }

    func flush() { context?.flush() }

    /// Asks the other side for a pong.
    func ping() {
        guard let context, !isClosing else { return }
        write(opcode: .ping, context.channel.allocator.buffer(capacity: 0))
        context.flush()
    }

    private func write(opcode: WebSocketOpcode, _ data: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        let mask: WebSocketMaskingKey? = isClient ? .random() : nil
        context?.write(wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, maskKey: mask, data: data)), promise: promise)
    }

    /// Sends what is queued and a close frame, then closes the connection.
    func close(code: WebSocketErrorCode? = nil) {
        guard let context, !isClosing else { return }
        isClosing = true
        var data = context.channel.allocator.buffer(capacity: 2)
        if let code { data.write(webSocketErrorCode: code) }
        let sent = context.eventLoop.makePromise(of: Void.self)
        let channel = context.channel
        sent.futureResult.whenComplete { _ in channel.close(promise: nil) }
        write(opcode: .connectionClose, data, promise: sent)
        context.flush()
        // A peer that reads nothing must not keep the connection.
        let late = context.eventLoop.scheduleTask(in: .seconds(5)) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in late.cancel() }
        finish()
    }

    private func finish() {
        let closed = onClosed
        (onMessage, onPong, onClosed) = (nil, nil, nil)
        closed?()
    }
}
