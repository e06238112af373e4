import DTLS
import ICE
import PeerConnection
import Primitives
import TURNSimulation
import TestSupport
import Testing

/// Whole calls over networks drawn by lot, which break once.
@Suite struct RandomCallTests {
    private static let server = SimulatedTURNServer(
        address: SocketAddress(.v4(0xcb00_7107), port: 3478), hmacSHA1: opensslHMACSHA1, md5: opensslMD5)

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func goOnWhateverHappens(seed: UInt64) throws {
        var random = RandomSource.seeded(seed)
        func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }
        var conditions = PathConditions(
            delay: .milliseconds(below(60)), jitter: .milliseconds(below(10)), loss: Double(below(10)) / 100)
        if below(3) == 0 { conditions.burst = .init(enter: 0.005, leave: 0.2) }
        if below(3) == 0 { conditions.reorder = 0.02 }
        if below(3) == 0 { conditions.duplicate = 0.05 }
        let transport = [nil, .udp, .tcp, .tls(serverName: "t")][below(4)] as TURNTransport?
        let call = try SimulatedCall(seed: seed, conditions: conditions) {
            if let transport { $0.turnServers = [Self.server.server(transport)] }
        }
        call.turn = Self.server
        call.udpBlocked = transport != nil && transport != .udp
        call.offer(from: below(2) == 0 ? call.a : call.b)
        call.run(for: .milliseconds(1500 + below(1000)))
        let event = below(4)
        switch event {
        case 0:
            call.network.isBlackedOut = true
            call.run(for: .seconds(3))
            call.network.isBlackedOut = false
        case 1:
            let side = below(2) == 0 ? call.a : call.b
            call.move(side, to: SocketAddress(.v4(0x0a00_0077), port: 7000))
            call.offer(from: side, restartingICE: true)
        case 2: call.streams.breakAll(at: call.now)
        default: break
        }
        call.run(for: .seconds(4))
        let end = call.now
        call.run(for: .seconds(2))
        for side in [call.a, call.b] {
            // Pictures stand still while what a lossy relay swallowed is asked for; they must not stand for good.
            #expect(side.receivedVideo.contains { $0.at > end }, "event \(event), \(String(describing: transport)), \(call.story)")
            #expect(side.corruption(comparedWith: call.other(side)) == nil, "event \(event), \(call.story)")
            #expect(side.peer.connectionState == .connected, "event \(event), \(call.story)")
        }
        #expect(call.errors.isEmpty, "event \(event), \(call.story)")
    }
}
