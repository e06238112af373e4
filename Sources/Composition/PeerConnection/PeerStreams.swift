import ICE
import Primitives

/// TCP and TLS connections, held outside: to TURN servers, and to the other side (RFC 6544).
extension PeerConnection {
    /// What `openStream` asked for is there.
    public mutating func streamOpened(_ id: StreamID, local: SocketAddress, now: Instant) {
        guard !isClosed else { return }
        self.now = now
        agent.streamOpened(id, local: local, now: now)
    }

    /// What checks that are meant for this connection name it (`StreamAddressee`).
    public var localUfrag: String { agent.localCredentials.ufrag }

    /// Somebody connected to the listener `local`.
    public mutating func streamAccepted(_ id: StreamID, local: SocketAddress, remote: SocketAddress, now: Instant) {
        guard !isClosed else { return outputs.append(.closeStream(id)) }
        self.now = now
        agent.streamAccepted(id, local: local, remote: remote, now: now)
    }

    /// Bytes in the order in which they were sent, in pieces of any length.
    public mutating func streamReceived(_ id: StreamID, _ bytes: Span<UInt8>, now: Instant) {
        guard !isClosed, bytes.count > 0 else { return }
        self.now = now
        guard var input = agent.streamReceived(id, bytes, now: now) else { return }
        noteReceived(bytes.count)
        while let frame = input.next() { unwrap(input.bytes.span.extracting(frame), from: input.source, base: input.base) }
        agent.streamHandled(input, now: now)
    }

    /// It has ended, or could not be opened.
    /// - Parameter reason: in a person's words, fit for a terminal.
    public mutating func streamClosed(_ id: StreamID, reason: String, now: Instant) {
        guard !isClosed else { return }
        self.now = now
        agent.streamClosed(id, reason: reason, now: now)
    }
}
