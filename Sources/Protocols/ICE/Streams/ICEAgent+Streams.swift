import ByteCoding
import Primitives

/// TCP and TLS connections, which somebody else holds: to TURN servers (RFC 8656 §3.1), and between the peers (RFC 6544).
extension ICEAgent {
    /// How large what waits for the rest of a frame may get, plus one read.
    private static let bufferLimit = 1 << 17

    // MARK: Input

    /// A stream that `openStream` asked for is there, with TLS if that was asked for too.
    public mutating func streamOpened(_ id: StreamID, local: SocketAddress, now: Instant) {
        guard !isOver, let index = streams.index(id), !streams[index].isOpen else { return }
        streams[index].state = .open
        streams[index].failures = 0
        let held = streams[index].held
        streams[index].held = []
        for frame in held { emit(.sendStream(id, payload: frame)) }
        update(now)
    }

    /// What came in by a stream: take the datagrams out of the result, hand each to `unwrap` or `handle`, and give it back to
    /// `streamHandled`. nil: the stream is none of this agent's.
    public mutating func streamReceived(_ id: StreamID, _ bytes: Span<UInt8>, now: Instant) -> StreamInput? {
        guard state != .closed, let index = streams.index(id), streams[index].isOpen else { return nil }
        guard streams[index].buffer.count + bytes.count <= Self.bufferLimit else {
            breakStream(id, reason: "too much at once came in", now: now)
            return nil
        }
        var input = StreamInput(
            source: streams[index].remote, base: streams[index].base, bytes: [], id: id, framing: streams[index].framing)
        // Moved, not copied: the buffer is the stream's again afterwards.
        swap(&input.bytes, &streams[index].buffer)
        input.bytes.append(span: bytes)
        return input
    }

    public mutating func streamHandled(_ input: consuming StreamInput, now: Instant) {
        guard let index = streams.index(input.id) else { return }
        guard !input.isBroken else { return breakStream(input.id, reason: "what came in has no such framing", now: now) }
        if input.taken == input.bytes.count {
            input.bytes.removeAll(keepingCapacity: true)
        } else {
            input.bytes.removeSubrange(..<input.taken)
        }
        swap(&streams[index].buffer, &input.bytes)
    }

    /// It ended, or never came to be.
    /// - Parameter reason: in a person's words, fit for a terminal.
    public mutating func streamClosed(_ id: StreamID, reason: String, now: Instant) {
        guard let index = streams.index(id) else { return }
        let base = streams[index].base
        let isActive = streams[index].isActive
        streams[index].id = nil
        streams[index].state = .idle
        streams[index].held = []
        streams[index].buffer = []
        if relays.index(streamBase: base) != nil {
            loseRelayStream(base, reason: String(reason.prefix(200)), now: now)
        } else {
            let failures = streams[index].failures
            streams[index].failures += 1
            streams[index].notBefore = now + .milliseconds(500) * (1 << min(failures, 6))
            for i in checks.pairs.indices where checks[i].base == base { block(i, now: now) }
            if !isActive { forgetStreamPair(base, now: now) }
        }
        update(now)
    }

    // MARK: Output

    /// Asks for the connection, unless it is there or on its way.
    mutating func openStream(_ index: Int, now: Instant) {
        guard streams[index].isActive, case .idle = streams[index].state, streams[index].notBefore <= now else { return }
        // Numbers with the top bit are those of accepted ones.
        let id = StreamID(random.next() >> 1)
        streams[index].id = id
        streams[index].state = .opening(until: now + StreamTable.patience)
        emit(.openStream(id, to: streams[index].remote, tls: streams[index].tls))
    }

    /// A datagram by a stream: framed, and kept until there is one.
    mutating func transmit(_ payload: [UInt8], onStream base: SocketAddress) {
        guard let index = streams.index(base: base) else { return }
        var frame = payload
        streams[index].framing.frame(&frame)
        if streams[index].isOpen, let id = streams[index].id {
            emit(.sendStream(id, payload: frame))
        } else {
            streams.hold(frame, at: index)
        }
    }

    /// An accepted stream does not come back; the selected pair stays until another takes over or its consent runs out.
    private mutating func forgetStreamPair(_ base: SocketAddress, now: Instant) {
        streams.remove(base: base)
        removePairs(base: base, keeping: selection?.pairID)
    }

    /// This side has had enough of it.
    mutating func breakStream(_ id: StreamID, reason: String, now: Instant) {
        emit(.closeStream(id))
        streamClosed(id, reason: reason, now: now)
    }

    /// For good: nothing opens it again.
    mutating func dropStream(base: SocketAddress) {
        guard let index = streams.index(base: base) else { return }
        if let id = streams[index].id { emit(.closeStream(id)) }
        streams.remove(base: base)
    }

    mutating func serveStreams(_ now: Instant) {
        while let id = streams.overdue(now) { breakStream(id, reason: "it took too long", now: now) }
    }
}
