import NIOCore
import NIOPosix
import Primitives
import TLSClient

/// The one thread of all streams in this process. It lives as long as the process does.
enum StreamLoop {
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    static var loop: any EventLoop { group.any() }

    static func now() -> Instant {
        Instant(microseconds: Int64(truncatingIfNeeded: NIODeadline.now().uptimeNanoseconds / 1000))
    }
}

/// TCP and TLS connections for TURN (RFC 8656) and ICE-TCP (RFC 6544), on a thread of their own.
///
/// Bytes go in and come out as they are: framing is the owner's. All methods may be called from any thread and return at once, but for
/// `listen` and `stop`, which wait for the loop.
public final class StreamTransport: Sendable {
    private let loop: any EventLoop
    private let flows = FlowTable()
    private let core: NIOLoopBoundBox<StreamCore>

    /// - Parameter onEvent: called on the loop's thread, in order: it must not block.
    public convenience init(onEvent: @escaping @Sendable (StreamEvent) -> Void) {
        self.init(trust: .environment, onEvent: onEvent)
    }

    init(trust: TrustRoots, limits: StreamLimits = StreamLimits(), onEvent: @escaping @Sendable (StreamEvent) -> Void) {
        loop = StreamLoop.loop
        core = NIOLoopBoundBox.makeBoxSendingValue(
            StreamCore(loop: loop, flows: flows, trust: trust, limits: limits, onEvent: onEvent), eventLoop: loop)
    }

    deinit {
        let core = core
        loop.execute { core.value.stop() }
    }

    private func run(_ body: @escaping @Sendable (StreamCore) -> Void) {
        let core = core
        loop.execute { body(core.value) }
    }

    /// Opens a connection; `opened` or `closed` follows within 10 s.
    /// - Parameters:
    ///   - id: new, and without the top bit, which is for accepted ones.
    ///   - local: the address to connect from; nil: whichever the system takes.
    ///   - serverName: asks for TLS (1.2 or newer). The certificate has to be valid for this name, or, if it is an address, for this
    ///     address, and be signed by an authority that the system trusts, or that the file SSL_CERT_FILE names.
    public func connect(_ id: StreamID, to remote: Primitives.SocketAddress, from local: IPAddress? = nil, tls serverName: String? = nil) {
        run { $0.connect(id, to: remote, from: local, serverName: serverName) }
    }

    /// Accepts connections on a free port of that address. Nil when the address is not this machine's, and on the loop's own thread.
    public func listen(on ip: IPAddress) -> Primitives.SocketAddress? {
        guard !loop.inEventLoop else { return nil }
        let core = core
        return try? loop.flatSubmit { core.value.listen(on: ip) }.wait()
    }

    /// Accepts no more; connections that were accepted stay.
    public func stopListening(_ listener: Primitives.SocketAddress) { run { $0.stopListening(listener) } }

    /// The one at the other end of an accepted connection is who it should be.
    public func keep(_ id: StreamID) { run { $0.keep(id) } }

    /// Queues one payload, which is sent whole or dropped: when 256 KiB wait already, when it has waited for a second, or when the stream
    /// does not stand (yet).
    public func send(_ id: StreamID, _ bytes: [UInt8]) {
        guard !bytes.isEmpty, flows.append(bytes, to: id, now: StreamLoop.now()) else { return }
        run { $0.pump(id) }
    }

    /// How many payloads of a stream that stands were dropped.
    public func droppedPayloads(_ id: StreamID) -> Int { flows.droppedCount(of: id) }

    /// The owner has taken so many bytes out of `received` events. With more than 256 KiB on the way to the owner, nothing is read from
    /// that stream.
    public func consumed(_ id: StreamID, _ count: Int) {
        if flows.consumed(count, of: id) { run { $0.resume(id) } }
    }

    /// Sends what is queued, for a second at the most, then closes. No further event of it is made.
    public func close(_ id: StreamID) { run { $0.close(id) } }

    /// Closes everything; no event comes after it returns.
    public func stop() {
        let core = core
        guard !loop.inEventLoop else { return core.value.stop() }
        try? loop.submit { core.value.stop() }.wait()
    }
}
