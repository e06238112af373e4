import NIOCore
import Primitives

/// The last handler of a stream's pipeline: tells the core what happens.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let id: StreamID
    private let core: StreamCore

    init(id: StreamID, core: StreamCore) {
        self.id = id
        self.core = core
    }

    func channelActive(context: ChannelHandlerContext) {
        core.opened(id)
        context.fireChannelActive()
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
