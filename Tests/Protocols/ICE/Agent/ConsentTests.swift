import ICE
import Primitives
import TestSupport
import Testing

@Suite struct ConsentTests {
    private func connected(
        seed: UInt64, conditions: PathConditions = PathConditions(delay: .milliseconds(10)), media: Bool = false
    ) -> SimulatedAgents {
        var call = SimulatedAgents(seed: seed, conditions: conditions)
        call.open()
        call.run(for: .seconds(5)) { $0.bothConnected && $0.pairsMatch }
        call.mediaFlows = media
        call.run(for: .seconds(10))
        #expect(call.bothConnected && call.pairsMatch, "seed \(seed)")
        return call
    }

    @Test(arguments: [false, true])
    func aDeadPeerIsNoticedThenGivenUp(media: Bool) throws {
        var call = connected(seed: 1, media: media)
        call.network.isBlackedOut = true
        let death = call.now
        call.run(for: .seconds(40))
        let disconnected = try #require(call.time(of: .disconnected, side: 0)) - death
        #expect(disconnected > .seconds(3.5) && disconnected <= .seconds(5.1), "\(disconnected.seconds) s")
        let failed = try #require(call.time(of: .failed, side: 0)) - death
        // Consent is up to six seconds old when the peer dies.
        #expect(failed > .seconds(23) && failed <= .seconds(30.1), "\(failed.seconds) s")
        #expect(call.agents[0].nextTimeout == nil)
        #expect(try #require(call.agents[0].lastReceived) <= death + .milliseconds(20))
    }

    @Test func consentIsAskedForWhileMediaFlows() {
        var call = connected(seed: 2, media: true)
        let checks = call.agents[0].statistics.checksSent
        call.run(for: .seconds(60))
        #expect((10...16).contains(call.agents[0].statistics.checksSent - checks))
        // Media comes every 20 ms each way; timers add little to that.
        #expect(call.steps < 70 * 50 * 3, "\(call.steps)")
        #expect(call.bothConnected)
    }

    @Test func mediaAloneGivesNoConsent() throws {
        var call = connected(seed: 3, media: true)
        // The peer's media still comes in, but it has stopped answering.
        let host = call.hosts[0][0]
        let peer = call.hosts[1][0]
        let end = call.now + .seconds(40)
        while call.now < end, call.agents[0].state != .failed {
            call.now += .milliseconds(20)
            _ = call.agents[0].handle([0x80, 96, 0, 0].span, from: peer, base: host, now: call.now)
            call.agents[0].handleTimeout(now: call.now)
            while call.agents[0].poll() != nil {}
        }
        #expect(call.agents[0].state == .failed)
    }

    @Test(arguments: [false, true], 1...5)
    func resumesAfterAThreeSecondBlackout(media: Bool, seed: Int) {
        var call = connected(seed: UInt64(seed), conditions: PathConditions(delay: .milliseconds(20), loss: 0.02), media: media)
        let events = call.events.map(\.count)
        call.network.isBlackedOut = true
        call.run(for: .seconds(3))
        call.network.isBlackedOut = false
        let back = call.now
        let resumed = call.run(for: .seconds(5)) { call in
            call.agents.allSatisfy { ($0.lastReceived ?? .zero) > back + .milliseconds(20) }
        }
        #expect(resumed && call.now - back < .seconds(1), "seed \(seed): \((call.now - back).milliseconds) ms")
        #expect(call.events.map(\.count) == events, "seed \(seed)")
        #expect(call.bothConnected)
    }

    @Test func aLongBlackoutIsDisconnectedAndThenConnectedAgain() {
        var call = connected(seed: 4)
        call.network.isBlackedOut = true
        call.run(for: .seconds(15))
        #expect(call.states == [.disconnected, .disconnected])
        call.network.isBlackedOut = false
        let back = call.now
        #expect(call.run(for: .seconds(5)) { $0.bothConnected })
        #expect(call.now - back < .milliseconds(400), "\((call.now - back).milliseconds) ms")
        #expect(call.pairsMatch)
    }

    @Test(arguments: [0, 1])
    func resumesAfterARouteWasRemovedForThreeSeconds(side: Int) throws {
        var call = connected(seed: 5, media: true)
        let before = try #require(call.agents[side].selectedPair)
        call.network.unroutedHosts = [call.hosts[side][0].ip]
        call.run(for: .seconds(3))
        #expect(call.agents[side].statistics.sendFailures > 0)
        #expect(call.agents[side].selectedPair?.destination == before.destination)
        call.network.unroutedHosts = []
        let back = call.now
        #expect(call.run(for: .seconds(5)) { call in call.lastMedia.allSatisfy { ($0 ?? .zero) > back } })
        #expect(call.now - back < .milliseconds(500))
        call.run(for: .seconds(1))
        #expect(call.bothConnected && call.pairsMatch)
    }

    @Test func aRefusedSendWhileConnectingIsTriedAgain() {
        var call = SimulatedAgents(seed: 6)
        call.network.unroutedHosts = [call.hosts[0][0].ip, call.hosts[1][0].ip]
        call.open()
        call.run(for: .seconds(3))
        #expect(call.states == [.checking, .checking])
        #expect(call.steps < 1000)
        call.network.unroutedHosts = []
        let back = call.now
        #expect(call.run(for: .seconds(5)) { $0.bothConnected })
        #expect(call.now - back < .seconds(1))
    }

    @Test func movesToAnotherPairWhenTheSelectedOneDies() throws {
        let hosts = [
            [SimulatedAgents.address("192.0.2.1"), SimulatedAgents.address("2001:db8::1")],
            [SimulatedAgents.address("198.51.100.2"), SimulatedAgents.address("2001:db8::2")],
        ]
        var call = SimulatedAgents(seed: 7, hosts: hosts)
        call.open()
        call.run(for: .seconds(5))
        let first = try #require(call.agents[0].selectedPair)
        for (from, to) in [(0, 1), (1, 0)] {
            let a = first.base.ip == hosts[0][0].ip ? 0 : 1
            call.network.setConditions(PathConditions(loss: 1), from: hosts[from][a].ip, to: hosts[to][a].ip)
        }
        #expect(call.run(for: .seconds(5)) { $0.pairsMatch && $0.agents[0].selectedPair?.base != first.base })
        call.run(for: .seconds(60))
        #expect(call.bothConnected && call.pairsMatch)
    }

    @Test func aNewGenerationReplacesTheOldOne() throws {
        var call = connected(seed: 8)
        var random = RandomSource.seeded(8)
        call.credentialsAt = [call.now, call.now]
        for i in 0..<2 {
            call.agents[i].restart(credentials: .random(using: &random), now: call.now)
            #expect(call.agents[i].selectedPair == nil)
            #expect(call.agents[i].sendPair != nil)
            call.drain(i)
        }
        #expect(call.run(for: .seconds(2)) { $0.bothConnected })
        #expect(call.pairsMatch)
        #expect(call.localCandidates(0).last?.ufrag == call.agents[0].localCredentials.ufrag)
    }

    @Test func aClosedAgentIsSilent() {
        var call = connected(seed: 9)
        call.agents[0].close()
        #expect(call.agents[0].poll() == .event(.stateChanged(.closed)))
        #expect(call.agents[0].poll() == nil)
        #expect(call.agents[0].nextTimeout == nil)
        call.agents[0].handleTimeout(now: call.now + .seconds(5))
        call.agents[0].addHostCandidate(base: SimulatedAgents.address("192.0.2.7"), now: call.now)
        #expect(call.agents[0].poll() == nil)
    }
}
