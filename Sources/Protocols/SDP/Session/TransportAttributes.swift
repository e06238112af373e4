/// Who sends the ClientHello (RFC 4145, RFC 5763).
public enum SetupRole: String, Sendable {
    case active, passive, actpass, holdconn
}

/// What a session or a media section says about the path: ICE (RFC 8839) and DTLS (RFC 8122).
public struct TransportAttributes: Equatable, Sendable {
    public var ufrag: String?
    public var password: String?
    public var options: [String] = []
    public var isLite = false
    /// "sha-256 AB:CD…", as written.
    public var fingerprints: [String] = []
    public var setup: SetupRole?
    /// "candidate:…", as written.
    public var candidates: [String] = []
    public var hasEndOfCandidates = false

    public init() {}

    /// False when the attribute is none of the path's.
    mutating func take(_ name: Substring, _ value: Substring) -> Bool {
        switch name {
        case "ice-ufrag": ufrag = String(value)
        case "ice-pwd": password = String(value)
        case "ice-options": options = value.fields().prefix(SDPLimits.repeats).map(String.init)
        case "ice-lite": isLite = true
        case "fingerprint":
            if fingerprints.count < SDPLimits.repeats { fingerprints.append(String(value)) }
        case "setup": setup = SetupRole(rawValue: value.asciiLowercased)
        case "candidate":
            if candidates.count < SDPLimits.repeats { candidates.append("candidate:" + value) }
        case "end-of-candidates": hasEndOfCandidates = true
        default: return false
        }
        return true
    }

    /// A section's own attributes, and the session's where it has none.
    func filled(from session: TransportAttributes) -> TransportAttributes {
        var all = self
        if all.ufrag == nil && all.password == nil { (all.ufrag, all.password) = (session.ufrag, session.password) }
        if all.options.isEmpty { all.options = session.options }
        if all.fingerprints.isEmpty { all.fingerprints = session.fingerprints }
        all.setup = all.setup ?? session.setup
        all.isLite = all.isLite || session.isLite
        if all.candidates.isEmpty { all.candidates = session.candidates }
        all.hasEndOfCandidates = all.hasEndOfCandidates || session.hasEndOfCandidates
        return all
    }

    func write(to lines: inout [String]) {
        for candidate in candidates { lines.append("a=" + candidate) }
        if hasEndOfCandidates { lines.append("a=end-of-candidates") }
        if let ufrag { lines.append("a=ice-ufrag:" + ufrag) }
        if let password { lines.append("a=ice-pwd:" + password) }
        if !options.isEmpty { lines.append("a=ice-options:" + options.joined(separator: " ")) }
        for fingerprint in fingerprints { lines.append("a=fingerprint:" + fingerprint) }
        if let setup { lines.append("a=setup:" + setup.rawValue) }
    }
}
