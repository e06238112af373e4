import Channels
import DTLS
import JSON
import Primitives

extension ChannelCrypto {
    /// OpenSSL's digests, as in the program; HMAC-SHA256 as RFC 2104 puts it.
    static let test = ChannelCrypto(
        sha256: opensslSHA256,
        hmacSHA256: { key, message in
            let block = (key.count > 64 ? opensslSHA256(key) : key) + [UInt8](repeating: 0, count: 64)
            let inner = opensslSHA256(block.prefix(64).map { $0 ^ 0x36 } + message)
            return opensslSHA256(block.prefix(64).map { $0 ^ 0x5c } + inner)
        }, hmacSHA1: opensslHMACSHA1)
}

/// Sockets of one `Channels`, with events written as they stand on the wire.
struct Room {
    var channels: Channels
    var now = Instant.zero + .seconds(1000)
    var unixTime: Int64 = 1_700_000_000

    /// - Parameter sockets: plain clients.
    init(limits: ChannelLimits = ChannelLimits(), access: ChannelAccess = ChannelAccess(), _ sockets: String...) {
        channels = Channels(limits: limits, access: access, crypto: .test, random: .seeded(1))
        for socket in sockets { _ = connect(socket) }
    }

    /// Two plain clients in the channel `c`, and one outside.
    static func pair() -> Room {
        var room = Room("A", "B", "X")
        _ = room.send("A", #"["create or join","c"]"#)
        _ = room.send("B", #"["create or join","c"]"#)
        return room
    }

    /// Group clients in the channel `c`, in this order; each can come back.
    static func group(limits: ChannelLimits = ChannelLimits(), _ sockets: String...) -> Room {
        var room = Room(limits: limits)
        for socket in sockets {
            _ = room.connectGroup(socket, resume: Self.secret(socket))
            _ = room.send(socket, #"["create or join","c"]"#, ack: 1)
        }
        return room
    }

    /// Gives what goes out, one `receiver event arguments` a line; `refused CODE` for a refusal.
    mutating func connect(_ socket: String, auth: String? = nil, address: IPAddress? = nil) -> [String] {
        let auth = auth.flatMap { try? RawJSON(validating: Array($0.utf8)) }
        switch channels.connected(socket, auth: auth, address: address, now: now, unixTime: unixTime) {
        case .accepted(let actions): return Self.words(actions)
        case .refused(let code): return ["refused \(code.rawValue)"]
        }
    }

    mutating func connectGroup(_ socket: String, name: String? = nil, resume: String? = nil) -> [String] {
        var auth: [JSONMember] = [JSONMember("features", ["group"])]
        if let name { auth.append(JSONMember("name", .string(name))) }
        if let resume { auth.append(JSONMember("resume", .string(resume))) }
        return connect(socket, auth: JSONValue.object(auth).text)
    }

    mutating func send(_ socket: String, _ text: String, ack: Int? = nil) -> [String] {
        guard let values = try? RawJSON(validating: Array(text.utf8)).elements, let event = values.first?.string else { return ["?"] }
        return Self.words(
            channels.received(
                from: socket, event: event, arguments: Array(values.dropFirst()), acknowledgement: ack, now: now, unixTime: unixTime))
    }

    mutating func disconnect(_ socket: String, _ departure: Departure = .closed) -> [String] {
        Self.words(channels.disconnected(socket, departure, now: now))
    }

    mutating func updates() -> [String] { Self.words(channels.listUpdates()) }

    /// Lets time pass, and calls whenever that is asked for.
    mutating func pass(_ interval: Interval) -> [String] {
        let end = now + interval
        var lines: [String] = []
        while let next = channels.nextTimeout, next <= end {
            now = max(now, next)
            lines += Self.words(channels.handleTimeout(now: now))
        }
        now = end
        return lines
    }

    /// The secret of a group client, and the id that it gives.
    static func secret(_ socket: String) -> String { "the long secret of \(socket)" }
    static func id(_ socket: String) -> String {
        let digest = opensslSHA256(Array("tchat member \(secret(socket))".utf8))
        return String(decoding: Base64.encodeURL(digest).prefix(20), as: UTF8.self)
    }

    static func words(_ actions: [ChannelAction]) -> [String] {
        actions.flatMap { action in
            switch action {
            case .emit(let sockets, let event, let arguments):
                sockets.map { "\($0) \(JSONValue.array([.string(event)] + arguments).text)" }
            case .acknowledge(let socket, let number, let arguments): ["\(socket) ack \(number) \(JSONValue.array(arguments).text)"]
            case .relay(let sockets, let packet):
                sockets.map {
                    "\($0) \(packet.first == UInt8(ascii: "2") ? String(decoding: packet.dropFirst(), as: UTF8.self) : "no event")"
                }
            case .close(let socket, _): ["\(socket) closed"]
            }
        }
    }
}

extension String {
    /// With `$NAME` for the id of the group client NAME.
    func withIDs(_ sockets: String...) -> String {
        var text = self
        for socket in sockets { text.replace("$\(socket)", with: Room.id(socket)) }
        return text
    }
}
