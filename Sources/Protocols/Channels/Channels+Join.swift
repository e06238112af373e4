import JSON
import Primitives

extension Channels {
    mutating func join(
        _ index: Int, _ arguments: [RawJSON], _ acknowledgement: Int?, now: Instant, unixTime: Int64
    ) throws(Refusal) -> [ChannelAction] {
        guard let client = clients[index] else { return [] }
        guard !isStopping else { throw Refusal(.stopping) }
        let request = try JoinRequest(arguments, limits: limits)
        try check(client.token, request.name, unixTime)
        guard let slot = channelsByName[request.name] else {
            try checkCount(client, isNew: true)
            let capacity = client.isGroup ? min(request.capacity ?? limits.channelCapacity, limits.channelCapacity) : 2
            let channel = ChannelState(
                name: request.name, encodedName: JSONValue.string(request.name).encoded(), capacity: capacity,
                passwordDigest: request.password.map(passwords.digest))
            let slot = channels.insert(channel)
            channelsByName[request.name] = slot
            return enter(slot, index, client, acknowledgement, unixTime)
        }
        if client.channels.contains(slot) { return answer(slot, client, acknowledgement, unixTime) }
        if client.canReturn, absent[client.id]?.channels.contains(slot) == true {
            return comeBack(slot, index, client, acknowledgement, unixTime)
        }
        try checkCount(client, isNew: false)
        try checkPassword(slot, request.password, client.address, now)
        try checkCapacity(slot, client, now)
        return enter(slot, index, client, acknowledgement, unixTime)
    }

    // MARK: What can be in the way

    private func check(_ token: AccessToken?, _ name: String, _ unixTime: Int64) throws(Refusal) {
        guard let token else { return }
        guard unixTime < token.expiry else { throw Refusal(.tokenExpired) }
        guard token.channels?.contains(name) ?? true else { throw Refusal(.tokenScope) }
    }

    private func checkCount(_ client: Client, isNew: Bool) throws(Refusal) {
        let own = client.channels.count + (client.canReturn ? absent[client.id]?.channels.count ?? 0 : 0)
        guard own < limits.maximumChannelsPerMember, !isNew || channels.count < limits.maximumChannels else {
            throw Refusal(.tooManyChannels)
        }
    }

    private mutating func checkPassword(_ slot: Int, _ password: String?, _ address: IPAddress?, _ now: Instant) throws(Refusal) {
        guard let digest = channels[slot]?.passwordDigest, var tries = channels[slot]?.tries else { return }
        defer { channels[slot]?.tries = tries }
        try passwords.check(password, digest, &tries, from: address, now: now)
    }

    private func checkCapacity(_ slot: Int, _ client: Client, _ now: Instant) throws(Refusal) {
        guard let channel = channels[slot] else { return }
        let capacity = client.isGroup ? channel.effectiveCapacity : 2
        let tooMany = channel.taken - capacity
        guard tooMany >= 0 else { return }
        let text = "\(channel.name) is full"
        // When enough of the held places will have been given up: of those who are gone, and of those who are back but have not joined.
        let untils = (channel.held.map(\.until) + channel.places.filter { $0.client == nil }.map(\.until)).sorted()
        guard tooMany < untils.count else { throw Refusal(.full, text) }
        throw Refusal(
            .full, "\(text): a place is held for somebody who has lost the connection", retryAfter: max(.zero, untils[tooMany] - now))
    }

    // MARK: Coming in

    private mutating func enter(
        _ slot: Int, _ index: Int, _ client: Client, _ acknowledgement: Int?, _ unixTime: Int64
    ) -> [ChannelAction] {
        let place = Place(id: client.id, isPlain: !client.isGroup, name: client.name, client: index)
        channels[slot]?.places.append(place)
        clients[index]?.channels.append(slot)
        joins["ok", default: 0] += 1
        listChanged()
        guard let channel = channels[slot] else { return [] }
        return answer(slot, client, acknowledgement, unixTime) + tellJoined(place, channel)
    }

