import Primitives

/// What an agent has tried and seen, from which `ConnectivityReport` makes sentences.
public struct ICEDiagnosis: Hashable, Sendable {
    /// Addresses by kind. IPv4 and IPv6 count host, reflexive and relayed ones alike.
    public struct Candidates: Hashable, Sendable {
        public var host = 0
        public var reflexive = 0
        public var relayed = 0
        public var tcp = 0
        public var ipv4 = 0
        public var ipv6 = 0

        public var count: Int { host + reflexive + relayed + tcp }

        public init() {}

        mutating func add(_ candidate: Candidate) {
            if candidate.address.ip.isIPv4 { ipv4 += 1 } else { ipv6 += 1 }
            if candidate.transport == .tcp { return tcp += 1 }
            switch candidate.type {
            case .host: host += 1
            case .serverReflexive, .peerReflexive: reflexive += 1
            case .relayed: relayed += 1
            }
        }
    }

    /// How a NAT chooses the public port (RFC 4787 §4.1).
    public enum Mapping: String, Hashable, Sendable {
        /// Seen from too few places, or from none.
        case unknown
        /// The address is the host's own.
        case noNAT
        case endpointIndependent
        /// Another one for each destination: what others learn of it is of no use.
        case addressDependent
    }

    public struct Relay: Hashable, Sendable {
        public enum Outcome: Hashable, Sendable {
            case waiting
            case allocated
            case failed(TURNFailure)
        }
        /// Where and how, without the credential.
        public var server: String
        public var transport: TURNTransport
        public var outcome: Outcome

        public init(server: String, transport: TURNTransport, outcome: Outcome) {
            self.server = server
            self.transport = transport
            self.outcome = outcome
        }
    }

    public var policy = ICETransportPolicy.all
    public var local = Candidates()
    public var remote = Candidates()
    /// The peer's names that nobody could resolve, or has so far.
    public var unresolvedNames = 0
    public var hasRemoteDescription = false
    public var stunServersAsked = 0
    public var stunServersAnswered = 0
    public var relays: [Relay] = []
    public var mapping = Mapping.unknown
    /// As far as the peer's checks show it.
    public var remoteMapping = Mapping.unknown
    public var pairs = 0
    public var pairsSucceeded = 0
    public var checksSent = 0
    /// Authentic ones.
    public var checksReceived = 0
    /// By UDP, from anybody: a STUN or TURN server's too.
    public var responsesReceived = 0
    /// The socket itself refused.
    public var sendFailures = 0

    public init() {}
}

/// How our sockets are seen from elsewhere, bounded.
struct MappingTable: Sendable {
    private static let limit = 64
    private var seen: [(base: SocketAddress, observer: SocketAddress, mapped: SocketAddress)] = []

    mutating func note(base: SocketAddress, observer: SocketAddress, mapped: SocketAddress) {
        guard seen.count < Self.limit, !seen.contains(where: { $0.base == base && $0.observer == observer && $0.mapped == mapped })
        else { return }
        seen.append((base, observer, mapped))
    }

    /// The worst over all sockets. Observers inside of the NAT see the socket itself, which says nothing about it.
    var behaviour: ICEDiagnosis.Mapping {
        var result = ICEDiagnosis.Mapping.unknown
        for base in Set(seen.map(\.base)) {
            let outside = seen.filter { $0.base == base && $0.mapped != base }
            if Set(outside.map(\.mapped)).count > 1 { return .addressDependent }
            if Set(outside.map(\.observer)).count > 1 { result = .endpointIndependent }
            if outside.isEmpty, result == .unknown { result = .noNAT }
        }
        return result
    }
}

extension ICEAgent {
    /// What was tried so far; after a failure, up to then.
    public var diagnosis: ICEDiagnosis { failureDiagnosis ?? currentDiagnosis }

    var currentDiagnosis: ICEDiagnosis {
        var result = ICEDiagnosis()
        result.policy = configuration.policy
        for local in locals { result.local.add(local.candidate) }
        for remote in remotes { result.remote.add(remote) }
        result.unresolvedNames = statistics.unresolvedNames + Set(unresolved.map(\.name)).count
        result.hasRemoteDescription = remoteCredentials != nil
        result.stunServersAsked = gatherer.askedServers.count
        result.stunServersAnswered = gatherer.answeredServers.count
        result.relays = relays.diagnosis
        result.mapping = mappings.behaviour
        result.remoteMapping = remoteMapping
        result.pairs = checks.pairs.count
        result.pairsSucceeded = checks.pairs.count { $0.state == .succeeded }
        result.checksSent = statistics.checksSent
        result.checksReceived = statistics.checksAccepted
        result.responsesReceived = datagramResponses
        result.sendFailures = statistics.sendFailures
        return result
    }

    /// A check that came from another port than the peer told shows a NAT that depends on the destination.
    private var remoteMapping: ICEDiagnosis.Mapping {
        let told = remotes.filter { $0.type == .serverReflexive && $0.transport == .udp }
        let found = remotes.filter { $0.type == .peerReflexive && $0.transport == .udp }
        let differs = found.contains { found in told.contains { $0.address.ip == found.address.ip && $0.address != found.address } }
        if differs { return .addressDependent }
        return checks.pairs.contains { $0.state == .succeeded && $0.remote.type == .serverReflexive } ? .endpointIndependent : .unknown
    }
}
