import Glibc
import NIOCore
import NIOPosix
import Primitives
import TLSClient

/// The streams and listeners of one transport. Lives on the loop.
final class StreamCore {
    private enum Phase { case connecting, open, closing }

    private struct Stream {
        var remote: Primitives.SocketAddress
        var serverName: String?
        var channel: (any Channel)?
        var phase = Phase.connecting
        /// Why it will end, once that is known.
        var reason: String?
        var timer: Scheduled<Void>?
    }

    let loop: any EventLoop
    private let flows: FlowTable
    private let limits: StreamLimits
    private let onEvent: @Sendable (StreamEvent) -> Void
    private let tls: TLSClient
    private var streams: [StreamID: Stream] = [:]
    private var listeners: [Primitives.SocketAddress: any Channel] = [:]
    /// The oldest first.
    private var unkept: [StreamID] = []
    private var accepts: RateLimit
    private var nextAccepted = UInt64.random(in: 0..<1 << 62)
    private var isStopped = false

    init(
        loop: any EventLoop, flows: FlowTable, trust: TrustRoots, limits: StreamLimits, onEvent: @escaping @Sendable (StreamEvent) -> Void
    ) {
        self.loop = loop
        self.flows = flows
        tls = TLSClient(trust: trust)
        self.limits = limits
        self.onEvent = onEvent
        accepts = RateLimit(perSecond: limits.acceptsPerSecond)
    }

    private func emit(_ event: StreamEvent) { if !isStopped { onEvent(event) } }

    private func schedule(in time: TimeAmount, _ body: @escaping @Sendable (StreamCore) -> Void) -> Scheduled<Void> {
        let bound = NIOLoopBound(self, eventLoop: loop)
        return loop.scheduleTask(in: time) { body(bound.value) }
    }

    // MARK: - Opening

    func connect(_ id: StreamID, to remote: Primitives.SocketAddress, from local: IPAddress?, serverName: String?) {
        guard !isStopped, streams[id] == nil else { return }
        guard streams.count < limits.streams else { return emit(.closed(id, reason: "Too many connections are open.")) }
        streams[id] = Stream(remote: remote, serverName: serverName)
        do {
            let bootstrap = try bootstrap(id, from: local, tls: serverName.map { try tls.handlers(for: $0, at: remote.ip) } ?? [])
            streams[id]?.timer = schedule(in: limits.connectTime) { $0.end(id, reason: "\(remote) \(StreamFailure.noAnswer).") }
            let bound = NIOLoopBound(self, eventLoop: loop)
            bootstrap.connect(to: try remote.forNIO()).whenFailure { error in
                bound.value.failed(id, error)
                bound.value.ended(id)
            }
        } catch {
            failed(id, error)
            ended(id)
        }
    }

