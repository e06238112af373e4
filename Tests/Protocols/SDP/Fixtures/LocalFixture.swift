import SDP

enum Local {
    static let fingerprint = "sha-256 " + Array(repeating: "AB", count: 32).joined(separator: ":")

    static func parameters(_ change: (inout LocalParameters) -> Void = { _ in }) -> LocalParameters {
        var local = LocalParameters(
            sessionID: 42, ufrag: "ufra", password: "0123456789012345678901", fingerprint: fingerprint, cname: "name", streamID: "stream",
            audio: .init(id: "sound", ssrc: 1), video: .init(id: "picture", ssrc: 2, repairSSRC: 3))
        change(&local)
        return local
    }
}

/// `text` without each of its lines in turn, and cut off after each byte of a sample of its lengths.
func brokenTwins(of text: String) -> [String] {
    let lines = text.split(separator: "\n")
    let without = lines.indices.map { i in (lines[..<i] + lines[(i + 1)...]).joined(separator: "\n") }
    let bytes = Array(text.utf8)
    let cut = stride(from: 0, to: bytes.count, by: 7).map { String(decoding: bytes[..<$0], as: UTF8.self) }
    let mangled = lines.indices.map { i in
        let half = lines[i].utf8.prefix(lines[i].utf8.count / 2)
        return (lines[..<i] + [Substring(half)] + lines[(i + 1)...]).joined(separator: "\r\n")
    }
    return without + cut + mangled
}
