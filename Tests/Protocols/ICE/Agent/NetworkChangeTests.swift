import ICE
import Primitives
import TestSupport
import Testing

/// Wi-Fi to cable and back: sockets come and go during the call.
@Suite struct NetworkChangeTests {
    private static let wifi = SimulatedAgents.address("192.0.2.1")
    private static let cable = SimulatedAgents.address("192.0.2.77")
    private static let delay = Interval.milliseconds(25)

    private static func call(seed: UInt64, roles: [ICERole]) -> SimulatedAgents {
        var call = SimulatedAgents(seed: seed, conditions: PathConditions(delay: delay, jitter: .milliseconds(3)), roles: roles)
        call.open()
        call.run(for: .seconds(2))
        call.mediaFlows = true
        call.run(for: .seconds(5))
        return call
    }

    private static func plug(_ call: inout SimulatedAgents) {
        call.hosts[0].append(cable)
        call.agents[0].addHostCandidate(base: cable, now: call.now)
        call.drain(0)
    }

    private static func unplug(_ call: inout SimulatedAgents) {
        call.hosts[0].removeAll { $0 == wifi }
        call.network.unroutedHosts = [wifi.ip]
        call.agents[0].removeLocalSocket(base: wifi, now: call.now)
        call.drain(0)
    }

    private static func needsRestart(_ call: SimulatedAgents) -> Bool { call.events[0].contains { $0.event == .restartNeeded } }

    private static let bothRoles: [[ICERole]] = [[.controlling, .controlled], [.controlled, .controlling]]

    /// The new path is known before it is needed: what is lost is what was under way, and the time until the other side knows.
    @Test(arguments: bothRoles, [1, 2, 3] as [UInt64])
    func whatIsThereBeforeTheOldOneGoesTakesOverAtOnce(roles: [ICERole], seed: UInt64) {
        var call = Self.call(seed: seed, roles: roles)
        #expect(call.bothConnected)
        Self.plug(&call)
        call.run(for: .seconds(2))
        Self.unplug(&call)
        call.run(for: .seconds(5))
        #expect(call.bothConnected && call.pairsMatch && call.agents[0].selectedPair?.base == Self.cable)
        // The near side's media reach the other as before, with one packet's time for the change; the other way it takes a round trip
        // until the far side sends to the new address, and where that side controls, 100 ms until it is sure.
        #expect(call.longestGap[1] <= .milliseconds(50), "\(call.longestGap)")
        let limit = roles[0] == .controlling ? 50 + 40 : 50 + 140
        #expect(call.longestGap[0] <= .milliseconds(limit), "\(call.longestGap)")
        #expect(!Self.needsRestart(call))
    }

    @Test(arguments: bothRoles, [0, 100, 500] as [Int])
    func whatComesAfterTheOldOneIsGoneIsFoundWithoutARestart(roles: [ICERole], pause: Int) {
        var call = Self.call(seed: 4, roles: roles)
        Self.unplug(&call)
        #expect(Self.needsRestart(call) && call.agents[0].state == .disconnected)
        call.run(for: .milliseconds(pause))
        Self.plug(&call)
        call.run(for: .seconds(5))
        #expect(call.bothConnected && call.pairsMatch)
        // Without anything: the pause, two round trips for check and nomination.
        #expect(call.longestGap.allSatisfy { $0 <= .milliseconds(pause + 400) }, "\(call.longestGap)")
    }

    /// As the owner does it: an offer and an answer, 30 ms each, and candidates with them.
    @Test(arguments: bothRoles, [0, 500] as [Int])
    func aRestartFindsTheNewPath(roles: [ICERole], pause: Int) {
        let seed = 5 + UInt64(pause)
        var call = Self.call(seed: seed, roles: roles)
        call.signalingDelay = .milliseconds(40)
        Self.unplug(&call)
        call.run(for: .milliseconds(pause))
        Self.plug(&call)
        var random = RandomSource.seeded(seed)
        call.credentialsAt[0] = .distantFuture
        call.agents[0].restart(credentials: .random(using: &random), now: call.now)
        call.drain(0)
        call.run(for: .milliseconds(30))
        call.agents[1].restart(credentials: .random(using: &random), now: call.now)
        call.agents[1].setRemoteCredentials(call.agents[0].localCredentials, now: call.now)
        call.drain(1)
        call.credentialsAt[0] = call.now + .milliseconds(30)
        call.run(for: .seconds(5))
        #expect(call.bothConnected && call.pairsMatch && call.agents[0].selectedPair?.base == Self.cable)
        #expect(call.longestGap.allSatisfy { $0 <= .milliseconds(pause + 1000) }, "\(call.longestGap)")
    }

    /// Nothing is wrong, only new credentials: media go on over the old pair meanwhile.
    @Test(arguments: [7, 8] as [UInt64])
    func aRestartInPeaceLosesNothing(seed: UInt64) {
        var call = Self.call(seed: seed, roles: Self.bothRoles[0])
        var random = RandomSource.seeded(seed)
        let before = call.mediaReceived
        call.signalingDelay = .milliseconds(210)
        call.credentialsAt[0] = .distantFuture
        call.agents[0].restart(credentials: .random(using: &random), now: call.now)
        call.drain(0)
        call.run(for: .milliseconds(200))
        call.agents[1].restart(credentials: .random(using: &random), now: call.now)
        call.agents[1].setRemoteCredentials(call.agents[0].localCredentials, now: call.now)
        call.drain(1)
        call.credentialsAt[0] = call.now + .milliseconds(200)
        call.run(for: .seconds(4))
        #expect(call.bothConnected && call.pairsMatch)
        #expect(zip(call.mediaReceived, before).allSatisfy { $0 - $1 >= 208 }, "\(before) \(call.mediaReceived)")
        #expect(call.longestGap.allSatisfy { $0 <= .milliseconds(50) }, "\(call.longestGap)")
    }

    @Test func aSocketThatIsNotInUseMayGoUnnoticed() {
        var call = Self.call(seed: 9, roles: Self.bothRoles[0])
        Self.plug(&call)
        call.run(for: .seconds(1))
        call.agents[0].removeLocalSocket(base: Self.cable, now: call.now)
        call.agents[0].removeLocalSocket(base: SimulatedAgents.address("203.0.113.3"), now: call.now)
        call.drain(0)
        call.run(for: .seconds(20))
        #expect(call.bothConnected && call.agents[0].selectedPair?.base == Self.wifi && !Self.needsRestart(call))
    }

    @Test func withoutAnyNewSocketTheCallFailsInTheEnd() {
        var call = Self.call(seed: 10, roles: Self.bothRoles[0])
        Self.unplug(&call)
        call.run(for: .seconds(45))
        #expect(call.states == [.failed, .failed])
    }

    /// Sockets by the dozen: nothing piles up.
    @Test func changesForHours() {
        var call = Self.call(seed: 11, roles: Self.bothRoles[1])
        var current = Self.wifi
        for number in 0..<200 {
            let next = SocketAddress(.v4(0xc000_0200 + UInt32(number % 200) + 10), port: UInt16(6000 + number))
            call.hosts[0].append(next)
            call.agents[0].addHostCandidate(base: next, now: call.now)
            call.drain(0)
            call.run(for: .milliseconds(300))
            call.hosts[0].removeAll { $0 == current }
            call.agents[0].removeLocalSocket(base: current, now: call.now)
            call.drain(0)
            call.run(for: .milliseconds(300))
            current = next
        }
        call.run(for: .seconds(3))
        #expect(call.agents[0].selectedPair?.base == current || call.agents[0].state != .connected)
    }
}
