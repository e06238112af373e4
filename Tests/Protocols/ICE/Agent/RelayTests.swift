import ICE
import Primitives
import TURNSimulation
import TestSupport
import Testing

@Suite struct RelayTests {
    private static let hosts = [[SimulatedAgents.address("10.0.0.1")], [SimulatedAgents.address("10.1.0.1")]]

    private static func server(
        _ ip: String = "203.0.113.7", change: (inout SimulatedTURNServer) -> Void = { _ in }
    ) -> SimulatedTURNServer {
        var server = SimulatedTURNServer(address: SimulatedAgents.address(ip, 3478), hmacSHA1: testHMAC, md5: testMD5)
        change(&server)
        return server
    }

    /// Two NATs that give every destination another port: no direct path exists.
    private static func hide(_ call: inout SimulatedAgents, _ behaviour: SimulatedNAT.Behaviour = .symmetric) {
        call.network.add(SimulatedNAT(publicAddress: IPAddress("192.0.2.9")!, inside: [IPAddress("10.0.0.1")!], behaviour: behaviour))
        call.network.add(SimulatedNAT(publicAddress: IPAddress("198.51.100.9")!, inside: [IPAddress("10.1.0.1")!], behaviour: behaviour))
    }

    @Test(arguments: [SimulatedAgents.Signaling.credentialsFirst, .candidatesFirst], [1, 2] as [UInt64])
    func underTheRelayPolicyNothingGoesDirectly(signaling: SimulatedAgents.Signaling, seed: UInt64) {
        var call = SimulatedAgents(
            seed: seed, conditions: PathConditions(delay: .milliseconds(10)), signaling: signaling, policy: .relay, turn: [Self.server()])
        call.open()
        // Two round trips for the allocation, one for the permission, one over both relays for the check.
        #expect(call.run(for: .milliseconds(400)) { $0.bothConnected }, "\(call.elapsed.milliseconds) ms")
        #expect(call.pairsMatch)
        for i in 0..<2 {
            #expect(call.localCandidates(i).map(\.type) == [.relayed])
            #expect(call.localCandidates(i).first?.sdp.contains("raddr 0.0.0.0 rport 0") == true)
            #expect(call.agents[i].selectedPair?.local.type == .relayed && call.agents[i].selectedPair?.remote.type == .relayed)
        }
        call.mediaFlows = true
        call.run(for: .seconds(5))
        #expect(call.mediaReceived.allSatisfy { $0 > 240 })
        #expect(call.turn[0].channelDatagrams > 450 && call.turn[0].indications < 60)
        #expect(call.directDatagrams == 0)
        for i in 0..<2 {
            call.agents[i].close()
            call.drain(i)
        }
        call.run(for: .seconds(1))
        #expect(call.turn[0].allocations.isEmpty)
    }

    @Test(arguments: [0.05, 0.2])
    func connectsOverALossyRelay(loss: Double) {
        for seed in 1...10 as ClosedRange<UInt64> {
            var call = SimulatedAgents(
                seed: seed, conditions: PathConditions(delay: .milliseconds(15), loss: loss), policy: .relay, turn: [Self.server()])
            call.open()
            #expect(call.run(for: .seconds(15)) { $0.bothConnected }, "seed \(seed)")
            #expect(call.pairsMatch, "seed \(seed)")
        }
    }

    @Test func isTheWayOutBetweenSymmetricNATs() {
        var call = SimulatedAgents(
            seed: 4, conditions: PathConditions(delay: .milliseconds(15)), hosts: Self.hosts, stunServers: [SimulatedAgents.stunServer],
            turn: [Self.server()])
        call.hasStunServer = true
        Self.hide(&call)
        call.open()
        #expect(call.run(for: .seconds(3)) { $0.bothConnected })
        #expect(call.pairsMatch)
        #expect(call.agents.contains { $0.selectedPair?.local.type == .relayed || $0.selectedPair?.remote.type == .relayed })
        call.mediaFlows = true
        call.run(for: .seconds(2))
        #expect(call.mediaReceived.allSatisfy { $0 > 90 })
    }

    @Test func aDirectPathIsPreferredAlthoughItTakesLonger() {
        // The relay is near, the other side is far, and the NATs have to be opened first.
        var call = SimulatedAgents(
            seed: 5, conditions: PathConditions(delay: .milliseconds(60)), hosts: Self.hosts, turn: [Self.server()])
        Self.hide(&call, .portRestricted)
        for (near, far) in [("192.0.2.9", "203.0.113.7"), ("198.51.100.9", "203.0.113.7")] {
            call.network.setConditions(PathConditions(delay: .milliseconds(2)), from: IPAddress(near)!, to: IPAddress(far)!)
            call.network.setConditions(PathConditions(delay: .milliseconds(2)), from: IPAddress(far)!, to: IPAddress(near)!)
        }
        call.open()
        #expect(call.run(for: .seconds(3)) { $0.bothConnected })
        // What the TURN server says of the address serves as a STUN server's answer would.
        #expect(call.localCandidates(0).map(\.type).contains(.serverReflexive))
        for i in 0..<2 {
            #expect(call.agents[i].selectedPair?.local.type != .relayed && call.agents[i].selectedPair?.remote.type != .relayed)
        }
    }

