import Primitives

/// The text form of RFC 8839 §5.1:
///
///     candidate:FOUNDATION COMPONENT udp PRIORITY ADDRESS PORT typ TYPE [raddr ADDRESS rport PORT] [NAME VALUE]…
///
/// With `tcp`, `tcptype TYPE` is among the names (RFC 6544 §4.5).
extension Candidate {
    /// From an SDP attribute or an `RTCIceCandidate`'s text, with or without `a=` and `candidate:`.
    ///
    /// nil for a host name (for `.local` ones there is `MDNSCandidate`), and for whatever breaks the grammar.
    public init?(sdp: String) {
        guard let (candidate, host) = Self.parse(sdp), host == nil else { return nil }
        self = candidate
    }

    /// The candidate, and the host's name where that stands in place of an address, which then is unspecified.
    static func parse(_ sdp: String) -> (Candidate, host: Substring?)? {
        guard sdp.utf8.count <= 1024 else { return nil }
        var text = Substring(sdp)
        while let last = text.utf8.last, last == 10 || last == 13 || last == 32 { text = Substring(text.utf8.dropLast()) }
        for prefix in ["a=", "candidate:"] where text.hasPrefix(prefix) { text = text.dropFirst(prefix.count) }
        let fields = text.split(separator: " ")
        guard fields.count >= 8,
            (1...32).contains(fields[0].utf8.count), fields[0].utf8.allSatisfy(isICECharacter),
            let component = number(fields[1]), (1...256).contains(component),
            let transport = CandidateTransport(rawValue: fields[2].lowercased()),
            let priority = number(fields[3]).flatMap(UInt32.init(exactly:)), priority > 0,
            let port = number(fields[5]).flatMap(UInt16.init(exactly:)), port != 0,
            fields[6] == "typ", let type = CandidateType(rawValue: String(fields[7]))
        else { return nil }
        let ip = IPAddress(fields[4])
        if let ip, ip.isUnspecified || ip.isMulticast { return nil }
        var candidate = Candidate(
            foundation: String(fields[0]), component: Int(component), transport: transport, priority: priority,
            address: SocketAddress(ip ?? .any4, port: port), type: type)
        var relatedIP: Substring?
        var relatedPort: Substring?
        for i in stride(from: 8, to: fields.count - 1, by: 2) {
            switch fields[i] {
            case "raddr": relatedIP = fields[i + 1]
            case "rport": relatedPort = fields[i + 1]
            case "ufrag": candidate.ufrag = String(fields[i + 1].prefix(256))
            case "tcptype" where transport == .tcp: candidate.tcpType = TCPCandidateType(rawValue: String(fields[i + 1]))
            default: break
            }
        }
        if let relatedIP, let relatedPort { candidate.relatedAddress = socketAddress(relatedIP, relatedPort) }
        guard transport == .udp || candidate.tcpType != nil else { return nil }
        return (candidate, ip == nil ? fields[4] : nil)
    }

    /// `candidate:…`, as browsers put it into `RTCIceCandidate.candidate`.
    public var sdp: String {
        var text = "candidate:\(foundation) \(component) \(transport.rawValue) \(priority)"
        text += " \(address.ip) \(address.port) typ \(type.rawValue)"
        if type != .host {
            // The pair is mandatory for these types; zeros hide it.
            let related = relatedAddress ?? SocketAddress(address.ip.isIPv4 ? .any4 : .any6, port: 0)
            text += " raddr \(related.ip) rport \(related.port)"
        }
        if let tcpType { text += " tcptype \(tcpType.rawValue)" }
        if let ufrag { text += " ufrag \(ufrag)" }
        return text
    }
}

/// Digits alone: `UInt64.init` would take a sign.
private func number(_ text: Substring) -> UInt64? {
    guard (1...10).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return UInt64(text)
}

private func socketAddress(_ ip: Substring, _ port: Substring) -> SocketAddress? {
    guard let ip = IPAddress(ip), let port = number(port).flatMap(UInt16.init(exactly:)) else { return nil }
    return SocketAddress(ip, port: port)
}
