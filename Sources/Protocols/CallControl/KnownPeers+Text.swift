extension KnownPeers {
    static let header = [
        "# Who has been called with tchat: name, certificate (SHA-256), first and last seen, and whether the words were compared.",
        "# Remove a line to forget somebody.",
    ]

    /// Reads the file's text. Lines that are not understood are kept.
    public init(parsing bytes: [UInt8]) throws(ParseError) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLarge }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else { throw .notText }
        var lines: [Line] = []
        let parts = text.utf8.split(separator: UInt8(ascii: "\n"), maxSplits: Self.maximumLines + 1, omittingEmptySubsequences: false)
        for part in parts {
            let line = String(Substring(part))
            lines.append(Peer(line: line).map { .peer($0) } ?? .other(line))
        }
        // What follows the last line end is no line.
        if lines.last == .other("") { lines.removeLast() }
        guard lines.count <= Self.maximumLines else { throw .tooManyLines }
        self.lines = lines
    }

    /// The file's text. Lines that were not understood come out as they came.
    public func serialized() -> String {
        lines.map { $0.text + "\n" }.joined()
    }
}

extension KnownPeers.Line {
    var text: String {
        switch self {
        case .peer(let peer): peer.line
        case .other(let text): text
        }
    }
}

extension KnownPeers.Peer {
    private static let algorithm = "sha-256:"

    /// `Ada%20L sha-256:0f… 2026-11-01 2026-11-24 verified`, with `-` for who is not.
    var line: String {
        let fields = [
            PercentEscaping.escaped(name), Self.algorithm + Hexadecimal.text(fingerprint), firstSeen.description, lastSeen.description,
            isVerified ? "verified" : "-",
        ]
        return fields.joined(separator: " ")
    }

    init?(line: String) {
        guard !line.hasPrefix("#"), line.utf8.count <= 2048 else { return nil }
        // An editor may have left more spaces, or line ends of another kind.
        let fields = line.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }.map(Substring.init)
        guard fields.count == 5, let name = PercentEscaping.unescaped(fields[0]), !name.isEmpty,
            name.utf8.count <= KnownPeers.maximumNameBytes, fields[1].hasPrefix(Self.algorithm),
            let fingerprint = Hexadecimal.bytes(fields[1].dropFirst(Self.algorithm.count)), fingerprint.count == 32,
            let firstSeen = UTCDay(fields[2]), let lastSeen = UTCDay(fields[3]), fields[4] == "verified" || fields[4] == "-"
        else { return nil }
        self.init(name: name, fingerprint: fingerprint, firstSeen: firstSeen, lastSeen: lastSeen, isVerified: fields[4] == "verified")
    }
}

/// Names in a file of lines and fields: whatever could end a field, hide, or turn the text around is written as %XX, byte by byte.
enum PercentEscaping {
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == "%" || scalar == "#" || CleanText.isControl(scalar) || scalar.properties.isWhitespace {
                for byte in String(scalar).utf8 { result += "%" + Hexadecimal.text([byte]) }
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Nil when an escape is broken or the bytes are no UTF-8.
    static func unescaped(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = Hexadecimal.bytes(String(decoding: rest.prefix(2), as: UTF8.self)) else { return nil }
            bytes += value
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
