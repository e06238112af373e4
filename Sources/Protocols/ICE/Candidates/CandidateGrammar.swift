import Primitives

/// The text form of RFC 8839 §5.1:
///
///     candidate:FOUNDATION COMPONENT udp PRIORITY ADDRESS PORT typ TYPE [raddr ADDRESS rport PORT] [NAME VALUE]…
extension Candidate {
    /// From an SDP attribute or an `RTCIceCandidate`'s text, with or without `a=` and `candidate:`.
    ///
    /// nil for TCP, for a host name (an mDNS `.local` one among them), and for whatever breaks the grammar.
    public init?(sdp: String) {
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
            let address = socketAddress(fields[4], fields[5]),
            address.port != 0, !address.ip.isUnspecified, !address.ip.isMulticast,
            fields[6] == "typ", let type = CandidateType(rawValue: String(fields[7]))
        else { return nil }
        self.init(
            foundation: String(fields[0]), component: Int(component), transport: transport, priority: priority, address: address,
            type: type)
        var relatedIP: Substring?
        var relatedPort: Substring?
        for i in stride(from: 8, to: fields.count - 1, by: 2) {
            switch fields[i] {
            case "raddr": relatedIP = fields[i + 1]
            case "rport": relatedPort = fields[i + 1]
            case "ufrag": ufrag = String(fields[i + 1].prefix(256))
            default: break
            }
        }
        if let relatedIP, let relatedPort { relatedAddress = socketAddress(relatedIP, relatedPort) }
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
