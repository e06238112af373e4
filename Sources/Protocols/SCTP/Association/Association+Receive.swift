import ByteCoding
import Primitives

/// What comes in.
extension Association {
    /// One SCTP packet, out of a DTLS record. What is not right is dropped without a word.
    mutating func handle(_ packet: Span<UInt8>, now: Instant) {
        self.now = now
        guard state != .ended, packet.count >= PacketFormat.headerSize + PacketFormat.chunkHeaderSize,
            packet.uint16(at: 0) == configuration.remotePort, packet.uint16(at: 2) == configuration.localPort,
            PacketFormat.hasRightChecksum(packet), isMeantForThis(packet)
        else { return }
        packetsReceived += 1
        let tag = packet.uint32(at: 4)
        var hasData = false
        var wantsSack = false
        var offset = PacketFormat.headerSize
        while offset < packet.count, state != .ended {
            do throws(WireError) {
                let chunk = try ChunkView(in: packet, at: offset)
                offset = chunk.next
                if chunk.type == ChunkType.data {
                    hasData = true
                    try handleData(chunk, &wantsSack)
                } else if try !handleChunk(chunk, tag: tag) {
                    break
                }
            } catch { break }
        }
        guard state != .ended else { return }
        if hasData, peer != nil { scheduleSack(isUrgent: wantsSack) }
        if resets.deferred != nil { performDeferredReset() }
        continueShutdown()
    }

    /// The rules for verification tags (RFC 9260, section 8.5).
    private func isMeantForThis(_ packet: Span<UInt8>) -> Bool {
        let tag = packet.uint32(at: 4)
        let type = packet[PacketFormat.headerSize]
        let isReflected = packet[PacketFormat.headerSize + 1] & 1 != 0
        switch type {
        case ChunkType.initiation:
            guard let chunk = try? ChunkView(in: packet, at: PacketFormat.headerSize) else { return false }
            return tag == 0 && chunk.next >= packet.count
        case ChunkType.cookieEcho: return tag != 0
        case ChunkType.abort where isReflected, ChunkType.shutdownComplete where isReflected: return peer?.tag == tag
        default: return tag == localTag
        }
    }

    /// False: nothing more of this packet counts.
    private mutating func handleChunk(_ chunk: borrowing ChunkView, tag: UInt32) throws(WireError) -> Bool {
        switch chunk.type {
        case ChunkType.sack: handleSack(try SackChunk(chunk.body))
        case ChunkType.forwardTSN: try handleForwardTSN(chunk.body)
        case ChunkType.initiation:
            // Never together with others (section 3).
            if tag == 0 { try handleInitiation(chunk.body) }
        case ChunkType.initiationAck: try handleInitiationAck(chunk.body)
        case ChunkType.cookieEcho: return handleCookieEcho(chunk.body, tag: tag)
        case ChunkType.cookieAck: handleCookieAck()
        case ChunkType.heartbeat:
            guard peer != nil, chunk.body.count <= PacketFormat.space - PacketFormat.chunkHeaderSize else { return true }
            appendControl(ChunkType.heartbeatAck, Array(copying: chunk.body), isOwn: false)
        case ChunkType.heartbeatAck: handleHeartbeatAck(chunk.body)
        case ChunkType.abort: end("The peer has ended the association" + Self.cause(chunk.body) + ".")
        case ChunkType.error: handleError(chunk.body)
        case ChunkType.shutdown: try handleShutdown(chunk.body)
        case ChunkType.shutdownAck: handleShutdownAck()
        case ChunkType.shutdownComplete:
            if state == .shutdownAckSent { end("Shut down by the peer.") }
        case ChunkType.reconfiguration: try handleReconfiguration(chunk.body)
        default:
            let rule = UnknownTypeRule(chunk: chunk.type)
            if rule.isReported { reportUnknown(chunk) }
            return rule.isSkipped
        }
        return true
    }

    /// ERROR with cause 6 (RFC 9260, section 3.3.10.6), with as much of the chunk as is of use.
    private mutating func reportUnknown(_ chunk: borrowing ChunkView) {
        guard peer != nil else { return }
        var value: [UInt8] = [chunk.type, chunk.flags]
        value.append(uint16: UInt16(truncatingIfNeeded: chunk.body.count + PacketFormat.chunkHeaderSize))
        value.append(span: chunk.body.extracting(first: min(chunk.body.count, 60)))
        var body: [UInt8] = []
        body.appendParameter(6, value)
        appendControl(ChunkType.error, body, isOwn: false)
    }

