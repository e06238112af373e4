import ICE
import Primitives
import TURNSimulation
import TestSupport
import Testing

/// Pairs over TCP (RFC 6544).
@Suite struct TCPTests {
    private static let listener = SimulatedAgents.address("198.51.100.2", 443)

    private static func call(seed: UInt64, listening: [Int] = [1], blocked: Bool = true) -> SimulatedAgents {
        var call = SimulatedAgents(seed: seed, conditions: PathConditions(delay: .milliseconds(10)))
        if blocked { call.udpBlocked = Set(call.hosts.flatMap { $0.map(\.ip) }) }
        call.open()
        for i in listening { call.addListener(i, SocketAddress(call.hosts[i][0].ip, port: 443)) }
        return call
    }

    @Test(arguments: [0, 1], [1, 2, 3] as [UInt64])
    func connectsWhereUDPIsBlocked(listening: Int, seed: UInt64) {
        var call = Self.call(seed: seed, listening: [listening])
        // 10 ms until credentials, candidates 25 ms, connecting 20 ms, the check 20 ms, its nomination 20 ms.
        #expect(call.run(for: .seconds(1)) { $0.bothConnected }, "\(call.elapsed.milliseconds) ms")
        #expect(call.agents.allSatisfy { $0.selectedPair?.summary == "direct over TCP" && $0.selectedPair?.isRelayed == false })
        call.mediaFlows = true
        call.run(for: .seconds(60))
        #expect(call.bothConnected && call.mediaReceived.allSatisfy { $0 > 2980 } && call.streams.opened == 1)
        let sides = [call.localCandidates(listening), call.localCandidates(1 - listening)]
        #expect(sides[0].compactMap(\.tcpType) == [.passive] && sides[1].compactMap(\.tcpType) == [.active])
        #expect(sides[1].first { $0.tcpType == .active }?.address.port == 9)
    }

    @Test func bothMayListen() {
        var call = Self.call(seed: 4, listening: [0, 1])
        #expect(call.run(for: .seconds(1)) { $0.bothConnected })
        call.mediaFlows = true
        call.run(for: .seconds(5))
        #expect(call.mediaReceived.allSatisfy { $0 > 240 })
    }

    @Test(arguments: [5, 6, 7] as [UInt64])
    func udpIsPreferred(seed: UInt64) {
        var call = Self.call(seed: seed, blocked: false)
        #expect(call.run(for: .seconds(1)) { $0.bothConnected })
        call.run(for: .seconds(3))
        #expect(call.agents.allSatisfy { $0.selectedPair?.transport == .udp })
    }

    @Test func udpThatComesLateTakesOver() {
        var call = Self.call(seed: 8)
        #expect(call.run(for: .seconds(2)) { $0.bothConnected })
        #expect(call.agents[0].selectedPair?.transport == .tcp)
        call.mediaFlows = true
        call.run(for: .seconds(1))
        call.udpBlocked = []
        call.run(for: .seconds(40))
        #expect(call.agents.allSatisfy { $0.selectedPair?.transport == .udp })
        #expect(call.longestGap.allSatisfy { $0 < .milliseconds(100) }, "\(call.longestGap)")
    }

    @Test(arguments: [9, 10] as [UInt64])
    func aLostConnectionIsMadeAgain(seed: UInt64) {
        var call = Self.call(seed: seed)
        #expect(call.run(for: .seconds(2)) { $0.bothConnected })
        call.mediaFlows = true
        call.run(for: .seconds(2))
        call.streams.breakAll(at: call.now)
        call.run(for: .seconds(5))
        #expect(call.bothConnected && call.streams.opened == 2)
        #expect(call.longestGap.allSatisfy { $0 < .milliseconds(2500) }, "\(call.longestGap)")
        #expect(call.lastMedia.allSatisfy { call.now - $0! < .milliseconds(100) })
    }

    @Test func strangersWhoConnectAreShownOut() {
        var call = Self.call(seed: 11, blocked: false)
        #expect(call.run(for: .seconds(1)) { $0.bothConnected })
        var closed: [StreamID] = []
        for number in 0..<20 as Range<UInt64> {
            let id = StreamID(1 << 63 | number)
            call.agents[1].streamAccepted(id, local: Self.listener, remote: SimulatedAgents.address("203.0.113.66", 1000), now: call.now)
        }
        func drain() {
            while let output = call.agents[1].poll() { if case .closeStream(let id) = output { closed.append(id) } }
        }
        drain()
        #expect(closed.count == 12)
        call.agents[1].handleTimeout(now: call.now + .seconds(11))
        drain()
        #expect(closed.count == 20 && Set(closed).count == 20)
    }

    @Test func aPassiveCandidateIsNotAWayToOurselvesNorToEverybody() {
        var call = Self.call(seed: 12, listening: [])
        call.run(for: .milliseconds(100))
        for port in 1...100 {
            for ip in ["127.0.0.1", "203.0.113.5"] {
                let text = "candidate:\(port) 1 tcp 99 \(ip) \(port) typ host tcptype passive"
                call.agents[0].addRemoteCandidate(Candidate(sdp: text)!, now: call.now)
            }
        }
        call.agents[0].addRemoteCandidate(Candidate(sdp: "candidate:1 1 tcp 99 203.0.113.5 9 typ host tcptype active")!, now: call.now)
        var opened: [SocketAddress] = []
        for tenth in 1...50 {
            call.agents[0].handleTimeout(now: call.now + .milliseconds(100 * tenth))
            while let output = call.agents[0].poll() { if case .openStream(_, let to, _) = output { opened.append(to) } }
        }
        #expect(opened.count == 8 && opened.allSatisfy { $0.ip == IPAddress("203.0.113.5") })
    }

    private static func addressee(_ bytes: [UInt8]) -> StreamAddressee { StreamAddressee(firstBytes: bytes.span) }

    @Test func theFirstMessageTellsWhomAConnectionIsFor() {
        var call = Self.call(seed: 13)
        var first: [UInt8] = []
        for _ in 0..<200 where first.isEmpty {
            call.run(for: .milliseconds(1))
            if let id = call.streams.firstAccepted { first = call.streams.firstBytes(on: id) }
        }
        #expect(!first.isEmpty)
        for count in 0..<first.count { #expect(Self.addressee(Array(first.prefix(count))) == .incomplete) }
        #expect(Self.addressee(first) == .agent(ufrag: call.agents[1].localCredentials.ufrag))
        #expect(Self.addressee(Array("GET / HTTP/1.1\r\n".utf8)) == .nobody)
        #expect(Self.addressee([0, 3, 1, 2, 3]) == .nobody)
    }
}
