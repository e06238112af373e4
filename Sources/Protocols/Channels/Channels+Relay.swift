import JSON
import Primitives

/// The server's hot path: one walk over what came, one packet for all who see it alike, no tree of values.
extension Channels {
    mutating func relayHandshake(from index: Int, _ arguments: [RawJSON], _ acknowledgement: Int?) throws(Refusal) -> [ChannelAction] {
        var address = RelayAddress()
        var offer: RawJSON?
        var answer: RawJSON?
        arguments.first?.forEachMember { key, value in
            switch key {
            case "offer": offer = value.kind == .object ? value : nil
            case "answer": answer = value.kind == .object ? value : nil
            default: address.take(key, value)
            }
        }
        guard offer != nil || answer != nil else { throw Refusal(.malformed) }
        address.size = (offer?.bytes.count ?? 0) + (answer?.bytes.count ?? 0)
        return try relay(from: index, address, acknowledgement, event: "handshake") { packet in
            if let offer {
                packet.append(contentsOf: "\"offer\":".utf8)
                packet.append(contentsOf: offer.bytes)
            }
            if offer != nil, answer != nil { packet.append(UInt8(ascii: ",")) }
            if let answer {
                packet.append(contentsOf: "\"answer\":".utf8)
                packet.append(contentsOf: answer.bytes)
            }
        }
    }

    /// Both forms are taken, `{channel, candidate}` and the published client's `channel, candidate`; both keys are sent,
    /// since that client reads `iceCandidate`.
    mutating func relayCandidate(from index: Int, _ arguments: [RawJSON], _ acknowledgement: Int?) throws(Refusal) -> [ChannelAction] {
        var address = RelayAddress()
        var candidate: RawJSON?
        var iceCandidate: RawJSON?
        if arguments.first?.kind == .object {
            arguments.first?.forEachMember { key, value in
                switch key {
                case "candidate": candidate = value
                case "iceCandidate": iceCandidate = value
                default: address.take(key, value)
                }
            }
        } else {
            address.channel = arguments.first
            candidate = arguments.dropFirst().first
        }
        guard let candidate = candidate ?? iceCandidate, candidate.kind == .object || candidate.kind == .null else {
            throw Refusal(.malformed)
        }
        address.size = 2 * candidate.bytes.count
        return try relay(from: index, address, acknowledgement, event: "icecandidate") { packet in
            packet.append(contentsOf: "\"candidate\":".utf8)
            packet.append(contentsOf: candidate.bytes)
            packet.append(contentsOf: ",\"iceCandidate\":".utf8)
            packet.append(contentsOf: candidate.bytes)
        }
    }

    private mutating func relay(
        from index: Int, _ address: RelayAddress, _ acknowledgement: Int?, event: String, _ payload: (inout [UInt8]) -> Void
    ) throws(Refusal) -> [ChannelAction] {
        guard let name = address.channel, address.to?.kind ?? .string == .string else { throw Refusal(.malformed) }
        let slot = try channel(of: index, named: name)
        guard let channel = channels[slot], let id = clients[index]?.id else { throw Refusal(.notMember) }
        var plain: [String] = []
        var group: [String] = []
        var isThere = address.to == nil
        for place in channel.places {
            if let to = address.to {
                guard to.isString(place.id) else { continue }
                isThere = true
            }
            guard let client = place.client, client != index, let socket = clients[client]?.socket else { continue }
            if place.isPlain { plain.append(socket) } else { group.append(socket) }
        }
        guard isThere else {
            // `member left` is on its way to the sender: only who asks is told more.
            guard acknowledgement == nil else { throw Refusal(.notMember, "nobody of that id is in the channel") }
            refusals[.notMember, default: 0] += 1
            return []
        }
        relayed += plain.count + group.count
        var actions = acknowledge(index, acknowledgement)
        if !plain.isEmpty {
            actions.append(.relay(to: plain, packet: packet(event, capacity: 64 + address.size, payload: payload)))
        }
        if !group.isEmpty {
            let packet = packet(event, capacity: 128 + address.size) { packet in
                packet.append(contentsOf: "\"channel\":".utf8)
                packet.append(contentsOf: channel.encodedName)
                packet.append(contentsOf: ",\"from\":".utf8)
                JSONValue.string(id).write(into: &packet)
                packet.append(UInt8(ascii: ","))
                payload(&packet)
            }
            actions.append(.relay(to: group, packet: packet))
        }
        return actions
    }

    /// `2["event",{…}]`.
    private func packet(_ event: String, capacity: Int, payload: (inout [UInt8]) -> Void) -> [UInt8] {
        var packet: [UInt8] = []
        packet.reserveCapacity(capacity)
        packet.append(contentsOf: "2[\"".utf8)
        packet.append(contentsOf: event.utf8)
        packet.append(contentsOf: "\",{".utf8)
        payload(&packet)
        packet.append(contentsOf: "}]".utf8)
        return packet
    }

    /// Which of its sender's channels a name means. One that is written as we write it is found without being decoded.
    private func channel(of index: Int, named name: RawJSON) throws(Refusal) -> Int {
        for slot in clients[index]?.channels ?? [] where channels[slot]?.encodedName.elementsEqual(name.bytes) == true { return slot }
        guard let text = name.string.flatMap(Naming.channelName) else { throw Refusal(.malformed) }
        guard let slot = channelsByName[text], clients[index]?.channels.contains(slot) == true else { throw Refusal(.notMember) }
        return slot
    }
}

/// Where something is to be relayed to.
private struct RelayAddress {
    var channel: RawJSON?
    /// Nil: to all others.
    var to: RawJSON?
    /// Bytes of what is relayed, to make room for at once.
    var size = 0

    mutating func take(_ key: RawName, _ value: RawJSON) {
        switch key {
        case "channel": channel = value
        case "to": to = value.kind == .null ? nil : value
        default: break
        }
    }
}
