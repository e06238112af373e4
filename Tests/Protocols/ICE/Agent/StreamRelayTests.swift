import ICE
import Primitives
import TURNSimulation
import TestSupport
import Testing

/// TURN servers by TCP and TLS.
@Suite struct StreamRelayTests {
    private static func server(change: (inout SimulatedTURNServer) -> Void = { _ in }) -> SimulatedTURNServer {
        var server = SimulatedTURNServer(address: SimulatedAgents.address("203.0.113.7", 443), hmacSHA1: testHMAC, md5: testMD5)
        change(&server)
        return server
    }

    private static func call(
        seed: UInt64, policy: ICETransportPolicy = .relay, transports: [TURNTransport],
        change: (inout SimulatedTURNServer) -> Void = { _ in }
    ) -> SimulatedAgents {
        SimulatedAgents(
            seed: seed, conditions: PathConditions(delay: .milliseconds(10)), policy: policy, turn: [server(change: change)],
            transports: transports)
    }

    @Test(arguments: [TURNTransport.tcp, .tls(serverName: "turn.example.org")], [1, 2, 3] as [UInt64])
    func carriesACallWithoutUDP(transport: TURNTransport, seed: UInt64) {
        var call = Self.call(seed: seed, policy: .all, transports: [transport])
        call.udpBlocked = Set(call.hosts.flatMap { $0.map(\.ip) })
        call.open()
        // A round trip to connect, two for the allocation, one for the permission, one over both relays for the check.
        #expect(call.run(for: .milliseconds(1500)) { $0.bothConnected }, "\(call.elapsed.milliseconds) ms")
        #expect(call.pairsMatch)
        #expect(call.agents.allSatisfy { $0.selectedPair?.local.type == .relayed })
        #expect(call.agents[0].selectedPair?.summary == (transport == .tcp ? "relayed over TCP" : "relayed over TLS"))
        call.mediaFlows = true
        call.run(for: .seconds(5))
        #expect(call.mediaReceived.allSatisfy { $0 > 240 })
        #expect(call.turn[0].channelDatagrams > 450 && call.turn[0].indications < 60)
        for i in 0..<2 {
            call.agents[i].close()
            call.drain(i)
        }
        call.run(for: .seconds(1))
        #expect(call.turn[0].allocations.isEmpty && call.streams.openCount == 0)
    }

    @Test func lastsForHalfAnHourWithStaleNonces() {
        var call = Self.call(seed: 4, transports: [.tcp]) { $0.nonceLifetime = .seconds(61) }
        call.open()
        #expect(call.run(for: .seconds(2)) { $0.bothConnected })
        call.run(for: .seconds(1800))
        #expect(call.bothConnected && call.turn[0].dropped == 0 && call.streams.opened == 2)
        #expect(call.turn[0].errors[438, default: 0] > 3)
        #expect((0..<2).allSatisfy { call.relayFailures($0).isEmpty })
    }

    @Test func anAllocationByUDPIsPreferred() {
        var call = Self.call(seed: 5, transports: [.tls(serverName: "t"), .tcp, .udp])
        call.open()
        #expect(call.run(for: .seconds(2)) { $0.bothConnected })
        call.run(for: .seconds(3))
        #expect(call.turn[0].allocations.count == 6)
        for i in 0..<2 {
            let candidates = call.localCandidates(i).sorted { $0.priority > $1.priority }
            #expect(candidates.map { $0.priority >> 24 } == [2, 1, 0])
            #expect(call.agents[i].selectedPair?.local.address == candidates[0].address)
        }
    }

    @Test func aLostConnectionIsMadeAgain() {
        var call = Self.call(seed: 6, transports: [.tcp])
        call.open()
        #expect(call.run(for: .seconds(2)) { $0.bothConnected })
        call.mediaFlows = true
        call.run(for: .seconds(2))
        call.streams.breakAll(at: call.now)
        call.run(for: .seconds(5))
        #expect(call.bothConnected && call.streams.opened == 4 && call.turn[0].allocations.count == 2)
        let last = call.lastMedia.compactMap { $0 }
        #expect(last.count == 2 && last.allSatisfy { call.now - $0 < .milliseconds(100) })
        #expect(call.longestGap.allSatisfy { $0 < .seconds(2) }, "\(call.longestGap)")
        #expect((0..<2).allSatisfy { call.relayFailures($0).isEmpty })
    }

