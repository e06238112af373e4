import ICE
import Primitives
import TURNSimulation
import TestSupport
import Testing

/// Which NATs let a call through, and how (RFC 4787's and RFC 3489's names).
@Suite struct NATTests {
    private typealias Behaviour = SimulatedNAT.Behaviour
    private static let hosts = [[SimulatedAgents.address("10.0.0.1")], [SimulatedAgents.address("10.1.0.1")]]
    private static let publicAddresses = [IPAddress("192.0.2.9")!, IPAddress("198.51.100.9")!]

    private static func call(
        seed: UInt64, hosts: [[SocketAddress]] = hosts, relay: Bool = false, transports: [TURNTransport] = [.udp],
        conditions: PathConditions = PathConditions(delay: .milliseconds(15), jitter: .milliseconds(5))
    ) -> SimulatedAgents {
        let server = SimulatedTURNServer(address: SimulatedAgents.address("203.0.113.7", 3478), hmacSHA1: testHMAC, md5: testMD5)
        var call = SimulatedAgents(
            seed: seed, conditions: conditions, hosts: hosts, stunServers: [SimulatedAgents.stunServer], turn: relay ? [server] : [],
            transports: transports)
        call.hasStunServer = true
        return call
    }

    private static func isRelayed(_ call: SimulatedAgents) -> Bool { call.agents.contains { $0.selectedPair?.isRelayed == true } }

    /// Symmetric ones need a relay against each other, and against one that wants the port it has sent to.
    private static func isDirect(_ a: Behaviour, _ b: Behaviour) -> Bool {
        switch (a, b) {
        case (.symmetric, .symmetric), (.symmetric, .portRestricted), (.portRestricted, .symmetric): false
        default: true
        }
    }

    @Test(arguments: SimulatedNAT.Behaviour.allCases, SimulatedNAT.Behaviour.allCases)
    func eachPairOfTypesHasItsOutcome(a: SimulatedNAT.Behaviour, b: SimulatedNAT.Behaviour) {
        for seed in 1...3 as ClosedRange<UInt64> {
            for relay in [false, true] {
                var call = Self.call(seed: seed, relay: relay)
                for (i, behaviour) in [a, b].enumerated() {
                    call.network.add(
                        SimulatedNAT(publicAddress: Self.publicAddresses[i], inside: [Self.hosts[i][0].ip], behaviour: behaviour))
                }
                call.open()
                let direct = Self.isDirect(a, b)
                #expect(call.run(for: .seconds(4)) { $0.bothConnected } == (direct || relay), "\(a) \(b), seed \(seed), relay \(relay)")
                guard direct || relay else { continue }
                call.run(for: .seconds(2))
                #expect(call.pairsMatch && Self.isRelayed(call) == !direct, "\(a) \(b), seed \(seed), relay \(relay)")
                call.mediaFlows = true
                call.run(for: .seconds(1))
                #expect(call.mediaReceived.allSatisfy { $0 > 45 }, "\(a) \(b), seed \(seed), relay \(relay)")
            }
        }
    }

    @Test(arguments: [false, true])
    func behindTheSameNATTheLocalNetworkIsUsed(hairpins: Bool) {
        let hosts = [[SimulatedAgents.address("10.0.0.1")], [SimulatedAgents.address("10.0.0.2")]]
        var call = Self.call(seed: 4, hosts: hosts, relay: true)
        call.network.add(
            SimulatedNAT(publicAddress: Self.publicAddresses[0], inside: Set(hosts.flatMap { $0.map(\.ip) }), hairpins: hairpins))
        call.open()
        #expect(call.run(for: .seconds(1)) { $0.bothConnected })
        #expect(call.agents.allSatisfy { $0.selectedPair?.local.type == .host && $0.selectedPair?.remote.type == .host })
    }

    /// Two homes behind one carrier-grade NAT: the way is through that one if it lets them meet there, else through a relay.
    @Test(arguments: [(true, false), (false, true), (false, false)])
    func behindTwoNATs(hairpins: Bool, relay: Bool) {
        var call = Self.call(seed: 5, relay: relay)
        let homes = [IPAddress("100.64.0.5")!, IPAddress("100.64.0.6")!]
        for i in 0..<2 { call.network.add(SimulatedNAT(publicAddress: homes[i], inside: [Self.hosts[i][0].ip])) }
        call.network.add(
            SimulatedNAT(
                publicAddress: Self.publicAddresses[0], inside: Set(homes), behaviour: .endpointIndependent, hairpins: hairpins))
        call.open()
        #expect(call.run(for: .seconds(4)) { $0.bothConnected } == (hairpins || relay))
        if hairpins || relay { #expect(call.pairsMatch && Self.isRelayed(call) == !hairpins) }
    }

    /// One side can use TCP alone, and the other has no server of its own.
    @Test(arguments: [TURNTransport.tcp, .tls(serverName: "turn.example.org")], [6, 7] as [UInt64])
    func whereUDPIsBlockedTheRelayIsReachedByAStream(transport: TURNTransport, seed: UInt64) {
        var call = Self.call(seed: seed, relay: true, transports: [.udp, transport])
        call.udpBlocked = [Self.hosts[0][0].ip]
        call.network.add(SimulatedNAT(publicAddress: Self.publicAddresses[1], inside: [Self.hosts[1][0].ip], behaviour: .symmetric))
        call.open()
        #expect(call.run(for: .seconds(4)) { $0.bothConnected })
        #expect(call.agents[0].selectedPair?.relayProtocol == transport)
        call.mediaFlows = true
        call.run(for: .seconds(1))
        #expect(call.mediaReceived.allSatisfy { $0 > 45 })
    }

    @Test func oneFamilyInCommonIsEnough() {
        let hosts = [["2001:db8::1"], ["192.0.2.1", "2001:db8:1::2"]].map { $0.map { SimulatedAgents.address($0) } }
        var call = Self.call(seed: 8, hosts: hosts)
        call.open()
        #expect(call.run(for: .seconds(1)) { $0.bothConnected })
        #expect(call.agents[1].selectedPair?.base == hosts[1][1])
        var apart = Self.call(seed: 9, hosts: [[hosts[0][0]], [hosts[1][0]]])
        apart.open()
        #expect(!apart.run(for: .seconds(5)) { $0.bothConnected })
    }
}
