import Channels
import FuzzServerSupport
import FuzzSupport
import JSON
import Primitives
import SocketIO

private let names = ["a", "b", "c", "안녕", "  a "]
private let secrets = ["0123456789abcdef", "fedcba9876543210", "the third secret", "too short"]
private let unixTime: Int64 = 1_800_000_000

/// Clients of both kinds come, join, speak, go and come back, with what they say as the script makes it up.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(data, count)
    let flags = input.byte()
    var server = FuzzedChannels(flags)
    for _ in 0..<256 where !input.isAtEnd { server.step(&input) }
    server.end()
    return 0
}

private struct FuzzedChannels {
    private static let seedEvents: Set<String> = ["ready", "message", "closeConnection", "wait", "channel join failed"]
    private static let groupEvents: Set<String> = ["member joined", "member left", "refused", "server stopping"]

    private var channels: Channels
    private var clock = SimulatedClock()
    /// Whether each connected socket is a group client's.
    private var sockets: [String: Bool] = [:]
    private var last = 0
    private let token: String?

    init(_ flags: UInt8) {
        var limits = ChannelLimits()
        limits.capacity = Int(flags & 7)
        limits.maximumChannels = 3
        limits.maximumChannelsPerMember = 2
        limits.maximumAddresses = 2
        var access = ChannelAccess()
        let secret = Array("secret".utf8)
        if flags & 8 == 8 { access.tokenSecret = secret }
        if flags & 16 == 16 {
            access.turnSecret = secret
            access.turnURLs = ["turn:192.0.2.1"]
            access.stunURLs = ["stun:192.0.2.1"]
        }
        token =
            flags & 8 == 8
            ? AccessToken.make(
                AccessToken(expiry: unixTime + 100, channels: flags & 32 == 32 ? ["a"] : nil), secret: secret, crypto: .plain) : nil
        channels = Channels(limits: limits, access: access, crypto: .plain, random: .seeded(9))
    }

    mutating func step(_ input: inout FuzzInput) {
        let deed = input.byte()
        let ids = sockets.keys.sorted()
        let id = ids.isEmpty ? nil : ids[Int(deed >> 4) % ids.count]
        switch deed & 15 {
        case 0, 1: connect(input.byte(), nil)
        case 2: connect(input.byte(), value(input.block()))
        case 3: if let id { go(id, [.left, .closed, .timedOut][Int(input.byte()) % 3]) }
        case 4, 5, 6:
            guard let id else { return }
            let choice = input.byte()
            var arguments: [JSONValue] = [.string(names[Int(choice & 15) % names.count])]
            if choice & 16 == 16 {
                arguments.append(["capacity": .integer(Int64(input.byte())), "password": .string("p\(input.byte() % 3)")])
            }
            receive(id, "create or join", arguments, choice & 32 == 32 ? 1 : nil)
        case 7: if let id { receive(id, "leave", [.string(names[Int(input.byte()) % names.count])], nil) }
        case 8, 9:
            guard let id else { return }
            let choice = input.byte()
            let to = choice & 64 == 64 ? [JSONMember("to", .string(ids[Int(choice & 3) % ids.count]))] : []
            let payload = choice & 128 == 128 ? value(input.block()).map(JSONValue.raw) ?? .null : ["type": "offer", "sdp": "v=0"]
            let key = ["offer", "answer", "candidate", "iceCandidate"][Int(choice >> 4) & 3]
            let members = [JSONMember("channel", .string(names[Int(choice & 15) % names.count])), JSONMember(key, payload)] + to
            receive(id, choice & 32 == 32 ? "icecandidate" : "handshake", [.object(members)], nil)
        case 10: if let id { receive(id, "channels", [], 3) }
        case 11:
            // Anything at all.
            guard let id else { return }
            let event = ["create or join", "handshake", "icecandidate", "leave", "channels", "name", "other"][Int(input.byte()) % 7]
            let arguments = value(input.block())?.elements ?? []
            receive(id, event, arguments.map(JSONValue.raw), input.byte() & 1 == 1 ? 5 : nil)
        case 12:
            if let id {
                look(
                    channels.refuse(
                        from: id, event: "name", acknowledgement: nil, code: .rateLimited, retryAfter: .seconds(1), now: clock.now))
            }
        case 13: if input.byte() > 250 { look(channels.stopping()) }
        default: pass(.milliseconds(Int(input.uint16())))
        }
        if channels.isListStale { look(channels.listUpdates()) }
        for name in names where channels.members(of: name).count > 64 { violated("a channel over its capacity") }
        if channels.memberCount != sockets.count { violated("\(channels.memberCount) members, not \(sockets.count)") }
    }