    /// Whatever was going on: connecting, allocating, checking, nominating.
    @Test(arguments: [TURNTransport.tcp, .tls(serverName: "t")])
    func aConnectionMayBeLostAtAnyTime(transport: TURNTransport) {
        for moment in stride(from: 0, to: 400, by: 10) {
            var call = Self.call(seed: UInt64(moment), transports: [transport])
            call.open()
            call.run(for: .milliseconds(moment))
            call.streams.breakAll(at: call.now)
            call.run(for: .milliseconds(100))
            #expect(call.run(for: .seconds(6)) { $0.bothConnected && $0.pairsMatch }, "lost at \(moment) ms")
        }
    }

    @Test func aRefusedConnectionIsToldOnceAndTriedAgain() {
        var call = Self.call(seed: 7, transports: [.tcp])
        call.streams.refused = [call.turn[0].address]
        call.open()
        call.run(for: .seconds(10))
        #expect(call.relayFailures(0) == [.connection("connection refused")] && (8...12).contains(call.streams.opened))
        call.streams.refused = []
        #expect(call.run(for: .seconds(20)) { $0.bothConnected })
    }

    @Test func aConnectionThatComesToNothingIsGivenUp() {
        var call = Self.call(seed: 8, transports: [.tls(serverName: "t")])
        call.streams.unanswered = [call.turn[0].address]
        call.open()
        call.run(for: .seconds(20))
        #expect(call.relayFailures(0) == [.connection("it took too long")])
    }

    @Test func aWrongPasswordEndsTheStream() {
        var call = Self.call(seed: 9, transports: [.tcp])
        call.turn[0].password = "other"
        call.open()
        call.run(for: .seconds(3))
        #expect(call.relayFailures(0) == [.wrongCredential] && call.streams.openCount == 0)
    }

    /// A user of limited lifetime is a user like any other.
    @Test func aCredentialOfLimitedLifetimePassesThrough() {
        let user = "1786000000:tchat"
        let password = "wHqeZ3l/VbTtC7h0Q9fVQ+3oJXo="
        var call = Self.call(seed: 10, transports: [.tcp, .udp]) {
            $0.user = user
            $0.password = password
        }
        call.open()
        #expect(call.run(for: .seconds(2)) { $0.bothConnected })
        #expect(call.turn[0].errors[401] == 4)
    }

    @Test(arguments: [[0x80, 0, 0, 0], [0, 1, 0, 3, 0x21, 0x12], [0, 1, 0, 8, 1, 2, 3, 4, 5, 6]] as [[UInt8]])
    func aStreamWithoutFramingIsClosed(bytes: [UInt8]) {
        var agent = ICEAgent(
            configuration: {
                var configuration = ICEAgent.Configuration(
                    role: .controlling, credentials: ICECredentials(ufrag: "local000", password: "p"), policy: .relay)
                configuration.turnServers = [Self.server().server(.tcp)]
                return configuration
            }(), random: .seeded(1), hmacSHA1: testHMAC, md5: testMD5)
        agent.addHostCandidate(base: SimulatedAgents.address("192.0.2.1"), now: .zero)
        var opened: [StreamID] = []
        var closed: [StreamID] = []
        func drain() {
            while let output = agent.poll() {
                if case .openStream(let id, _, _) = output { opened.append(id) }
                if case .closeStream(let id) = output { closed.append(id) }
            }
        }
        drain()
        agent.streamOpened(opened[0], local: SimulatedAgents.address("192.0.2.1"), now: .zero)
        for byte in bytes {
            guard var input = agent.streamReceived(opened[0], [byte].span, now: .zero) else { break }
            #expect(input.next() == nil)
            agent.streamHandled(input, now: .zero)
        }
        drain()
        #expect(closed == opened && opened.count == 1)
        agent.handleTimeout(now: .zero + .seconds(1))
        drain()
        #expect(opened.count == 2 && opened[0] != opened[1])
    }
}
