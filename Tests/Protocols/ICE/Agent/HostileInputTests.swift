import ICE
import Primitives
import TestSupport
import Testing

/// What a stranger, or a peer gone wrong, can send: ignored or answered once, counted, and never more held than the limits allow.
@Suite struct HostileInputTests {
    private let host = SimulatedAgents.address("192.0.2.1")
    private let stranger = SimulatedAgents.address("198.51.100.2")
    private let local = ICECredentials(ufrag: "local000", password: "localPasswordOf24Letters")
    private let remote = ICECredentials(ufrag: "remote00", password: "remotePasswordOf24Letter")

    private func agent(role: ICERole = .controlled) -> ICEAgent {
        var agent = ICEAgent(configuration: .init(role: role, credentials: local), random: .seeded(1), hmacSHA1: testHMAC)
        agent.addHostCandidate(base: host, now: .zero)
        agent.setRemoteCredentials(remote, now: .zero)
        while agent.poll() != nil {}
        return agent
    }

    private func request(_ attributes: [STUNAttribute], random: inout RandomSource, password: String? = nil) -> [UInt8] {
        let message = STUNMessage(.request, transactionID: STUNTransactionID(using: &random), attributes: attributes)
        return message.encoded(integrity: (Array((password ?? local.password).utf8), testHMAC))
    }

    private var username: STUNAttribute { .username(Array("local000:remote00".utf8)) }

    private func responses(_ agent: inout ICEAgent) -> [STUNMessage] {
        var all: [STUNMessage] = []
        while let output = agent.poll() {
            guard case .transmit(_, _, let payload) = output, let message = try? STUNMessage(parsing: payload.span) else { continue }
            if message.messageClass != .request { all.append(message) }
        }
        return all
    }

    @Test func refusesWhatItCannotTrust() {
        var agent = agent()
        var random = RandomSource.seeded(2)
        let good: [STUNAttribute] = [username, .priority(1000), .iceControlling(tieBreaker: 7)]
        let cases: [([UInt8], Int?)] = [
            (request(good, random: &random), nil),
            (request(good, random: &random, password: "another"), 401),
            (request([.username(Array("loca:remote00".utf8)), .priority(1)], random: &random), 401),
            (request([.priority(1000)], random: &random), 400),
            (request([username], random: &random), 400),
            (STUNMessage(.request, transactionID: STUNTransactionID(using: &random), attributes: good).encoded(), 400),
        ]
        for (bytes, code) in cases {
            let isOurs = agent.handle(bytes.span, from: stranger, base: host, now: .zero)
            #expect(isOurs)
            let answers = responses(&agent)
            #expect(answers.count == 1)
            #expect(answers.first?.errorCode == code)
            #expect(answers.first?.messageClass == (code == nil ? .success : .error))
        }
    }

    @Test func namesTheAttributesThatItDoesNotKnow() throws {
        var agent = agent()
        var random = RandomSource.seeded(3)
        let attributes = [username, .priority(1), .iceControlling(tieBreaker: 1)]
        let known = STUNMessage(.request, transactionID: STUNTransactionID(using: &random), attributes: attributes)
        // Rewrites PRIORITY's type, 0x0024, into one that nobody has defined, before the integrity is computed.
        var plain = known.encoded(fingerprint: false)
        let at = try #require(plain.indices.dropLast().first { plain[$0] == 0 && plain[$0 + 1] == 0x24 && $0 >= 20 })
        plain[at + 1] = 0x7f
        plain[3] = UInt8(plain.count - 20 + 24)
        let code = testHMAC(Array(local.password.utf8), plain)
        plain += [0, 8, 0, 20] + code
        let fingerprinted = withFingerprint(plain)
        let isOurs = agent.handle(fingerprinted.span, from: stranger, base: host, now: .zero)
        #expect(isOurs)
        let answer = try #require(responses(&agent).first)
        #expect(answer.errorCode == 420)
        #expect(answer.attributes.contains(.unknownAttributes([0x007f])))
    }

    @Test(arguments: 1...3)
    func floodsAreBounded(seed: Int) {
        var agent = agent()
        var random = RandomSource.seeded(UInt64(seed))
        for i in 0..<20_000 {
            var bytes = random.bytes(Int.random(in: 0...120, using: &random))
            if !bytes.isEmpty { bytes[0] &= 3 }
            if bytes.count >= 8, i % 2 == 0 { bytes.replaceSubrange(4..<8, with: [0x21, 0x12, 0xa4, 0x42]) }
            if bytes.count >= 20, i % 4 == 0 {
                bytes[0] = UInt8(i / 4 % 2)
                bytes[1] = 1
                bytes[2] = 0
                bytes[3] = UInt8(bytes.count - 20)
            }
            _ = agent.handle(bytes.span, from: SocketAddress(.v4(UInt32(i)), port: 1), base: host, now: .zero)
        }
        var outputs = 0
        while agent.poll() != nil { outputs += 1 }
        #expect(outputs <= 512, "seed \(seed)")
        #expect(agent.statistics.malformed > 10_000, "seed \(seed)")
        #expect(agent.sendPair == nil)
    }