    private static func cause(_ body: Span<UInt8>) -> String {
        body.count >= 4 ? " (cause \(body.uint16(at: 0)))" : ""
    }

    private mutating func handleError(_ body: Span<UInt8>) {
        // A cookie that came too late (section 5.2.6): from the beginning.
        guard state == .cookieEchoed, body.count >= 4, body.uint16(at: 0) == 3 else { return }
        state = .cookieWait
        peer = nil
        (isSackDue, sackDue, retransmissionDue) = (false, nil, nil)
        handshakeTimedOut()
    }

    // MARK: Data

    var usedWindow: Int { reassembly.cost + undeliveredBytes }
    var freeWindow: Int { max(0, configuration.receiveWindow - usedWindow) }

    private mutating func handleData(_ chunk: borrowing ChunkView, _ wantsSack: inout Bool) throws(WireError) {
        guard peer != nil else { return }
        // Who sends data has taken the cookie; only its answer has been lost.
        if state == .cookieEchoed { becomeEstablished() }
        switch state {
        case .established, .shutdownPending, .shutdownSent: break
        default: return
        }
        let header = try DataChunkHeader(chunk)
        let payload = chunk.body.extracting(12..<chunk.body.count)
        let tsn = received.unwrap(header.tsn)
        if header.flags.contains(.immediate) { wantsSack = true }
        switch received.standing(tsn) {
        case .duplicate:
            received.noteDuplicate(header.tsn)
            wantsSack = true
            return
        case .outOfReach:
            wantsSack = true
            return
        case .next:
            // It may exceed a window that is full of what waits for it; but only by so much.
            let isStuck = undeliveredBytes == 0 && usedWindow < configuration.receiveWindow + configuration.messageLimit
            wantsSack = wantsSack || usedWindow + payload.count > configuration.receiveWindow
            guard usedWindow + payload.count <= configuration.receiveWindow || isStuck else { return }
        case .ahead:
            wantsSack = true
            guard usedWindow + payload.count <= configuration.receiveWindow else { return }
        }
        guard !mustWaitForReset(header.stream, tsn) else { return }
        let hadGaps = received.hasGaps
        received.insert(tsn)
        if hadGaps { wantsSack = true }
        let newest = reassembly.messages.count
        if !reassembly.add(header, tsn: tsn, payload: payload) { refuse(header.stream) }
        for index in newest..<reassembly.messages.count { undeliveredBytes += reassembly.messages[index].bytes.count }
    }

    /// ERROR with cause 1, invalid stream identifier (section 3.3.10.1).
    private mutating func refuse(_ stream: UInt16) {
        var value: [UInt8] = []
        value.append(uint16: stream)
        value.append(uint16: 0)
        var body: [UInt8] = []
        body.appendParameter(1, value)
        appendControl(ChunkType.error, body, isOwn: false)
    }

    /// Every second packet is acknowledged, and every one as long as something is missing (section 6.2).
    private mutating func scheduleSack(isUrgent: Bool) {
        unacknowledgedPackets += 1
        if isUrgent || unacknowledgedPackets >= 2 {
            isSackDue = true
        } else if sackDue == nil {
            sackDue = now + AssociationConfiguration.acknowledgementDelay
        }
    }

    /// More than any sender has under way.
    private static let longestSkip: Int64 = 1 << 20

    private mutating func handleForwardTSN(_ body: Span<UInt8>) throws(WireError) {
        guard peer != nil, isUp || state == .shutdownSent else { return }
        let chunk = try ForwardTSNChunk(body)
        isSackDue = true
        let tsn = received.unwrap(chunk.cumulativeTSN)
        guard tsn > received.cumulative, tsn - received.cumulative <= Self.longestSkip else { return }
        received.advance(to: tsn)
        let newest = reassembly.messages.count
        reassembly.forward(to: tsn, skips: chunk.skips)
        for index in newest..<reassembly.messages.count { undeliveredBytes += reassembly.messages[index].bytes.count }
    }

    /// A whole message for the layer above.
    mutating func takeMessage() -> ReceivedMessage? {
        guard let message = reassembly.messages.popFirst() else { return nil }
        undeliveredBytes -= message.bytes.count
        // The peer may be waiting for room.
        if lastAdvertised < configuration.receiveWindow / 4, freeWindow >= configuration.receiveWindow / 2 { isSackDue = true }
        return message
    }
}
