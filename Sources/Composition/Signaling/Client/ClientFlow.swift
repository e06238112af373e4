import Channels
import JSON

/// What a client makes of a server's events: where it is in the flow of joining, waiting and calling. Pure.
struct ClientFlow {
    private enum Phase {
        case outside
        /// Asked to join; nothing has come back.
        case joining
        /// In the channel. A peer may be there.
        case inside
    }

    static let maximumMessage = 1000

    private var phase = Phase.outside
    /// Where this client wants to be; survives a reconnect.
    private(set) var channel: String?
    /// It has been inside once, so that a refusal may be its own ghost's.
    private(set) var hasBeenInside = false
    private var id = ""
    private var peer: (id: String, name: String?)?
    private var hasPeerLeft = false

    var isInside: Bool { phase == .inside }

    mutating func want(_ channel: String) {
        self.channel = channel
        hasBeenInside = false
        outside()
    }

    mutating func connected(id: String) { self.id = id }

    /// The join has been sent.
    mutating func asked() {
        outside()
        phase = .joining
    }

    /// The client has left, or lost the server.
    mutating func outside() {
        phase = .outside
        peer = nil
        hasPeerLeft = false
    }

    mutating func give() { channel = nil; outside() }

    mutating func handle(_ event: String, _ arguments: [RawJSON]) -> [SignalingEvent] {
        switch event {
        case "message": return message(arguments.first?.string)
        case "ready": return ready()
        case "channel join failed": return joinFailed(arguments.first?.string)
        case "handshake": return handshake(arguments.first)
        case "icecandidate": return candidate(arguments)
        case "wait": return wait()
        case "closeConnection": return phase == .inside ? leaving(id: peer?.id, reason: "left") + [.closeConnection] : []
        case "member joined": return memberJoined(arguments.first)
        case "member left":
            let reason = arguments.first?.member("reason")?.string ?? "left"
            return phase == .inside ? leaving(id: arguments.first?.member("id")?.string, reason: reason) : []
        case "channels": return arguments.first.flatMap(Self.channels).map { [.channels($0)] } ?? []
        default: return []
        }
    }

    // MARK: The seed's events

    private mutating func message(_ text: String?) -> [SignalingEvent] {
        guard let text else { return [] }
        var events = [SignalingEvent.message(String(text.prefix(Self.maximumMessage)))]
        let entered = Self.subject(of: text, doing: "님이 방에 입장하셨습니다.")
        let left = Self.subject(of: text, doing: "님이 퇴장하셨습니다.")
        if phase == .joining {
            // A lone joiner gets its own message before any `ready`. Somebody else's is of the channel that was left just now.
            if (entered ?? left ?? id) == id { events.insert(contentsOf: enter(isFirst: true), at: 0) }
        } else if phase == .inside, let who = entered, who != id, who != peer?.id {
            events += meet(who, name: nil)
        } else if phase == .inside, let who = left, who != id {
            events += leaving(id: who, reason: "left")
        }
        return events
    }

    private mutating func ready() -> [SignalingEvent] {
        guard let channel, phase != .outside else { return [] }
        var events: [SignalingEvent] = []
        if phase == .joining {
            events += enter(isFirst: false)
            if let peer { events.append(.memberJoined(ChannelMember(id: peer.id, name: peer.name))) }
        }
        hasPeerLeft = false
        return events + [.ready(channel: channel)]
    }

    private mutating func enter(isFirst: Bool) -> [SignalingEvent] {
        guard let channel else { return [] }
        phase = .inside
        hasBeenInside = true
        return [.joined(JoinedChannel(channel: channel, id: id, isFirst: isFirst))]
    }

    private mutating func joinFailed(_ text: String?) -> [SignalingEvent] {
        guard phase == .joining else { return [] }
        phase = .outside
        return [.joinFailed(JoinFailure(message: String((text ?? "The server refused.").prefix(Self.maximumMessage))))]
    }

    private mutating func wait() -> [SignalingEvent] {
        guard phase == .inside, let channel else { return [] }
        let events = leaving(id: peer?.id, reason: "left") + [.wait(channel: channel)]
        peer = nil
        hasPeerLeft = false
        return events
    }

    /// Told once for each leaving, whichever of its signs comes first.
    private mutating func leaving(id: String?, reason: String) -> [SignalingEvent] {
        guard !hasPeerLeft else { return [] }
        hasPeerLeft = true
        return [.memberLeft(id: id, name: peer.flatMap { $0.id == id ? $0.name : nil }, reason: String(reason.prefix(200)))]
    }

    private static func subject(of text: String, doing: String) -> String? {
        guard text.hasSuffix(doing), text.utf8.count <= 256 else { return nil }
        return String(text.dropLast(doing.count))
    }

    // MARK: Beyond the seed

    private mutating func memberJoined(_ argument: RawJSON?) -> [SignalingEvent] {
        guard phase != .outside, let who = argument?.member("id")?.string, who != id, who.utf8.count <= 128 else { return [] }
        return meet(who, name: argument?.member("name")?.string.flatMap(Naming.personName))
    }

    private mutating func meet(_ who: String, name: String?) -> [SignalingEvent] {
        peer = (who, name)
        hasPeerLeft = false
        // While joining it is told after `joined`.
        return phase == .inside ? [.memberJoined(ChannelMember(id: who, name: name))] : []
    }

    static func channels(_ list: RawJSON) -> [ChannelInfo]? {
        list.elements?.prefix(1000).compactMap { row in
            guard let name = row.member("name")?.string.flatMap(Naming.channelName) else { return nil }
            let names = row.member("names")?.elements?.prefix(64).compactMap { $0.string.flatMap(Naming.personName) } ?? []
            return ChannelInfo(
                name: name, members: max(0, row.member("members")?.integer ?? 0), names: names,
                capacity: max(0, row.member("capacity")?.integer ?? 0))
        }
    }

    // MARK: Relayed

    private func handshake(_ argument: RawJSON?) -> [SignalingEvent] {
        guard phase == .inside, let argument else { return [] }
        let from = argument.member("from")?.string ?? peer?.id
        if let sdp = argument.member("offer")?.member("sdp")?.string { return [.offer(sdp: sdp, from: from)] }
        if let sdp = argument.member("answer")?.member("sdp")?.string { return [.answer(sdp: sdp, from: from)] }
        return []
    }

    /// `{candidate}` or `{iceCandidate}`, or the candidate itself; with null, the end of candidates.
    private func candidate(_ arguments: [RawJSON]) -> [SignalingEvent] {
        guard phase == .inside, let argument = arguments.last else { return [] }
        let from = argument.member("from")?.string ?? peer?.id
        let wrapped = argument.member("candidate") ?? argument.member("iceCandidate")
        if argument.kind == .null || wrapped?.kind == .null { return [.candidate(candidate: "", mid: nil, mLineIndex: nil, from: from)] }
        let fields = wrapped?.kind == .object ? wrapped : argument
        guard let text = fields?.member("candidate")?.string else { return [] }
        return [
            .candidate(
                candidate: text, mid: fields?.member("sdpMid")?.string, mLineIndex: fields?.member("sdpMLineIndex")?.integer, from: from)
        ]
    }
}
