import NIOCore
import NIOPosix
import Synchronization

/// A TCP port that leads to another, until it is cut or led elsewhere: for connections that die without a word.
final class Relay: Sendable {
    let port: Int
    private let listener: any Channel
    private let state: SharedState

    private final class SharedState: Sendable {
        let target: Mutex<Int>
        let channels = Mutex<[any Channel]>([])
        init(_ target: Int) { self.target = Mutex(target) }
    }

    init(to target: Int) throws {
        let state = SharedState(target)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                let port = state.target.withLock { $0 }
                return ClientBootstrap(group: channel.eventLoop).connect(host: "127.0.0.1", port: port).flatMap { other in
                    state.channels.withLock { $0 += [channel, other] }
                    return channel.pipeline.addHandler(Glue(other)).flatMap { other.pipeline.addHandler(Glue(channel)) }
                }
            }
        listener = try bootstrap.bind(host: "127.0.0.1", port: 0).wait()
        port = listener.localAddress?.port ?? 0
        self.state = state
    }

    deinit {
        listener.close(promise: nil)
        cut()
    }

    /// Ends all connections, and leads new ones to `target`.
    func cut(to target: Int? = nil) {
        if let target { state.target.withLock { $0 = target } }
        let channels = state.channels.withLock { channels in
            defer { channels = [] }
            return channels
        }
        for channel in channels { channel.close(promise: nil) }
    }

    private final class Glue: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        private let other: any Channel

        init(_ other: any Channel) { self.other = other }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { other.writeAndFlush(unwrapInboundIn(data), promise: nil) }

        func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
