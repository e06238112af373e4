/// A server that helps to find a path, as a person writes it.
public enum ICEServerChoice: Hashable, Sendable, CustomStringConvertible {
    case none
    /// RFC 7064: `stun:HOST[:PORT]`.
    case stun(host: String, port: UInt16)
    /// RFC 7065's schemes with the credential in front: `turn:USER:PASSWORD@HOST[:PORT][?transport=udp|tcp]`, and `turns:` for TLS.
    /// User and password may be percent-encoded (RFC 3986 section 2.1), as a user with a colon must be.
    case turn(host: String, port: UInt16, user: String, password: String, transport: TURNTransportChoice)

    /// The one that the seed's browser client names.
    public static let seedDefault = ICEServerChoice.stun(host: "stun.l.google.com", port: 19302)

    public var isTURN: Bool { if case .turn = self { true } else { false } }

    public init?(_ text: String) {
        if text == "none" {
            self = .none
        } else if text.hasPrefix("stun:"), let end = Self.endpoint(text.dropFirst(5)) {
            self = .stun(host: end.host, port: end.port)
        } else if text.hasPrefix("turn:"), let turn = Self.turn(text.dropFirst(5), isTLS: false) {
            self = turn
        } else if text.hasPrefix("turns:"), let turn = Self.turn(text.dropFirst(6), isTLS: true) {
            self = turn
        } else {
            return nil
        }
    }

    /// As an RTCIceServer has it: `stun:HOST[:PORT]`, `turn:` or `turns:HOST[:PORT][?transport=…]` (RFC 7064, RFC 7065), with the
    /// credential apart.
    public init?(url: String, username: String?, credential: String?) {
        // Neither may be without end.
        guard url.utf8.count <= 512, (username ?? "").utf8.count <= 512, (credential ?? "").utf8.count <= 512 else { return nil }
        if url.hasPrefix("stun:"), let end = Self.endpoint(url.dropFirst(5)) {
            self = .stun(host: end.host, port: end.port)
        } else if let username, let credential, !username.isEmpty, url.hasPrefix("turn:") || url.hasPrefix("turns:") {
            let isTLS = url.hasPrefix("turns:")
            guard let (host, port, transport) = Self.place(url.dropFirst(isTLS ? 6 : 5), isTLS: isTLS) else { return nil }
            self = .turn(host: host, port: port, user: username, password: credential, transport: transport)
        } else {
            return nil
        }
    }

    private static func turn(_ text: Substring, isTLS: Bool) -> ICEServerChoice? {
        // The last @ parts the credential from the host, the first : the user from the password: both may hold the other sign.
        guard let at = text.lastIndex(of: "@"), let colon = text[..<at].firstIndex(of: ":"), colon > text.startIndex,
            let user = decoded(text[..<colon]), let password = decoded(text[text.index(after: colon)..<at])
        else { return nil }
        guard let (host, port, transport) = place(text[text.index(after: at)...], isTLS: isTLS) else { return nil }
        return .turn(host: host, port: port, user: user, password: password, transport: transport)
    }

    /// `HOST[:PORT][?transport=…]`.
    private static func place(_ text: Substring, isTLS: Bool) -> (host: String, port: UInt16, transport: TURNTransportChoice)? {
        var place = text
        var transport = isTLS ? TURNTransportChoice.tls : .udp
        if let mark = place.firstIndex(of: "?") {
            switch (place[mark...], isTLS) {
            case ("?transport=udp", false): transport = .udp
            case ("?transport=tcp", false): transport = .tcp
            case ("?transport=tcp", true): break
            default: return nil
            }
            place = place[..<mark]
        }
        guard let end = endpoint(place, standardPort: isTLS ? 5349 : 3478) else { return nil }
        return (end.host, end.port, transport)
    }

    /// A percent sign without two hexadecimal digits stands for itself; nil for what is no UTF-8.
    private static func decoded(_ text: Substring) -> String? {
        let source = Array(text.utf8)
        var bytes: [UInt8] = []
        var at = 0
        while at < source.count {
            if source[at] == UInt8(ascii: "%"), at + 2 < source.count, let high = digit(source[at + 1]), let low = digit(source[at + 2]) {
                bytes.append(high << 4 | low)
                at += 3
            } else {
                bytes.append(source[at])
                at += 1
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? { Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) } }

    /// `HOST`, `HOST:PORT` or `[V6]:PORT`.
    private static func endpoint(_ text: Substring, standardPort: UInt16 = 3478) -> (host: String, port: UInt16)? {
        var host = text
        var port = standardPort
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
        case .turn(let host, let port, let user, _, let transport):
            switch transport {
            case .udp: "turn:\(user):…@\(host):\(port)"
            case .tcp: "turn:\(user):…@\(host):\(port)?transport=tcp"
            case .tls: "turns:\(user):…@\(host):\(port)"
            }
        }
    }
}

/// How a TURN server is reached; what it relays is UDP in any case.
public enum TURNTransportChoice: Sendable { case udp, tcp, tls }

public enum ICEPolicyChoice: String, Sendable, CaseIterable { case all, relay }
