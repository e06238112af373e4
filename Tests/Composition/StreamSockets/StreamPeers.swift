import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Primitives
import StreamSockets
import Synchronization

/// Collects a transport's events, and waits for what it is asked for (at most twenty seconds).
final class EventLog: Sendable {
    private struct State {
        var events: [StreamEvent] = []
        var receivedBytes: [StreamID: Int] = [:]
    }

    private let state = Mutex(State())
    private let news: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (news, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// For a transport's `onEvent`.
    func record(_ event: StreamEvent) {
        state.withLock {
            $0.events.append(event)
            if case .received(let id, let bytes) = event { $0.receivedBytes[id, default: 0] += bytes.count }
        }
        continuation.yield()
    }

    var all: [StreamEvent] { state.withLock { $0.events } }

    func receivedCount(_ id: StreamID) -> Int { state.withLock { $0.receivedBytes[id] ?? 0 } }

    func received(_ id: StreamID) -> [UInt8] {
        all.flatMap { if case .received(id, let bytes) = $0 { bytes } else { [UInt8]() } }
    }

    /// The first thing that `find` finds among the events.
    func wait<Found>(_ find: (EventLog) -> Found?) async -> Found? {
        let late = Task {
            try? await Task.sleep(for: .seconds(20))
            if !Task.isCancelled { continuation.finish() }
        }
        defer { late.cancel() }
        if let found = find(self) { return found }
        for await _ in news {
            if let found = find(self) { return found }
        }
        return nil
    }

    func opened(_ id: StreamID) async -> Primitives.SocketAddress? {
        await wait { log in
            for case .opened(id, let local) in log.all { return local }
            return nil
        }
    }

    func reasonOfClosing(_ id: StreamID) async -> String? {
        await wait { log in
            for case .closed(id, let reason) in log.all { return reason }
            return nil
        }
    }

    /// The accepted streams, once there are so many.
    func accepted(_ count: Int = 1) async -> [StreamID] {
        await wait { log in
            let ids = log.all.compactMap { if case .accepted(let id, _, _) = $0 { id } else { nil } }
            return ids.count >= count ? ids : nil
        } ?? []
    }

    func bytes(_ count: Int, from id: StreamID) async -> [UInt8]? {
        await wait { $0.receivedCount(id) >= count ? $0.received(id) : nil }
    }
}

/// A TCP or TLS server of this process, for a transport to connect to.
final class TestServer: Sendable {
    enum Manner: Equatable {
        case echoes, isSilent, readsNothing
        /// Says this at once.
        case says([UInt8])
    }

    let address: Primitives.SocketAddress
    private let listener: any Channel
    private let children: Children

    fileprivate final class Children: Sendable {
        let channels = Mutex<[any Channel]>([])
        let bytes = Mutex<[UInt8]>([])
        let names = Mutex<[String?]>([])
    }

    init(_ manner: Manner = .echoes, on ip: IPAddress = .loopback4, tls: NIOSSLContext? = nil) throws {
        let children = Children()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: manner != .readsNothing)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    children.channels.withLock { $0.append(channel) }
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(Responder(manner, children))
                }
            }
        listener = try bootstrap.bind(host: ip.description, port: 0).wait()
        address = Primitives.SocketAddress(ip, port: UInt16(listener.localAddress?.port ?? 0))
        self.children = children
    }

    deinit { stop() }

    func stop() {
        listener.close(promise: nil)
        for channel in channels { channel.close(promise: nil) }
    }

    var channels: [any Channel] { children.channels.withLock { $0 } }
    var received: [UInt8] { children.bytes.withLock { $0 } }

    func write(_ bytes: [UInt8]) {
        for channel in channels { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }
    }

    /// For one that reads nothing: reads all there is until the other side closes.
    func readToTheEnd() async throws -> [UInt8] {
        for channel in channels {
            try await channel.setOption(.autoRead, value: true).get()
            try await channel.closeFuture.get()
        }
        return received
    }

    private final class Responder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let manner: Manner
        private let children: Children

        init(_ manner: Manner, _ children: Children) {
            self.manner = manner
            self.children = children
        }

        func channelActive(context: ChannelHandlerContext) {
            if case .says(let bytes) = manner { context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            children.bytes.withLock { $0 += buffer.readableBytesView }
            if manner == .echoes { context.writeAndFlush(wrapOutboundOut(buffer), promise: nil) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// A TCP port of 127.0.0.1 that is taken, where nobody listens.
final class DeadPort {
    let address: Primitives.SocketAddress
    private let descriptor: Int32

    init?() {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        self.address = Primitives.SocketAddress(.loopback4, port: UInt16(bigEndian: address.sin_port))
        self.descriptor = descriptor
        if !isBound { return nil }
    }

    deinit { close(descriptor) }
}
