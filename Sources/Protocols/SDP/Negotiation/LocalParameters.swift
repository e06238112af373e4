/// What this side puts into its descriptions.
public struct LocalParameters: Sendable {
    /// A sent stream: its source, and the source of its retransmissions (RFC 4588).
    public struct Track: Sendable, Equatable {
        public var id: String
        public var ssrc: UInt32
        public var repairSSRC: UInt32?

        public init(id: String, ssrc: UInt32, repairSSRC: UInt32? = nil) {
            self.id = id
            self.ssrc = ssrc
            self.repairSSRC = repairSSRC
        }
    }

    public var sessionID: UInt64
    public var sessionVersion: UInt64 = 2
    public var ufrag: String
    public var password: String
    /// "sha-256 AB:CD…"
    public var fingerprint: String
    /// Fixed by an earlier handshake, which later descriptions must not turn around; nil before it.
    public var isDTLSClient: Bool?
    /// "candidate:…", for a peer that does not trickle.
    public var candidates: [String] = []
    public var hasEndOfCandidates = false
    public var cname: String
    public var streamID: String
    public var audio: Track
    public var video: Track
    public var sendsAudio = true
    public var sendsVideo = true
    /// Whether offers have a section for data channels.
    public var offersData = true

    public init(
        sessionID: UInt64, ufrag: String, password: String, fingerprint: String, cname: String, streamID: String, audio: Track, video: Track
    ) {
        self.sessionID = sessionID
        self.ufrag = ufrag
        self.password = password
        self.fingerprint = fingerprint
        self.cname = cname
        self.streamID = streamID
        self.audio = audio
        self.video = video
    }

    func transport(setup: SetupRole, isBase: Bool) -> TransportAttributes {
        var transport = TransportAttributes()
        transport.ufrag = ufrag
        transport.password = password
        transport.options = ["trickle"]
        transport.fingerprints = [fingerprint]
        transport.setup = setup
        // All sections share the path; its candidates are told once, in the section that carries it (RFC 8843 section 9.3).
        if isBase {
            transport.candidates = candidates
            transport.hasEndOfCandidates = hasEndOfCandidates
        }
        return transport
    }
}

enum MediaKind: String, CaseIterable {
    case audio, video, application

    /// The one format of each kind that is spoken here.
    func codec(in section: MediaSection) -> Codec? {
        switch self {
        case .audio: section.codecs.first { $0.isNamed("opus", clockRate: 48000) }
        case .video: section.codecs.first { $0.isNamed("VP8", clockRate: 90000) }
        case .application: nil
        }
    }

    /// The redundant format (RFC 2198) that carries nothing but a codec's own payloads.
    static func redundancy(of codec: Codec, in section: MediaSection) -> Codec? {
        section.codecs.first {
            guard $0.isNamed("red", clockRate: codec.clockRate), $0.channels == codec.channels else { return false }
            let carried = $0.parameters[...].fields(separatedBy: UInt8(ascii: "/"))
            return !carried.isEmpty && carried.allSatisfy { $0.trimmed == String(codec.payloadType) }
        }
    }

    /// The retransmission format of a codec, found by its `apt`.
    static func repair(of codec: Codec, in section: MediaSection) -> Codec? {
        section.codecs.first { $0.isNamed("rtx", clockRate: codec.clockRate) && $0.parameter("apt") == String(codec.payloadType) }
    }

    /// What is offered and understood as `rtcp-fb`.
    var feedback: [String] { self == .audio ? ["transport-cc"] : ["nack", "nack pli", "ccm fir", "transport-cc", "goog-remb"] }

    /// The header extensions of each kind, with the ids of our own offers.
    var extensions: [HeaderExtension] {
        let shared = [
            HeaderExtension(id: 1, uri: HeaderExtensionURI.mid), HeaderExtension(id: 2, uri: HeaderExtensionURI.transportSequence),
        ]
        return self == .audio ? shared : shared + [HeaderExtension(id: 3, uri: HeaderExtensionURI.sendTime)]
    }
}

/// What both descriptions say of data channels (RFC 8841).
enum DataChannelDefaults {
    static let port: UInt16 = 5000
    /// What is taken in, in bytes: as much as browsers take.
    static let maximumMessageSize = 262_144
    /// What a description that does not say means.
    static let unsaidMessageSize = 65_536
}

public enum HeaderExtensionURI {
    /// RFC 8843 section 15.
    public static let mid = "urn:ietf:params:rtp-hdrext:sdes:mid"
    /// A number for every packet of the transport, for feedback on it.
    public static let transportSequence = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    /// 24 bits of the time at which a packet was sent.
    public static let sendTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
}
