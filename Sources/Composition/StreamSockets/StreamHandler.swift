import NIOCore
import NIOSSL
import NIOTLS
import Primitives

/// The last handler of a stream's pipeline: tells the core what happens.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let id: StreamID
    private let core: StreamCore
    private let isSecure: Bool

    init(id: StreamID, core: StreamCore, isSecure: Bool) {
        self.id = id
        self.core = core
        self.isSecure = isSecure
    }

    func channelActive(context: ChannelHandlerContext) {
        if !isSecure { core.opened(id) }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            core.secured(id, by: try? context.pipeline.syncOperations.nioSSL_peerCertificate())
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        core.received(id, Array(buffer: unwrapInboundIn(data)))
    }

    func channelInactive(context: ChannelHandlerContext) {
        core.ended(id)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        core.failed(id, error)
        context.close(promise: nil)
    }
}
