import JSON

/// Who is in which channel: takes what clients send, and says what the server sends.
///
/// The events and texts are those of the seed's server. Members are known by their socket's id. Payloads are relayed as they came.
public struct Channels: Sendable {
    private struct Member {
        var name: String?
        /// It asked for `member joined` and `member left` (`features: ["members"]` in its CONNECT payload).
        var wantsMembers = false
        var watchesList = false
        /// In the order of joining.
        var channels: [String] = []
    }

    private let limits: ChannelLimits
    private var members: [String: Member] = [:]
    /// The members of each channel in the order of joining; never empty.
    private var channels: [String: [String]] = [:]
    /// The list has changed since `listUpdates` was last called.
    public private(set) var isListStale = false
    /// How often something was refused or ignored, by reason.
    public private(set) var refusals: [ChannelRefusal: Int] = [:]

    public init(limits: ChannelLimits = ChannelLimits()) { self.limits = limits }

    public var channelCount: Int { channels.count }
    public var memberCount: Int { members.count }
    public func members(of channel: String) -> [String] { channels[channel] ?? [] }

    /// A socket has connected. `auth` is its CONNECT payload, of which `name` and `features` are read.
    public mutating func connected(_ id: String, auth: RawJSON? = nil) -> [ChannelAction] {
        var member = Member()
        member.name = auth?.member("name")?.string.flatMap(Naming.personName)
        member.wantsMembers = auth?.member("features")?.elements?.contains { $0.string == "members" } ?? false
        members[id] = member
        return [.emit(to: [id], event: "connect success", arguments: [.string(id)])]
    }

    /// A socket is gone: all that leaving does, in every channel that it was in.
    public mutating func disconnected(_ id: String) -> [ChannelAction] {
        let actions = (members[id]?.channels ?? []).flatMap { leave(id, $0, reason: "disconnected") }
        members[id] = nil
        return actions
    }

    /// A client has sent an event. What is malformed or not allowed is counted, and at most refused to its sender.
    public mutating func received(from id: String, event: String, arguments: [RawJSON], acknowledgement: Int? = nil) -> [ChannelAction] {
        guard members[id] != nil else { return [] }
        switch event {
        case "create or join": return join(id, arguments.first)
        case "leave": return leave(id, arguments.first)
        case "handshake": return relayHandshake(from: id, arguments.first)
        case "icecandidate": return relayCandidate(from: id, arguments)
        case "channels": return list(for: id, acknowledgement)
        case "name": return rename(id, arguments.first)
        default: return refuse(.unknownEvent)
        }
    }

    /// The list for everyone who asked for it before, when it has changed since the last time.
    /// The caller decides how often: each call costs a walk over the channels.
    public mutating func listUpdates() -> [ChannelAction] {
        guard isListStale else { return [] }
        isListStale = false
        let watchers = members.filter { $0.value.watchesList }.map(\.key).sorted()
        return watchers.isEmpty ? [] : [.emit(to: watchers, event: "channels", arguments: [channelList])]
    }

    private mutating func refuse(_ reason: ChannelRefusal) -> [ChannelAction] {
        refusals[reason, default: 0] += 1
        return []
    }

    // MARK: Join and leave

    private mutating func join(_ id: String, _ argument: RawJSON?) -> [ChannelAction] {
        func failed(_ reason: ChannelRefusal, _ text: String) -> [ChannelAction] {
            refuse(reason) + [.emit(to: [id], event: "channel join failed", arguments: [.string(text)])]
        }
        guard let name = argument?.string.flatMap(Naming.channelName) else {
            return failed(.badName, "A channel's name has 1 to \(Naming.maximumChannelName) characters, none of them control characters")
        }
        let present = channels[name] ?? []
        guard !present.contains(id) else { return [] }
        guard present.count < limits.capacity else { return failed(.channelFull, "\(name) is full") }
        guard !present.isEmpty || channels.count < limits.maximumChannels,
            members[id]?.channels.count ?? 0 < limits.maximumChannelsPerMember
        else { return failed(.tooManyChannels, "too many channels") }
        let all = present + [id]
        channels[name] = all
        members[id]?.channels.append(name)
        isListStale = true
        let entered = ChannelAction.emit(to: all, event: "message", arguments: [.string("\(id)님이 방에 입장하셨습니다.")])
        guard all.count > 1 else { return [entered] }
        return tellMembers(of: present, event: "member joined", about: id, channel: name)
            + present.flatMap { tellMembers(of: [id], event: "member joined", about: $0, channel: name) } + [
                .emit(to: all, event: "ready", arguments: [.string(name)]),
                entered,
                .emit(to: all, event: "message", arguments: ["연결을 시작합니다."]),
            ]
    }

