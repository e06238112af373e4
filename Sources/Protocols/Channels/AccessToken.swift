import JSON
import Primitives

/// What lets a client in: an expiry and a scope, signed by the server's secret.
///
/// As text: base64url of `{"exp":unixSeconds,"ch":["a","b"]}`, a dot, base64url of HMAC-SHA256(secret, the part before the dot).
/// Without `ch` it is good for every channel.
public struct AccessToken: Sendable, Hashable {
    /// Seconds since 1970-01-01 UTC from which on the token is no longer good.
    public var expiry: Int64
    /// Nil: all of them.
    public var channels: [String]?

    public enum Failure: Error, Hashable, Sendable { case invalid, expired }

    public static let maximumLength = 8192
    static let maximumChannels = 256

    public init(expiry: Int64, channels: [String]? = nil) {
        self.expiry = expiry
        self.channels = channels
    }

    /// The text that a client is given.
    public static func make(_ token: AccessToken, secret: [UInt8], crypto: ChannelCrypto) -> String {
        var claims = [JSONMember("exp", .integer(token.expiry))]
        if let channels = token.channels { claims.append(JSONMember("ch", .array(channels.map { .string($0) }))) }
        let signed = Base64.encodeURL(JSONValue.object(claims).encoded())
        return String(decoding: signed + [UInt8(ascii: ".")] + Base64.encodeURL(crypto.hmacSHA256(secret, signed)), as: UTF8.self)
    }

    /// - Throws: `invalid` for what was not signed with this secret, or is no token; `expired` when its time is over.
    public static func verify(
        _ text: String, secret: [UInt8], unixTime: Int64, crypto: ChannelCrypto
    ) throws(Failure) -> AccessToken {
        let bytes = Array(text.utf8.prefix(maximumLength + 1))
        guard bytes.count <= maximumLength, let dot = bytes.firstIndex(of: UInt8(ascii: ".")),
            let signature = Base64.decodeURL(bytes[(dot + 1)...]),
            isEqualDigest(signature, crypto.hmacSHA256(secret, Array(bytes[..<dot]))),
            let claims = Base64.decodeURL(bytes[..<dot]), let token = AccessToken(claims: claims)
        else { throw .invalid }
        guard unixTime < token.expiry else { throw .expired }
        return token
    }

    private init?(claims: [UInt8]) {
        guard let object = try? RawJSON(validating: claims), object.kind == .object,
            let expiry = object.member("exp")?.integer.map(Int64.init)
        else { return nil }
        self.expiry = expiry
        guard let list = object.member("ch") else { return }
        guard let elements = list.elements, elements.count <= Self.maximumChannels else { return nil }
        let names = elements.compactMap { $0.string.flatMap(Naming.channelName) }
        guard names.count == elements.count else { return nil }
        channels = names
    }
}
