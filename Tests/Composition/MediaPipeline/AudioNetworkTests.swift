import MediaTypes
import Primitives
import Testing

@testable import MediaPipeline

/// Sessions, redundancy, codec, jitter buffer and stretching together, as it sounds in the end.
@Suite struct AudioNetworkTests {
    private static let second = 48_000
    /// The tone's slope changes by at most 22 from one sample to the next; a click is a change by hundreds.
    private static let sharpest = 90

    /// The goal is 1.5 %; libopus gives a tone no in-band FEC, so this is RED alone.
    @Test(arguments: [1, 2] as [UInt64])
    func copiesCoverTenPercentOfLoss(_ seed: UInt64) throws {
        let network = try AudioNetwork(.tone(440), seed: seed)
        network.loss = 0.1
        try network.run(seconds: 15)
        #expect(network.statistics.received < 710)
        #expect(network.concealedShare <= 0.01, "seed \(seed): \(network.concealedShare)")
        #expect(network.gaps(from: Self.second) == 0, "seed \(seed)")
        #expect(network.sharpestBend(from: Self.second) < Self.sharpest, "seed \(seed)")
        #expect(abs(network.measuredTone(last: Self.second).hertz - 440) < 1, "seed \(seed)")
        #expect(network.statistics.fecPacketsReceived > 600 && network.statistics.packetsDiscarded == 0)
    }

    @Test func inBandFECCoversWhatWasSpeech() throws {
        let network = try AudioNetwork(.voice, seed: 3, hasRED: false)
        network.loss = 0.1
        try network.run(seconds: 15)
        #expect(network.concealedShare < 0.055, "\(network.concealedShare)")
        #expect(network.statistics.concealmentEvents < network.statistics.jitter.concealed)
    }

    @Test func aCleanPathCostsLittleDelay() throws {
        let network = try AudioNetwork(.tone(440), seed: 4)
        try network.run(seconds: 10)
        #expect(network.concealedShare == 0 && network.gaps(from: Self.second) == 0)
        #expect(network.statistics.insertedSamplesForDeceleration == 0)
        #expect(network.meanDelay <= .milliseconds(37), "\(network.meanDelay)")
        #expect(network.sharpestBend(from: Self.second) < Self.sharpest)
        let mean = network.statistics.jitterBufferTargetDelay / network.statistics.jitterBufferEmittedCount
        #expect((Interval.milliseconds(20) ... .milliseconds(30)).contains(mean))
    }

    @Test(arguments: [1, 2] as [UInt64])
    func jitterIsFollowedWithoutAClick(_ seed: UInt64) throws {
        let network = try AudioNetwork(.tone(440), seed: seed)
        var random = RandomSource.seeded(seed)
        network.jitter = { _ in .microseconds(Int64.random(in: 0...60_000, using: &random)) }
        try network.run(seconds: 12)
        #expect((Interval.milliseconds(55) ... .milliseconds(70)).contains(network.statistics.jitter.targetDelay), "seed \(seed)")
        network.jitter = { _ in .zero }
        try network.run(seconds: 14)
        #expect(network.statistics.jitter.targetDelay <= .milliseconds(30), "seed \(seed)")
        #expect(network.statistics.removedSamplesForAcceleration > 1000, "seed \(seed)")
        #expect(network.concealedShare < 0.005 && network.gaps(from: Self.second) == 0, "seed \(seed): \(network.concealedShare)")
        #expect(network.sharpestBend(from: Self.second) < Self.sharpest, "seed \(seed)")
        #expect(abs(network.measuredTone(last: Self.second).hertz - 440) < 1, "seed \(seed)")
    }

    @Test func afterABlackoutSoundIsBackWithItsDelay() throws {
        let network = try AudioNetwork(.tone(440), seed: 6)
        network.repeats = 0.1
        try network.run(seconds: 4)
        let before = network.statistics
        network.isDown = true
        try network.run(seconds: 3)
        network.isDown = false
        try network.run(seconds: 4)
        let all = network.statistics
        // 100 ms are made up, the rest is silence.
        #expect(all.concealedSamples - before.concealedSamples <= 6 * 960)
        #expect(all.silentConcealedSamples > 2 * Self.second && all.silentConcealedSamples < 3 * Self.second)
        #expect(network.gaps(from: network.heard.count - 3 * Self.second) == 0)
        #expect(network.meanDelay < .milliseconds(50))
    }

    /// 250 ms more within two seconds, then all of it gone at once.
    @Test func aQueueThatFillsAndEmptiesLeavesNoGap() throws {
        let network = try AudioNetwork(.tone(440), seed: 7)
        try network.run(seconds: 3)
        let start = network.now
        network.jitter = { min(.milliseconds(250), ($0 - start) / 8) }
        try network.run(seconds: 5)
        network.jitter = { _ in .zero }
        try network.run(seconds: 5)
        #expect(network.concealedShare < 0.03, "\(network.concealedShare)")
        #expect(network.gaps(from: Self.second) == 0 && network.sharpestBend(from: Self.second) < Self.sharpest)
        #expect(network.statistics.insertedSamplesForDeceleration > 1000)
        #expect(network.statistics.removedSamplesForAcceleration > 1500)
    }
}
