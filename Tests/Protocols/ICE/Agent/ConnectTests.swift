import ICE
import Primitives
import TestSupport
import Testing

@Suite struct ConnectTests {
    @Test(
        arguments: [[ICERole.controlling, .controlled], [.controlled, .controlling]],
        [
            SimulatedAgents.Signaling.credentialsFirst, .candidatesFirst,
        ])
    func connectsWithinAFewRoundTrips(roles: [ICERole], signaling: SimulatedAgents.Signaling) {
        var call = SimulatedAgents(seed: 1, roles: roles, signaling: signaling)
        call.open()
        #expect(call.run(for: .seconds(1)) { $0.bothConnected })
        #expect(call.pairsMatch)
        // Credentials after 10 ms, the last candidate after 25; then check, nomination and their answers, 1 ms each way.
        #expect(call.elapsed <= .milliseconds(32), "\(call.elapsed.milliseconds) ms")
        #expect(call.agents[0].selectedPair?.roundTripTime == .milliseconds(2))
    }

    @Test func hostCandidatesComeOutAtOnce() {
        var call = SimulatedAgents(seed: 2, stunServers: [SimulatedAgents.stunServer])
        call.open()
        #expect(call.localCandidates(0).map(\.type) == [.host])
        #expect(call.events[0].first?.at == SimulatedAgents.start)
    }

    @Test func connectsOverIPv6AndPrefersIt() {
        let hosts = [
            [SimulatedAgents.address("192.0.2.1"), SimulatedAgents.address("2001:db8::1")],
            [SimulatedAgents.address("198.51.100.2"), SimulatedAgents.address("2001:db8::2")],
        ]
        var call = SimulatedAgents(seed: 3, hosts: hosts)
        call.open()
        #expect(call.run(for: .seconds(1)) { $0.bothConnected && $0.pairsMatch })
        call.run(for: .seconds(1))
        #expect(call.pairsMatch)
        #expect(call.agents[0].selectedPair?.destination == hosts[1][1])
    }

    @Test func aDeadFamilyDoesNotHoldUpTheOther() {
        let hosts = [
            [SimulatedAgents.address("192.0.2.1"), SimulatedAgents.address("2001:db8::1")],
            [SimulatedAgents.address("198.51.100.2"), SimulatedAgents.address("2001:db8::2")],
        ]
        var call = SimulatedAgents(seed: 4, hosts: hosts)
        call.network.setConditions(PathConditions(loss: 1), from: hosts[0][1].ip, to: hosts[1][1].ip)
        call.network.setConditions(PathConditions(loss: 1), from: hosts[1][1].ip, to: hosts[0][1].ip)
        call.open()
        #expect(call.run(for: .milliseconds(200)) { $0.bothConnected })
        #expect(call.pairsMatch)
        #expect(call.agents[0].selectedPair?.destination == hosts[1][0])
    }

    @Test(arguments: 1...20)
    func connectsWithThirtyPercentLoss(seed: Int) {
        let conditions = PathConditions(delay: .milliseconds(20), jitter: .milliseconds(10), loss: 0.3, reorder: 0.05, duplicate: 0.05)
        var call = SimulatedAgents(seed: UInt64(seed), conditions: conditions)
        call.open()
        let done = call.run(for: .seconds(10)) { $0.bothConnected && $0.pairsMatch }
        #expect(done, "seed \(seed): \(call.states)")
        // and stays so for five minutes without any media.
        call.run(for: .seconds(300))
        #expect(call.agents.allSatisfy { $0.state == .connected || $0.state == .disconnected }, "seed \(seed): \(call.states)")
        #expect(call.pairsMatch, "seed \(seed)")
    }

    @Test(arguments: [[ICERole.controlling, .controlling], [.controlled, .controlled]], 1...8)
    func resolvesARoleConflict(roles: [ICERole], seed: Int) {
        let conditions = PathConditions(delay: .milliseconds(10), loss: seed > 4 ? 0.2 : 0)
        var call = SimulatedAgents(seed: UInt64(seed), conditions: conditions, roles: roles)
        call.open()
        let done = call.run(for: .seconds(10)) { $0.bothConnected && $0.pairsMatch }
        #expect(done, "seed \(seed): \(call.states)")
        #expect(call.agents[0].role != call.agents[1].role, "seed \(seed)")
        #expect(call.agents.contains { $0.statistics.roleConflicts > 0 }, "seed \(seed)")
    }

    @Test func answersChecksBeforeTheAnswerIsKnown() {
        var call = SimulatedAgents(seed: 5)
        // Only the second side knows the first; the first side's candidates arrive, and so do its checks.
        call.credentialsAt[0] = .distantFuture
        call.open()
        call.run(for: .milliseconds(200))
        #expect(call.states == [.new, .checking])
        #expect(call.agents[1].sendPair != nil)
        call.credentialsAt[0] = call.now
        let before = call.now
        #expect(call.run(for: .seconds(1)) { $0.bothConnected })
        #expect(call.now - before <= .milliseconds(8))
    }

    @Test func aWrongPasswordNeverConnects() {
        var call = SimulatedAgents(seed: 6, passwords: ["aWrongPasswordOf22Chars", nil])
        call.open()
        call.run(for: .seconds(30))
        #expect(call.agents[0].sendPair == nil)
        #expect(call.agents[1].selectedPair == nil)
        call.run(for: .seconds(15))
        #expect(call.agents[0].state == .failed)
        let patience = call.time(of: .failed, side: 0)! - call.time(of: .checking, side: 0)!
        #expect(patience == .milliseconds(39_500))
        #expect(call.agents[0].nextTimeout == nil)
    }

    @Test func theRelayPolicyTellsAndAnswersNothing() {
        var call = SimulatedAgents(seed: 7, policy: .relay)
        call.open()
        call.run(for: .seconds(2))
        #expect(call.localCandidates(0).isEmpty)
        #expect(call.network.statistics.sent == 0)
        #expect(call.events[0].contains { $0.event == .gatheringComplete })
    }
}
