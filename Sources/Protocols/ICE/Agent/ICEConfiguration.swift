import Primitives

/// Which side decides the pair (RFC 8445 §6.1.1).
public enum ICERole: Sendable { case controlling, controlled }

public enum ICETransportPolicy: Sendable {
    case all
    /// Relayed candidates alone: no host address is told to the peer, checked from or answered on.
    case relay
}

/// RTCPeerConnection's names; `connected` means that a pair is selected and answers.
public enum ICEConnectionState: Sendable { case new, checking, connected, disconnected, failed, closed }

extension ICEAgent {
    public struct Configuration: Sendable {
        public var role: ICERole
        public var credentials: ICECredentials
        /// The first eight are asked.
        public var stunServers: [SocketAddress]
        /// The first eight are asked for an allocation each; what differs in its transport alone counts too.
        public var turnServers: [TURNServer] = []
        public var policy: ICETransportPolicy
        public var timings = Timings()
        /// Sent as SOFTWARE in requests; empty: not sent.
        public var software = ""

        public init(role: ICERole, credentials: ICECredentials, stunServers: [SocketAddress] = [], policy: ICETransportPolicy = .all) {
            self.role = role
            self.credentials = credentials
            self.stunServers = stunServers
            self.policy = policy
        }
    }

    public struct Timings: Sendable {
        /// Ta: between two checks that nothing triggered (RFC 8445 §14.2).
        public var pacing = Interval.milliseconds(50)
        /// The first retransmission of a check; doubles up to the limit. Never below Ta times the checks in flight, which keeps
        /// the total rate at RFC 8445 §14.3's; below its 500 ms, because a check lost on a short path costs exactly this.
        public var checkRetransmission = Interval.milliseconds(100)
        public var checkRetransmissionLimit = Interval.milliseconds(800)
        /// How often one check is sent at most (Rc of RFC 8489 §6.2.1 is 7).
        public var checkSends = 8
        /// A failed pair is tried again after this long, until there is a connection.
        public var failedPairRetry = Interval.milliseconds(500)
        /// How long the controlling side hopes for a better pair than the one that works.
        public var nominationSettling = Interval.milliseconds(30)
        /// The same, when what works is relayed and a direct path may still turn out to: NATs take a few checks to open.
        public var relaySettling = Interval.milliseconds(500)
        /// How long a TURN server may say nothing to one socket before the next one tries.
        public var relayFallback = Interval.milliseconds(1500)
        /// PAC timer: no failure before it (RFC 8863).
        public var patience = Interval.milliseconds(39_500)
        /// RFC 7675 §5.1: consent is asked for at this interval times 0.8 to 1.2, and lost after `consentExpiry` without a response.
        public var consentInterval = Interval.seconds(5)
        public var consentExpiry = Interval.seconds(30)
        /// After this long without anything received the selected pair is checked often, …
        public var quietAfter = Interval.seconds(1)
        /// … this often, or every two round trips when those are longer (at most a second).
        public var quietInterval = Interval.milliseconds(250)
        /// After this long the other pairs are checked too, and a working one is nominated.
        public var fallbackAfter = Interval.milliseconds(2500)
        /// Between the checks of such another pair, and of one that works before anything is selected.
        public var fallbackInterval = Interval.seconds(1)
        public var disconnectedAfter = Interval.seconds(5)
        /// The peer sends on another pair and not on the selected one for this long: it has moved.
        public var movedAfter = Interval.milliseconds(100)
        /// A pair that fell silent while it was selected is not preferred for its kind again before this.
        public var distrust = Interval.seconds(60)
        /// Keeps the bindings of the pairs in reserve open.
        public var reserveInterval = Interval.seconds(15)
        /// `.gatheringComplete` comes this long after the last socket, once no STUN server is being asked any more.
        public var gatheringSettling = Interval.milliseconds(50)
        /// First retransmission to a STUN server; doubles, six sends.
        public var stunServerRetransmission = Interval.milliseconds(250)
        public var stunServerSends = 6
        public var stunServerKeepalive = Interval.seconds(15)

        public init() {}
    }

