import ByteCoding
import Primitives

/// What a SACK means for what is under way (RFC 9260, sections 6.2.1, 6.3 and 7.2).
extension Association {
    mutating func handleSack(_ sack: SackChunk) {
        switch state {
        case .established, .shutdownPending, .shutdownReceived, .shutdownSent: break
        default: return
        }
        let flight = outstanding.flightBytes
        let last = outstanding.nextTSN - 1
        guard let result = outstanding.acknowledge(sack, isRecovering: window.isRecovering, now: now) else { return }
        if let sample = result.roundTrip { timeout.measured(sample) }
        // Even one that moves nothing, for want of room, comes from somebody alive (section 6.1, rule A).
        failures = 0
        if result.bytes > 0 || result.hasAdvanced {
            timeout.progressed()
            burstCount = 0
        }
        peer?.window = Int(sack.window)
        if sack.window > 0 { probeDue = nil } else if probeDue == nil { probeDue = now + timeout.current }
        if result.hasAdvanced {
            window.acknowledged(
                result.bytes, upTo: outstanding.cumulativeTSN, wasFull: flight + PacketFormat.maximumSize > window.bytes)
        }
        if result.hasLoss, window.lost(outstandingUpTo: last) { isFastRetransmitDue = true }
        if outstanding.isEmpty {
            retransmissionDue = nil
            isFastRetransmitDue = false
        } else if result.hasAdvanced {
            retransmissionDue = now + timeout.current
        } else if retransmissionDue == nil {
            retransmissionDue = now + timeout.current
        }
        updateForwardTSN(isRepeated: result.hasAdvanced)
        if result.hasAdvanced { requestResets() }
    }

    /// How far the peer is to go without what has been given up; said when it is news, and again with every step that the peer makes.
    private mutating func updateForwardTSN(isRepeated: Bool) {
        let before = forwardTSN?.cumulativeTSN
        forwardTSN = outstanding.forwardTSN()
        if let forwardTSN, isRepeated || forwardTSN.cumulativeTSN != before { isForwardDue = true }
    }

    // MARK: Giving up (RFC 3758)

    /// Messages that would be sent again though they have been sent as often, or have lived as long, as they may; and one that is half
    /// sent when its time ends.
    mutating func abandonExhausted() {
        guard peer?.supportsForwardTSN == true else { return }
        while let index = outstanding.nextLost(), outstanding.chunks[index].isExhausted(now) { abandon(index) }
        if let current = queue.current, current.offset > 0, current.message.expires <= now {
            queue.discardCurrent()
            outstanding.appendAbandonedEnd(current)
            updateForwardTSN(isRepeated: false)
        }
    }

    private mutating func abandon(_ index: Int) {
        let number = outstanding.chunks[index].number
        if !outstanding.abandonMessage(at: index), let current = queue.current, current.number == number {
            queue.discardCurrent()
            outstanding.appendAbandonedEnd(current)
        }
        updateForwardTSN(isRepeated: false)
    }

    // MARK: Timers

    mutating func handleTimeout(now: Instant) {
        self.now = now
        guard state != .ended else { return }
        if let due = handshakeDue, due <= now { handshakeTimedOut() }
        if let due = sackDue, due <= now { isSackDue = true }
        if let due = retransmissionDue, due <= now { retransmissionTimedOut() }
        if let due = resets.due, due <= now { resetTimedOut() }
        if let due = heartbeatDue, due <= now { heartbeatTimedOut() }
        if let due = shutdownDue, due <= now { shutdownTimedOut() }
    }

    private mutating func retransmissionTimedOut() {
        retransmissionDue = nil
        guard !outstanding.isEmpty else { return }
        timeouts += 1
        failures += 1
        if hasGivenUp() { return }
        timeout.expired()
        outstanding.timeOut()
        window.timedOut()
        isFastRetransmitDue = false
        burstCount = 0
        updateForwardTSN(isRepeated: true)
        retransmissionDue = now + timeout.current
    }

    mutating func hasGivenUp() -> Bool {
        guard failures > AssociationConfiguration.tries else { return false }
        abort(reason: "The peer does not answer any more.")
        return true
    }

    // MARK: Heartbeats (section 8.3)

    private mutating func heartbeatTimedOut() {
        guard isUp else {
            heartbeatDue = nil
            return
        }
        if heartbeat != nil {
            heartbeat = nil
            failures += 1
            timeout.expired()
            if hasGivenUp() { return }
        } else if !outstanding.isEmpty {
            // Data tell as much.
            heartbeatDue = now + configuration.heartbeatInterval
            return
        }
        let nonce = random.next()
        heartbeat = (nonce, now)
        var info: [UInt8] = []
        info.append(uint64: nonce)
        var body: [UInt8] = []
        body.appendParameter(1, info)
        appendControl(ChunkType.heartbeat, body, isOwn: true)
        heartbeatDue = now + timeout.current
    }

    mutating func handleHeartbeatAck(_ body: Span<UInt8>) {
        guard let heartbeat, body.count == 12, body.uint16(at: 0) == 1,
            UInt64(body.uint32(at: 4)) << 32 | UInt64(body.uint32(at: 8)) == heartbeat.nonce
        else { return }
        self.heartbeat = nil
        failures = 0
        timeout.measured(now - heartbeat.sent)
        heartbeatDue = now + configuration.heartbeatInterval
    }

    // MARK: The end (section 9)

    /// Says SHUTDOWN, or answers it, once everything that was sent has come.
    mutating func continueShutdown() {
        guard state == .shutdownPending || state == .shutdownReceived, queue.isEmpty, outstanding.isEmpty else { return }
        if state == .shutdownPending {
            state = .shutdownSent
            sendShutdown()
        } else {
            state = .shutdownAckSent
            sendShutdownAck()
        }
        shutdownTries = 0
        shutdownDue = now + timeout.current
    }

    private mutating func sendShutdown() {
        var body: [UInt8] = []
        body.append(uint32: received.wireCumulative)
        appendControl(ChunkType.shutdown, body, isOwn: true)
    }

    private mutating func sendShutdownAck() { appendControl(ChunkType.shutdownAck, [], isOwn: true) }

    private mutating func shutdownTimedOut() {
        shutdownTries += 1
        guard state == .shutdownSent || state == .shutdownAckSent, shutdownTries <= 5 else {
            return abort(reason: "Shut down; the peer has not confirmed it.")
        }
        timeout.expired()
        shutdownDue = now + timeout.current
        if state == .shutdownSent { sendShutdown() } else { sendShutdownAck() }
    }

    mutating func handleShutdown(_ body: Span<UInt8>) throws(WireError) {
        guard body.count >= 4 else { throw .truncated }
        switch state {
        case .established, .shutdownPending:
            handleSack(SackChunk(cumulativeTSN: body.uint32(at: 0), window: UInt32(clamping: peer?.window ?? 0)))
            state = .shutdownReceived
            shutdownDue = now + .seconds(5)
        case .shutdownReceived:
            handleSack(SackChunk(cumulativeTSN: body.uint32(at: 0), window: UInt32(clamping: peer?.window ?? 0)))
        case .shutdownSent:
            // Both at once (section 9.2).
            state = .shutdownAckSent
            sendShutdownAck()
            shutdownDue = now + timeout.current
        case .shutdownAckSent: sendShutdownAck()
        default: break
        }
    }

    mutating func handleShutdownAck() {
        guard state == .shutdownSent || state == .shutdownAckSent, let peer else { return }
        var packet = begin(tag: peer.tag)
        packet.appendChunk(ChunkType.shutdownComplete)
        finish(packet)
        end("Shut down.")
    }
}
