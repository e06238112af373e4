/// A server that helps to find a path, as a person writes it.
public enum ICEServerChoice: Hashable, Sendable, CustomStringConvertible {
    case none
    /// RFC 7064: `stun:HOST[:PORT]`.
    case stun(host: String, port: UInt16)
    /// RFC 7065's scheme with the credential in front: `turn:USER:PASSWORD@HOST[:PORT]`.
    case turn(host: String, port: UInt16, user: String, password: String)

    /// The one that the seed's browser client names.
    public static let seedDefault = ICEServerChoice.stun(host: "stun.l.google.com", port: 19302)

    public var isTURN: Bool { if case .turn = self { true } else { false } }

    public init?(_ text: String) {
        if text == "none" {
            self = .none
        } else if text.hasPrefix("stun:"), let end = Self.endpoint(text.dropFirst(5)) {
            self = .stun(host: end.host, port: end.port)
        } else if text.hasPrefix("turn:") {
            // The last @ parts the credential from the host, the first : the user from the password: both may hold the other sign.
            let rest = text.dropFirst(5)
            guard let at = rest.lastIndex(of: "@"), let colon = rest[..<at].firstIndex(of: ":"), colon > rest.startIndex,
                let end = Self.endpoint(rest[rest.index(after: at)...])
            else { return nil }
            self = .turn(
                host: end.host, port: end.port, user: String(rest[..<colon]), password: String(rest[rest.index(after: colon)..<at]))
        } else {
            return nil
        }
    }

    /// `HOST`, `HOST:PORT` or `[V6]:PORT`; 3478 unless told.
    private static func endpoint(_ text: Substring) -> (host: String, port: UInt16)? {
        var host = text
        var port: UInt16 = 3478
        if text.first == "[" {
            guard let close = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<close]
            let tail = text[text.index(after: close)...]
            if !tail.isEmpty {
                guard tail.first == ":", let number = UInt16(tail.dropFirst()), number > 0 else { return nil }
                port = number
            }
        } else if let colon = text.lastIndex(of: ":") {
            guard let number = UInt16(text[text.index(after: colon)...]), number > 0 else { return nil }
            host = text[..<colon]
            port = number
        }
        guard !host.isEmpty, host.utf8.count <= 253, !host.contains(where: { $0.isWhitespace || $0 == "/" || $0 == "?" }) else {
            return nil
        }
        return (String(host), port)
    }

    public var description: String {
        switch self {
        case .none: "none"
        case .stun(let host, let port): "stun:\(host):\(port)"
        case .turn(let host, let port, let user, _): "turn:\(user):…@\(host):\(port)"
        }
    }
}

public enum ICEPolicyChoice: String, Sendable, CaseIterable { case all, relay }
