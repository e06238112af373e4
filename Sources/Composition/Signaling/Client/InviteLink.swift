import Channels

/// An invitation as it is sent to people: `https://HOST[:PORT]/CHANNEL`, with `#token=TOKEN` when the server asks for one.
///
/// The same text opens the guest page in a browser and the call in a terminal.
public struct InviteLink: Sendable, Hashable, CustomStringConvertible {
    public let server: ServerURL
    public let channel: String
    public let token: String?

    static let maximumLength = 8192
    static let maximumToken = 2048
    /// Paths of the server's own, which no channel can be reached by.
    private static let reserved: Set<String> = [
        ".", "..", "-", "healthz", "metrics", "socket.io", "engine.io", "robots.txt", "favicon.ico",
    ]
    private static let form = "an invitation looks like https://host/channel"

    public init(server: ServerURL, channel: String, token: String? = nil) {
        self.server = server
        self.channel = channel
        self.token = token
    }

    /// Whether a text is meant as a link, and not as a channel's name.
    public static func isOne(_ text: String) -> Bool { text.utf8.count <= maximumLength && text.contains("://") }

    /// - Throws: a sentence that says what is wrong with it. It holds nothing of the text.
    public init(_ text: String) throws(SignalingError) {
        guard text.utf8.count <= Self.maximumLength else { throw Self.bad("The link is too long to be an invitation.") }
        let text = text.drop(while: \.isWhitespace)
        guard let mark = text.firstRange(of: "://"), let server = ServerURL(String(text)) else {
            throw Self.bad("The link names no server: \(Self.form).")
        }
        self.server = server
        let end = text.lastIndex { !$0.isWhitespace } ?? text.startIndex
        let rest = text[mark.upperBound...end].drop { $0 != "/" && $0 != "?" && $0 != "#" }
        channel = try Self.channel(rest.prefix { $0 != "?" && $0 != "#" })
        token = try Self.token(rest.drop { $0 != "#" }.dropFirst())
    }

    private static func bad(_ sentence: String) -> SignalingError { SignalingError(.badAddress, sentence) }

    private static func channel(_ path: Substring) throws(SignalingError) -> String {
        let parts = path.split(separator: "/")
        guard let part = parts.first else {
            throw bad("The link names a server and no channel: \(form). To see what is open on a server, name it with --server.")
        }
        guard let decoded = decode(part) else {
            throw bad("The channel in the link was damaged when it was copied: ask for the link again.")
        }
        guard parts.count == 1, !reserved.contains(decoded) else {
            throw bad("The link leads to a page of the server and not to a channel: \(form).")
        }
        guard let name = Naming.channelName(decoded) else {
            throw bad("The link's channel has a name that none can have: 1 to 64 characters, and no control characters.")
        }
        return name
    }

    /// The fragment stays on this machine in a browser, and so it may hold a secret. What else is in it is passed over.
    private static func token(_ fragment: Substring) throws(SignalingError) -> String? {
        for pair in fragment.split(separator: "&") where pair.hasPrefix("token=") {
            guard let token = decode(pair.dropFirst("token=".count)), !token.isEmpty, token.utf8.count <= maximumToken,
                token.utf8.allSatisfy(isTokenByte)
            else { throw bad("The token in the link was damaged when it was copied: ask for the link again.") }
            return token
        }
        return nil
    }

    /// base64url and the dot between a token's parts.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        isUnreserved(byte) && byte != UInt8(ascii: "~")
    }

    /// RFC 3986 §2.3.
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// Nil: a `%` without two hexadecimal digits, or what is not UTF-8.
    private static func decode(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { out, byte in
            if isUnreserved(byte) {
                out.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                out += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }

    public var description: String {
        "\(server)/\(Self.encode(channel))" + (token.map { "#token=\(Self.encode($0))" } ?? "")
    }
}