    /// Bounds on what a peer or a passer-by can make the agent hold.
    enum Limit {
        static let remoteCandidates = 64
        static let hostCandidates = 32
        static let stunServers = 8
        static let turnServers = 8
        static let pairs = 100
        static let earlyRequests = 16
        static let transactions = 256
        static let outputs = 512
        /// Looked up by multicast DNS.
        static let names = 16
        /// Connections that the peer's TCP candidates may make us open.
        static let activeStreams = 8
        /// Accepted ones on which nothing authentic has come.
        static let unprovenStreams = 8
    }
}

/// The two ends that media flows between.
public struct SelectedPair: Hashable, Sendable {
    public var local: Candidate
    public var remote: Candidate
    /// Names the socket to send on; for a relayed local candidate its own address, and `ICEAgent.route` knows the way.
    public var base: SocketAddress
    public var destination: SocketAddress
    /// Smoothed, from checks; nil before the first answer.
    public var roundTripTime: Interval?
    /// How our TURN server is reached, if the local candidate is a relayed one.
    public var relayProtocol: TURNTransport?

    /// By a TURN server at either end.
    public var isRelayed: Bool { local.type == .relayed || remote.type == .relayed }
    /// What the path between the two candidates is made of.
    public var transport: CandidateTransport { local.transport }

    /// For a person: "direct", "direct over TCP", "relayed", "relayed over TLS".
    public var summary: String {
        switch relayProtocol {
        case .tcp: "relayed over TCP"
        case .tls: "relayed over TLS"
        case .udp: "relayed"
        case nil: isRelayed ? "relayed" : transport == .tcp ? "direct over TCP" : "direct"
        }
    }
}

public enum ICEEvent: Hashable, Sendable {
    case localCandidate(Candidate)
    case gatheringComplete
    case stateChanged(ICEConnectionState)
    case selectedPair(SelectedPair)
    /// A TURN server gives no allocation, or none any more.
    case relayFailed(server: TURNServer, TURNFailure)
    /// The socket under the selected pair is gone and no other pair works: a restart tells the peer where we are now.
    case restartNeeded
}

/// How to send a datagram that `ICEAgent.route` has framed.
public enum ICERoute: Hashable, Sendable {
    /// From the socket that `base` names.
    case socket(base: SocketAddress, destination: SocketAddress)
    case stream(StreamID)
}

/// A peer's datagram inside one from a TURN server.
public struct RelayedDatagram: Hashable, Sendable {
    /// Where it lies in the outer one.
    public var payload: Range<Int>
    public var source: SocketAddress
    /// The relayed address that it came to.
    public var base: SocketAddress
}

public enum ICEOutput: Hashable, Sendable {
    /// Send the bytes on the socket named `base`; if that fails at once, call `sendFailed`.
    case transmit(base: SocketAddress, destination: SocketAddress, payload: [UInt8])
    /// Connect, with TLS when there is a name to expect in the certificate; then call `streamOpened` or `streamClosed`.
    case openStream(StreamID, to: SocketAddress, tls: String?)
    /// Only ever on one that is open. What is sent is whole datagrams with their framing: rather lose one than let them pile up.
    case sendStream(StreamID, payload: [UInt8])
    /// Nothing is expected of it any more, not even `streamClosed`.
    case closeStream(StreamID)
    /// Look the `.local` name up by multicast DNS and call `resolved`.
    case resolve(name: String)
    case event(ICEEvent)
}

public struct ICEStatistics: Hashable, Sendable {
    public var checksSent = 0
    public var checksRetransmitted = 0
    public var requestsReceived = 0
    /// Those that were the peer's.
    public var checksAccepted = 0
    public var responsesReceived = 0
    /// Datagrams that look like STUN and are not, or whose FINGERPRINT is missing or wrong.
    public var malformed = 0
    /// Wrong user name or MESSAGE-INTEGRITY, or a response to nothing.
    public var untrusted = 0
    public var roleConflicts = 0
    public var sendFailures = 0
    /// Remote candidates and pairs beyond the limits, of another generation, or of no use.
    public var droppedCandidates = 0
    public var droppedOutputs = 0
    /// Names of the peer's that nobody could resolve.
    public var unresolvedNames = 0
}
