import ByteCoding
import Primitives

/// What goes out: packets are made when they are asked for, so that one carries whatever is to be said at that moment.
extension Association {
    func begin(tag: UInt32) -> [UInt8] {
        PacketFormat.begin(from: configuration.localPort, to: configuration.remotePort, tag: tag)
    }

    /// A packet that stands alone. What is lost here for want of room is asked for again.
    mutating func finish(_ packet: [UInt8]) {
        guard packets.count < AssociationConfiguration.controlLimit else { return }
        var packet = packet
        PacketFormat.seal(&packet)
        packets.append(packet)
    }

    /// A chunk that can ride with others. What only answers the peer has a limit, so that asking cannot pile up answers.
    mutating func appendControl(_ type: UInt8, _ body: [UInt8], isOwn: Bool) {
        guard isOwn || control.count < AssociationConfiguration.controlLimit else { return }
        var chunk: [UInt8] = []
        chunk.appendChunk(type, body)
        guard chunk.count <= PacketFormat.space else { return }
        control.append(chunk)
    }

    /// The next packet, ready to be sent; nil: nothing more may be sent now.
    mutating func pollPacket() -> [UInt8]? {
        if let packet = packets.popFirst() {
            packetsSent += 1
            return packet
        }
        isHeldByBurst = false
        guard let peer, state != .ended else { return nil }
        let hasData = isUp && prepareData()
        guard hasData || isSackDue || isForwardDue || !control.isEmpty else { return nil }
        var packet = begin(tag: peer.tag)
        while let chunk = control.first, packet.count + chunk.count <= Self.packetEnd {
            packet.append(contentsOf: chunk)
            _ = control.popFirst()
        }
        if isSackDue || hasData && sackDue != nil { appendSack(to: &packet) }
        if isForwardDue { appendForwardTSN(to: &packet) }
        if hasData { appendData(to: &packet) }
        // All that was waiting had expired: what waits for an empty queue may have its turn.
        guard packet.count > PacketFormat.headerSize else { return hasData && queue.isEmpty ? pollPacket() : nil }
        PacketFormat.seal(&packet)
        packetsSent += 1
        return packet
    }

    private static let packetEnd = PacketFormat.headerSize + PacketFormat.space

    private mutating func appendSack(to packet: inout [UInt8]) {
        let room = Self.packetEnd - packet.count
        guard room >= SackChunk.fixedSize else { return }
        lastAdvertised = freeWindow
        received.sack(window: UInt32(clamping: lastAdvertised), room: room).append(to: &packet)
        isSackDue = false
        sackDue = nil
        unacknowledgedPackets = 0
    }

    private mutating func appendForwardTSN(to packet: inout [UInt8]) {
        guard let forwardTSN else {
            isForwardDue = false
            return
        }
        let body = forwardTSN.encoded
        guard packet.count + PacketFormat.chunkHeaderSize + body.count <= Self.packetEnd else { return }
        packet.appendChunk(ChunkType.forwardTSN, body)
        isForwardDue = false
        if retransmissionDue == nil { retransmissionDue = now + timeout.current }
    }

    // MARK: Data

    /// Whether a DATA chunk may leave now.
    private mutating func prepareData() -> Bool {
        guard outstanding.hasLost || !queue.isEmpty else {
            if outstanding.isEmpty {
                if !resets.wanted.isEmpty { requestResets() }
                continueShutdown()
            }
            return false
        }
        abandonExhausted()
        let mayRetransmit = outstanding.hasLost && (isFastRetransmitDue || hasRoomInWindow)
        guard mayRetransmit || mayTakeNew else { return false }
        if now - burstStart >= AssociationConfiguration.burstInterval {
            burstStart = now
            burstCount = 0
        }
        isHeldByBurst = burstCount >= AssociationConfiguration.burst
        return !isHeldByBurst
    }

    /// One packet may exceed the congestion window (section 6.1, rule B).
    private var hasRoomInWindow: Bool { outstanding.flightBytes < window.bytes }

    private var mayTakeNew: Bool {
        !queue.isEmpty && !outstanding.hasLost && hasRoomInWindow && !outstanding.isFull
            && hasRoomAtPeer
    }

    /// One chunk may always be under way (section 6.1, rule A); toward a window that is closed, only now and then.
    private var hasRoomAtPeer: Bool {
        let window = peer?.window ?? 0
        if outstanding.flightBytes > 0 { return outstanding.flightBytes + DataChunkHeader.maximumPayload <= window }
        return window > 0 || probeDue.map { $0 <= now } ?? false
    }

    private mutating func appendData(to packet: inout [UInt8]) {
        var hasData = false
        while let index = outstanding.nextLost() {
            let chunk = outstanding.chunks[index]
            guard packet.count + chunk.wireSize <= Self.packetEnd, isFastRetransmitDue || hasRoomInWindow
            else { break }
            outstanding.retransmitted(index)
            if index == 0 { retransmissionDue = now + timeout.current }
            append(chunk, tsn: UInt32(truncatingIfNeeded: outstanding.firstTSN + Int64(index)), to: &packet)
            hasData = true
        }
        if hasData { isFastRetransmitDue = false }
        if outstanding.isEmpty, now - lastDataSent > timeout.current { window.idled() }
        while mayTakeNew {
            let room = Self.packetEnd - packet.count
            guard let chunk = queue.next(room: room, isFresh: packet.count == PacketFormat.headerSize, now: now) else { break }
            let tsn = outstanding.append(chunk, now: now)
            append(chunk, tsn: tsn, to: &packet)
            hasData = true
        }
        guard hasData else { return }
        burstCount += 1
        lastDataSent = now
        probeDue = nil
        if retransmissionDue == nil { retransmissionDue = now + timeout.current }
    }

    private func append(_ chunk: OutgoingChunk, tsn: UInt32, to packet: inout [UInt8]) {
        var flags = chunk.flags
        // The last for now asks for its acknowledgement at once, and so does what keeps the next from being sent.
        let isLast = queue.isEmpty && !outstanding.hasLost
        let isStopper = window.bytes < CongestionWindow.minimum && outstanding.flightBytes >= window.bytes
        if isLast || isStopper { flags.insert(.immediate) }
        DataChunkHeader(
            flags: flags, tsn: tsn, stream: chunk.message.stream, sequence: chunk.sequence, payloadType: chunk.message.payloadType
        ).append(chunk.message.bytes, chunk.offset..<chunk.offset + chunk.count, to: &packet)
    }
}