    private func bootstrap(_ id: StreamID, from local: IPAddress?, tls: [any ChannelHandler]) throws -> ClientBootstrap {
        let bound = NIOLoopBound((core: self, tls: tls), eventLoop: loop)
        var bootstrap = ClientBootstrap(group: loop)
            // Ours is shorter, and counts the TLS handshake.
            .connectTimeout(limits.connectTime + .seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(bound.value.tls)
                    try bound.value.core.attach(id, channel)
                }
            }
        for (option, value) in StreamOptions.all { bootstrap = bootstrap.channelOption(option, value: value) }
        bootstrap = bootstrap.channelOption(.maxMessagesPerRead, value: StreamOptions.readsAtOnce)
        if let local { bootstrap = bootstrap.bind(to: try Primitives.SocketAddress(local, port: 0).forNIO()) }
        return bootstrap
    }

    private func attach(_ id: StreamID, _ channel: any Channel) throws {
        // Closed before it had come this far.
        guard streams[id] != nil else { throw ChannelError.ioOnClosedChannel }
        streams[id]?.channel = channel
        try channel.pipeline.syncOperations.addHandler(StreamHandler(id: id, core: self))
    }

    func opened(_ id: StreamID) {
        guard let stream = streams[id], stream.phase == .connecting else { return }
        guard let local = Primitives.SocketAddress(stream.channel?.localAddress) else {
            return end(id, reason: "\(stream.remote) has cut the connection.")
        }
        stream.timer?.cancel()
        streams[id]?.timer = nil
        streams[id]?.phase = .open
        flows.open(id)
        emit(.opened(id, local: local))
    }

    // MARK: - Listening

    func listen(on ip: IPAddress) -> EventLoopFuture<Primitives.SocketAddress> {
        guard !isStopped else { return loop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        let bound = NIOLoopBound(self, eventLoop: loop)
        var bootstrap = ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 16)
            .serverChannelOption(.maxMessagesPerRead, value: 4)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(StreamOptions.backoff()) }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try bound.value.accept(channel) }
            }
            .childChannelOption(.maxMessagesPerRead, value: StreamOptions.readsAtOnce)
        for (option, value) in StreamOptions.all { bootstrap = bootstrap.childChannelOption(option, value: value) }
        do {
            return bootstrap.bind(to: try Primitives.SocketAddress(ip, port: 0).forNIO()).flatMapThrowing { channel in
                guard !bound.value.isStopped, let address = Primitives.SocketAddress(channel.localAddress) else {
                    channel.close(promise: nil)
                    throw ChannelError.ioOnClosedChannel
                }
                bound.value.listeners[address] = channel
                return address
            }
        } catch {
            return loop.makeFailedFuture(error)
        }
    }

    func stopListening(_ listener: Primitives.SocketAddress) {
        listeners.removeValue(forKey: listener)?.close(promise: nil)
    }

    /// Throws away the connection when there are too many.
    private func accept(_ channel: any Channel) throws {
        guard !isStopped, accepts.admits(now: StreamLoop.now()), let remote = Primitives.SocketAddress(channel.remoteAddress),
            let listener = Primitives.SocketAddress(channel.parent?.localAddress)
        else { throw ChannelError.ioOnClosedChannel }
        if unkept.count >= limits.unkept, let oldest = unkept.first {
            end(oldest, reason: "Too many strangers have connected.")
        }
        guard streams.count < limits.streams else { throw ChannelError.ioOnClosedChannel }
        nextAccepted = (nextAccepted &+ 1) & (1 << 63 - 1)
        let id = StreamID(1 << 63 | nextAccepted)
        var stream = Stream(remote: remote)
        stream.phase = .open
        stream.timer = schedule(in: limits.unkeptTime) { $0.end(id, reason: "\(remote) has not shown who it is.") }
        streams[id] = stream
        unkept.append(id)
        flows.open(id)
        do { try attach(id, channel) } catch {
            forget(id)
            throw error
        }
        emit(.accepted(id, listener: listener, remote: remote))
    }

    func keep(_ id: StreamID) {
        guard let index = unkept.firstIndex(of: id) else { return }
        unkept.remove(at: index)
        streams[id]?.timer?.cancel()
        streams[id]?.timer = nil
    }

    // MARK: - Sending and receiving

    /// Writes what waits, one chunk at a time: what the system has not taken can still be dropped.
    func pump(_ id: StreamID) {
        let payloads = flows.take(from: id, now: StreamLoop.now())
        guard !payloads.isEmpty, let channel = streams[id]?.channel else {
            if let stream = streams[id], stream.phase == .closing { stream.channel?.close(promise: nil) }
            return
        }
        var buffer = channel.allocator.buffer(capacity: payloads.reduce(0) { $0 + $1.count })
        for payload in payloads { buffer.writeBytes(payload) }
        let written = loop.makePromise(of: Void.self)
        let bound = NIOLoopBound(self, eventLoop: loop)
        written.futureResult.whenSuccess {
            bound.value.flows.wrote(to: id)
            bound.value.pump(id)
        }
        channel.writeAndFlush(buffer, promise: written)
    }

    func received(_ id: StreamID, _ bytes: [UInt8]) {
        guard let stream = streams[id], stream.phase == .open, stream.reason == nil, !bytes.isEmpty else { return }
        switch flows.received(bytes.count, from: id) {
        case .goesOn: break
        case .pauses: try? stream.channel?.syncOptions?.setOption(.autoRead, value: false)
        case .isExceeded: return end(id, reason: "\(stream.remote) sends more than can be taken.")
        }
        emit(.received(id, bytes))
    }

    func resume(_ id: StreamID) {
        try? streams[id]?.channel?.syncOptions?.setOption(.autoRead, value: true)
    }

    // MARK: - Ending

    func close(_ id: StreamID) {
        guard let stream = streams[id], stream.phase != .closing else { return }
        keep(id)
        guard stream.phase == .open else {
            forget(id)
            stream.channel?.close(promise: nil)
            return
        }
        streams[id]?.phase = .closing
        if flows.isIdle(id) {
            stream.channel?.close(promise: nil)
        } else {
            streams[id]?.timer = schedule(in: limits.flushTime) { $0.streams[id]?.channel?.close(mode: .all, promise: nil) }
        }
    }

    /// Ends it from this side, with a reason for the owner.
    private func end(_ id: StreamID, reason: String) {
        guard let stream = streams[id] else { return }
        if stream.reason == nil { streams[id]?.reason = reason }
        stream.channel?.close(promise: nil)
        // Whatever its channel has still to do, such as a TLS farewell, is nobody's concern.
        ended(id)
    }

    func failed(_ id: StreamID, _ error: any Error) {
        guard let stream = streams[id], stream.reason == nil else { return }
        streams[id]?.reason = StreamFailure.explain(error, remote: stream.remote, serverName: stream.serverName)
    }

    /// Nothing more will come of it. May be said twice.
    func ended(_ id: StreamID) {
        guard let stream = streams[id] else { return }
        forget(id)
        guard stream.phase != .closing else { return }
        emit(.closed(id, reason: stream.reason ?? "\(stream.remote) has closed the connection."))
    }

    private func forget(_ id: StreamID) {
        keep(id)
        streams.removeValue(forKey: id)?.timer?.cancel()
        flows.close(id)
    }

    func stop() {
        isStopped = true
        for listener in listeners.values { listener.close(promise: nil) }
        listeners = [:]
        for (id, stream) in streams {
            forget(id)
            stream.channel?.close(promise: nil)
        }
    }
}
