/// What an offer and its answer settle, as ICE, DTLS and RTP need it.
public struct NegotiatedSession: Equatable, Sendable {
    public struct Media: Equatable, Sendable {
        public var mid: String?
        public var payloadType: UInt8
        /// The retransmission format (RFC 4588), when both sides have it.
        public var repairPayloadType: UInt8?
        /// The redundant format (RFC 2198) around the codec, when both sides have it.
        public var redundancyPayloadType: UInt8?
        public var midExtensionID: UInt8?
        /// The transport-wide sequence number's, where feedback on it goes with it.
        public var transportSequenceExtensionID: UInt8?
        /// `abs-send-time`'s.
        public var sendTimeExtensionID: UInt8?
        /// The receiver tells how much it can take (`goog-remb`).
        public var hasREMB: Bool
        public var hasNACK: Bool
        public var hasPLI: Bool
        public var hasFIR: Bool
        public var hasReducedSizeRTCP: Bool
        public var sends: Bool
        public var receives: Bool
        /// As signalled; nil: to be learnt from the packets.
        public var remoteSSRC: UInt32?
        public var remoteRepairSSRC: UInt32?
        public var remoteCNAME: String?
    }

    public struct Data: Equatable, Sendable {
        /// The SCTP port of the other side.
        public var remotePort: UInt16
        /// In bytes, the longest message that the other side takes.
        public var remoteMaximumMessageSize: Int
    }

    public var audio: Media?
    public var video: Media?
    /// Nil: there are no data channels.
    public var data: Data?
    /// The section that carries the shared path: the only one whose candidates count.
    public var transportMID: String?
    public var transportIndex: Int
    /// Whether the offer was this side's.
    public var isOfferer: Bool
    /// The number in the other side's `o=`, which every connection of theirs has one of (RFC 8829 section 5.2.1); 0: none that can be read.
    public var remoteSessionID: UInt64
    public var remoteUfrag: String
    public var remotePassword: String
    /// "sha-256 AB:CD…", at least one, of any hash.
    public var remoteFingerprints: [String]
    public var remoteCandidates: [String]
    public var hasEndOfCandidates: Bool
    /// The peer only answers checks (RFC 8445 section 2.5), so this side must be controlling.
    public var remoteIsLite: Bool
    /// Whether this side sends the ClientHello.
    public var isDTLSClient: Bool

    /// - Parameter isOfferer: whether the offer is this side's.
    public init(offer: SessionDescription, answer: SessionDescription, isOfferer: Bool) throws(SDPError) {
        guard offer.media.count == answer.media.count, zip(offer.media, answer.media).allSatisfy({ $0.kind == $1.kind })
        else { throw .answerDoesNotMatchOffer }
        let usable = answer.media.indices.filter { answer.isUsable($0) && offer.isUsable($0) }
        let bundle = answer.bundle(accepting: usable)
        guard let base = bundle.first else { throw .nothingInCommon }

        let local = isOfferer ? offer : answer
        let remote = isOfferer ? answer : offer
        let transport = remote.transport(of: base)
        guard let ufrag = transport.ufrag, let password = transport.password, (4...256).contains(ufrag.utf8.count),
            (22...256).contains(password.utf8.count)
        else { throw .missingICECredentials }
        guard !transport.fingerprints.isEmpty else { throw .missingFingerprint }
        switch isOfferer ? transport.setup : local.transport(of: base).setup {
        case .holdconn: throw .unusableSetup
        case .passive: isDTLSClient = isOfferer
        // An answer that leaves it open has left the choice to its default, which is active (RFC 4145 section 4.1).
        case .active, .actpass, nil: isDTLSClient = !isOfferer
        }
        transportMID = remote.media[base].mid
        transportIndex = base
        self.isOfferer = isOfferer
        remoteSessionID = remote.sessionID
        remoteUfrag = ufrag
        remotePassword = password
        remoteFingerprints = transport.fingerprints
        remoteCandidates = transport.candidates
        hasEndOfCandidates = transport.hasEndOfCandidates
        remoteIsLite = transport.isLite
        for index in bundle {
            guard let kind = MediaKind(rawValue: answer.media[index].kind) else { continue }
            guard kind != .application else {
                data = Data(remote.media[index])
                continue
            }
            let media = Media(kind, index: index, answer: answer, local: local, remote: remote)
            if kind == .audio { audio = media } else { video = media }
        }
    }
}

extension NegotiatedSession.Data {
    fileprivate init(_ section: MediaSection) {
        remotePort = section.sctpPort ?? DataChannelDefaults.port
        let size = section.maximumMessageSize ?? DataChannelDefaults.unsaidMessageSize
        remoteMaximumMessageSize = size == 0 ? Int(UInt32.max) : size
    }
}

extension NegotiatedSession.Media {
    /// The answer's payload types and ids are those in use.
    fileprivate init?(_ kind: MediaKind, index: Int, answer: SessionDescription, local: SessionDescription, remote: SessionDescription) {
        let answered = answer.media[index]
        let theirs = remote.media[index]
        guard let codec = kind.codec(in: answered) else { return nil }
        mid = answered.mid
        payloadType = codec.payloadType
        repairPayloadType = kind == .video ? MediaKind.repair(of: codec, in: answered)?.payloadType : nil
        redundancyPayloadType = MediaKind.redundancy(of: codec, in: answered)?.payloadType
        midExtensionID = answered.mid == nil ? nil : answered.extensions.first { $0.uri == HeaderExtensionURI.mid }?.id
        let ids = answered.extensions
        transportSequenceExtensionID =
            codec.feedback.contains("transport-cc") ? ids.first { $0.uri == HeaderExtensionURI.transportSequence }?.id : nil
        sendTimeExtensionID = ids.first { $0.uri == HeaderExtensionURI.sendTime }?.id
        hasREMB = codec.feedback.contains("goog-remb")
        hasNACK = codec.feedback.contains("nack")
        hasPLI = codec.feedback.contains("nack pli")
        hasFIR = codec.feedback.contains("ccm fir")
        hasReducedSizeRTCP = answered.hasReducedSizeRTCP
        let (ours, other) = (local.direction(of: index), remote.direction(of: index))
        sends = ours.sends && other.receives
        receives = ours.receives && other.sends
        let pair = theirs.repairPairs.first
        remoteSSRC = pair?.primary ?? theirs.sources.first?.ssrc
        remoteRepairSSRC = pair?.repair
        remoteCNAME = theirs.sources.first?.cname
    }
}
