import Channels
import JSON
import Primitives

/// What a server's payloads hold, in the sizes that this side is ready to keep.
enum ServerText {
    static let maximumMessage = 1000
    static let maximumID = 128
    static let longestRetry = Interval.seconds(3600)
    static let refusal = "The server refused."

    static func bounded(_ text: String) -> String { String(text.unicodeScalars.prefix(maximumMessage)) }

    static func message(_ value: RawJSON?) -> String? {
        guard let text = value?.string, !text.isEmpty else { return nil }
        return bounded(text)
    }

    static func reason(_ text: String) -> String { String(text.unicodeScalars.prefix(32)) }

    /// Printable ASCII that is safe in a file's name, too: members without a name are called by their id.
    static func isMemberID(_ text: String) -> Bool {
        (1...maximumID).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: ".")
            && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\") }
    }

    static func memberID(_ value: RawJSON?) -> String? { value?.string.flatMap { isMemberID($0) ? $0 : nil } }

    /// `{id, name, plain}`.
    static func member(_ value: RawJSON) -> ChannelMember? {
        guard let id = memberID(value.member("id")) else { return nil }
        let name = value.member("name")?.string.flatMap(Naming.personName)
        return ChannelMember(id: id, name: name, isPlain: value.member("plain")?.decoded.boolValue ?? false)
    }

    /// `{code, message, retryAfter}`.
    static func failure(_ value: RawJSON) -> JoinFailure {
        let code = value.member("code")?.string.flatMap { $0.utf8.count <= 64 ? $0 : nil }
        let seconds = value.member("retryAfter").flatMap { $0.kind == .number ? $0.decoded.doubleValue : nil }
        return JoinFailure(
            code: code, message: message(value.member("message")) ?? refusal,
            retryAfter: seconds.flatMap { $0 >= 0 ? min(Interval(seconds: $0), longestRetry) : nil })
    }

    /// `[{urls, username, credential}]`; `urls` may be a single one.
    static func iceServers(_ value: RawJSON?) -> [SignaledICEServer] {
        (value?.elements ?? []).prefix(16).compactMap { server in
            func text(_ name: String) -> String? { server.member(name)?.string.flatMap { $0.utf8.count <= 512 ? $0 : nil } }
            let list = server.member("urls")
            let urls = (list?.elements ?? list.map { [$0] } ?? []).prefix(8).compactMap(\.string).filter { $0.utf8.count <= 512 }
            return urls.isEmpty ? nil : SignaledICEServer(urls: urls, username: text("username"), credential: text("credential"))
        }
    }

    static func channels(_ list: RawJSON) -> [ChannelInfo]? {
        list.elements?.prefix(1000).compactMap { row in
            guard let name = row.member("name")?.string.flatMap(Naming.channelName) else { return nil }
            let names = row.member("names")?.elements?.prefix(64).compactMap { $0.string.flatMap(Naming.personName) } ?? []
            return ChannelInfo(
                name: name, members: max(0, row.member("members")?.integer ?? 0), names: names,
                capacity: max(0, row.member("capacity")?.integer ?? 0),
                needsPassword: row.member("password")?.decoded.boolValue ?? false)
        }
    }
}

/// A group server's acknowledgement of a join; nil for what is none.
enum JoinAnswer {
    case joined(JoinedChannel)
    case refused(JoinFailure)

    init?(_ answer: RawJSON?) {
        guard let answer, let isDone = answer.member("ok")?.decoded.boolValue else { return nil }
        guard isDone else {
            self = .refused(ServerText.failure(answer))
            return
        }
        guard let id = ServerText.memberID(answer.member("id")), let channel = answer.member("channel")?.string,
            let rows = answer.member("members")?.elements, channel.utf8.count <= 4096
        else { return nil }
        var members: [ChannelMember] = []
        for member in rows.prefix(ChannelGroup.maximumMembers).compactMap(ServerText.member) {
            if member.id != id, !members.contains(where: { $0.id == member.id }) { members.append(member) }
        }
        let capacity = answer.member("capacity")?.integer.flatMap { (1...1_000_000).contains($0) ? $0 : nil }
        self = .joined(
            JoinedChannel(
                channel: channel, id: id, members: members, capacity: capacity, isGroup: true,
                iceServers: ServerText.iceServers(answer.member("iceServers")), isFirst: members.isEmpty))
    }
}
