import Channels
import JSON

/// What a client makes of a server's events: where it is in the flow of joining, waiting and calling. Pure.
///
/// A join asks for an acknowledgement. A server that knows groups gives one; a plain one never does, but sends `message` or `ready`.
/// Whichever comes first decides which of them it is.
struct ClientFlow {
    private enum Phase: Equatable {
        case outside
        /// Asked to join, with an acknowledgement of this number; nothing has come back.
        case joining(Int)
        /// In the channel of a plain server. A peer may be there.
        case plain
        case group
    }

    /// Where this client wants to be; survives a reconnect.
    struct Wish: Equatable {
        var channel: String
        var password: String?
        var capacity: Int?
    }

    private var phase = Phase.outside
    private(set) var wish: Wish?
    /// It has been inside once, so that a refusal may be its own ghost's.
    private(set) var hasBeenInside = false
    private var id = ""
    private var peer: ChannelMember?
    private var hasPeerLeft = false
    private var group = ChannelGroup()
    /// The server has said that it stops: whom it sends away now has not left.
    private var isServerStopping = false

    var channel: String? { wish?.channel }
    var isInside: Bool { phase == .plain || phase == .group }

    mutating func want(_ wish: Wish) {
        self.wish = wish
        hasBeenInside = false
        outside()
    }

    mutating func connected(id: String) {
        self.id = id
        isServerStopping = false
    }

    /// What goes along with `create or join`.
    var joinArguments: [JSONValue] {
        guard let wish else { return [] }
        var options: [JSONMember] = []
        if let capacity = wish.capacity { options.append(JSONMember("capacity", .integer(Int64(capacity)))) }
        if let password = wish.password { options.append(JSONMember("password", .string(password))) }
        // Some plain servers take one argument and no more.
        return [.string(wish.channel)] + (options.isEmpty ? [] : [.object(options)])
    }

    /// The join has been sent.
    mutating func asked(_ request: Int) {
        outside()
        phase = .joining(request)
    }

    /// The client has left, or lost the server.
    mutating func outside() {
        phase = .outside
        peer = nil
        hasPeerLeft = false
        group = ChannelGroup()
    }

    mutating func give() {
        wish = nil
        outside()
    }

    // MARK: Group servers

    /// An acknowledgement; nil when it is not that of the join.
    mutating func acknowledged(_ request: Int, _ arguments: [RawJSON]) -> [SignalingEvent]? {
        guard phase == .joining(request), let channel else { return nil }
        switch JoinAnswer(arguments.first) {
        case .joined(let place):
            phase = .group
            hasBeenInside = true
            id = place.id
            group = ChannelGroup(place)
            var told = place
            told.channel = channel
            return [.joined(told)]
        case .refused(let failure):
            phase = .outside
            return [.joinFailed(failure, channel: channel)]
        // Some plain servers' libraries acknowledge everything.
        case nil: return []
        }
    }

    /// Nothing has come back for too long. True: the join is given up.
    mutating func joinTimedOut(_ request: Int) -> Bool {
        guard phase == .joining(request) else { return false }
        outside()
        return true
    }

    mutating func handle(_ event: String, _ arguments: [RawJSON]) -> [SignalingEvent] {
        switch event {
        case "channels": arguments.first.flatMap(ServerText.channels).map { [.channels($0)] } ?? []
        case "server stopping": stopping(arguments.first)
        case "member left" where isServerStopping && arguments.first?.member("reason")?.string != "left": []
        case "refused": refused(arguments.first)
        case "connect success": own(arguments.first?.string)
        default: phase == .group ? group.handle(event, arguments) : plain(event, arguments)
        }
    }

    private mutating func stopping(_ argument: RawJSON?) -> [SignalingEvent] {
        isServerStopping = true
        return [.serverStopping(ServerText.message(argument?.member("message")) ?? "The server stops.")]
    }

    private mutating func own(_ text: String?) -> [SignalingEvent] {
        if let text, text.utf8.count <= 128 { id = text }
        return []
    }

    private mutating func refused(_ argument: RawJSON?) -> [SignalingEvent] {
        guard let argument, argument.kind == .object else { return [] }
        let failure = ServerText.failure(argument)
        guard case .joining = phase, let channel, argument.member("event")?.string == "create or join" else { return [.refused(failure)] }
        phase = .outside
        return [.joinFailed(failure, channel: channel)]
    }

    // MARK: The seed's events

