/// Where a signaling server is: `http`, `https`, `ws` or `wss`, a host, and a port.
public struct ServerURL: Sendable, Hashable, CustomStringConvertible {
    public let isSecure: Bool
    /// A name or an address; an IPv6 address without its brackets.
    public let host: String
    public let port: Int

    public static let defaultPort = 6125

    public init(isSecure: Bool = false, host: String, port: Int = ServerURL.defaultPort) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
    }

    /// `http://host[:port]`, also with https, ws or wss. A path is ignored: the engine's own is fixed.
    /// Without a scheme, `host[:port]` is plain and the port defaults to 6125; with one, to the scheme's own.
    public init?(_ text: String) {
        var rest = Substring(text)
        var secure = false
        var port = Self.defaultPort
        if let mark = rest.firstRange(of: "://") {
            switch rest[..<mark.lowerBound].lowercased() {
            case "http", "ws": port = 80
            case "https", "wss": (secure, port) = (true, 443)
            default: return nil
            }
            rest = rest[mark.upperBound...]
        }
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        var host: Substring
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            guard host.contains(":"), host.utf8.allSatisfy({ Self.isHexDigit($0) || $0 == 0x3a || $0 == 0x2e }) else { return nil }
        } else {
            host = rest.prefix { $0 != ":" }
            rest = rest[host.endIndex...]
            guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(Self.isHostByte) else { return nil }
        }
        if rest.first == ":" {
            guard rest.utf8.dropFirst().allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(rest.dropFirst()),
                (1...65535).contains(number)
            else { return nil }
            port = number
        } else if !rest.isEmpty {
            return nil
        }
        self.init(isSecure: secure, host: String(host), port: port)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x2d || byte == 0x2e
            || byte == 0x5f
    }

    /// What goes into a Host header: the port only when it is not the scheme's own.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    public var description: String { "\(isSecure ? "https" : "http")://\(authority)" }
}