    private mutating func leave(_ id: String, _ argument: RawJSON?) -> [ChannelAction] {
        guard let name = argument?.string.flatMap(Naming.channelName) else { return refuse(.malformed) }
        guard channels[name]?.contains(id) == true else { return refuse(.notMember) }
        return leave(id, name, reason: "left")
    }

    private mutating func leave(_ id: String, _ name: String, reason: String) -> [ChannelAction] {
        let rest = (channels[name] ?? []).filter { $0 != id }
        channels[name] = rest.isEmpty ? nil : rest
        members[id]?.channels.removeAll { $0 == name }
        isListStale = true
        guard !rest.isEmpty else { return [] }
        return tellMembers(of: rest, event: "member left", about: id, channel: name, reason: reason) + [
            .emit(to: rest, event: "message", arguments: [.string("\(id)님이 퇴장하셨습니다.")]),
            .emit(to: rest, event: "closeConnection", arguments: [.string(name)]),
            .emit(to: rest, event: "wait", arguments: [.string(name)]),
        ]
    }

    /// Only clients that know these events get them: the seed's see nothing new.
    private func tellMembers(of ids: [String], event: String, about id: String, channel: String, reason: String? = nil) -> [ChannelAction] {
        let told = ids.filter { members[$0]?.wantsMembers == true }
        guard !told.isEmpty else { return [] }
        var facts = [JSONMember("channel", .string(channel)), JSONMember("id", .string(id))]
        if let name = members[id]?.name { facts.append(JSONMember("name", .string(name))) }
        if let reason { facts.append(JSONMember("reason", .string(reason))) }
        return [.emit(to: told, event: event, arguments: [.object(facts)])]
    }

    // MARK: Relay

    private mutating func relayHandshake(from id: String, _ argument: RawJSON?) -> [ChannelAction] {
        guard let argument, let channel = argument.member("channel") else { return refuse(.malformed) }
        let descriptions = ["offer", "answer"].compactMap { key in
            argument.member(key).flatMap { $0.kind == .object ? JSONMember(key, .raw($0)) : nil }
        }
        guard !descriptions.isEmpty else { return refuse(.malformed) }
        return relay(from: id, channel: channel, event: "handshake", .object(descriptions))
    }

    /// Both forms are taken, `{channel, candidate}` and the published client's `channel, candidate`; both keys are sent,
    /// since that client reads `iceCandidate`.
    private mutating func relayCandidate(from id: String, _ arguments: [RawJSON]) -> [ChannelAction] {
        guard let first = arguments.first else { return refuse(.malformed) }
        let isObject = first.kind == .object
        let channel = isObject ? first.member("channel") : first
        let candidate = isObject ? first.member("candidate") ?? first.member("iceCandidate") : arguments.dropFirst().first
        guard let channel, let candidate, candidate.kind == .object || candidate.kind == .null else { return refuse(.malformed) }
        return relay(from: id, channel: channel, event: "icecandidate", ["candidate": .raw(candidate), "iceCandidate": .raw(candidate)])
    }

    private mutating func relay(from id: String, channel: RawJSON, event: String, _ payload: JSONValue) -> [ChannelAction] {
        guard let name = channel.string.flatMap(Naming.channelName) else { return refuse(.malformed) }
        guard let all = channels[name], all.contains(id) else { return refuse(.notMember) }
        let others = all.filter { $0 != id }
        return others.isEmpty ? [] : [.emit(to: others, event: event, arguments: [payload])]
    }

    // MARK: List and names

    private mutating func list(for id: String, _ acknowledgement: Int?) -> [ChannelAction] {
        members[id]?.watchesList = true
        guard let acknowledgement else { return [.emit(to: [id], event: "channels", arguments: [channelList])] }
        return [.acknowledge(to: id, id: acknowledgement, arguments: [channelList])]
    }

    private var channelList: JSONValue {
        .array(
            channels.sorted { $0.key < $1.key }.prefix(limits.maximumListed).map { name, ids in
                [
                    "name": .string(name), "members": .integer(Int64(ids.count)),
                    "names": .array(ids.compactMap { members[$0]?.name.map(JSONValue.string) }),
                    "capacity": .integer(Int64(limits.capacity)),
                ]
            })
    }

    private mutating func rename(_ id: String, _ argument: RawJSON?) -> [ChannelAction] {
        guard let text = argument?.string else { return refuse(.malformed) }
        guard let name = Naming.personName(text) else { return refuse(.badName) }
        members[id]?.name = name
        isListStale = isListStale || members[id]?.channels.isEmpty == false
        return []
    }
}
