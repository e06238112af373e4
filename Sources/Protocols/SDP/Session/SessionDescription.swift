/// An SDP session description (RFC 8866) as WebRTC uses it (RFC 8829): what can be parsed of any peer's, and what is written as ours.
public struct SessionDescription: Equatable, Sendable {
    /// `o=`: 1 to 2^62 in ours; 0 when another's is no number.
    public var sessionID: UInt64
    public var sessionVersion: UInt64
    /// The mids of each `a=group:BUNDLE`, in order.
    public var bundleGroups: [[String]] = []
    /// What the session level says for all sections.
    public var transport = TransportAttributes()
    public var direction: Direction?
    /// The session level's `a=msid-semantic`, as written.
    public var streamSemantic: String?
    public var media: [MediaSection] = []

    public init(sessionID: UInt64, sessionVersion: UInt64) {
        self.sessionID = sessionID
        self.sessionVersion = sessionVersion
    }

    /// Unknown lines and attributes are passed over.
    public init(parsing text: String) throws(SDPError) {
        self.init(sessionID: 0, sessionVersion: 0)
        for line in try SDPLine.split(text) {
            switch line.type {
            case UInt8(ascii: "m"):
                guard media.count < SDPLimits.mediaSections else { throw .tooLarge }
                guard let section = MediaSection(mediaLine: line.value) else { throw .malformedLine(line.number) }
                media.append(section)
            case UInt8(ascii: "o"):
                let fields = line.value.fields()
                if fields.count > 2 {
                    sessionID = UInt64(fields[1]) ?? 0
                    sessionVersion = UInt64(fields[2]) ?? 0
                }
            case UInt8(ascii: "a"):
                let (name, value) = line.attribute
                if media.isEmpty {
                    takeSessionAttribute(name, value)
                } else {
                    media[media.count - 1].take(name, value)
                }
            default: break
            }
        }
    }

    private mutating func takeSessionAttribute(_ name: Substring, _ value: Substring) {
        if transport.take(name, value) { return }
        switch name {
        case "group":
            let fields = value.fields()
            if fields.first == "BUNDLE", bundleGroups.count < SDPLimits.mediaSections {
                bundleGroups.append(fields.dropFirst().prefix(SDPLimits.mediaSections).map(String.init))
            }
        case "msid-semantic": streamSemantic = String(value)
        default:
            if let direction = Direction(rawValue: String(name)), value.isEmpty { self.direction = direction }
        }
    }

    /// A section's transport, with what only the session level says.
    public func transport(of index: Int) -> TransportAttributes {
        media.indices.contains(index) ? media[index].transport.filled(from: transport) : transport
    }

    /// A section's direction: its own, the session's, or `sendrecv` (RFC 8866 section 6.7).
    public func direction(of index: Int) -> Direction {
        (media.indices.contains(index) ? media[index].direction : nil) ?? direction ?? .sendrecv
    }

    /// The text, lines ended by CR LF.
    public var text: String {
        var lines = ["v=0", "o=- \(sessionID) \(sessionVersion) IN IP4 127.0.0.1", "s=-", "t=0 0"]
        for group in bundleGroups { lines.append("a=group:BUNDLE " + group.joined(separator: " ")) }
        if let streamSemantic { lines.append("a=msid-semantic:" + streamSemantic) }
        transport.write(to: &lines)
        if let direction { lines.append("a=" + direction.rawValue) }
        for section in media { lines += section.lines }
        return lines.map { $0 + "\r\n" }.joined()
    }
}
