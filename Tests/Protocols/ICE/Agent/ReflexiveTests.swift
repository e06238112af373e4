import ICE
import Primitives
import TestSupport
import Testing

@Suite struct ReflexiveTests {
    @Test func findsPeerReflexiveCandidatesBehindANAT() {
        // The first side sits behind a NAT and asks no STUN server: its private address is of no use to the other.
        var call = SimulatedAgents(seed: 1, hosts: [[SimulatedAgents.address("10.0.0.1")], [SimulatedAgents.address("198.51.100.2")]])
        call.network.add(SimulatedNAT(publicAddress: IPAddress("192.0.2.9")!, inside: [IPAddress("10.0.0.1")!]))
        call.open()
        #expect(call.run(for: .seconds(2)) { $0.bothConnected })
        #expect(call.pairsMatch)
        #expect(call.agents[1].selectedPair?.remote.type == .peerReflexive)
        #expect(call.agents[1].selectedPair?.destination.ip == IPAddress("192.0.2.9"))
        #expect(call.agents[0].selectedPair?.local.type == .peerReflexive)
    }

    @Test func upgradesInPlaceWhenTheCandidateIsSignalledLater() throws {
        var call = SimulatedAgents(seed: 2)
        call.signalingDelay = .seconds(3600)
        call.open()
        // Only the first side learns the other's candidate; its own is discovered.
        call.agents[0].addRemoteCandidate(try #require(call.localCandidates(1).first), now: call.now)
        #expect(call.run(for: .seconds(1)) { $0.bothConnected })
        #expect(call.agents[1].selectedPair?.remote.type == .peerReflexive)
        let events = call.events[1].count
        call.agents[1].addRemoteCandidate(try #require(call.localCandidates(0).first), now: call.now)
        call.drain(1)
        #expect(call.agents[1].selectedPair?.remote.type == .host)
        #expect(call.agents[1].state == .connected)
        #expect(call.events[1].count == events)
        call.run(for: .seconds(20))
        #expect(call.bothConnected && call.pairsMatch)
    }

    @Test(arguments: [SimulatedNAT.Behaviour.endpointIndependent, .portRestricted])
    func connectsThroughTwoNATsWithAStunServer(behaviour: SimulatedNAT.Behaviour) {
        var call = SimulatedAgents(
            seed: 3, conditions: PathConditions(delay: .milliseconds(15)),
            hosts: [[SimulatedAgents.address("10.0.0.1")], [SimulatedAgents.address("10.1.0.1")]],
            stunServers: [SimulatedAgents.stunServer])
        call.hasStunServer = true
        call.network.add(SimulatedNAT(publicAddress: IPAddress("192.0.2.9")!, inside: [IPAddress("10.0.0.1")!], behaviour: behaviour))
        call.network.add(SimulatedNAT(publicAddress: IPAddress("198.51.100.9")!, inside: [IPAddress("10.1.0.1")!], behaviour: behaviour))
        call.open()
        #expect(call.run(for: .seconds(2)) { $0.bothConnected })
        #expect(call.pairsMatch)
        #expect(call.localCandidates(0).map(\.type) == [.host, .serverReflexive])
        #expect(call.localCandidates(0).last?.relatedAddress == SimulatedAgents.address("10.0.0.1"))
        #expect(call.agents[0].selectedPair?.local.type == .serverReflexive)
        #expect(call.events[0].contains { $0.event == .gatheringComplete })
    }

    @Test func aServerWhoseNameIsResolvedLateIsStillAsked() {
        var call = SimulatedAgents(
            seed: 4, conditions: PathConditions(delay: .milliseconds(15)),
            hosts: [[SimulatedAgents.address("10.0.0.1")], [SimulatedAgents.address("10.1.0.1")]])
        call.hasStunServer = true
        call.network.add(SimulatedNAT(publicAddress: IPAddress("192.0.2.9")!, inside: [IPAddress("10.0.0.1")!], behaviour: .portRestricted))
        call.network.add(
            SimulatedNAT(publicAddress: IPAddress("198.51.100.9")!, inside: [IPAddress("10.1.0.1")!], behaviour: .portRestricted))
        call.open()
        call.run(for: .milliseconds(500))
        for i in 0..<2 {
            for _ in 0..<2 { call.agents[i].addSTUNServers([SimulatedAgents.stunServer], now: call.now) }
            call.drain(i)
        }
        #expect(call.run(for: .seconds(3)) { $0.bothConnected })
        #expect(call.localCandidates(0).map(\.type) == [.host, .serverReflexive])
    }

    @Test func aSilentStunServerHoldsUpNothing() {
        var call = SimulatedAgents(seed: 4, stunServers: [SimulatedAgents.stunServer])
        call.open()
        #expect(call.run(for: .milliseconds(40)) { $0.bothConnected })
        call.run(for: .seconds(20))
        #expect(call.events[0].count { $0.event == .gatheringComplete } == 1)
        #expect(call.bothConnected)
    }

    @Test func anAddressThatTheServerConfirmsIsNoSecondCandidate() {
        var call = SimulatedAgents(seed: 5, stunServers: [SimulatedAgents.stunServer])
        call.hasStunServer = true
        call.open()
        call.run(for: .seconds(1))
        #expect(call.localCandidates(0).map(\.type) == [.host])
    }
}
