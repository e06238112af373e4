import ByteCoding
import Primitives

/// How an association begins (RFC 9260, section 5).
extension Association {
    mutating func sendInitiation() {
        var packet = begin(tag: 0)
        packet.appendChunk(ChunkType.initiation, initiation(tag: localTag, tsn: localTSN).encoded)
        finish(packet)
        armHandshake()
    }

    private func initiation(tag: UInt32, tsn: UInt32) -> InitiationChunk {
        InitiationChunk(
            tag: tag, window: UInt32(clamping: configuration.receiveWindow), outboundStreams: AssociationConfiguration.streams,
            inboundStreams: AssociationConfiguration.streams, initialTSN: tsn)
    }

    private mutating func sendCookie() {
        guard let peer else { return }
        var packet = begin(tag: peer.tag)
        packet.appendChunk(ChunkType.cookieEcho, cookie)
        finish(packet)
        armHandshake()
    }

    private mutating func armHandshake() {
        handshakeDue = now + min(configuration.initialTimeout * (1 << min(handshakeTries, 8)), RetransmissionTimeout.longestBackoff)
    }

    mutating func handshakeTimedOut() {
        handshakeTries += 1
        guard handshakeTries < AssociationConfiguration.handshakeTries else { return end("The peer does not answer.") }
        if state == .cookieEchoed { sendCookie() } else { sendInitiation() }
    }

    /// An INIT makes nothing here change: all of it goes into the cookie. Before there is an association the answer speaks of the same tag
    /// and TSN as our own INIT, so that two INITs that cross meet in one association (section 5.2.1); afterwards of new ones, which the
    /// tie-tags bind to the old (section 5.2.2).
    mutating func handleInitiation(_ body: Span<UInt8>) throws(WireError) {
        let offered = try InitiationChunk(body)
        guard state != .ended, state != .shutdownAckSent else { return }
        var cookie = StateCookie(made: now, localTag: localTag, localTSN: localTSN, peer: offered)
        if let peer, state != .cookieWait {
            cookie.tieLocal = localTag
            cookie.tiePeer = peer.tag
            if state != .cookieEchoed {
                cookie.localTag = UInt32.random(in: 1...UInt32.max, using: &random)
                cookie.localTSN = UInt32(truncatingIfNeeded: random.next())
            }
        }
        var answer = initiation(tag: cookie.localTag, tsn: cookie.localTSN)
        answer.cookie = cookie.encoded(key: cookieKey)
        answer.unrecognized = offered.unrecognized
        var packet = begin(tag: offered.tag)
        packet.appendChunk(ChunkType.initiationAck, answer.encoded)
        finish(packet)
    }

    mutating func handleInitiationAck(_ body: Span<UInt8>) throws(WireError) {
        guard state == .cookieWait else { return }
        let answer = try InitiationChunk(body)
        guard !answer.cookie.isEmpty, answer.cookie.count <= 1024 else { throw .malformed("INIT ACK without a cookie of useful size") }
        meet(answer)
        cookie = answer.cookie
        state = .cookieEchoed
        handshakeTries = 0
        sendCookie()
    }

    /// What the peer says about itself becomes what is known of it.
    private mutating func meet(_ chunk: InitiationChunk) {
        peer = Peer(
            tag: chunk.tag, window: Int(chunk.window),
            outgoingStreams: Int(min(chunk.inboundStreams, AssociationConfiguration.streams)),
            supportsForwardTSN: chunk.supportsForwardTSN, supportsReconfiguration: chunk.supportsReconfiguration)
        received = ReceivedTSNs(initialTSN: chunk.initialTSN)
        resets = StreamResets(localInitialTSN: localTSN, peerInitialTSN: chunk.initialTSN, keeping: resets)
    }

    private func introduction(_ cookie: StateCookie) -> InitiationChunk {
        var chunk = InitiationChunk(
            tag: cookie.peerTag, window: cookie.peerWindow, outboundStreams: cookie.peerOutboundStreams,
            inboundStreams: cookie.peerInboundStreams, initialTSN: cookie.peerTSN)
        chunk.supportsForwardTSN = cookie.supportsForwardTSN
        chunk.supportsReconfiguration = cookie.supportsReconfiguration
        return chunk
    }

    /// Section 5.2.4 and its table. False: the packet is not for this association, and none of it counts.
    mutating func handleCookieEcho(_ body: Span<UInt8>, tag: UInt32) -> Bool {
        guard state != .ended, let cookie = StateCookie(body, key: cookieKey), tag == cookie.localTag else { return false }
        if let peer, cookie.localTag == localTag, cookie.peerTag == peer.tag {
            // D: ours was answered too, or the answer to this was lost.
            answerCookie(tag: peer.tag)
            if state == .cookieWait || state == .cookieEchoed { becomeEstablished() }
            return true
        }
        guard now - cookie.made <= StateCookie.lifetime else {
            var packet = begin(tag: cookie.peerTag)
            packet.appendChunk(ChunkType.error, [0, 3, 0, 8, 0, 0, 0, 0])
            finish(packet)
            return false
        }
        switch state {
        case .closed, .cookieWait, .cookieEchoed:
            // B: the peer's INIT and ours have crossed.
            guard cookie.localTag == localTag else { return false }
            meet(introduction(cookie))
            answerCookie(tag: cookie.peerTag)
            becomeEstablished()
            return true
        default:
            // A: the peer has begun anew.
            guard let peer, cookie.localTag != localTag, cookie.peerTag != peer.tag, cookie.tieLocal == localTag,
                cookie.tiePeer == peer.tag
            else { return false }
            restart(cookie)
            return true
        }
    }

    private mutating func answerCookie(tag: UInt32) {
        var packet = begin(tag: tag)
        packet.appendChunk(ChunkType.cookieAck)
        finish(packet)
    }

    private mutating func restart(_ cookie: StateCookie) {
        let old = queue
        queue = SendQueue()
        queue.drained = old.drained
        localTag = cookie.localTag
        localTSN = cookie.localTSN
        outstanding = Outstanding(initialTSN: localTSN)
        window = CongestionWindow()
        reassembly = Reassembly(messageLimit: configuration.messageLimit)
        resets = StreamResets(localInitialTSN: localTSN, peerInitialTSN: cookie.peerTSN)
        control.removeAll()
        forwardTSN = nil
        isForwardDue = false
        isFastRetransmitDue = false
        undeliveredBytes = 0
        (retransmissionDue, sackDue, shutdownDue) = (nil, nil, nil)
        meet(introduction(cookie))
        answerCookie(tag: cookie.peerTag)
        events.append(.restarted)
        becomeEstablished()
    }

    mutating func handleCookieAck() {
        if state == .cookieEchoed { becomeEstablished() }
    }

    mutating func becomeEstablished() {
        state = .established
        handshakeDue = nil
        cookie = []
        failures = 0
        lastAdvertised = configuration.receiveWindow
        probeDue = peer?.window == 0 ? now + timeout.current : nil
        heartbeatDue = now + configuration.heartbeatInterval
        events.append(.established)
        requestResets()
    }
}
