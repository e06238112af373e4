import ByteCoding
import Primitives

extension SocketAddress {
    /// The name of a base that is no socket but a stream: in the discard-only prefix (RFC 6666), on port 0, where nothing can be.
    init(namingStream number: UInt64) { self.init(.v6(0x0100 << 48, number), port: 0) }

    /// Whether it is such a name.
    public var isStreamName: Bool {
        if case .v6(0x0100_0000_0000_0000, _) = ip { return port == 0 }
        return false
    }
}

/// The TCP and TLS connections that the agent has, or wants to have.
struct StreamTable: Sendable {
    enum State: Sendable {
        case idle
        /// Until when it has to be there.
        case opening(until: Instant)
        case open
    }

    struct Stream: Sendable {
        /// Names it as a base, and stays when it is opened again under another id.
        let base: SocketAddress
        let remote: SocketAddress
        let framing: StreamFraming
        var tls: String?
        /// For ICE-TCP (RFC 6544): the candidate that it is of.
        var local: Candidate?
        /// Opened by this side.
        let isActive: Bool
        var id: StreamID?
        var state = State.idle
        /// Framed, for when it is open.
        var held: [[UInt8]] = []
        var buffer: [UInt8] = []
        /// Accepted, and nothing authentic has come by then.
        var unprovenUntil: Instant?
        /// Of a session before a restart.
        var isOld = false
        /// Attempts in a row that came to nothing, and when the next one may be.
        var failures = 0
        var notBefore = Instant.zero

        var isOpen: Bool { if case .open = state { true } else { false } }
    }

    static let limit = 24
    private static let heldLimit = 16
    static let patience = Interval.seconds(15)
    private(set) var streams: [Stream] = []
    private var nextNumber: UInt64 = 1

    var isEmpty: Bool { streams.isEmpty }

    func index(_ id: StreamID) -> Int? { streams.firstIndex { $0.id == id } }
    func index(base: SocketAddress) -> Int? { streams.firstIndex { $0.base == base } }

    subscript(_ index: Int) -> Stream {
        _read { yield streams[index] }
        _modify { yield &streams[index] }
    }

    /// The new stream's name; nil: there are too many.
    mutating func add(
        remote: SocketAddress, framing: StreamFraming, tls: String? = nil, local: Candidate? = nil, accepted id: StreamID? = nil
    ) -> SocketAddress? {
        guard streams.count < Self.limit else { return nil }
        let base = newName()
        var stream = Stream(base: base, remote: remote, framing: framing, tls: tls, local: local, isActive: id == nil)
        if let id {
            stream.id = id
            stream.state = .open
        }
        streams.append(stream)
        return base
    }

    mutating func newName() -> SocketAddress {
        defer { nextNumber &+= 1 }
        return SocketAddress(namingStream: nextNumber)
    }

    mutating func markOld() {
        for i in streams.indices where streams[i].local != nil { streams[i].isOld = true }
    }

    mutating func remove(base: SocketAddress) { streams.removeAll { $0.base == base } }

    /// Keeps a framed datagram until the stream is open; too many are dropped, as on any network.
    mutating func hold(_ frame: [UInt8], at index: Int) {
        if streams[index].held.count < Self.heldLimit { streams[index].held.append(frame) }
    }

    /// A stream that should have been open, or have shown who it is, by now.
    func overdue(_ now: Instant) -> StreamID? { streams.first { deadline($0).map { $0 <= now } == true }?.id }

    private func deadline(_ stream: Stream) -> Instant? {
        if case .opening(let until) = stream.state { return until }
        return stream.unprovenUntil
    }

    var nextTimeout: Instant? {
        var next: Instant?
        for stream in streams {
            if let until = deadline(stream) { next = min(next ?? until, until) }
        }
        return next
    }
}
