import JSON
import Primitives

extension Channels {
    /// A socket is gone: it leaves every channel that it was in. The others are told at once; the place of a member that can come
    /// back is held, unless it has said that it goes.
    public mutating func disconnected(_ id: String, _ departure: Departure, now: Instant) -> [ChannelAction] {
        guard let index = clientsBySocket[id], let client = clients[index] else { return [] }
        let isHeld = client.canReturn && departure != .left
        let reason =
            switch departure {
            case .left: "left"
            case .closed: "disconnected"
            case .timedOut: "timeout"
            }
        var actions: [ChannelAction] = []
        forget(index, client)
        for slot in client.channels {
            if isHeld { channels[slot]?.held.append(HeldPlace(id: client.id, until: now + limits.hold)) }
            actions.append(contentsOf: vacate(slot, client.id, reason: reason))
        }
        if isHeld {
            keepPlaces(of: client, client.channels, now)
            actions.append(contentsOf: discloseAbsence(of: client.id, reason: reason))
        } else if client.canReturn {
            actions.append(contentsOf: releasePlaces(of: client.id, reason: reason))
        }
        return actions
    }

    mutating func leave(_ index: Int, _ arguments: [RawJSON], _ acknowledgement: Int?) throws(Refusal) -> [ChannelAction] {
        guard let name = arguments.first?.string.flatMap(Naming.channelName) else { throw Refusal(.malformed) }
        guard let slot = channelsByName[name], let client = clients[index] else { throw Refusal(.notMember) }
        if let position = client.channels.firstIndex(of: slot) {
            clients[index]?.channels.remove(at: position)
            return acknowledge(index, acknowledgement) + vacate(slot, client.id, reason: "left")
        }
        guard client.canReturn, absent[client.id]?.channels.contains(slot) == true else { throw Refusal(.notMember) }
        return acknowledge(index, acknowledgement) + release(slot, of: client.id, reason: "left")
    }

    // MARK: Time

    /// When `handleTimeout` wants to be called.
    public var nextTimeout: Instant? { earliest(absences.next, passwords.nextTimeout) }

    /// Gives up the places of those who have not come back.
    public mutating func handleTimeout(now: Instant) -> [ChannelAction] {
        passwords.forget(now)
        var actions: [ChannelAction] = []
        while let id = absences.popDue(now) {
            for slot in absent[id]?.channels ?? [] {
                let held = channels[slot]?.held.first { $0.id == id }?.until
                let waiting = channels[slot]?.places.first { $0.id == id }?.until
                if let until = held ?? waiting, until <= now {
                    actions.append(contentsOf: release(slot, of: id, reason: "disconnected"))
                }
            }
        }
        return actions
    }

    // MARK: Absent members

    /// Remembers that these places have no socket.
    mutating func keepPlaces(of client: Client, _ slots: [Int], _ now: Instant) {
        guard !slots.isEmpty else { return }
        absent[client.id, default: Absent()].channels.append(contentsOf: slots)
        absent[client.id]?.name = client.name
        absences.append(client.id, at: now + limits.hold)
    }

    /// One of its places has a socket again, or is given up.
    mutating func endAbsence(of id: String, in slot: Int) {
        absent[id]?.channels.removeAll { $0 == slot }
        if absent[id]?.channels.isEmpty == true { absent[id] = nil }
        if absent.isEmpty { absent = [:] }
    }

    /// Nothing is kept for this member any longer.
    private mutating func releasePlaces(of id: String, reason: String) -> [ChannelAction] {
        (absent[id]?.channels ?? []).flatMap { release($0, of: id, reason: reason) }
    }

    private mutating func release(_ slot: Int, of id: String, reason: String) -> [ChannelAction] {
        endAbsence(of: id, in: slot)
        if let position = channels[slot]?.held.firstIndex(where: { $0.id == id }) {
            channels[slot]?.held.remove(at: position)
            deleteIfEmpty(slot)
            return []
        }
        return vacate(slot, id, reason: reason)
    }

    /// A member that had connected anew is gone again before it joined: now the others are told.
    private mutating func discloseAbsence(of id: String, reason: String) -> [ChannelAction] {
        var actions: [ChannelAction] = []
        for slot in absent[id]?.channels ?? [] {
            guard let place = channels[slot]?.places.first(where: { $0.id == id }) else { continue }
            channels[slot]?.held.append(HeldPlace(id: id, until: place.until))
            actions.append(contentsOf: vacate(slot, id, reason: reason))
        }
        return actions
    }

    // MARK: Inside

    /// Drops a socket. Its places are the caller's to care for.
    mutating func forget(_ index: Int, _ client: Client) {
        clients.remove(index)
        clientsBySocket[client.socket] = nil
        if clientsByMember[client.id] == index { clientsByMember[client.id] = nil }
        if client.watchesList { watchers.remove(index) }
        guard clients.count == 0 else { return }
        // What a crowd has left behind is given back.
        clientsBySocket = [:]
        clientsByMember = [:]
        watchers = []
    }

    /// Takes a member out of a channel, and tells the others.
    private mutating func vacate(_ slot: Int, _ id: String, reason: String) -> [ChannelAction] {
        guard let position = channels[slot]?.places.firstIndex(where: { $0.id == id }),
            let place = channels[slot]?.places.remove(at: position)
        else { return [] }
        listChanged()
        defer { deleteIfEmpty(slot) }
        guard let channel = channels[slot] else { return [] }
        return tellLeft(place, channel, reason: reason)
    }

    private mutating func deleteIfEmpty(_ slot: Int) {
        guard let channel = channels[slot], channel.places.isEmpty, channel.held.isEmpty else { return }
        channels.remove(slot)
        channelsByName[channel.name] = nil
        if channels.count == 0 { channelsByName = [:] }
    }

    private func tellLeft(_ place: Place, _ channel: ChannelState, reason: String) -> [ChannelAction] {
        let others = audience(channel, without: nil)
        var actions: [ChannelAction] = []
        if !others.group.isEmpty {
            let facts = memberFacts(place, channel) + [JSONMember("reason", .string(reason))]
            actions.append(.emit(to: others.group, event: "member left", arguments: [.object(facts)]))
        }
        if !others.plain.isEmpty {
            actions.append(.emit(to: others.plain, event: "message", arguments: [.string("\(place.id)님이 퇴장하셨습니다.")]))
            actions.append(.emit(to: others.plain, event: "closeConnection", arguments: [.string(channel.name)]))
            actions.append(.emit(to: others.plain, event: "wait", arguments: [.string(channel.name)]))
        }
        return actions
    }
}
