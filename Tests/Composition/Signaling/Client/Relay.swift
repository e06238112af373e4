import NIOCore
import NIOPosix
import Synchronization

/// A TCP port that leads to another, until it is cut or led elsewhere: for connections that die without a word.
final class Relay: Sendable {
    let port: Int
    private let listener: any Channel
    private let state: SharedState

    /// What all connections between two cuts share.
    private final class Epoch: Sendable {
        let isOver = Atomic(false)
    }

    private final class SharedState: Sendable {
        let target: Mutex<Int>
        let epoch = Mutex(Epoch())
        let channels = Mutex<[any Channel]>([])
        init(_ target: Int) { self.target = Mutex(target) }
    }

    init(to target: Int) throws {
        let state = SharedState(target)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                let port = state.target.withLock { $0 }
                let epoch = state.epoch.withLock { $0 }
                return ClientBootstrap(group: channel.eventLoop).connect(host: "127.0.0.1", port: port).flatMap { other in
                    state.channels.withLock { $0 += [channel, other] }
                    return channel.pipeline.addHandler(Glue(other, epoch)).flatMap { other.pipeline.addHandler(Glue(channel, epoch)) }
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

    /// Ends all connections, and leads new ones to `target`. What the target says of the end of one reaches none of the others.
    func cut(to target: Int? = nil) {
        if let target { state.target.withLock { $0 = target } }
        state.epoch.withLock { epoch in
            epoch.isOver.store(true, ordering: .releasing)
            epoch = Epoch()
        }
        let channels = state.channels.withLock { channels in
            defer { channels = [] }
            return channels
        }
        for channel in channels { channel.close(promise: nil) }
    }

    private final class Glue: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        private let other: any Channel
        private let epoch: Epoch

        init(_ other: any Channel, _ epoch: Epoch) {
            self.other = other
            self.epoch = epoch
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !epoch.isOver.load(ordering: .acquiring) else { return }
            other.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
