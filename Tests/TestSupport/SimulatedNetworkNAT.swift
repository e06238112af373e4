import Primitives

/// A NAT with one public address in front of some private hosts (RFC 4787's terms).
public struct SimulatedNAT: Sendable {
    public enum Behaviour: Sendable, CaseIterable {
        /// One public port for each inside socket, and anybody may answer to it ("full cone").
        case endpointIndependent
        /// The same port, but only hosts that were sent to may answer, from any of their ports ("address-restricted cone").
        case addressRestricted
        /// The same port, but only hosts and ports that were sent to may answer ("port-restricted cone").
        case portRestricted
        /// A new public port for each destination ("symmetric").
        case symmetric
    }

    private struct Flow: Hashable {
        let inside: SocketAddress
        /// nil unless the mapping depends on it.
        let remote: SocketAddress?
    }

    public let publicAddress: IPAddress
    public let behaviour: Behaviour
    /// Whether its inside hosts reach each other by their public addresses.
    public let hairpins: Bool
    private let insideHosts: Set<IPAddress>
    private var ports: [Flow: UInt16] = [:]
    private var insides: [UInt16: SocketAddress] = [:]
    private var permitted: [UInt16: Set<SocketAddress>] = [:]
    private var nextPort: UInt16 = 40_000

    public init(publicAddress: IPAddress, inside: Set<IPAddress>, behaviour: Behaviour = .portRestricted, hairpins: Bool = true) {
        self.publicAddress = publicAddress
        insideHosts = inside
        self.behaviour = behaviour
        self.hairpins = hairpins
    }

    func isInside(_ ip: IPAddress) -> Bool { insideHosts.contains(ip) }

    mutating func translateOutgoing(from: SocketAddress, to: SocketAddress) -> SocketAddress {
        let flow = Flow(inside: from, remote: behaviour == .symmetric ? to : nil)
        let port: UInt16
        if let known = ports[flow] {
            port = known
        } else {
            port = nextPort
            nextPort &+= 1
            ports[flow] = port
            insides[port] = from
        }
        permitted[port, default: []].insert(to)
        return SocketAddress(publicAddress, port: port)
    }

    /// nil: refused.
    func translateIncoming(from: SocketAddress, to: SocketAddress) -> SocketAddress? {
        guard let inside = insides[to.port], hairpins || from.ip != publicAddress else { return nil }
        let allowed = permitted[to.port] ?? []
        let passes =
            switch behaviour {
            case .endpointIndependent: true
            case .addressRestricted: allowed.contains { $0.ip == from.ip }
            case .portRestricted, .symmetric: allowed.contains(from)
            }
        return passes ? inside : nil
    }
}
