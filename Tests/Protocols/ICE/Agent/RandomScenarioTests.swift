import Primitives
import TURNSimulation
import TestSupport
import Testing

@testable import ICE

/// Networks drawn by lot: whatever they do, nothing traps, piles up or spins, and a call that can stand stands in the end.
@Suite struct RandomScenarioTests {
    private static let count = 64

    private struct Scenario {
        var call: SimulatedAgents
        var story: String
        /// There is a way for certain, and a network that lets it be found in the time there is.
        var mustConnect: Bool
        var random: RandomSource
    }

    private static func draw(_ seed: UInt64) -> Scenario {
        var random = RandomSource.seeded(seed)
        func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &random) < probability }
        var conditions = PathConditions(
            delay: .milliseconds(Int.random(in: 0...120, using: &random)), jitter: .milliseconds(Int.random(in: 0...30, using: &random)),
            loss: chance(0.3) ? 0 : Double.random(in: 0...0.3, using: &random))
        if chance(0.3) { conditions.burst = .init(enter: 0.02, leave: 0.2) }
        if chance(0.3) { conditions.reorder = 0.1 }
        if chance(0.3) { conditions.duplicate = 0.1 }
        let roles: [ICERole] =
            chance(0.8) ? [.controlling, .controlled] : chance(0.5) ? [.controlling, .controlling] : [.controlled, .controlled]
        let hasRelay = chance(0.5)
        let transports: [[TURNTransport]] = [[.udp], [.tcp], [.tls(serverName: "t")], [.udp, .tcp, .tls(serverName: "t")]]
        let server = SimulatedTURNServer(address: SimulatedAgents.address("203.0.113.7", 3478), hmacSHA1: testHMAC, md5: testMD5)
        var call = SimulatedAgents(
            seed: seed, conditions: conditions, roles: roles,
            hosts: [[SimulatedAgents.address("10.0.0.1")], [SimulatedAgents.address("10.1.0.1")]],
            stunServers: [SimulatedAgents.stunServer], signaling: chance(0.5) ? .credentialsFirst : .candidatesFirst,
            policy: hasRelay && chance(0.2) ? .relay : .all, turn: hasRelay ? [server] : [],
            transports: transports[Int.random(in: 0..<4, using: &random)])
        call.hasStunServer = chance(0.9)
        var nats: [SimulatedNAT.Behaviour] = []
        for i in 0..<2 where chance(0.7) {
            let nat = SimulatedNAT.Behaviour.allCases[Int.random(in: 0..<4, using: &random)]
            nats.append(nat)
            call.network.add(
                SimulatedNAT(
                    publicAddress: IPAddress(i == 0 ? "192.0.2.9" : "198.51.100.9")!, inside: [call.hosts[i][0].ip], behaviour: nat))
        }
        // Four hops that lose a quarter each take patience, not a better agent.
        let isRelayEasy = hasRelay && conditions.loss < 0.15
        let isEasy =
            nats.isEmpty && call.agents[0].configuration.policy == .all || isRelayEasy
            || (call.hasStunServer && !nats.contains(.symmetric) && call.agents[0].configuration.policy == .all)
        let story = "seed \(seed): \(conditions), \(roles), NATs \(nats), relay \(hasRelay), policy \(call.agents[0].configuration.policy)"
        return Scenario(call: call, story: story, mustConnect: isEasy && conditions.burst == nil, random: random)
    }

    private static func checkBounds(_ call: SimulatedAgents, _ story: String) {
        for agent in call.agents {
            #expect(agent.checks.pairs.count <= 100 && agent.remotes.count <= 64 && agent.transactions.all.count <= 256, "\(story)")
            #expect(agent.streams.streams.count <= StreamTable.limit && agent.statistics.droppedOutputs == 0, "\(story)")
            #expect(agent.locals.count <= 40, "\(agent.locals.count) local candidates, \(story)")
        }
    }

    @Test(arguments: 0..<16)
    func nothingTrapsPilesUpOrStalls(group: Int) {
        for number in 0..<Self.count {
            let seed = UInt64(group * 1000 + number)
            var scenario = Self.draw(seed)
            var call = scenario.call
            call.open()
            if Int.random(in: 0..<3, using: &scenario.random) == 0 { call.addListener(1, SimulatedAgents.address("10.1.0.1", 443)) }
            call.run(for: .milliseconds(Int.random(in: 100...3000, using: &scenario.random)))
            let event = Int.random(in: 0..<6, using: &scenario.random)
            switch event {
            case 0:
                call.network.isBlackedOut = true
                call.run(for: .seconds(3))
                call.network.isBlackedOut = false
            case 1: Self.move(&call, 0, to: SimulatedAgents.address("192.0.2.77", 7000))
            case 2: Self.move(&call, 1, to: SimulatedAgents.address("198.51.100.77", 7000))
            case 3: call.streams.breakAll(at: call.now)
            default: break
            }
            let limit = Interval.seconds(scenario.mustConnect ? 30 : 3)
            let connected = call.run(for: limit) { $0.bothConnected }
            call.run(for: .seconds(1))
            if scenario.mustConnect { #expect(connected, "\(scenario.story), event \(event), states \(call.states)") }
            Self.checkBounds(call, scenario.story)
            // Some hundred things a second at the very most.
            #expect(call.steps < 20_000, "\(scenario.story)")
            for i in 0..<2 {
                call.agents[i].close()
                call.drain(i)
                #expect(call.agents[i].nextTimeout == nil && call.agents[i].streams.isEmpty)
            }
        }
    }

    private static func move(_ call: inout SimulatedAgents, _ i: Int, to new: SocketAddress) {
        let old = call.hosts[i][0]
        call.hosts[i] = [new]
        call.agents[i].removeLocalSocket(base: old, now: call.now)
        call.drain(i)
        call.agents[i].addHostCandidate(base: new, now: call.now)
        call.drain(i)
    }
}
