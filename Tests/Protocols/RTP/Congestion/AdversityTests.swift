import Primitives
import Testing

@testable import RTP

/// Loss, jitter, outages and others on the same link.
@Suite struct AdversityTests {
    /// 10 % random loss on a link that is not full: a megabit of video goes on as before.
    @Test(arguments: [1, 2] as [UInt64])
    func randomLossDoesNotLowerTheRate(_ seed: UInt64) {
        var call = Simulation(seed: seed, rate: 2_000_000, delay: .milliseconds(50), maximum: 1_000_000)
        call.forward.loss = 0.1
        call.back.loss = 0.1
        call.isMutual = true
        call.run(seconds: 30)
        let from = call.now - .seconds(20)
        let frames = Double(call.flows[0].framesReceived.count { $0 >= from }) / 20
        let target = call.flows[0].target
        #expect(call.meanEstimate(last: 20) > 1100, "seed \(seed)")
        #expect(target > 950_000, "seed \(seed)")
        // What falls short of 30 are packets that four tries did not bring: requests and answers are lost as well.
        #expect(frames > 26, "seed \(seed)")
        let heard = call.flows[0].audioNetworks
        #expect((28...30).contains(heard.count), "seed \(seed): \(heard.count)")
        #expect((0.05...0.15).contains(heard.suffix(10).reduce(0) { $0 + $1.lost } / 10), "seed \(seed)")
    }

    /// The same on a link that is full: the rest of it is used.
    @Test func lossOnAFullLinkKeepsMostOfIt() {
        var call = Simulation(seed: 11, rate: 2_000_000, delay: .milliseconds(100))
        call.forward.loss = 0.1
        call.run(seconds: 30)
        #expect(call.meanEstimate(last: 15) > 1400)
    }

    @Test func burstsOfLossDoNotLowerTheRate() {
        var call = Simulation(seed: 12, rate: 2_000_000, delay: .milliseconds(50), maximum: 1_000_000)
        // Bursts of ten packets on average, a twentieth of the time.
        call.forward.burst = (enter: 0.005, leave: 0.1, loss: 0.8)
        call.run(seconds: 30)
        #expect(call.meanEstimate(last: 20) > 1000)
    }

    /// Without a queue worth the name a full link shows by its loss alone.
    @Test func aLinkWithoutAQueueIsNotOverrun() {
        var call = Simulation(seed: 13, rate: 700_000, delay: .milliseconds(30))
        call.forward.longestQueue = .milliseconds(40)
        call.run(seconds: 30)
        #expect((350...950).contains(call.meanEstimate(last: 15)))
    }

    @Test func jitterIsNotCongestion() {
        var call = Simulation(seed: 14, rate: 2_000_000, delay: .milliseconds(50), maximum: 1_000_000)
        call.forward.jitter = .milliseconds(30)
        call.run(seconds: 30)
        #expect(call.meanEstimate(last: 20) > 700)
    }

    @Test func anOutageIsSurvivedAndForgotten() {
        var call = Simulation(seed: 15, rate: 2_000_000, delay: .milliseconds(50), maximum: 1_000_000)
        call.run(seconds: 10)
        (call.forward.isDown, call.back.isDown) = (true, true)
        let sent = call.flows[0].sender.statistics.bytesSent
        call.run(seconds: 3)
        // Nobody hears it: no more than a trickle is sent.
        #expect(call.flows[0].sender.statistics.bytesSent - sent < 100_000)
        (call.forward.isDown, call.back.isDown) = (false, false)
        let back = call.now
        call.run(seconds: 6)
        let first = call.flows[0].framesReceived.first { $0 >= back }.map { $0 - back } ?? .seconds(9)
        let again = call.flows[0].targets.first { $0.at > back && $0.bitrate > 900_000 }.map { $0.at - back } ?? .seconds(9)
        #expect(first < .milliseconds(600))
        #expect(again < .seconds(4))
        #expect(call.longestWait(since: back) < 200)
    }

    @Test func twoCallsShareALink() {
        var calls = Simulation(seed: 16, rate: 1_000_000, delay: .milliseconds(50), flows: 2, maximum: 2_000_000)
        calls.run(seconds: 40)
        let before = calls.flows.map(\.wire)
        calls.run(seconds: 30)
        let rates = zip(calls.flows, before).map { Double($0.wire - $1) * 8 / 30_000 }
        #expect(rates.reduce(0, +) > 700)
        #expect((1.0 / 3...3).contains(rates[0] / rates[1]), "\(rates)")
    }

    @Test func lostFeedbackCostsLittle() {
        var call = Simulation(seed: 17, rate: 1_500_000, delay: .milliseconds(50), maximum: 1_000_000)
        call.back.loss = 0.3
        call.run(seconds: 20)
        #expect(call.meanEstimate(last: 10) > 900)
    }

    /// The picture holds little, so nothing is learnt by sending it: padding shows what there would be.
    @Test func aLimitedSenderProbesWithPadding() {
        var call = Simulation(seed: 18, rate: 2_000_000, delay: .milliseconds(50), maximum: 1_000_000)
        call.flows[0].most = 100_000
        call.run(seconds: 12)
        let statistics = call.flows[0].sender.statistics
        #expect(call.meanEstimate(last: 3) > 1000)
        #expect(statistics.paddingBytesSent > 0 && statistics.paddingBytesSent < 30_000)
        #expect(call.flows[0].target == 1_000_000)
        #expect(call.flows[0].receiver.statistics.discarded == 0)
    }
}
