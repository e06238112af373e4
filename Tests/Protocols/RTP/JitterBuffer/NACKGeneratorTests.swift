import Primitives
import Testing

@testable import RTP

@Suite struct NACKGeneratorTests {
    func at(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

    @Test func overtakenPacketsAreNotAskedFor() {
        var nacks = NACKGenerator()
        for sequence: Int64 in [10, 12, 11, 13] { #expect(nacks.receive(sequence, now: at(0)) == .none) }
        #expect(nacks.nextTick == nil && nacks.isEmpty)
    }

    @Test func aGapIsAskedForOnTheTickAndAgainAfterARoundTrip() {
        var nacks = NACKGenerator()
        _ = nacks.receive(65_534, now: at(0))
        _ = nacks.receive(65_538, now: at(0))
        #expect(nacks.due(now: at(5), roundTrip: nil).isEmpty)
        #expect(nacks.due(now: at(10), roundTrip: .milliseconds(50)) == [65_535, 0, 1])
        #expect(nacks.nextTick == at(30))
        #expect(nacks.due(now: at(50), roundTrip: .milliseconds(50)).isEmpty)
        #expect(nacks.receive(65_536, now: at(60)) == .recovered)
        #expect(nacks.due(now: at(70), roundTrip: .milliseconds(50)) == [65_535, 1])
    }

    @Test func triesEnd() {
        var nacks = NACKGenerator()
        _ = nacks.receive(1, now: at(0))
        _ = nacks.receive(3, now: at(0))
        var tries = 0
        for tick in 0..<200 { tries += nacks.due(now: at(10 + tick * 20), roundTrip: nil).count }
        #expect(tries == 10)
        #expect(nacks.oldest(now: at(5000), roundTrip: nil)?.isExhausted == true)
    }

    @Test func tooManyMissingAreGivenUp() {
        var nacks = NACKGenerator()
        _ = nacks.receive(1, now: at(0))
        #expect(nacks.receive(1002, now: at(0)) == .none)
        #expect(nacks.receive(1004, now: at(0)) == .overflow)
        #expect(nacks.isEmpty && nacks.nextTick == nil)
    }
}