    /// Nobody else needs to know when the place was never given up; when it was, this is a join like any other.
    private mutating func comeBack(
        _ slot: Int, _ index: Int, _ client: Client, _ acknowledgement: Int?, _ unixTime: Int64
    ) -> [ChannelAction] {
        endAbsence(of: client.id, in: slot)
        if let position = channels[slot]?.held.firstIndex(where: { $0.id == client.id }) {
            channels[slot]?.held.remove(at: position)
            return enter(slot, index, client, acknowledgement, unixTime)
        }
        guard let position = channels[slot]?.places.firstIndex(where: { $0.id == client.id }) else { return [] }
        channels[slot]?.places[position].client = index
        channels[slot]?.places[position].name = client.name
        channels[slot]?.places[position].until = .distantFuture
        clients[index]?.channels.append(slot)
        joins["ok", default: 0] += 1
        listChanged()
        return answer(slot, client, acknowledgement, unixTime)
    }

    private func answer(_ slot: Int, _ client: Client, _ acknowledgement: Int?, _ unixTime: Int64) -> [ChannelAction] {
        guard let acknowledgement, let channel = channels[slot] else { return [] }
        let members = channel.places.filter { $0.id != client.id }.map { JSONValue.object(Self.facts(of: $0)) }
        let answer: JSONValue = [
            "ok": true, "id": .string(client.id), "channel": .string(channel.name), "members": .array(members),
            "capacity": .integer(Int64(channel.effectiveCapacity)), "iceServers": .array(iceServers(for: client.id, unixTime)),
        ]
        return [.acknowledge(to: client.socket, id: acknowledgement, arguments: [answer])]
    }

    // MARK: Telling the others

    private func tellJoined(_ place: Place, _ channel: ChannelState) -> [ChannelAction] {
        let others = audience(channel, without: place.id)
        var actions: [ChannelAction] = []
        if !others.group.isEmpty {
            actions.append(.emit(to: others.group, event: "member joined", arguments: [.object(memberFacts(place, channel))]))
        }
        let plain = audience(channel, without: nil).plain
        guard !plain.isEmpty else { return actions }
        let entered = ChannelAction.emit(to: plain, event: "message", arguments: [.string("\(place.id)님이 방에 입장하셨습니다.")])
        guard channel.places.count > 1 else { return actions + [entered] }
        return actions + [
            .emit(to: plain, event: "ready", arguments: [.string(channel.name)]), entered,
            .emit(to: plain, event: "message", arguments: ["연결을 시작합니다."]),
        ]
    }

    /// The sockets of a channel's members, those of plain clients apart.
    func audience(_ channel: ChannelState, without id: String?) -> (plain: [String], group: [String]) {
        var audience: (plain: [String], group: [String]) = ([], [])
        for place in channel.places where place.id != id {
            guard let socket = place.client.flatMap({ clients[$0]?.socket }) else { continue }
            if place.isPlain { audience.plain.append(socket) } else { audience.group.append(socket) }
        }
        return audience
    }

    func memberFacts(_ place: Place, _ channel: ChannelState) -> [JSONMember] {
        [JSONMember("channel", .string(channel.name))] + Self.facts(of: place)
    }

    private static func facts(of place: Place) -> [JSONMember] {
        var facts = [JSONMember("id", .string(place.id))]
        if let name = place.name { facts.append(JSONMember("name", .string(name))) }
        if place.isPlain { facts.append(JSONMember("plain", true)) }
        return facts
    }
}

/// What `create or join` asks for: a name, and perhaps `{"capacity":n,"password":"…"}`.
private struct JoinRequest {
    let name: String
    var capacity: Int?
    var password: String?

    init(_ arguments: [RawJSON], limits: ChannelLimits) throws(Refusal) {
        guard let name = arguments.first?.string.flatMap(Naming.channelName) else { throw Refusal(.badName) }
        self.name = name
        guard let options = arguments.dropFirst().first, options.kind != .null else { return }
        guard options.kind == .object else { throw Refusal(.malformed, "the options of a join are an object") }
        var isValid = true
        options.forEachMember { key, value in
            switch key {
            case _ where value.kind == .null: break
            case "capacity":
                capacity = value.integer.map { max($0, ChannelLimits.capacities.lowerBound) }
                isValid = isValid && capacity != nil
            case "password":
                password = value.string.flatMap { $0.isEmpty ? nil : $0 }
                isValid = isValid && value.kind == .string && password?.utf8.count ?? 0 <= limits.maximumPassword
            default: break
            }
        }
        guard isValid else {
            throw Refusal(.malformed, "a capacity is a whole number, a password a text of at most \(limits.maximumPassword) bytes")
        }
    }
}
