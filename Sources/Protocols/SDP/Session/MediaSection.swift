/// Which way media flows, as seen by whoever wrote the description (RFC 8866 section 6.7).
public enum Direction: String, Sendable {
    case sendrecv, sendonly, recvonly, inactive

    public init(sends: Bool, receives: Bool) {
        self = sends ? (receives ? .sendrecv : .sendonly) : (receives ? .recvonly : .inactive)
    }
    public var sends: Bool { self == .sendrecv || self == .sendonly }
    public var receives: Bool { self == .sendrecv || self == .recvonly }
}

/// A payload type with its `rtpmap`, `fmtp` and `rtcp-fb`.
public struct Codec: Equatable, Sendable {
    /// 0 to 127.
    public var payloadType: UInt8
    /// As written: compare without case.
    public var name = ""
    public var clockRate: UInt32 = 0
    public var channels: UInt8 = 1
    /// "minptime=10;useinbandfec=1", as written.
    public var parameters = ""
    /// "nack", "nack pli", "ccm fir" …
    public var feedback: [String] = []

    public init(payloadType: UInt8) { self.payloadType = payloadType }

    public func isNamed(_ other: String, clockRate: UInt32) -> Bool {
        self.clockRate == clockRate && name.asciiLowercased == other.asciiLowercased
    }

    /// The value of one `fmtp` parameter.
    public func parameter(_ key: String) -> String? {
        for field in parameters[...].fields(separatedBy: UInt8(ascii: ";")) {
            let (name, value) = field.cut(at: UInt8(ascii: "="))
            if name.trimmed.asciiLowercased == key { return String(value.trimmed) }
        }
        return nil
    }
}

/// `a=extmap` (RFC 8285).
public struct HeaderExtension: Equatable, Sendable {
    public var id: UInt8
    public var uri: String

    public init(id: UInt8, uri: String) {
        self.id = id
        self.uri = uri
    }
}

/// One `m=` line and what belongs to it.
public struct MediaSection: Equatable, Sendable {
    /// "audio", "video", "application" …
    public var kind: String
    /// 0: rejected, unless it is bundle-only.
    public var port: UInt16
    /// "UDP/TLS/RTP/SAVPF"
    public var transportProtocol: String
    /// As written after the protocol.
    public var formats: [String]
    public var mid: String?
    public var direction: Direction?
    public var transport = TransportAttributes()
    public var hasRTCPMux = false
    public var hasReducedSizeRTCP = false
    public var isBundleOnly = false
    /// In order of preference, the static types (RFC 3551) without an `rtpmap` left unnamed.
    public var codecs: [Codec] = []
    public var extensions: [HeaderExtension] = []
    /// "stream track"
    public var streamIDs: [String] = []
    /// In order of appearance, with the CNAME where it is given.
    public var sources: [(ssrc: UInt32, cname: String?)] = []
    /// `a=ssrc-group:FID primary repair`
    public var repairPairs: [(primary: UInt32, repair: UInt32)] = []
    /// `a=sctp-port` (RFC 8841 section 5).
    public var sctpPort: UInt16?
    /// `a=max-message-size` in bytes (RFC 8841 section 6); 0: any.
    public var maximumMessageSize: Int?

    public init(kind: String, port: UInt16, transportProtocol: String, formats: [String]) {
        self.kind = kind
        self.port = port
        self.transportProtocol = transportProtocol
        self.formats = formats
    }

    public var isRejected: Bool { port == 0 && !isBundleOnly }

    /// SCTP over DTLS for data channels (RFC 8841 section 4.1).
    var isDataChannel: Bool {
        kind == MediaKind.application.rawValue && (transportProtocol == "UDP/DTLS/SCTP" || transportProtocol == "TCP/DTLS/SCTP")
            && formats == ["webrtc-datachannel"]
    }

    public static func == (a: MediaSection, b: MediaSection) -> Bool { a.lines == b.lines }
}
