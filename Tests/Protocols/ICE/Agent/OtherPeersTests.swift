import ICE
import Primitives
import TestSupport
import Testing

/// Peers that do not trickle, and those that only answer (ICE-lite, RFC 8445 §2.5).
@Suite struct OtherPeersTests {
    private static let base = SimulatedAgents.address("192.0.2.1")
    private static let server = SimulatedAgents.address("198.51.100.2", 3000)
    private static let theirs = ICECredentials(ufrag: "lite0000", password: String(repeating: "q", count: 22))

    private struct Outcome {
        var agent: ICEAgent
        var connectedAt: Instant?
        var nominations = 0
    }

    /// All that a lite peer does: it answers. `lost` requests never reach it.
    private static func call(candidates: [SocketAddress], lost: Int = 0, for time: Interval = .seconds(5)) -> Outcome {
        let configuration = ICEAgent.Configuration(
            role: .controlling, credentials: ICECredentials(ufrag: "local000", password: String(repeating: "p", count: 22)))
        var now = Instant.zero + .seconds(10)
        let end = now + time
        var outcome = Outcome(agent: ICEAgent(configuration: configuration, random: .seeded(2), hmacSHA1: testHMAC))
        var lost = lost
        outcome.agent.addHostCandidate(base: base, now: now)
        outcome.agent.setRemoteCredentials(theirs, now: now)
        for (number, address) in candidates.enumerated() {
            let text = "candidate:\(number) 1 udp \(2_130_706_431 - number) \(address.ip) \(address.port) typ host"
            outcome.agent.addRemoteCandidate(Candidate(sdp: text)!, now: now)
        }
        while true {
            while let output = outcome.agent.poll() {
                switch output {
                case .event(.stateChanged(.connected)): outcome.connectedAt = outcome.connectedAt ?? now
                case .transmit(_, let to, let payload):
                    guard to == server, let request = try? STUNMessage(parsing: payload.span), request.messageClass == .request else {
                        continue
                    }
                    lost -= 1
                    guard lost < 0, request.isAuthentic(key: Array(theirs.password.utf8), hmacSHA1: testHMAC) else { continue }
                    if request.useCandidate { outcome.nominations += 1 }
                    let answer = STUNMessage(.success, transactionID: request.transactionID, attributes: [.xorMappedAddress(base)])
                        .encoded(integrity: (Array(theirs.password.utf8), testHMAC))
                    _ = outcome.agent.handle(answer.span, from: server, base: base, now: now)
                default: break
                }
            }
            guard let next = outcome.agent.nextTimeout, next < end else { return outcome }
            now = max(now, next)
            outcome.agent.handleTimeout(now: now)
        }
    }

    @Test(arguments: [0, 2, 5])
    func aLitePeerIsNominatedWithoutEverAsking(lost: Int) {
        let outcome = Self.call(candidates: [Self.server], lost: lost)
        #expect(outcome.connectedAt != nil && outcome.nominations >= 1)
        #expect(outcome.agent.selectedPair?.destination == Self.server)
    }

    /// No end of candidates is ever told, and most of them lead nowhere.
    @Test func whatTheDescriptionNamesIsEnough() {
        let dead = (1...10).map { SimulatedAgents.address("203.0.113.\($0)") }
        let outcome = Self.call(candidates: dead + [Self.server])
        // The eleventh has its turn after ten times Ta.
        #expect(outcome.connectedAt.map { $0 - (.zero + .seconds(10)) <= .milliseconds(700) } == true)
    }

    @Test func aLitePeerKeepsTheCallForHours() {
        let outcome = Self.call(candidates: [Self.server], for: .seconds(3600))
        #expect(outcome.agent.state == .connected)
        #expect(outcome.nominations > 500, "consent asks again and again: \(outcome.nominations)")
    }
}
