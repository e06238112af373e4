import JSON
import Primitives

/// Who is in which channel: takes what clients send, and says what the server sends.
///
/// Plain clients see the events and texts of the seed's server. Group clients (`"features":["group"]` in the CONNECT payload) get
/// acknowledgements, `member joined` and `member left` in their place. What is relayed is relayed as it came.
public struct Channels: Sendable {
    let limits: ChannelLimits
    let access: ChannelAccess
    let crypto: ChannelCrypto
    var passwords: PasswordGuard

    var clients = Slab<Client>()
    var clientsBySocket: [String: Int] = [:]
    /// Those with an id that outlives their socket.
    var clientsByMember: [String: Int] = [:]
    /// None is without a place, taken or held.
    var channels = Slab<ChannelState>()
    var channelsByName: [String: Int] = [:]
    /// Members of whose places some are without a socket.
    var absent: [String: Absent] = [:]
    /// When to look after the places of these members. Some may have come back meanwhile.
    var absences = DueQueue<String>()
    /// Slots of clients that want to know what is open.
    var watchers: Set<Int> = []
    var cachedList: RawJSON?
    var isStopping = false

    /// The list has changed since `listUpdates` was last called, and somebody wants to know.
    public internal(set) var isListStale = false
    /// How often something was refused or ignored, by reason.
    public internal(set) var refusals: [ChannelCode: Int] = [:]
    /// How joins went: `ok`, or the code of their refusal. A repeated join of a member is none.
    public internal(set) var joins: [String: Int] = [:]
    /// Copies of `handshake` and `icecandidate` handed out.
    public internal(set) var relayed = 0

    public init(
        limits: ChannelLimits = ChannelLimits(), access: ChannelAccess = ChannelAccess(), crypto: ChannelCrypto, random: RandomSource
    ) {
        var random = random
        self.limits = limits
        self.access = access
        self.crypto = crypto
        passwords = PasswordGuard(limits: limits, crypto: crypto, random: &random)
    }

    /// Channels with members, or with places held for them.
    public var channelCount: Int { channels.count }
    /// Connected sockets.
    public var memberCount: Int { clients.count }
    /// Members whose places are held.
    public var absentCount: Int { absent.count }

    /// The ids of a channel's members, in the order of joining.
    public func members(of channel: String) -> [String] {
        channelsByName[channel].flatMap { channels[$0]?.places.map(\.id) } ?? []
    }

    /// A client has sent an event. What is malformed or not allowed is counted, and refused to its sender.
    public mutating func received(
        from id: String, event: String, arguments: [RawJSON], acknowledgement: Int?, now: Instant, unixTime: Int64
    ) -> [ChannelAction] {
        guard let client = clientsBySocket[id] else { return [] }
        do throws(Refusal) {
            switch event {
            case "icecandidate": return try relayCandidate(from: client, arguments, acknowledgement)
            case "handshake": return try relayHandshake(from: client, arguments, acknowledgement)
            case "create or join": return try join(client, arguments, acknowledgement, now: now, unixTime: unixTime)
            case "leave": return try leave(client, arguments, acknowledgement)
            case "channels": return list(for: client, acknowledgement)
            case "name": return try rename(client, arguments, acknowledgement)
            default: throw Refusal(.malformed, "this server knows no such event")
            }
        } catch {
            return refuse(client, event: event, acknowledgement, error, now: now)
        }
    }

    /// Tells the sender that its event was refused by a limit that the server keeps.
    public mutating func refuse(
        from id: String, event: String, acknowledgement: Int?, code: ChannelCode, retryAfter: Interval?, now: Instant
    ) -> [ChannelAction] {
        guard let client = clientsBySocket[id] else { return [] }
        return refuse(client, event: event, acknowledgement, Refusal(code, retryAfter: retryAfter), now: now)
    }

    private mutating func refuse(
        _ index: Int, event: String, _ acknowledgement: Int?, _ refusal: Refusal, now: Instant
    ) -> [ChannelAction] {
        refusals[refusal.code, default: 0] += 1
        let isJoin = event == "create or join"
        if isJoin { joins[refusal.code.rawValue, default: 0] += 1 }
        guard let client = clients[index] else { return [] }
        var actions: [ChannelAction] = []
        if let acknowledgement {
            let answer = JSONValue.object([JSONMember("ok", false)] + refusal.facts)
            actions.append(.acknowledge(to: client.socket, id: acknowledgement, arguments: [answer]))
        }
        if !client.isGroup {
            if isJoin { actions.append(.emit(to: [client.socket], event: "channel join failed", arguments: [.string(refusal.message)])) }
        } else if acknowledgement == nil, client.lastRefused.map({ now - $0 >= limits.refusedInterval }) ?? true {
            clients[index]?.lastRefused = now
            let facts = JSONValue.object([JSONMember("event", .string(String(event.prefix(64))))] + refusal.facts)
            actions.append(.emit(to: [client.socket], event: "refused", arguments: [facts]))
        }
        return actions
    }

    /// The answer to an event that went well, for whoever wants one.
    func acknowledge(_ index: Int, _ acknowledgement: Int?) -> [ChannelAction] {
        guard let acknowledgement, let socket = clients[index]?.socket else { return [] }
        return [.acknowledge(to: socket, id: acknowledgement, arguments: [["ok": true]])]
    }

    /// Lets nobody in any more, and tells the group clients.
    public mutating func stopping(message: String = "The server is stopping.") -> [ChannelAction] {
        isStopping = true
        var sockets: [String] = []
        clients.forEach { _, client in if client.isGroup { sockets.append(client.socket) } }
        return sockets.isEmpty ? [] : [.emit(to: sockets, event: "server stopping", arguments: [["message": .string(message)]])]
    }
}
