import ByteCoding
import Primitives

/// What the application does with channels.
extension DataChannelTransport {
    /// Opens a channel; `opened` follows when the peer has confirmed it. Messages may be sent before that, and before the association is up.
    public mutating func open(_ options: DataChannelOptions, now: Instant) throws(DataChannelError) -> DataChannelID {
        guard !isOver else { throw .associationOver }
        guard options.label.utf8.count <= Int(UInt16.max), options.protocolName.utf8.count <= Int(UInt16.max) else { throw .labelTooLong }
        guard channels.count < Self.channelLimit else { throw .tooManyChannels }
        let id: DataChannelID
        if let negotiated = options.negotiatedID {
            guard channels[negotiated] == nil, isUsable(negotiated) else { throw .unusableID }
            id = negotiated
        } else {
            id = try freeID()
        }
        let isOpen = options.negotiatedID != nil && isUp
        nameBytes += options.label.utf8.count + options.protocolName.utf8.count
        channels[id] = DataChannel(options: options, isRemote: false, state: isOpen ? .open : .connecting)
        if options.negotiatedID == nil {
            sendControl(.open(options), on: id, now: now)
        } else if isOpen {
            announce(id)
        }
        return id
    }

    /// Ids above what the peer has streams for cannot be used; 65535 never can.
    func isUsable(_ id: DataChannelID) -> Bool { Int(id) < (association.peer?.outgoingStreams ?? Int(AssociationConfiguration.streams)) }

    private mutating func freeID() throws(DataChannelError) -> DataChannelID {
        for _ in 0...Self.channelLimit {
            if !isUsable(nextID) { nextID = configuration.isDTLSClient ? 0 : 1 }
            let id = nextID
            nextID &+= 2
            if channels[id] == nil, isUsable(id) { return id }
        }
        throw .tooManyChannels
    }

    /// Queues a message. Throws when the channel is not there or closing, when the peer would not take one of this size, or when too much
    /// waits already.
    public mutating func send(_ message: DataMessage, on id: DataChannelID, now: Instant) throws(DataChannelError) {
        guard !isOver else { throw .associationOver }
        guard let channel = channels[id], channel.state != .closing else { throw .notOpen }
        let bytes: [UInt8]
        let type: UInt32
        switch message {
        case .text(let text):
            bytes = Array(text.utf8)
            type = bytes.isEmpty ? PayloadType.emptyText : PayloadType.text
        case .binary(let content):
            bytes = content
            type = bytes.isEmpty ? PayloadType.emptyBinary : PayloadType.binary
        }
        let limit = configuration.remoteMaximumMessageSize > 0 ? configuration.remoteMaximumMessageSize : configuration.sendBuffer
        guard bytes.count <= limit else { throw .messageTooLarge(limit: limit) }
        guard association.queue.bufferedBytes + bytes.count <= configuration.sendBuffer else { throw .bufferFull }
        counts.messagesSent += 1
        counts.bytesSent += bytes.count
        // Until the peer has confirmed the channel, order makes sure that it knows of it (RFC 8832, section 6).
        var outgoing = OutgoingMessage(
            bytes: bytes.isEmpty ? [0] : bytes, stream: id, payloadType: type,
            isOrdered: channel.options.isOrdered || channel.state == .connecting && channel.options.negotiatedID == nil)
        switch channel.options.reliability {
        case .reliable: break
        case .maximumRetransmits(let count): outgoing.maximumTransmissions = Int(count) + 1
        case .maximumLifetime(let lifetime): outgoing.expires = now + lifetime
        }
        association.send(outgoing, now: now)
    }

    /// Closes a channel after what was sent on it; `closed` follows when the peer has closed it too.
    public mutating func close(_ id: DataChannelID, now: Instant) {
        guard let channel = channels[id], channel.state != .closing else { return }
        guard isUp else {
            // The peer has never heard of it.
            association.queue.forget(id)
            conclude(id)
            return
        }
        beginClosing(id, now: now)
    }

    mutating func beginClosing(_ id: DataChannelID, now: Instant) {
        channels[id]?.state = .closing
        association.reset(id, now: now)
    }

    /// Bytes of messages that have not been sent for the first time, as in the W3C's `bufferedAmount`.
    public func bufferedAmount(of id: DataChannelID) -> Int { association.queue.bufferedBytes(of: id) }

    /// `bufferedAmountLow` says when the amount comes down to this; 0 at first.
    public mutating func setBufferedAmountLowThreshold(_ bytes: Int, of id: DataChannelID) {
        guard channels[id] != nil else { return }
        association.queue.setLowThreshold(max(0, bytes), of: id)
    }

    /// Sent reliably and in order, whatever the channel is like.
    mutating func sendControl(_ message: DCEPMessage, on id: DataChannelID, now: Instant) {
        association.send(OutgoingMessage(bytes: message.encoded, stream: id, payloadType: PayloadType.control, isOrdered: true), now: now)
    }

    mutating func announce(_ id: DataChannelID) {
        guard let channel = channels[id] else { return }
        channels[id]?.state = .open
        counts.channelsOpened += 1
        events.append(.opened(id, channel.options, isRemote: channel.isRemote))
    }

    /// The channel is gone, and its id is free.
    mutating func conclude(_ id: DataChannelID) {
        guard let channel = channels.removeValue(forKey: id) else { return }
        nameBytes -= channel.nameBytes
        counts.channelsClosed += 1
        events.append(.closed(id))
    }
}