    @Test(arguments: [TURNTransport.udp, .tcp])
    func aServerThatForgetsTheAllocationIsAskedForAnother(transport: TURNTransport) {
        var call = SimulatedAgents(
            seed: 11, conditions: PathConditions(delay: .milliseconds(10)), policy: .relay, turn: [Self.server { $0.lifetime = 40 }],
            transports: [transport])
        call.open()
        #expect(call.run(for: .seconds(2)) { $0.bothConnected })
        call.turn[0].forgetAllocations()
        // Noticed at the next refresh.
        call.run(for: .seconds(25))
        #expect(call.turn[0].allocations.count == 2 && call.localCandidates(0).count == 2)
        #expect(call.relayFailures(0).isEmpty)
    }

    @Test func costsADirectCallNothing() {
        var call = SimulatedAgents(seed: 6, turn: [Self.server()])
        call.open()
        #expect(call.run(for: .milliseconds(40)) { $0.bothConnected })
        call.run(for: .seconds(60))
        #expect(call.bothConnected && call.agents[0].selectedPair?.local.type == .host)
        #expect(call.localCandidates(0).map(\.type) == [.host, .relayed])
    }

    @Test func aServerWhoseNameIsResolvedLateIsStillAsked() {
        var call = SimulatedAgents(seed: 7, policy: .relay)
        call.turn = [Self.server()]
        call.open()
        call.run(for: .milliseconds(500))
        #expect(!call.bothConnected)
        for i in 0..<2 {
            for _ in 0..<2 { call.agents[i].addTURNServers(call.turn.map(\.server), now: call.now) }
            call.drain(i)
        }
        #expect(call.run(for: .seconds(3)) { $0.bothConnected })
        #expect(call.turn[0].allocations.count == 2)
    }

    @Test(arguments: [false, true])
    func aSocketWithoutAWayToTheServerIsNotTheEnd(refused: Bool) {
        let hosts = [["172.17.0.1", "192.0.2.1"], ["198.51.100.2"]].map { $0.map { SimulatedAgents.address($0) } }
        var call = SimulatedAgents(seed: 8, hosts: hosts, policy: .relay, turn: [Self.server()])
        if refused {
            call.network.unroutedHosts = [IPAddress("172.17.0.1")!]
        } else {
            call.network.setConditions(PathConditions(loss: 1), from: IPAddress("172.17.0.1")!, to: IPAddress("203.0.113.7")!)
        }
        call.open()
        #expect(call.run(for: refused ? .milliseconds(500) : .seconds(3)) { $0.bothConnected })
        #expect(call.steps < 1000)
    }

    @Test func lastsForHalfAnHourAndThroughAnOutage() {
        var call = SimulatedAgents(seed: 9, policy: .relay, turn: [Self.server { $0.nonceLifetime = .seconds(100) }])
        call.open()
        #expect(call.run(for: .seconds(1)) { $0.bothConnected })
        for minute in 0..<30 {
            if minute == 13 {
                call.network.isBlackedOut = true
                call.run(for: .seconds(3))
                call.network.isBlackedOut = false
            }
            call.run(for: .seconds(60))
            #expect(call.bothConnected, "minute \(minute)")
        }
        #expect(call.turn[0].allocations.count == 2 && call.relayFailures(0).isEmpty && call.relayFailures(1).isEmpty)
        #expect(call.turn[0].errors[438, default: 0] > 4)
        #expect(call.steps < 40_000, "\(call.steps) steps")
    }

    @Test func saysWhyThereIsNoRelay() {
        var call = SimulatedAgents(seed: 10, policy: .relay, turn: [Self.server { $0.refusals[.allocate] = 486 }])
        call.open()
        call.run(for: .seconds(60))
        #expect(call.relayFailures(0) == [.refused(code: 486)])
        #expect(call.states == [.failed, .failed])
    }

    @Test func aServerThatForgetsTheAllocationCostsTheConnectionAlone() {
        var call = SimulatedAgents(seed: 11, policy: .relay, turn: [Self.server()])
        call.open()
        #expect(call.run(for: .seconds(1)) { $0.bothConnected })
        call.turn[0].forgetAllocations()
        call.mediaFlows = true
        call.run(for: .seconds(400))
        #expect(call.states == [.failed, .failed])
        #expect(call.directDatagrams == 0 && call.steps < 60_000)
    }

    @Test func aServerThatHandsOutOurOwnAddressIsNotBelieved() throws {
        // Its relayed addresses are its own host's, and this is the port it gives first.
        var server = Self.server("192.0.2.1")
        let host = SimulatedAgents.address("192.0.2.1", 50_000)
        let peer = try #require(Candidate(sdp: "1 1 udp 99 198.51.100.2 5000 typ host"))
        var random = RandomSource.seeded(12)
        var configuration = ICEAgent.Configuration(role: .controlling, credentials: .random(using: &random))
        configuration.turnServers = [server.server]
        var agent = ICEAgent(configuration: configuration, random: random.fork(), hmacSHA1: testHMAC, md5: testMD5)
        var now = SimulatedAgents.start
        agent.addHostCandidate(base: host, now: now)
        agent.setRemoteCredentials(.random(using: &random), now: now)
        agent.addRemoteCandidate(peer, now: now)
        var checks = 0
        for _ in 0..<50 {
            while let output = agent.poll() {
                guard case .transmit(let base, let destination, let payload) = output else { continue }
                #expect(base == host)
                if destination == peer.address { checks += 1 }
                guard destination == server.address else { continue }
                for answer in server.handle(payload, from: base, to: destination, now: now) {
                    _ = agent.handle(answer.payload.span, from: answer.from, base: answer.to, now: now)
                }
            }
            now += .milliseconds(20)
            agent.handleTimeout(now: now)
        }
        #expect(server.allocations.first?.relayed == host && checks > 2)
    }
}
