import DTLS
import DatagramSocket
import ICE
import Primitives
import Testing
import Threading

@testable import CallSession

private func at(_ milliseconds: Int) -> Instant { .zero + .seconds(10) + .milliseconds(milliseconds) }

@Suite struct PathProbeTests {
    private let stun = [SocketAddress(.v4(0xcb00_7101), port: 3478), SocketAddress(.v4(0xcb00_7102), port: 3478)]
    private let relay = TURNServer(address: SocketAddress(.v4(0xcb00_7103), port: 3478), user: "ana", password: "secret")

    private func probe(stun: [SocketAddress] = [], turn: [TURNServer] = []) -> PathProbe {
        var random = RandomSource.seeded(3)
        return PathProbe(stun: stun, turn: turn, random: &random, hmacSHA1: opensslHMACSHA1, md5: opensslMD5, now: at(0))
    }

    private func take(_ probe: inout PathProbe) -> [(message: STUNMessage, to: SocketAddress)] {
        var taken: [(STUNMessage, SocketAddress)] = []
        while let (payload, to) = probe.poll() {
            if let message = try? STUNMessage(parsing: payload.span) { taken.append((message, to)) }
        }
        return taken
    }

    private func answer(_ request: STUNMessage, port: UInt16) -> [UInt8] {
        STUNMessage(
            .success, transactionID: request.transactionID,
            attributes: [.xorMappedAddress(SocketAddress(.v4(0xc633_6401), port: port))]
        ).encoded()
    }

    private func name(_ address: SocketAddress) -> String { "stun:\(address)" }

    @Test func anAnswerMakesADirectPathLikely() throws {
        var probe = probe(stun: stun)
        let requests = take(&probe)
        #expect(requests.map(\.to) == stun && requests.allSatisfy { $0.message.method == .binding })
        probe.handle(answer(requests[0].message, port: 4000).span, from: stun[0], now: at(23))
        #expect(!probe.isOver(now: at(24)))
        #expect(probe.finding(name: name) == .direct(milliseconds: 23))
        probe.handle(answer(requests[1].message, port: 4000).span, from: stun[1], now: at(40))
        #expect(probe.isOver(now: at(40)) && probe.finding(name: name) == .direct(milliseconds: 23))
    }

    @Test func twoPortsMakeItUnlikely() {
        var probe = probe(stun: stun)
        for (index, request) in take(&probe).enumerated() {
            probe.handle(answer(request.message, port: UInt16(4000 + index)).span, from: request.to, now: at(20))
        }
        #expect(probe.finding(name: name) == .portsChange(hasRelay: false))
    }

    @Test func silenceIsAskedAgainAndThenSaidSo() {
        var probe = probe(stun: [stun[0]])
        var (sent, now) = (0, at(0))
        while !probe.isOver(now: now) {
            probe.handleTimeout(now: now)
            sent += take(&probe).count
            #expect(probe.nextTimeout > now)
            now = probe.nextTimeout
        }
        #expect(now - at(0) == PathProbe.limit && (4...6).contains(sent))
        #expect(probe.finding(name: name) == .noAnswer(server: name(stun[0])))
    }

    @Test func strangersAndWrongAnswersAreNotHeard() {
        var probe = probe(stun: [stun[0]])
        let request = take(&probe)[0].message
        probe.handle(answer(request, port: 1).span, from: stun[1], now: at(5))
        var other = RandomSource.seeded(9)
        let foreign = STUNMessage(.success, transactionID: STUNTransactionID(using: &other))
        probe.handle(answer(foreign, port: 1).span, from: stun[0], now: at(6))
        probe.handle(STUNMessage(.success, transactionID: request.transactionID).encoded().span, from: stun[0], now: at(7))
        probe.handle(STUNMessage(.error, transactionID: request.transactionID).encoded().span, from: stun[0], now: at(7))
        for length in [0, 1, 19, 20, 21, 1500] { probe.handle([UInt8](repeating: 0, count: length).span, from: stun[0], now: at(8)) }
        #expect(!probe.isOver(now: at(9)) && probe.finding(name: name) == .noAnswer(server: name(stun[0])))
    }

    @Test func aRelayAnswersAndKeepsNothing() throws {
        var probe = probe(stun: [stun[0]], turn: [relay])
        let first = try #require(take(&probe).first { $0.to == relay.address }).message
        #expect(first.method == .allocate)
        let challenge = STUNMessage(
            .error, .allocate, transactionID: first.transactionID,
            attributes: [.errorCode(code: 401, reason: []), .realm(Array("r".utf8)), .nonce(Array("n".utf8))])
        probe.handle(challenge.encoded().span, from: relay.address, now: at(30))
        let second = try #require(take(&probe).first).message
        let key = opensslMD5(Array("ana:r:secret".utf8))
        let granted = STUNMessage(
            .success, .allocate, transactionID: second.transactionID,
            attributes: [.xorRelayedAddress(SocketAddress(.v4(0xcb00_7103), port: 50_000)), .lifetime(600)])
        probe.handle(granted.encoded(integrity: (key, opensslHMACSHA1)).span, from: relay.address, now: at(60))
        #expect(probe.finding(name: name) == .relay(milliseconds: 60))
        #expect(take(&probe).contains { $0.message.method == .allocate } == false)
    }

    @Test func aRelayThatRefusesIsNamed() throws {
        var probe = probe(turn: [relay])
        let first = try #require(take(&probe).first).message
        let refusal = STUNMessage(.error, .allocate, transactionID: first.transactionID, attributes: [.errorCode(code: 486, reason: [])])
        probe.handle(refusal.encoded().span, from: relay.address, now: at(30))
        #expect(probe.isOver(now: at(30)))
        guard case .relayRefused(let server, let why) = probe.finding(name: name) else { return #expect(Bool(false)) }
        #expect(server == name(relay.address) && why.contains("too many allocations"))
    }

    @Test func withoutANetworkItIsOverAtOnce() {
        var probe = probe(stun: stun, turn: [relay])
        for request in take(&probe) { probe.failed(request.to) }
        #expect(probe.isOver(now: at(1)) && probe.finding(name: name) == .noNetwork)
    }

    /// Over real sockets of this machine.
    @Test func aServerOfThisMachineAnswers() throws {
        let server = try DatagramSocket(binding: .v4(0x7f00_0001))
        let wake = try #require(EventDescriptor())
        let found = BoundedRing<PathFinding>(capacity: 1)
        PathTest.run([.stun(host: "127.0.0.1", port: server.localAddress.port)]) { found.push($0) }
        var poller = Poller()
        var isAnswered = false
        while !isAnswered {
            poller.wait(on: [server], event: wake, until: MonotonicClock.now() + .seconds(1))
            server.receive { datagram, source in
                guard let request = try? STUNMessage(parsing: datagram) else { return }
                _ = server.send(
                    STUNMessage(.success, transactionID: request.transactionID, attributes: [.xorMappedAddress(source)]).encoded(),
                    to: source)
                isAnswered = true
            }
        }
        guard case .direct? = found.wait(until: nil) else { return #expect(Bool(false)) }
        PathTest.run([.none]) { found.push($0) }
        #expect(found.wait(until: nil) == .localOnly)
    }
}
