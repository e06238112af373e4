import Primitives

/// Why the server refused something.
public struct JoinFailure: Sendable, Equatable {
    /// Such as `full` or `wrong-password`; nil from plain servers.
    public var code: String?
    /// In the server's words.
    public var message: String
    /// When it might be granted.
    public var retryAfter: Interval?

    /// The code for a server that lets this client in to no channel; `message` is a whole sentence then.
    public static let refusedByServer = "refused-by-server"

    public init(code: String? = nil, message: String, retryAfter: Interval? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    /// The server's words and what can be done, for a person at a terminal.
    public var sentence: String {
        let text = message.last.map { ".!?".contains($0) } ?? true ? message : message + "."
        return [text, advice].compactMap { $0 }.joined(separator: " ")
    }

    private var advice: String? {
        switch code {
        case "full": retryAfter == nil ? "Take another channel, or wait until somebody leaves." : wait
        case "bad-name": "Choose another name: 1 to 64 characters, and no control characters."
        case "password-needed": "Ask somebody in the channel for the password, and give it with --password."
        case "wrong-password": "Ask somebody in the channel for the right one."
        case "token-needed": "Ask whoever runs the server for a token, and give it with --token."
        case "token-invalid": "Was it copied whole? Otherwise ask whoever runs the server for a new token."
        case "token-expired": "Ask whoever runs the server for a new token."
        case "token-scope": "The token is for other channels: ask whoever runs the server for one that is for this channel."
        case "too-many-channels": "Leave another channel first, or try again later."
        case "too-many-tries", "rate-limited": wait
        default: nil
        }
    }

    private var wait: String {
        guard let retryAfter else { return "Try again later." }
        let seconds = max(1, Int(retryAfter.seconds.rounded(.up)))
        return "It can be tried again in \(seconds) s."
    }
}
