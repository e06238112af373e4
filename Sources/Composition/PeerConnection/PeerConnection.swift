import DTLS
import ICE
import Primitives
import RTP
import SCTP
import SDP
import SRTP

/// One call with one other peer: ICE, DTLS, SRTP, RTP, SCTP and SDP behind `handle` and `poll` (RFC 8829). No socket, no clock.
///
/// After every call, `poll()` until nil, then sleep until `nextTimeout` or the next datagram.
public struct PeerConnection: ~Copyable {
    public struct Configuration: Sendable {
        public var certificate: DTLSCertificate
        public var stunServers: [SocketAddress] = []
        public var turnServers: [TURNServer] = []
        public var icePolicy: ICETransportPolicy = .all
        /// Who gives way when both sides offer at once (perfect negotiation): exactly one side should.
        public var isPolite: Bool
        public var sendsVideo = true
        public var sendsAudio = true
        /// Whether data channels are offered; an offer of theirs is always taken.
        public var offersData = true
        /// Candidates known by then go into the description too, and only later ones are told apart.
        public var candidatesInSDP = true
        /// Where the estimate of the path begins, in bit/s.
        public var initialVideoBitrate = 300_000
        /// What the encoder makes at the most, in bit/s.
        public var maximumVideoBitrate = 1_000_000
        /// Added to an `Instant` to make the NTP times of sender reports.
        public var ntpOffset = Interval.zero

        public init(certificate: DTLSCertificate, isPolite: Bool) {
            self.certificate = certificate
            self.isPolite = isPolite
        }
    }

    /// The signalling state (RFC 8829 section 3.2), as far as one side at a time can tell.
    enum Signalling {
        case stable
        case haveLocalOffer(SessionDescription)
    }

    let configuration: Configuration
    var random: RandomSource
    let ssrcs: LocalSSRCs
    let sessionID: UInt64
    let cname: String
    let streamID: String

    var signalling = Signalling.stable
    /// What the last finished negotiation settled.
    var session: NegotiatedSession?
    /// This side's part of it.
    var localDescription: SessionDescription?
    var sessionVersion: UInt64 = 1
    /// After an offer was ignored in glare, until the next description: its candidates are nobody's.
    var ignoresCandidates = false

    var credentials: ICECredentials
    var agent: ICEAgent
    var bases: [SocketAddress] = []
    /// All that was gathered, and how many of them the other side has been told.
    var localCandidates: [Candidate] = []
    var toldCandidates = 0
    var earlyCandidates: [EarlyCandidate] = []
    /// As signalled, of the present generation.
    var remoteAddresses: Set<SocketAddress> = []

    var dtls: DTLSTransport?
    var srtp: SRTPContext?
    var rtp: RTPSession?
    var data: DataChannelTransport?
    var earlyHandshake = EarlyDatagrams(limit: 16)
    var earlyMedia = EarlyDatagrams(limit: 64)

    var iceState = ICEConnectionState.new
    var isSecure = false
    var hasFailed = false
    var isClosed = false
    var hasRemoteClosed = false
    /// Why `connectionState` is `.failed`; for a log.
    public internal(set) var failureReason: String?
    public internal(set) var connectionState = PeerConnectionState.new

    var outputs = OutputQueue()
    /// The last time that came in: `poll` has none of its own.
    var now: Instant
    /// Reused for each packet that is decrypted in place.
    var scratch: [UInt8] = []
    var sentRate = RateMeter()
    var receivedRate = RateMeter()
    var losses = LossMeter()
    var discardedDatagrams = 0
    var unsentDatagrams = 0
    var datagramsSent = 0
    var datagramsReceived = 0
    var bytesSent = 0
    var bytesReceived = 0
    var selectedPairChanges = 0
    var srtpProfile: SRTPProfile?
    /// SHA-256 of the certificate that the other side has shown, 32 bytes; nil before the handshake's end.
    public internal(set) var remoteFingerprint: [UInt8]?

    public init(configuration: Configuration, random: RandomSource, now: Instant) {
        self.configuration = configuration
        self.now = now
        var random = random
        ssrcs = .random(using: &random)
        sessionID = UInt64.random(in: 1..<1 << 62, using: &random)
        let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        cname = random.string(16, from: alphabet)
        streamID = random.string(24, from: alphabet)
        credentials = .random(using: &random)
        var ice = ICEAgent.Configuration(
            role: .controlling, credentials: credentials, stunServers: configuration.stunServers, policy: configuration.icePolicy)
        ice.turnServers = configuration.turnServers
        agent = ICEAgent(configuration: ice, random: random.fork(), hmacSHA1: opensslHMACSHA1, md5: opensslMD5)
        self.random = random
        scratch.reserveCapacity(2048)
    }

    /// One for each bound UDP socket; its host candidate is known at once.
    public mutating func addLocalSocket(base: SocketAddress, now: Instant) {
        guard !isClosed, !bases.contains(base) else { return }
        self.now = now
        bases.append(base)
        agent.addHostCandidate(base: base, now: now)
        collectCandidates()
    }

    /// A listening TCP socket; `streamAccepted` tells what connects to it.
    public mutating func addTCPListener(base: SocketAddress, now: Instant) {
        guard !isClosed else { return }
        self.now = now
        agent.addTCPListener(base: base, now: now)
        collectCandidates()
    }

    /// A socket or a listener is no more, its address may be gone. Another path that works is used at once; without one
    /// `restartNeeded` is told.
    public mutating func removeLocalSocket(base: SocketAddress, now: Instant) {
        guard !isClosed else { return }
        self.now = now
        bases.removeAll { $0 == base }
        // Later descriptions no longer name it.
        let isGone = { (candidate: Candidate) in candidate.address == base || candidate.relatedAddress == base }
        toldCandidates -= localCandidates.prefix(toldCandidates).count(where: isGone)
        localCandidates.removeAll(where: isGone)
        agent.removeLocalSocket(base: base, now: now)
        collectCandidates()
    }

    /// Media may flow: the path is there and the other side is who it was said to be.
    var isMediaReady: Bool { isSecure && !isClosed && !hasRemoteClosed && !hasFailed }
}