    private mutating func plain(_ event: String, _ arguments: [RawJSON]) -> [SignalingEvent] {
        switch event {
        case "message": return message(arguments.first?.string)
        case "ready": return ready()
        case "channel join failed": return joinFailed(arguments.first)
        case "handshake": return phase == .plain ? RelayedSignal.handshake(arguments.first).map { [$0.event(from: peer?.id)] } ?? [] : []
        case "icecandidate": return phase == .plain ? RelayedSignal.candidate(arguments).map { [$0.event(from: peer?.id)] } ?? [] : []
        case "wait": return wait()
        case "closeConnection": return phase == .plain ? leaving(id: peer?.id, reason: "left") + [.closeConnection] : []
        case "member joined": return memberJoined(arguments.first)
        case "member left":
            let reason = arguments.first?.member("reason")?.string ?? "left"
            return phase == .plain ? leaving(id: ServerText.memberID(arguments.first?.member("id")), reason: reason) : []
        default: return []
        }
    }

    private mutating func message(_ text: String?) -> [SignalingEvent] {
        guard let text else { return [] }
        var events = [SignalingEvent.message(ServerText.bounded(text))]
        let entered = Self.subject(of: text, doing: "님이 방에 입장하셨습니다.")
        let left = Self.subject(of: text, doing: "님이 퇴장하셨습니다.")
        if case .joining = phase {
            // A lone joiner gets its own message before any `ready`. Somebody else's is of the channel that was left just now.
            if (entered ?? left ?? id) == id { events.insert(contentsOf: enter(isFirst: true), at: 0) }
        } else if phase == .plain, let who = entered, who != id, who != peer?.id {
            events += meet(who, name: nil)
        } else if phase == .plain, let who = left, who != id {
            events += leaving(id: who, reason: "left")
        }
        return events
    }

    private mutating func ready() -> [SignalingEvent] {
        guard let channel, phase != .outside else { return [] }
        var events: [SignalingEvent] = []
        if phase != .plain {
            events += enter(isFirst: false)
            if let peer { events.append(.memberJoined(peer)) }
        }
        hasPeerLeft = false
        return events + [.ready(channel: channel)]
    }

    private mutating func enter(isFirst: Bool) -> [SignalingEvent] {
        guard let channel else { return [] }
        phase = .plain
        hasBeenInside = true
        return [.joined(JoinedChannel(channel: channel, id: id, isFirst: isFirst))]
    }

    private mutating func joinFailed(_ argument: RawJSON?) -> [SignalingEvent] {
        guard case .joining = phase, let channel else { return [] }
        phase = .outside
        return [.joinFailed(JoinFailure(message: ServerText.message(argument) ?? ServerText.refusal), channel: channel)]
    }

    private mutating func wait() -> [SignalingEvent] {
        guard phase == .plain, let channel else { return [] }
        let events = leaving(id: peer?.id, reason: "left") + [.wait(channel: channel)]
        peer = nil
        hasPeerLeft = false
        return events
    }

    /// Told once for each leaving, whichever of its signs comes first.
    private mutating func leaving(id: String?, reason: String) -> [SignalingEvent] {
        guard !hasPeerLeft else { return [] }
        hasPeerLeft = true
        let name = peer.flatMap { $0.id == id ? $0.name : nil }
        return [.memberLeft(id: id, name: name, reason: ServerText.reason(reason))]
    }

    private static func subject(of text: String, doing: String) -> String? {
        guard text.hasSuffix(doing), text.utf8.count <= 256 else { return nil }
        return String(text.dropLast(doing.count))
    }

    private mutating func memberJoined(_ argument: RawJSON?) -> [SignalingEvent] {
        guard phase != .outside, let who = argument?.member("id")?.string, who != id else { return [] }
        return meet(who, name: argument?.member("name")?.string.flatMap(Naming.personName))
    }

    private mutating func meet(_ who: String, name: String?) -> [SignalingEvent] {
        guard ServerText.isMemberID(who) else { return [] }
        let member = ChannelMember(id: who, name: name, isPlain: true)
        peer = member
        hasPeerLeft = false
        // While joining it is told after `joined`.
        return phase == .plain ? [.memberJoined(member)] : []
    }

    // MARK: Sending

    /// The event for a signal; nil when nobody is there to get it.
    func outgoing(_ signal: OutgoingSignal) -> (event: String, payload: JSONValue)? {
        guard isInside, let channel else { return nil }
        var payload = [JSONMember("channel", .string(phase == .group ? group.channel : channel))]
        if phase == .group, let to = signal.to {
            guard group.contains(to) else { return nil }
            payload.append(JSONMember("to", .string(to)))
        }
        payload.append(signal.member)
        return (signal.event, .object(payload))
    }
}
