import Primitives
import Testing

@testable import RTP

/// Peers without transport-wide feedback.
@Suite struct OtherFeedbackTests {
    @Test func theReceiversEstimateIsObeyedAndGiven() {
        var call = Simulation(seed: 21, rate: 600_000, delay: .milliseconds(50), maximum: 2_000_000) {
            $0.videoREMB = true
            $0.videoSendTimeID = 3
        }
        call.run(seconds: 30)
        let statistics = call.flows[0].sender.statistics
        #expect((statistics.receiverEstimate ?? 0) > 300_000)
        #expect((350...650).contains(call.meanEstimate(last: 10)))
    }

    @Test func reportsAloneLowerWhatANarrowLinkGets() {
        var call = Simulation(seed: 22, rate: 500_000, delay: .milliseconds(50), maximum: 1_000_000) { _ in }
        call.flows[0].target = 1_000_000
        call.run(seconds: 30)
        #expect((250_000...700_000).contains(call.flows[0].target))
        #expect(call.longestWait(since: call.now - .seconds(5)) < 300)
        #expect(call.flows[0].sender.statistics.availableOutgoingBitrate == nil)
    }
}
