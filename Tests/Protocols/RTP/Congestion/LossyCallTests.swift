import Primitives
import Testing

@testable import RTP

/// What a person sees and waits for on a bad path: frames that come evenly, and queues that stay bounded from the first second on.
@Suite struct LossyCallTests {
    /// 10 % random loss both ways and a round trip of 100 ms: every frame comes, and no wait is a freeze.
    @Test(arguments: Array(1...10) as [UInt64])
    func randomLossFreezesNothing(_ seed: UInt64) {
        var call = Simulation(seed: seed, rate: 4_000_000, delay: .milliseconds(50), maximum: 1_000_000)
        (call.forward.loss, call.back.loss) = (0.1, 0.1)
        call.isMutual = true
        call.run(seconds: 30)
        let times = call.flows[0].framesReceived
        let gap = zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? .seconds(30)
        let rate = Double(times.count) / 30
        let statistics = call.flows[0].sender.statistics
        #expect(rate >= 28, "seed \(seed)")
        #expect(gap <= .milliseconds(500), "seed \(seed): \(rate) frames a second")
        #expect(statistics.outages == 0 && statistics.framesDroppedByPacer == 0, "seed \(seed)")
    }

    /// 300 kbit/s from the start, with audio that is sent twice at first.
    @Test(arguments: Array(1...4) as [UInt64])
    func aNarrowLinkHasNoLongQueueEvenAtTheStart(_ seed: UInt64) {
        var call = Simulation(seed: seed, rate: 300_000, delay: .milliseconds(50), maximum: 1_000_000)
        call.isMutual = true
        call.audioPayload = { $0 < 250 ? 165 : 80 }
        call.firstKeyFrame = 10_000
        call.run(seconds: 30)
        let longest = call.longestWait(since: .zero)
        #expect(longest <= 250, "seed \(seed)")
        #expect(call.flows[0].framesReceived.count > 800, "seed \(seed)")
    }
}
