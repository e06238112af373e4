import ByteCoding
import Primitives

/// What the association brings.
extension DataChannelTransport {
    mutating func take(_ event: AssociationEvent) {
        switch event {
        case .established: cameUp()
        case .restarted:
            isUp = false
            for id in channels.keys.sorted() { conclude(id) }
        case .incomingReset(let streams):
            for id in streams { incomingReset(id) }
        case .outgoingReset(let streams):
            for id in streams {
                channels[id]?.isOutgoingReset = true
                // A peer that knows no resets makes none.
                if association.peer?.supportsReconfiguration == false { channels[id]?.isIncomingReset = true }
                concludeIfDone(id)
            }
        case .ended(let reason):
            isOver = true
            isUp = false
            for id in channels.keys.sorted() { conclude(id) }
            events.append(.failed(reason))
        }
    }

    private mutating func cameUp() {
        isUp = true
        events.append(.associationUp)
        for id in channels.keys.sorted() {
            if !isUsable(id) {
                association.queue.forget(id)
                conclude(id)
            } else if channels[id]?.options.negotiatedID != nil {
                announce(id)
            }
        }
    }

    /// The peer closes a channel; so does this side (RFC 8831, section 6.7). What had not been sent is not.
    private mutating func incomingReset(_ id: DataChannelID) {
        guard let channel = channels[id] else { return }
        channels[id]?.isIncomingReset = true
        if channel.state != .closing {
            association.queue.discardWaiting(of: id)
            beginClosing(id, now: association.now)
        }
        concludeIfDone(id)
    }

    private mutating func concludeIfDone(_ id: DataChannelID) {
        guard let channel = channels[id], channel.isIncomingReset, channel.isOutgoingReset else { return }
        association.queue.forget(id)
        conclude(id)
    }

    mutating func take(_ message: ReceivedMessage) {
        let id = message.stream
        guard !message.isOversized else {
            if let channel = channels[id], channel.state != .closing {
                association.queue.discardWaiting(of: id)
                beginClosing(id, now: association.now)
            }
            return
        }
        if message.payloadType == PayloadType.control { return takeControl(message) }
        guard let channel = channels[id], channel.state != .closing else { return }
        let content: DataMessage
        switch message.payloadType {
        case PayloadType.text: content = .text(String(decoding: message.bytes, as: UTF8.self))
        case PayloadType.binary: content = .binary(message.bytes)
        case PayloadType.emptyText: content = .text("")
        case PayloadType.emptyBinary: content = .binary([])
        default: return
        }
        // Who sends on a channel has confirmed it.
        if channel.state == .connecting { announce(id) }
        counts.messagesReceived += 1
        counts.bytesReceived += message.bytes.count
        events.append(.message(id, content))
    }

    private mutating func takeControl(_ message: ReceivedMessage) {
        let id = message.stream
        guard let control = try? DCEPMessage(message.bytes.span) else { return }
        switch control {
        case .ack:
            if let channel = channels[id], channel.state == .connecting, channel.options.negotiatedID == nil { announce(id) }
        case .open(let options):
            if let channel = channels[id], channel.isIncomingReset, association.confirmReset(id) {
                // For the peer the old channel is over: only its answer to this side's reset has been lost.
                association.queue.forget(id)
                conclude(id)
            }
            guard channels[id] == nil else { return }
            guard channels.count < Self.channelLimit, nameBytes + message.bytes.count <= Self.nameLimit, isUsable(id) else {
                // Refused by closing it.
                return association.reset(id, now: association.now)
            }
            let channel = DataChannel(options: options, isRemote: true, state: .open)
            nameBytes += channel.nameBytes
            channels[id] = channel
            sendControl(.ack, on: id, now: association.now)
            announce(id)
        }
    }
}
