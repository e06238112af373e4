import JSON

/// Who else is in a channel of a server that knows groups, as its events tell. Pure.
struct ChannelGroup {
    static let maximumMembers = 64

    /// As the server calls it.
    let channel: String
    private let id: String
    private var members: [ChannelMember]

    init() { (channel, id, members) = ("", "", []) }

    init(_ place: JoinedChannel) { (channel, id, members) = (place.channel, place.id, place.members) }

    func contains(_ id: String) -> Bool { members.contains { $0.id == id } }

    mutating func handle(_ event: String, _ arguments: [RawJSON]) -> [SignalingEvent] {
        // Whatever names another channel is late, and of one that was left.
        guard let argument = arguments.first, argument.member("channel")?.string == channel else { return [] }
        switch event {
        case "member joined": return joined(ServerText.member(argument))
        case "member left": return left(argument)
        case "handshake": return relayed(RelayedSignal.handshake(argument), argument)
        case "icecandidate": return relayed(RelayedSignal.candidate([argument]), argument)
        default: return []
        }
    }

    private mutating func joined(_ member: ChannelMember?) -> [SignalingEvent] {
        guard let member, member.id != id, !contains(member.id), members.count < Self.maximumMembers else { return [] }
        members.append(member)
        return [.memberJoined(member)]
    }

    private mutating func left(_ argument: RawJSON) -> [SignalingEvent] {
        guard let id = ServerText.memberID(argument.member("id")), let index = members.firstIndex(where: { $0.id == id }) else { return [] }
        let member = members.remove(at: index)
        let reason = argument.member("reason")?.string ?? "left"
        return [.memberLeft(id: id, name: ServerText.member(argument)?.name ?? member.name, reason: ServerText.reason(reason))]
    }

    private func relayed(_ signal: RelayedSignal?, _ argument: RawJSON) -> [SignalingEvent] {
        guard let signal, let from = argument.member("from")?.string, contains(from) else { return [] }
        return [signal.event(from: from)]
    }
}
