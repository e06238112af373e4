import Primitives

/// How a candidate's address was learnt (RFC 8445 §5.1.1).
public enum CandidateType: String, Hashable, Sendable {
    case host = "host"
    case serverReflexive = "srflx"
    case peerReflexive = "prflx"
    case relayed = "relay"

    /// RFC 8445 §5.1.2.2.
    public var preference: UInt8 {
        switch self {
        case .host: 126
        case .peerReflexive: 110
        case .serverReflexive: 100
        case .relayed: 2
        }
    }
}

public enum CandidateTransport: String, Hashable, Sendable { case udp, tcp }

/// Who of two TCP candidates connects (RFC 6544 §4.1).
public enum TCPCandidateType: String, Hashable, Sendable {
    case active
    case passive
    /// Both at once; known, but not done here.
    case simultaneousOpen = "so"

    /// RFC 6544 §4.2, as recommended for host candidates.
    var directionPreference: UInt16 {
        switch self {
        case .active: 6
        case .passive: 4
        case .simultaneousOpen: 2
        }
    }
}

/// A transport address at which an ICE agent may be reached (RFC 8445 §5.1.1).
public struct Candidate: Hashable, Sendable {
    /// 1 to 32 ice-chars; equal for candidates that a check would likely treat alike.
    public var foundation: String
    /// 1 is RTP, and with rtcp-mux everything.
    public var component: Int
    public var transport: CandidateTransport
    public var priority: UInt32
    public var address: SocketAddress
    public var type: CandidateType
    /// For TCP alone.
    public var tcpType: TCPCandidateType?
    /// What a reflexive or relayed candidate was derived from; diagnostics only.
    public var relatedAddress: SocketAddress?
    /// Which generation of credentials it belongs to.
    public var ufrag: String?

    public init(
        foundation: String, component: Int = 1, transport: CandidateTransport = .udp, priority: UInt32, address: SocketAddress,
        type: CandidateType, tcpType: TCPCandidateType? = nil, relatedAddress: SocketAddress? = nil, ufrag: String? = nil
    ) {
        self.foundation = foundation
        self.component = component
        self.transport = transport
        self.priority = priority
        self.address = address
        self.type = type
        self.tcpType = tcpType
        self.relatedAddress = relatedAddress
        self.ufrag = ufrag
    }

    /// RFC 8445 §5.1.2.1.
    public static func priority(type: CandidateType, localPreference: UInt16, component: Int = 1) -> UInt32 {
        priority(typePreference: type.preference, localPreference: localPreference, component: component)
    }

    static func priority(typePreference: UInt8, localPreference: UInt16, component: Int = 1) -> UInt32 {
        UInt32(typePreference) << 24 | UInt32(localPreference) << 8 | UInt32(256 - max(1, min(256, component)))
    }

    /// RFC 6544 §4.2. After every direct path over UDP, which loses one packet where TCP holds up all; before relays.
    static func tcpPriority(type: CandidateType, tcpType: TCPCandidateType, localPreference: UInt16) -> UInt32 {
        let preference = tcpType.directionPreference << 13 | localPreference & 0x1fff
        return priority(typePreference: type == .host ? 90 : 80, localPreference: preference)
    }

    /// RFC 8421 §4: the nth IPv6 address and the nth IPv4 address are neighbours; loopback comes after every real interface.
    static func localPreference(of ip: IPAddress, ordinalInFamily ordinal: Int) -> UInt16 {
        let step = 2 * min(max(0, ordinal), 1000) + (ip.isIPv4 ? 1 : 0)
        return UInt16((ip.isLoopback ? 0x7fff : 0xffff) - step)
    }

    /// Equal for equal type, base address and server (RFC 8445 §5.1.1.3), in the decimal form that browsers use.
    static func foundation(type: CandidateType, base: IPAddress, server: IPAddress? = nil, tcpType: TCPCandidateType? = nil) -> String {
        let text = "\(type.rawValue) \(base) \(server.map { "\($0)" } ?? "-")\(tcpType.map { " tcp \($0.rawValue)" } ?? "")"
        return String(CRC32.checksum(text.utf8))
    }

    /// RFC 8445 §6.1.2.3, from the candidates of the controlling (G) and of the controlled (D) side.
    static func pairPriority(controlling g: UInt32, controlled d: UInt32) -> UInt64 {
        // The grammar allows 31 bits; a peer's PRIORITY could have 32, which would overflow.
        let g = UInt64(min(g, 0x7fff_ffff))
        let d = UInt64(min(d, 0x7fff_ffff))
        return min(g, d) << 32 + 2 * max(g, d) + (g > d ? 1 : 0)
    }
}
