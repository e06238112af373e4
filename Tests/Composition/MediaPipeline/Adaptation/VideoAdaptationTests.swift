import Primitives
import Testing

@testable import MediaPipeline

@Suite struct VideoAdaptationTests {
    private let full = PictureSize(width: 640, height: 480)

    @Test(
        arguments: [
            (2_000_000, 640, 480, 30.0), (300_000, 640, 480, 30), (200_000, 480, 360, 30), (120_000, 320, 240, 30), (80_000, 240, 180, 30),
            (45_000, 160, 120, 30), (35_000, 160, 120, 20), (22_000, 160, 120, 10), (0, 160, 120, 5),
        ])
    func aCallBeginsWithWhatTheNetworkCarries(target: Int, width: Int, height: Int, framesPerSecond: Double) throws {
        var simulation = AdaptationSimulation()
        simulation.run(0.1) { _ in target }
        let decision = try #require(simulation.decision)
        #expect(decision.size == PictureSize(width: width, height: height) && decision.framesPerSecond == framesPerSecond)
        #expect(decision.bitrate == max(10_000, min(1_000_000, target)))
    }

    @Test func withoutATargetThePersonsLimitsHold() {
        var simulation = AdaptationSimulation(bitrate: 700_000)
        simulation.run(20)
        #expect(simulation.decision == VideoAdaptation.Decision(size: full, framesPerSecond: 30, bitrate: 700_000))
        #expect(simulation.changes.isEmpty && simulation.adaptation.limitation.reason == .none)
    }

    /// The bit rate follows at once, the size within a second, and in one step.
    @Test func theSizeFollowsAFall() throws {
        var simulation = AdaptationSimulation()
        simulation.run(10) { _ in 1_000_000 }
        simulation.run(0.04) { _ in 150_000 }
        #expect(simulation.decision?.bitrate == 150_000)
        simulation.run(30) { _ in 150_000 }
        #expect(simulation.changes.count == 1)
        let change = try #require(simulation.changes.first)
        #expect(change.size == PictureSize(width: 320, height: 240) && change.seconds < 11)
        #expect(simulation.adaptation.limitation.reason == .bandwidth)
        #expect(simulation.adaptation.limitation.resolutionChanges == 1)
    }

    @Test func aShortDipChangesNoSize() {
        var simulation = AdaptationSimulation()
        simulation.run(30) { Int($0 * 10) % 40 < 4 && $0 > 4 ? 180_000 : 500_000 }
        #expect(simulation.changes.isEmpty)
    }

    @Test func itComesBackWhenTheNetworkDoesButNotAtOnce() throws {
        var simulation = AdaptationSimulation()
        simulation.run(5) { _ in 60_000 }
        simulation.run(20) { _ in 900_000 }
        #expect(simulation.changes.count == 1)
        let change = try #require(simulation.changes.first)
        #expect(change.size == full && change.seconds > 7.5 && change.seconds < 9)
        #expect(simulation.adaptation.limitation.reason == .none)
        let durations = simulation.adaptation.limitation.durations
        #expect(abs((durations[.bandwidth] ?? .zero).seconds - 8) < 0.6 && abs((durations[.none] ?? .zero).seconds - 17) < 0.6)
    }

