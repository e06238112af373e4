import DTLS
import ICE
import PeerConnection
import Primitives
import TURNSimulation
import TestSupport
import Testing

/// Whole calls by way of a TURN server.
@Suite struct RelayedCallTests {
    private static let server = SimulatedTURNServer(
        address: SocketAddress(.v4(0xcb00_7107), port: 3478), hmacSHA1: opensslHMACSHA1, md5: opensslMD5)

    private func call(seed: UInt64, conditions: PathConditions = PathConditions(), late: Bool = false) throws -> SimulatedCall {
        let call = try SimulatedCall(seed: seed, conditions: conditions) {
            $0.icePolicy = .relay
            if !late { $0.turnServers = [Self.server.server] }
        }
        call.turn = Self.server
        return call
    }

    @Test(arguments: [1, 2] as [UInt64], [false, true])
    func carriesEverythingAndNothingGoesDirectly(seed: UInt64, late: Bool) throws {
        let call = try call(seed: seed, conditions: PathConditions(delay: .milliseconds(5)), late: late)
        var direct = 0
        call.offer(from: call.a)
        if late {
            call.run(for: .milliseconds(300))
            for side in [call.a, call.b] {
                side.peer.addTURNServers([Self.server.server], now: call.now)
                call.drain(side)
            }
        }
        let asked = call.now
        call.tap = { _, payload in
            // To the server everything is STUN or ChannelData.
            if !(0...3).contains(payload[0]), !(64...79).contains(payload[0]) { direct += 1 }
            return [payload]
        }
        call.run(for: .seconds(5))
        for side in [call.a, call.b] {
            let connected = try #require(side.firstTime(in: .connected), "\(call.story)")
            #expect(connected - asked < .milliseconds(400), "\(call.story)")
            #expect(side.receivedVideo.count >= 130 && side.receivedAudio.count >= 220, "\(call.story)")
            #expect(side.corruption(comparedWith: call.other(side)) == nil, "\(call.story)")
            let statistics = side.peer.statistics(now: call.now)
            #expect(statistics.pair?.hasPrefix("relay-relay 203.0.113.7:") == true, "\(statistics)")
            #expect(statistics.discardedDatagrams == 0, "\(statistics)")
        }
        #expect(direct == 0 && call.errors.isEmpty, "\(call.story)")
        #expect(call.turn?.dropped == 0)
        for side in [call.a, call.b] {
            side.peer.close(now: call.now)
            call.drain(side)
        }
        call.run(for: .milliseconds(100))
        #expect(call.turn?.allocations.isEmpty == true)
    }

    @Test(arguments: [TURNTransport.tcp, .tls(serverName: "turn.example.org")])
    func goesOverAStreamWhereUDPIsBlocked(transport: TURNTransport) throws {
        let call = try SimulatedCall(seed: 9, conditions: PathConditions(delay: .milliseconds(5))) {
            $0.turnServers = [Self.server.server(transport)]
        }
        call.turn = Self.server
        call.udpBlocked = true
        call.offer(from: call.a)
        call.run(for: .seconds(5))
        for side in [call.a, call.b] {
            let connected = try #require(side.firstTime(in: .connected), "\(call.story)")
            #expect(connected - call.start < .milliseconds(1500), "\(call.story)")
            #expect(side.receivedVideo.count >= 90 && side.receivedAudio.count >= 150, "\(call.story)")
            #expect(side.corruption(comparedWith: call.other(side)) == nil, "\(call.story)")
            #expect(side.peer.statistics(now: call.now).discardedDatagrams == 0)
            side.peer.close(now: call.now)
            call.drain(side)
        }
        #expect(call.streamFrames.allSatisfy { $0.count % 4 == 0 })
        call.run(for: .milliseconds(100))
        #expect(call.turn?.allocations.isEmpty == true && call.streams.openCount == 0 && call.errors.isEmpty, "\(call.story)")
    }

    @Test func survivesABadNetworkAndAnOutage() throws {
        let call = try call(seed: 5, conditions: PathConditions(delay: .milliseconds(10), loss: 0.02))
        call.offer(from: call.b)
        call.run(for: .seconds(4))
        call.network.isBlackedOut = true
        call.run(for: .seconds(3))
        call.network.isBlackedOut = false
        let back = call.now
        call.run(for: .seconds(5))
        for side in [call.a, call.b] {
            #expect(side.receivedVideo.count { $0.at > back } > 90, "\(call.story)")
            #expect(side.corruption(comparedWith: call.other(side)) == nil, "\(call.story)")
            #expect(side.peer.connectionState == .connected, "\(call.story)")
        }
        #expect(call.errors.isEmpty, "\(call.story)")
    }

    @Test func saysWhatIsWrongWithTheServer() throws {
        let call = try SimulatedCall(seed: 6) {
            $0.icePolicy = .relay
            $0.turnServers = [TURNServer(address: Self.server.address, user: "user", password: "guess")]
        }
        call.turn = Self.server
        call.offer(from: call.a)
        call.run(for: .seconds(1))
        let sentence = "The TURN server 203.0.113.7:3478 gives no relay: it does not accept the user name or the password."
        #expect(call.errors == ["a: \(sentence)", "b: \(sentence)"])
    }
}