    private func value(_ bytes: [UInt8]) -> RawJSON? { try? RawJSON(validating: bytes) }

    private mutating func connect(_ choice: UInt8, _ given: RawJSON?) {
        guard sockets.count < 12 else { return }
        last += 1
        let id = "s\(last)"
        var members: [JSONMember] = []
        if choice & 1 == 1 { members.append(JSONMember("features", ["group"])) }
        if choice & 2 == 2 { members.append(JSONMember("resume", .string(secrets[Int(choice >> 2 & 3)]))) }
        if choice & 16 == 16 { members.append(JSONMember("name", .string("n\(choice >> 5)"))) }
        if let token { members.append(JSONMember("token", .string(token))) }
        let auth = given ?? RawJSON(.object(members))
        let isGroup = auth.member("features")?.elements?.contains { $0.string == "group" } ?? false
        let address: IPAddress? = choice & 8 == 8 ? nil : .v4(UInt32(choice >> 6))
        guard case .accepted(let actions) = channels.connected(id, auth: auth, address: address, now: clock.now, unixTime: unixTime) else {
            return
        }
        sockets[id] = isGroup
        look(actions)
    }

    private mutating func go(_ id: String, _ departure: Departure) {
        let actions = channels.disconnected(id, departure, now: clock.now)
        sockets[id] = nil
        look(actions)
    }

    private mutating func receive(_ id: String, _ event: String, _ arguments: [JSONValue], _ acknowledgement: Int?) {
        look(
            channels.received(
                from: id, event: event, arguments: arguments.map { RawJSON($0) }, acknowledgement: acknowledgement, now: clock.now,
                unixTime: unixTime))
    }

    private mutating func pass(_ time: Interval) {
        var clock = clock
        clock.run(for: time, next: { _ in channels.nextTimeout }) { look(channels.handleTimeout(now: $0)) }
        self.clock = clock
    }

    /// Everyone is told only what they know, and only those who are there.
    private mutating func look(_ actions: [ChannelAction]) {
        for action in actions {
            switch action {
            case .emit(let ids, let event, let arguments):
                for id in ids {
                    guard let isGroup = sockets[id] else { violated("\(event) for \(id), who is not there") }
                    if (isGroup ? Self.seedEvents : Self.groupEvents).contains(event) { violated("\(event) for one who does not know it") }
                }
                if Set(ids).count != ids.count { violated("\(event) twice to the same") }
                _ = SocketIOPacket.event(event, arguments).encoded()
            case .acknowledge(let id, _, _): if sockets[id] == nil { violated("an answer to \(id), who is not there") }
            case .relay(let ids, let packet):
                if (try? SocketIOPacket(parsing: packet))?.event == nil { violated("what is relayed is no event") }
                for id in ids where sockets[id] == nil { violated("relayed to \(id), who is not there") }
            case .close(let id, _):
                // Forgotten already; what its socket tells later is nobody's.
                sockets[id] = nil
                if !channels.disconnected(id, .closed, now: clock.now).isEmpty { violated("a ghost that is told about") }
            }
        }
    }

    /// All go, and the held places run out.
    mutating func end() {
        for id in sockets.keys.sorted() { go(id, .closed) }
        pass(.seconds(200))
        if channels.memberCount != 0 || channels.channelCount != 0 || channels.absentCount != 0 { violated("somebody is still there") }
        if channels.nextTimeout != nil { violated("a time-out for nobody") }
    }
}
