import ByteCoding
import Primitives

/// A full ICE agent for one component (RFC 8445), with trickle (RFC 8838) and consent (RFC 7675).
///
/// Hand it sockets, the peer's candidates, datagrams and the time;
/// after every call take transmissions and events from `poll()` until it is nil.
public struct ICEAgent: Sendable {
    public internal(set) var configuration: Configuration
    public internal(set) var role: ICERole
    public internal(set) var localCredentials: ICECredentials
    public internal(set) var remoteCredentials: ICECredentials?
    public internal(set) var state = ICEConnectionState.new
    public internal(set) var statistics = ICEStatistics()
    /// When an authentic STUN message, or any datagram from an address of the peer's, last came in.
    public internal(set) var lastReceived: Instant?
    public internal(set) var hasAllRemoteCandidates = false

    struct LocalCandidate: Sendable {
        let base: SocketAddress
        let candidate: Candidate
        /// Checked from, unlike what other hosts see it as.
        var isBase: Bool { candidate.address == base }
    }
    struct EarlyRequest: Sendable {
        let base: SocketAddress
        let source: SocketAddress
        let priority: UInt32
        var useCandidate: Bool
    }
    struct Selection: Sendable {
        let pairID: Int
        let base: SocketAddress
        let destination: SocketAddress
        let since: Instant
        var lastReceived: Instant
        /// The socket refused to send there, and nothing was answered since.
        var isBlocked = false
    }

    let hmacSHA1: HMACSHA1
    let md5: MD5?
    var random: RandomSource
    var tieBreaker: UInt64
    var locals: [LocalCandidate] = []
    var remotes: [Candidate] = []
    /// Candidates that came before the credentials they belong to.
    var earlyCandidates: [Candidate] = []
    /// Authentic requests that came before the peer's credentials (RFC 8445 §7.3).
    var earlyRequests: [EarlyRequest] = []
    var checks = CheckList()
    var transactions = TransactionTable()
    var gatherer: ServerReflexiveGatherer
    var relays: RelayTable
    var streams = StreamTable()
    /// The sockets that there are, candidates or not.
    var sockets: [SocketAddress] = []
    /// The peer's names: nil while one is looked up, then its address.
    var names: [String: IPAddress?] = [:]
    var unresolved: [MDNSCandidate] = []
    var gatheringSettled: Instant?
    var selection: Selection?
    /// The pair whose check carries our USE-CANDIDATE.
    var nominating: Int?
    /// When the controlling side stops hoping for a better pair.
    var settled: Instant?
    var nextOrdinaryCheck = Instant.zero
    var startedAt: Instant?
    /// What was selected before a restart, in use until its successor is there.
    var previousPair: SelectedPair?
    var mappings = MappingTable()
    /// From wherever, but not by a stream.
    var datagramResponses = 0
    /// What led to `.failed`.
    var failureDiagnosis: ICEDiagnosis?
    private var outputs: [ICEOutput] = []
    private var firstOutput = 0
    public internal(set) var nextTimeout: Instant?

    /// - Parameter md5: for TURN servers' credentials; without it none is asked.
    public init(configuration: Configuration, random: RandomSource, hmacSHA1: @escaping HMACSHA1, md5: MD5? = nil) {
        self.configuration = configuration
        self.hmacSHA1 = hmacSHA1
        self.md5 = md5
        self.random = random
        role = configuration.role
        localCredentials = configuration.credentials
        gatherer = ServerReflexiveGatherer(timings: configuration.timings)
        relays = RelayTable(patience: configuration.timings.relayFallback)
        tieBreaker = self.random.next()
    }

    var timings: Timings { configuration.timings }
    var isOver: Bool { state == .failed || state == .closed }

    // MARK: Output

    /// The next thing to do; nil when there is nothing left.
    public mutating func poll() -> ICEOutput? {
        guard firstOutput < outputs.count else {
            outputs.removeAll(keepingCapacity: true)
            firstOutput = 0
            return nil
        }
        defer { firstOutput += 1 }
        return outputs[firstOutput]
    }

    mutating func emit(_ event: ICEEvent) { outputs.append(.event(event)) }

    /// Streams are few, and what is said about one must not get lost; data may.
    mutating func emit(_ output: ICEOutput) {
        if case .sendStream = output, outputs.count - firstOutput >= Limit.outputs {
            statistics.droppedOutputs += 1
            return
        }
        outputs.append(output)
    }

    mutating func transmit(_ payload: [UInt8], base: SocketAddress, to destination: SocketAddress) {
        // From a relayed address by way of its server.
        if let relay = relays.index(relayed: base) {
            var datagram = payload
            guard let route = route(&datagram, throughRelay: relay, to: destination) else {
                return relays.hold(payload, through: relay, to: destination)
            }
            switch route {
            case .socket(let base, let destination): return append(datagram, base: base, to: destination)
            case .stream(let id): return emit(.sendStream(id, payload: datagram))
            }
        }
        if base.isStreamName { return transmit(payload, onStream: base) }
        // A pair may outlive its socket or its relay.
        if sockets.contains(base) { append(payload, base: base, to: destination) }
    }

    private mutating func append(_ payload: [UInt8], base: SocketAddress, to destination: SocketAddress) {
        guard outputs.count - firstOutput < Limit.outputs else {
            statistics.droppedOutputs += 1
            return
        }
        outputs.append(.transmit(base: base, destination: destination, payload: payload))
    }

    mutating func setState(_ new: ICEConnectionState) {
        guard state != new else { return }
        state = new
        emit(.stateChanged(new))
    }

    // MARK: What is selected

    /// The nominated pair.
    public var selectedPair: SelectedPair? { selection.flatMap { checks.index(of: $0.pairID) }.map { checks[$0].selected } }

    /// Where to send now: the selected pair, before there is one the best that answers, after a restart the old one.
    public var sendPair: SelectedPair? {
        selectedPair ?? checks.bestSucceeded.map { checks[$0].selected } ?? previousPair
    }

    /// Whether this is where the peer said or has shown to be.
    public func knowsRemote(_ address: SocketAddress) -> Bool { remotes.contains { $0.address == address } }

    /// Ends everything: `poll` still gives what returns allocations to their servers, and nothing is accepted any more.
    public mutating func close() {
        guard state != .closed else { return }
        forgetSession()
        previousPair = nil
        outputs.removeAll()
        firstOutput = 0
        nextTimeout = nil
        closeRelays()
        for stream in streams.streams { dropStream(base: stream.base) }
        setState(.closed)
    }

    mutating func forgetSession() {
        relays.forgetPeers()
        checks = CheckList()
        transactions = TransactionTable()
        earlyRequests = []
        remotes = []
        unresolved = []
        names = names.filter { $0.value != nil }
        selection = nil
        nominating = nil
        settled = nil
        hasAllRemoteCandidates = false
    }
}
