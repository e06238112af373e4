import JSON
import Primitives

/// What a client says of itself to each server that it connects to.
public struct SignalingOptions: Sendable {
    /// Shown to others by servers that tell names.
    public var name: String?
    /// The right to use a server that asks for one.
    public var token: String?
    /// A secret of 16 to 128 characters: whoever knows it is the same member, after a reconnect too. Two clients of one process need one each.
    public var resume: String

    public init(name: String? = nil, token: String? = nil, resume: String = SignalingOptions.makeResume()) {
        self.name = name
        self.token = token
        self.resume = resume
    }

    /// A new one: 32 characters, 192 random bits.
    public static func makeResume() -> String {
        var random = RandomSource.system
        return random.string(32, from: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    }

    /// The CONNECT payload.
    var auth: JSONValue {
        var members = name.map { [JSONMember("name", .string($0))] } ?? []
        members.append(JSONMember("features", ["group"]))
        if (16...128).contains(resume.utf8.count) { members.append(JSONMember("resume", .string(resume))) }
        if let token { members.append(JSONMember("token", .string(token))) }
        return .object(members)
    }
}
