import Primitives
import Testing

@testable import RTP

/// The figures by which the reference implementation accepts itself: 100 ms each way, from 300 kbit/s.
@Suite struct ConvergenceTests {
    @Test(arguments: 1...2 as ClosedRange<UInt64>)
    func aLinkThatIsRaisedAndCutIsFollowed(_ seed: UInt64) {
        var call = Simulation(seed: seed, rate: 500_000, delay: .milliseconds(100))
        call.run(seconds: 25)
        let first = call.meanEstimate(last: 5)
        #expect((350...550).contains(first), "seed \(seed): \(first)")
        call.forward.rate = 800_000
        call.run(seconds: 20)
        let second = call.meanEstimate(last: 5)
        #expect((600...900).contains(second), "seed \(seed): \(second)")
        call.forward.rate = 100_000
        call.forward.delay = .milliseconds(200)
        call.run(seconds: 50)
        let third = call.meanEstimate(last: 10)
        #expect((65...115).contains(third), "seed \(seed): \(third)")
    }

    @Test func probesFindAFastLink() {
        var call = Simulation(seed: 3, rate: 2_000_000, delay: .milliseconds(50))
        call.run(seconds: 10)
        let reached = call.reached(1600)
        #expect((reached ?? .seconds(99)) < .seconds(4))
        #expect((1500...2100).contains(call.meanEstimate(last: 3)))
    }

    /// Three minutes, from the first packet on.
    @Test(arguments: [4, 7] as [UInt64])
    func aNarrowLinkKeepsAShortQueue(_ seed: UInt64) {
        var call = Simulation(seed: seed, rate: 300_000, delay: .milliseconds(100), maximum: 1_000_000)
        call.run(seconds: 180)
        #expect(call.longestWait(since: .zero) <= 200, "seed \(seed)")
        // Nine tenths of the link are used, and no frame is lost.
        #expect((260...310).contains(call.meanEstimate(last: 120)), "seed \(seed)")
        #expect(call.flows[0].framesReceived.count >= 5390 && call.flows[0].keyFrames <= 3, "seed \(seed)")
    }
}
