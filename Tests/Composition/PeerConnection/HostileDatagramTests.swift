import PeerConnection
import Primitives
import TestSupport
import Testing

@Suite struct HostileDatagramTests {
    /// Before, during and after the handshake: noise of every kind, and real datagrams repeated, cut and bent.
    @Test(arguments: [151, 152] as [UInt64])
    func neverTrapAndDoNotEndTheCall(_ seed: UInt64) throws {
        let call = try SimulatedCall(seed: seed, conditions: PathConditions(delay: .milliseconds(5)))
        var random = RandomSource.seeded(seed)
        var kept: [[UInt8]] = []
        func hostile(_ payload: [UInt8]) -> [[UInt8]] {
            if kept.count < 64 { kept.append(payload) } else { kept[Int.random(in: 0..<64, using: &random)] = payload }
            return Self.twins(of: kept[Int.random(in: 0..<kept.count, using: &random)], using: &random)
        }
        call.stranger = hostile
        // A handshake's first records are not protected from who stands on the path itself; from the first key on, all is.
        call.tap = { [unowned call] _, payload in
            let isUp = [call.a, call.b].allSatisfy { $0.peer.connectionState == .connected }
            return [payload] + (isUp ? hostile(payload) : [])
        }
        call.offer(from: call.a)
        call.run(for: .seconds(4))
        for side in [call.a, call.b] {
            #expect(side.peer.connectionState == .connected, "\(call.story)")
            #expect(side.remoteClosed == nil, "\(call.story)")
            #expect(side.receivedVideo.count > 90, "\(call.story)")
            #expect(side.corruption(comparedWith: call.other(side)) == nil, "\(call.story)")
            #expect(side.peer.statistics(now: call.now).discardedDatagrams > 0, "\(call.story)")
        }
        #expect(call.errors.isEmpty, "\(call.story)")
    }

    static func twins(of datagram: [UInt8], using random: inout RandomSource) -> [[UInt8]] {
        var bent = datagram
        let flip = Int.random(in: 0..<max(1, bent.count), using: &random)
        if bent.indices.contains(flip) { bent[flip] ^= UInt8.random(in: 1...255, using: &random) }
        let cut = Array(datagram.prefix(Int.random(in: 0...datagram.count, using: &random)))
        var noise = random.bytes(Int.random(in: 1...200, using: &random))
        noise[0] = [0, 1, 20, 22, 25, 63, 64, 79, 128, 144, 191, 255].randomElement(using: &random) ?? 0
        return [bent, cut, noise]
    }
}
