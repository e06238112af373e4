extension MediaSection {
    /// From an `m=` line's value; nil when it has no kind, port, protocol and at least one format.
    init?(mediaLine value: Substring) {
        let fields = value.fields()
        guard fields.count >= 4, fields.count <= 3 + SDPLimits.repeats, fields[0].isToken,
            let port = UInt16(fields[1].cut(at: UInt8(ascii: "/")).0)
        else { return nil }
        self.init(kind: String(fields[0]), port: port, transportProtocol: String(fields[2]), formats: fields[3...].map(String.init))
        guard isRTP else { return }
        for format in formats {
            guard let type = UInt8(format), type < 128, !codecs.contains(where: { $0.payloadType == type }) else { continue }
            codecs.append(Codec(payloadType: type))
        }
    }

    var isRTP: Bool { transportProtocol.utf8.count <= 64 && transportProtocol[...].fields(separatedBy: UInt8(ascii: "/")).contains("RTP") }

    /// Takes one attribute; what is unknown or does not parse is passed over, as RFC 8866 asks.
    mutating func take(_ name: Substring, _ value: Substring) {
        if transport.take(name, value) { return }
        switch name {
        case "mid":
            if value.isToken { mid = String(value) }
        case "rtcp-mux", "rtcp-mux-only": hasRTCPMux = true
        case "rtcp-rsize": hasReducedSizeRTCP = true
        case "bundle-only": isBundleOnly = true
        case "rtpmap": takeMap(value)
        case "fmtp":
            let (type, parameters) = value.cut(at: UInt8(ascii: " "))
            if let i = indexOfCodec(type) { codecs[i].parameters = String(parameters.trimmed) }
        case "rtcp-fb": takeFeedback(value)
        case "extmap":
            let fields = value.fields()
            guard fields.count >= 2, let id = UInt8(fields[0].cut(at: UInt8(ascii: "/")).0), id > 0, extensions.count < SDPLimits.repeats
            else { return }
            extensions.append(HeaderExtension(id: id, uri: String(fields[1])))
        case "msid":
            if streamIDs.count < SDPLimits.repeats { streamIDs.append(String(value)) }
        case "sctp-port": sctpPort = UInt16(value)
        case "max-message-size": maximumMessageSize = UInt32(value).map { Int($0) }
        case "ssrc": takeSource(value)
        case "ssrc-group":
            let fields = value.fields()
            guard fields.count == 3, fields[0] == "FID", let primary = UInt32(fields[1]), let repair = UInt32(fields[2]),
                repairPairs.count < SDPLimits.repeats
            else { return }
            repairPairs.append((primary, repair))
        default:
            if let direction = Direction(rawValue: String(name)), value.isEmpty { self.direction = direction }
        }
    }

    private func indexOfCodec(_ text: Substring) -> Int? {
        guard let type = UInt8(text) else { return nil }
        return codecs.firstIndex { $0.payloadType == type }
    }

    private mutating func takeMap(_ value: Substring) {
        let (type, rest) = value.cut(at: UInt8(ascii: " "))
        let parts = rest.trimmed.fields(separatedBy: UInt8(ascii: "/"))
        guard let i = indexOfCodec(type), parts.count >= 2, parts[0].isToken, let rate = UInt32(parts[1]) else { return }
        codecs[i].name = String(parts[0])
        codecs[i].clockRate = rate
        codecs[i].channels = parts.count > 2 ? UInt8(parts[2]) ?? 1 : 1
    }

    private mutating func takeFeedback(_ value: Substring) {
        let (type, rest) = value.cut(at: UInt8(ascii: " "))
        let text = String(rest.trimmed)
        for i in type == "*" ? Array(codecs.indices) : indexOfCodec(type).map({ [$0] }) ?? [] {
            if codecs[i].feedback.count < SDPLimits.repeats { codecs[i].feedback.append(text) }
        }
    }

    private mutating func takeSource(_ value: Substring) {
        let (id, rest) = value.cut(at: UInt8(ascii: " "))
        guard let ssrc = UInt32(id) else { return }
        let (attribute, text) = rest.trimmed.cut(at: UInt8(ascii: ":"))
        let cname = attribute == "cname" ? String(text) : nil
        if let i = sources.firstIndex(where: { $0.ssrc == ssrc }) {
            sources[i].cname = cname ?? sources[i].cname
        } else if sources.count < SDPLimits.repeats {
            sources.append((ssrc, cname))
        }
    }
}