    /// As congestion control probes its way up: 8 % a second.
    @Test func aSlowRiseIsFollowedStepByStep() {
        var simulation = AdaptationSimulation()
        var target = 30_000.0
        simulation.run(60) { simulation in
            target *= 1.00257
            simulation.adaptation.setTargetBitrate(Int(target))
        }
        let sizes = simulation.changes.map(\.size.width)
        #expect(sizes == [240, 320, 480, 640])
        for (one, next) in zip(simulation.changes, simulation.changes.dropFirst()) { #expect(next.seconds - one.seconds >= 2) }
    }

    /// Up and down with each half of the period long enough to follow it: it learns not to.
    @Test(arguments: [2.0, 5, 8, 12])
    func bandwidthThatSwingsDoesNotMakeThePictureFlap(period: Double) {
        var simulation = AdaptationSimulation()
        simulation.run(180) { Int($0 / (period / 2)) % 2 == 0 ? 500_000 : 120_000 }
        #expect(simulation.changes.count <= 16, "\(simulation.changes.count) changes")
        #expect(simulation.decision?.size.width == 320)
    }

    @Test(arguments: [100_000, 170_000, 250_000])
    func aRippleAroundAThresholdChangesNothingForLong(middle: Int) {
        var simulation = AdaptationSimulation()
        var random = RandomSource.seeded(UInt64(middle))
        simulation.run(120) { _ in middle * (92 + Int(random.next() % 17)) / 100 }
        #expect(simulation.changes.count <= 1)
    }

    @Test func aCoarseQuantizerMakesThePictureSmallerAndAFineOneLarger() {
        var simulation = AdaptationSimulation()
        simulation.quantizer = { $0.size.width > 320 ? 110 : 60 }
        simulation.run(60) { _ in 260_000 }
        // The difficult picture settles, and does not try the larger size again while it is difficult.
        #expect(simulation.changes.map(\.size.width) == [480, 320])
        #expect(simulation.adaptation.limitation.reason == .bandwidth)
        simulation.quantizer = { _ in 20 }
        simulation.run(60) { _ in 400_000 }
        #expect(simulation.decision?.size == full)
    }

    @Test func framesThatTheEncoderLeavesOutCountAsCoarse() {
        var simulation = AdaptationSimulation()
        simulation.quantizer = { $0.size.width == 640 ? nil : 60 }
        simulation.run(20) { _ in 500_000 }
        #expect(simulation.decision?.size.width == 480)
    }

    @Test func aBusyProcessorMakesThePictureSmaller() {
        var simulation = AdaptationSimulation()
        simulation.encodeTime = { .milliseconds(Double($0.size.pixels) / 307_200 * 70) }
        simulation.run(40)
        // 70 ms a frame of 640x480 are 18 of 320x240, and 39 of 480x360: too much of 33.
        #expect(simulation.decision?.size.width == 320)
        #expect(simulation.adaptation.limitation.reason == .cpu)
        let changes = simulation.changes.count
        simulation.encodeTime = { .milliseconds(Double($0.size.pixels) / 307_200 * 5) }
        simulation.run(40)
        #expect(simulation.decision?.size == full && simulation.adaptation.limitation.reason == .none)
        #expect(simulation.changes.count - changes <= 2)
    }

    @Test func anotherCameraSizeIsTakenAtOnce() {
        var simulation = AdaptationSimulation()
        simulation.run(3)
        simulation.source = PictureSize(width: 1280, height: 720)
        simulation.run(0.04)
        #expect(simulation.decision?.size == PictureSize(width: 640, height: 360))
        simulation.source = PictureSize(width: 320, height: 200)
        simulation.run(0.04)
        #expect(simulation.decision?.size == PictureSize(width: 320, height: 200))
    }

    /// Whatever comes, what is decided can be encoded, and lies within what the person allows.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func everyDecisionIsPossible(seed: UInt64) {
        var random = RandomSource.seeded(seed)
        func any(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }
        let limits = PictureSize(width: 16 + any(3000), height: 16 + any(3000))
        var simulation = AdaptationSimulation(width: limits.width, height: limits.height, bitrate: 30_000 + any(5_000_000))
        var target = 100_000
        simulation.run(30) { simulation in
            if any(20) == 0 { target = any(3) == 0 ? Int.max : any(2_000_000) }
            simulation.adaptation.setTargetBitrate(target)
            if any(60) == 0 { simulation.source = PictureSize(width: 1 + any(4000), height: 1 + any(4000)) }
            if any(30) == 0 {
                let screens = (0..<any(4)).map { _ in any(4) == 0 ? nil : PictureSize(width: any(500), height: any(300)) }
                simulation.adaptation.setReceiverScreens(screens, now: simulation.now)
            }
            let (q, t) = (any(140), any(60))
            simulation.quantizer = { _ in q > 127 ? nil : q }
            simulation.encodeTime = { _ in .milliseconds(t) }
            guard let decision = simulation.decision else { return }
            #expect(decision.size.width <= max(2, limits.width) && decision.size.height <= max(2, limits.height), "seed \(seed)")
            #expect(decision.framesPerSecond >= 5 && decision.framesPerSecond <= 30, "seed \(seed)")
            #expect(decision.bitrate >= 10_000 && decision.bitrate <= 5_030_000, "seed \(seed)")
        }
        let spacing = zip(simulation.changes, simulation.changes.dropFirst()).map { $1.seconds - $0.seconds }
        #expect(spacing.allSatisfy { $0 > 0 }, "seed \(seed)")
    }
}
