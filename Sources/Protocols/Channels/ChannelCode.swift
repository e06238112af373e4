import JSON
import Primitives

/// Why something that a client sent was refused. The raw value is what stands on the wire.
public enum ChannelCode: String, Sendable, Hashable, CaseIterable {
    case badName = "bad-name"
    case full
    case tooManyChannels = "too-many-channels"
    case passwordNeeded = "password-needed"
    case wrongPassword = "wrong-password"
    case tooManyTries = "too-many-tries"
    case tokenNeeded = "token-needed"
    case tokenInvalid = "token-invalid"
    case tokenExpired = "token-expired"
    case tokenScope = "token-scope"
    case rateLimited = "rate-limited"
    /// For a channel that the sender is not in, or to somebody who is not there.
    case notMember = "not-member"
    /// Arguments missing or of the wrong kind, or an event that nobody knows.
    case malformed
    case stopping

    /// One sentence for a person.
    public var message: String {
        switch self {
        case .badName: "A channel's name has 1 to \(Naming.maximumChannelName) characters, none of them control characters"
        case .full: "the channel is full"
        case .tooManyChannels: "too many channels"
        case .passwordNeeded: "the channel has a password: join with it"
        case .wrongPassword: "the password is not right"
        case .tooManyTries: "too many wrong passwords: wait before the next one"
        case .tokenNeeded: "this server wants a token: ask whoever runs it"
        case .tokenInvalid: "the token was not made by this server: ask for a new one"
        case .tokenExpired: "the token has expired: ask for a new one"
        case .tokenScope: "the token is for other channels"
        case .rateLimited: "too many messages at once: wait before the next one"
        case .notMember: "only members of a channel can do that"
        case .malformed: "the message could not be understood"
        case .stopping: "the server is stopping"
        }
    }
}

/// A refusal on its way to its sender.
struct Refusal: Error {
    var code: ChannelCode
    var message: String
    var retryAfter: Interval?

    init(_ code: ChannelCode, _ message: String? = nil, retryAfter: Interval? = nil) {
        self.code = code
        self.message = message ?? code.message
        self.retryAfter = retryAfter
    }

    /// `code`, `message` and, in whole seconds, `retryAfter`.
    var facts: [JSONMember] {
        var facts = [JSONMember("code", .string(code.rawValue)), JSONMember("message", .string(message))]
        if let retryAfter {
            facts.append(JSONMember("retryAfter", .integer(max(1, (retryAfter.microseconds &+ 999_999) / 1_000_000))))
        }
        return facts
    }
}
