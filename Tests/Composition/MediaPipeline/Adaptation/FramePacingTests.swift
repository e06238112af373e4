import Primitives
import Testing

@testable import MediaPipeline

@Suite struct FramePacingTests {
    @Test(arguments: [(30.0, 30.0), (30, 20), (30, 15), (30, 10), (30, 7.5), (25, 10), (60, 20), (15, 20)])
    func theDividerGivesTheRateOrAllThereIs(camera: Double, wanted: Double) {
        var divider = FrameRateDivider()
        var random = RandomSource.seeded(1)
        var taken = 0
        for number in 0..<Int(camera * 20) {
            let jitter = Double(random.next() % 4000) / 1_000_000
            let time = Instant(microseconds: Int64((Double(number) / camera + jitter) * 1_000_000))
            if divider.takes(time, framesPerSecond: wanted) { taken += 1 }
        }
        #expect(abs(Double(taken) / 20 - min(camera, wanted)) < 0.8)
    }

    @Test func afterAPauseTheDividerDoesNotCatchUp() {
        var divider = FrameRateDivider()
        let taken = [0, 60_000, 60_033, 60_100].map { divider.takes(.zero + .milliseconds($0), framesPerSecond: 10) }
        #expect(taken == [true, true, false, true])
    }

    @Test func whatIsAheadOfTheRateIsWaitedFor() {
        var budget = FrameBudget()
        let first = budget.allows(now: .zero, bitrate: 80_000)
        // 300 ms of the rate, of which 200 may be ahead.
        budget.spend(bytes: 3000)
        let later = [66, 101].map { budget.allows(now: .zero + .milliseconds($0), bitrate: 80_000) }
        #expect(first && later == [false, true])
    }

    @Test func afterAFallOfTheRateThereIsAShortPauseOnly() {
        var budget = FrameBudget()
        _ = budget.allows(now: .zero, bitrate: 2_000_000)
        budget.spend(bytes: 25_000)
        let before = budget.allows(now: .zero, bitrate: 2_000_000)
        let after = [33, 200, 340].map { budget.allows(now: .zero + .milliseconds($0), bitrate: 50_000) }
        #expect(before && after == [false, false, true])
    }

    @Test func theMeterCountsWholeSeconds() {
        var meter = FrameRateMeter()
        for number in 0..<50 { meter.add(Instant(microseconds: Int64(number) * 50_000)) }
        #expect(abs(meter.framesPerSecond - 20) < 0.1)
    }
}
