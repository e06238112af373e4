import ICE
import Primitives
import TestSupport
import Testing

@Suite struct NamedCandidateTests {
    private static func agent(policy: ICETransportPolicy = .all) -> ICEAgent {
        let configuration = ICEAgent.Configuration(
            role: .controlling, credentials: ICECredentials(ufrag: "local000", password: String(repeating: "p", count: 22)), policy: policy)
        var agent = ICEAgent(configuration: configuration, random: .seeded(1), hmacSHA1: testHMAC)
        agent.addHostCandidate(base: SimulatedAgents.address("192.0.2.1"), now: .zero)
        return agent
    }

    private static func candidate(_ name: String, port: Int = 5000) -> MDNSCandidate {
        MDNSCandidate(sdp: "candidate:\(port) 1 udp 2122260223 \(name) \(port) typ host")!
    }

    private static func drain(_ agent: inout ICEAgent) -> (names: [String], checked: [SocketAddress]) {
        var (names, checked): ([String], [SocketAddress]) = ([], [])
        while let output = agent.poll() {
            if case .resolve(let name) = output { names.append(name) }
            if case .transmit(_, let to, _) = output { checked.append(to) }
        }
        return (names, checked)
    }

    @Test func aNameIsAskedOnceAndItsCandidatesChecked() {
        var agent = Self.agent()
        agent.setRemoteCredentials(ICECredentials(ufrag: "remote00", password: String(repeating: "q", count: 22)), now: .zero)
        agent.addRemoteCandidate(Self.candidate("A.local"), now: .zero)
        agent.addRemoteCandidate(Self.candidate("a.local", port: 5001), now: .zero)
        #expect(Self.drain(&agent).names == ["a.local"])
        agent.resolved(name: "a.local", address: IPAddress("198.51.100.2"), now: .zero)
        var checked: Set<SocketAddress> = []
        for tenth in 0..<5 {
            agent.handleTimeout(now: .zero + .milliseconds(100 * tenth))
            checked.formUnion(Self.drain(&agent).checked)
        }
        #expect(checked == [SimulatedAgents.address("198.51.100.2", 5000), SimulatedAgents.address("198.51.100.2", 5001)])
        // What is known is not asked again.
        agent.addRemoteCandidate(Self.candidate("a.local", port: 5002), now: .zero + .seconds(1))
        #expect(Self.drain(&agent).names.isEmpty)
    }

    @Test func aNameThatNobodyKnowsCostsItsCandidateAlone() {
        var agent = Self.agent()
        agent.setRemoteCredentials(ICECredentials(ufrag: "remote00", password: String(repeating: "q", count: 22)), now: .zero)
        agent.addRemoteCandidate(Self.candidate("a.local"), now: .zero)
        agent.addRemoteCandidate(Self.candidate("b.local"), now: .zero)
        agent.resolved(name: "a.local", address: nil, now: .zero)
        agent.resolved(name: "never-asked.local", address: IPAddress("198.51.100.9"), now: .zero)
        agent.resolved(name: "b.local", address: IPAddress("198.51.100.3"), now: .zero)
        #expect(Set(Self.drain(&agent).checked) == [SimulatedAgents.address("198.51.100.3", 5000)])
        #expect(agent.statistics.unresolvedNames == 1 && agent.state == .checking)
    }

    @Test func aNameMayComeAndBeResolvedBeforeTheDescription() {
        var agent = Self.agent()
        agent.addRemoteCandidate(Self.candidate("a.local"), now: .zero)
        agent.resolved(name: "a.local", address: IPAddress("198.51.100.2"), now: .zero)
        agent.setRemoteCredentials(ICECredentials(ufrag: "remote00", password: String(repeating: "q", count: 22)), now: .zero)
        #expect(Self.drain(&agent).checked == [SimulatedAgents.address("198.51.100.2", 5000)])
    }

    @Test func namesAreBoundedAndNotAskedUnderTheRelayPolicy() {
        var agent = Self.agent()
        for i in 0..<100 { agent.addRemoteCandidate(Self.candidate("n\(i).local"), now: .zero) }
        #expect(Self.drain(&agent).names.count == 16)
        var hidden = Self.agent(policy: .relay)
        hidden.addRemoteCandidate(Self.candidate("a.local"), now: .zero)
        #expect(Self.drain(&hidden).names.isEmpty)
    }
}
