import Primitives
import Testing

@testable import ICE

@Suite struct CandidateTests {
    @Test(arguments: [
        // Chromium, Firefox and aiortc.
        "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 192.168.1.5 rport 46154 generation 0 ufrag sXP5",
        "a=candidate:0 1 UDP 2122252543 192.168.1.5 60770 typ host",
        "candidate:7e0e2c6dc2b0e2a5c1d7f1b6a0f1e2d3 1 udp 2130706431 2001:db8::5 34567 typ host\r\n",
        "candidate:1019216383 1 tcp 1518280447 192.168.1.5 9 typ host tcptype active generation 0 ufrag sXP5",
        "candidate:3 1 TCP 2105458943 192.168.1.5 50123 typ host tcptype passive",
        "candidate:4 1 tcp 1677729535 203.0.113.7 4000 typ srflx raddr 192.168.1.5 rport 4000 tcptype so",
        "842163049 1 udp 41886207 203.0.113.50 50000 typ relay raddr 203.0.113.7 rport 46154",
    ])
    func readsWhatPeersSend(text: String) throws {
        let candidate = try #require(Candidate(sdp: text))
        #expect(candidate.component == 1)
        // Through our own text and back, nothing is lost.
        #expect(Candidate(sdp: candidate.sdp) == candidate)
    }