    @Test func anAuthenticPeerCannotMakeItGrowEither() {
        var agent = agent()
        var random = RandomSource.seeded(4)
        for i in 0..<2000 {
            let source = SocketAddress(.v4(0x0a00_0000 + UInt32(i)), port: 9)
            let bytes = request([username, .priority(UInt32(i + 1)), .iceControlling(tieBreaker: 1), .useCandidate], random: &random)
            _ = agent.handle(bytes.span, from: source, base: host, now: .zero)
            let text = "candidate:1 1 udp \(i + 1) 172.16.\(i / 250).\(i % 250 + 1) 1000 typ host"
            if let candidate = Candidate(sdp: text) { agent.addRemoteCandidate(candidate, now: .zero) }
        }
        var checked: Set<SocketAddress> = []
        while let output = agent.poll() {
            if case .transmit(_, let to, let payload) = output, payload[0] == 0, payload[1] == 1 { checked.insert(to) }
        }
        #expect(checked.count <= 64)
        #expect(agent.statistics.droppedCandidates > 3000)
        // A whole minute of timers runs through in a bounded number of steps.
        var steps = 0
        while let next = agent.nextTimeout, next < .zero + .seconds(60), steps < 100_000 {
            agent.handleTimeout(now: next)
            while agent.poll() != nil {}
            steps += 1
        }
        #expect(steps < 5000)
        #expect(agent.state == .failed)
    }

    @Test func candidatesOfAnotherGenerationAreDropped() {
        var agent = agent()
        agent.addRemoteCandidate(Candidate(sdp: "candidate:1 1 udp 99 198.51.100.2 5 typ host ufrag other")!, now: .zero)
        #expect(agent.poll() == nil)
        agent.addRemoteCandidate(Candidate(sdp: "candidate:1 1 udp 99 198.51.100.2 5 typ host ufrag remote00")!, now: .zero)
        #expect(agent.poll() != nil)
    }

    @Test func aZeroTiebreakerIsValid() {
        var agent = agent(role: .controlling)
        var random = RandomSource.seeded(5)
        let bytes = request([username, .priority(1), .iceControlling(tieBreaker: 0)], random: &random)
        _ = agent.handle(bytes.span, from: stranger, base: host, now: .zero)
        #expect(responses(&agent).first?.errorCode == 487)
        #expect(agent.role == .controlling)
        let largest = request([username, .priority(1), .iceControlling(tieBreaker: .max)], random: &random)
        _ = agent.handle(largest.span, from: stranger, base: host, now: .zero)
        #expect(responses(&agent).first?.messageClass == .success)
        #expect(agent.role == .controlled)
    }

    @Test func aResponseFromElsewhereIsIgnored() throws {
        var agent = agent(role: .controlling)
        agent.addRemoteCandidate(Candidate(sdp: "candidate:1 1 udp 99 198.51.100.2 5000 typ host")!, now: .zero)
        var sent: STUNMessage?
        while let output = agent.poll() {
            if case .transmit(_, _, let payload) = output { sent = try STUNMessage(parsing: payload.span) }
        }
        let check = try #require(sent)
        let response = STUNMessage(.success, transactionID: check.transactionID, attributes: [.xorMappedAddress(host)])
            .encoded(integrity: (Array(remote.password.utf8), testHMAC))
        _ = agent.handle(response.span, from: SimulatedAgents.address("203.0.113.66"), base: host, now: .zero)
        #expect(agent.sendPair == nil)
        // Every corruption of the true one is refused as well.
        for i in response.indices {
            var broken = response
            broken[i] ^= 0x10
            _ = agent.handle(broken.span, from: stranger, base: host, now: .zero)
            let prefix = Array(response[..<i])
            _ = agent.handle(prefix.span, from: stranger, base: host, now: .zero)
        }
        #expect(agent.sendPair == nil)
        _ = agent.handle(response.span, from: stranger, base: host, now: .zero)
        #expect(agent.sendPair?.destination == stranger)
    }

    @Test func aggressiveNominationEndsOnTheBestPair() throws {
        var agent = agent()
        var random = RandomSource.seeded(6)
        let sources = [SimulatedAgents.address("198.51.100.2"), SimulatedAgents.address("198.51.100.3")]
        // Every check nominates; the better pair's comes later.
        for (source, priority) in zip(sources, [UInt32(1000), 2000]) {
            let bytes = request([username, .priority(priority), .iceControlling(tieBreaker: 1), .useCandidate], random: &random)
            _ = agent.handle(bytes.span, from: source, base: host, now: .zero)
            while let output = agent.poll() {
                guard case .transmit(_, let to, let payload) = output, payload[0] == 0 else { continue }
                let check = try STUNMessage(parsing: payload.span)
                let answer = STUNMessage(.success, transactionID: check.transactionID, attributes: [.xorMappedAddress(host)])
                    .encoded(integrity: (Array(remote.password.utf8), testHMAC))
                _ = agent.handle(answer.span, from: to, base: host, now: .zero)
            }
        }
        #expect(agent.selectedPair?.destination == sources[1])
    }
}

/// FINGERPRINT by its definition, bit by bit.
func withFingerprint(_ message: [UInt8]) -> [UInt8] {
    var message = message
    message[3] = UInt8(message.count - 20 + 8)
    var crc = UInt32.max
    for byte in message {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xedb8_8320 : crc >> 1 }
    }
    let value = ~crc ^ 0x5354_554e
    return message + [0x80, 0x28, 0, 4] + (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) }
}
