import JSON
import Primitives

extension Channels {
    /// What a member is given to reach the others: STUN servers, and TURN servers with a credential of its own.
    ///
    /// The credential depends on the member and the time alone and changes with every half of its lifetime, so whoever joins again
    /// and again gets the same one.
    func iceServers(for id: String, _ unixTime: Int64) -> [JSONValue] {
        var servers: [JSONValue] = []
        if !access.stunURLs.isEmpty { servers.append(["urls": .array(access.stunURLs.map(JSONValue.string))]) }
        guard let secret = access.turnSecret, !access.turnURLs.isEmpty else { return servers }
        let half = max(1, access.turnLifetime.microseconds / 2_000_000)
        let username = "\((unixTime / half &+ 2) &* half):\(id)"
        let digest = crypto.hmacSHA1(secret, Array(username.utf8))
        guard !digest.isEmpty else { return servers }
        servers.append([
            "urls": .array(access.turnURLs.map(JSONValue.string)), "username": .string(username),
            "credential": .string(String(decoding: Base64.encode(digest), as: UTF8.self)),
        ])
        return servers
    }
}