    @Test func readsEveryField() throws {
        let text = "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 192.168.1.5 rport 9 generation 0 ufrag sXP5"
        let candidate = try #require(Candidate(sdp: text))
        #expect(candidate.foundation == "842163049")
        #expect(candidate.priority == 1_677_729_535)
        #expect(candidate.address == SocketAddress(IPAddress("203.0.113.7")!, port: 46154))
        #expect(candidate.type == .serverReflexive)
        #expect(candidate.relatedAddress == SocketAddress(IPAddress("192.168.1.5")!, port: 9))
        #expect(candidate.ufrag == "sXP5")
        #expect(
            candidate.sdp == "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 192.168.1.5 rport 9 ufrag sXP5")
    }

    @Test(arguments: [
        "", "candidate:", "a=candidate:", "candidate:1 1 udp 1 1.2.3.4 5 typ", "candidate:1 1 udp 1 1.2.3.4 5 host typ",
        "candidate:1 1 tcp 2105524479 192.168.1.5 9 typ host", "candidate:1 1 tcp 2105524479 192.168.1.5 9 typ host tcptype both",
        "candidate:1 1 udp 2122260223 b4e7a1f2-0d3c-4b1e-9f7a-1c2d3e4f5a6b.local 50000 typ host",
        "candidate:1 1 udp 0 1.2.3.4 5 typ host", "candidate:1 1 udp 4294967296 1.2.3.4 5 typ host",
        "candidate:1 1 udp -1 1.2.3.4 5 typ host",
        "candidate:1 1 udp +1 1.2.3.4 5 typ host", "candidate:1 0 udp 1 1.2.3.4 5 typ host", "candidate:1 257 udp 1 1.2.3.4 5 typ host",
        "candidate:1 1 udp 1 1.2.3.4 0 typ host", "candidate:1 1 udp 1 1.2.3.4 65536 typ host", "candidate:1 1 udp 1 1.2.3 5 typ host",
        "candidate:1 1 udp 1 0.0.0.0 5 typ host", "candidate:1 1 udp 1 224.0.0.1 5 typ host", "candidate:1 1 udp 1 fe80::1%eth0 5 typ host",
        "candidate:1 1 udp 1 1.2.3.4 5 typ other", "candidate:é 1 udp 1 1.2.3.4 5 typ host",
        "candidate:123456789012345678901234567890123 1 udp 1 1.2.3.4 5 typ host", "candidate:1\u{1b}[2J 1 udp 1 1.2.3.4 5 typ host",
    ])
    func refusesWhatBreaksTheGrammar(text: String) { #expect(Candidate(sdp: text) == nil) }

    @Test func overTCPTheDirectionIsRead() throws {
        let active = try #require(Candidate(sdp: "candidate:1 1 tcp 1518280447 192.168.1.5 9 typ host tcptype active"))
        #expect(active.transport == .tcp && active.tcpType == .active && active.address.port == 9)
        let passive = try #require(Candidate(sdp: "candidate:1 1 tcp 1518280447 192.168.1.5 50 typ host tcptype passive ufrag x"))
        #expect(passive.tcpType == .passive && passive.sdp.hasSuffix("typ host tcptype passive ufrag x"))
        #expect(Candidate(sdp: "candidate:1 1 udp 99 192.168.1.5 9 typ host tcptype active")?.tcpType == nil)
        // After every direct path over UDP, before every relay; who connects is preferred to who listens.
        let priorities = [TCPCandidateType.active, .passive, .simultaneousOpen].map {
            Candidate.tcpPriority(type: .host, tcpType: $0, localPreference: .max)
        }
        #expect(priorities == priorities.sorted(by: >) && Set(priorities).count == 3)
        #expect(priorities[0] < Candidate.priority(type: .serverReflexive, localPreference: 0))
        #expect(priorities[2] > Candidate.priority(type: .relayed, localPreference: .max))
    }

    @Test(arguments: ["b4e7a1f2-0d3c-4b1e-9f7a-1c2d3e4f5a6b.local", "A.LOCAL", String(repeating: "a", count: 63) + ".local"])
    func namesOfTheLocalNetworkArePutAside(name: String) throws {
        let text = "candidate:1 1 udp 2122260223 \(name) 50000 typ host ufrag abcd"
        let candidate = try #require(MDNSCandidate(sdp: text))
        #expect(candidate.name == name.lowercased() && candidate.ufrag == "abcd" && Candidate(sdp: text) == nil)
        #expect(candidate.resolved(to: IPAddress("192.168.1.5")!).address == SocketAddress(IPAddress("192.168.1.5")!, port: 50000))
    }

    @Test(arguments: [
        "a.b.local", ".local", "local", "a_b.local", "example.org", "a.local.", "ä.local", String(repeating: "a", count: 64) + ".local",
        "192.0.2.1", "a.locale", "-;.local",
    ])
    func otherNamesAreNobodys(name: String) { #expect(MDNSCandidate(sdp: "candidate:1 1 udp 2122260223 \(name) 50000 typ host") == nil) }

    @Test func everyPrefixIsSafe() {
        let text = "a=candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 192.168.1.5 rport 9 ufrag sXP5"
        for length in 0...text.count { _ = Candidate(sdp: String(text.prefix(length))) }
        #expect(Candidate(sdp: text + String(repeating: " x", count: 1000)) == nil)
    }

    @Test func prioritiesFollowTheFormula() {
        #expect(Candidate.priority(type: .host, localPreference: 65535) == 2_130_706_431)
        #expect(Candidate.priority(type: .serverReflexive, localPreference: 65535) == 1_694_498_815)
        #expect(Candidate.pairPriority(controlling: 2, controlled: 1) == (1 << 32) + 4 + 1)
        #expect(Candidate.pairPriority(controlling: 1, controlled: 2) == (1 << 32) + 4)
        #expect(Candidate.pairPriority(controlling: .max, controlled: .max) > 0)
    }

    @Test func familiesAlternateAndLoopbackComesLast() {
        let v4 = IPAddress("192.0.2.1")!
        let v6 = IPAddress("2001:db8::1")!
        let order = [(v6, 0), (v4, 0), (v6, 1), (v4, 1), (.loopback6, 0), (.loopback4, 0)].map {
            Candidate.localPreference(of: $0.0, ordinalInFamily: $0.1)
        }
        #expect(order == order.sorted(by: >))
        #expect(Set(order).count == order.count)
    }

    @Test func foundationsGroupByTypeBaseAndServer() {
        let a = IPAddress("192.0.2.1")!
        let b = IPAddress("192.0.2.2")!
        #expect(Candidate.foundation(type: .host, base: a) == Candidate.foundation(type: .host, base: a))
        let others = [
            Candidate.foundation(type: .host, base: a), Candidate.foundation(type: .host, base: b),
            Candidate.foundation(type: .serverReflexive, base: a, server: a),
            Candidate.foundation(type: .serverReflexive, base: a, server: b),
        ]
        #expect(Set(others).count == 4)
    }

    @Test func credentialsHaveThePermittedForm() {
        var random = RandomSource.seeded(1)
        let credentials = ICECredentials.random(using: &random)
        #expect(credentials.isValid)
        #expect(credentials != ICECredentials.random(using: &random))
        #expect(!ICECredentials(ufrag: "abc", password: credentials.password).isValid)
        #expect(!ICECredentials(ufrag: "ab cd", password: credentials.password).isValid)
    }
}
