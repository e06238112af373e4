import Primitives
import Testing

@testable import MediaPipeline

@Suite struct ReceiverScreenTests {
    private func decide(_ screens: [PictureSize?], source: PictureSize = PictureSize(width: 640, height: 480)) -> VideoAdaptation.Decision?
    {
        var simulation = AdaptationSimulation(width: 1280, height: 720)
        simulation.source = source
        simulation.adaptation.setReceiverScreens(screens, now: simulation.now)
        simulation.run(0.1)
        return simulation.decision
    }

    /// 80x24 cells are 80x48 samples, of which a picture of 4:3 takes 64x48: four pixels a sample.
    @Test func aSmallScreenGetsASmallPicture() throws {
        let decision = try #require(decide([PictureSize(width: 80, height: 48)]))
        #expect(decision.size == PictureSize(width: 256, height: 192))
        // Sound takes 46 kbit/s, the video's headers 10.
        #expect(decision.bitrate > 150_000 && decision.bitrate + 56_000 <= 250_000)
        #expect(decision.framesPerSecond == 30)
    }

    @Test func aWidePictureIsMeasuredByItsOwnShape() throws {
        let decision = try #require(decide([PictureSize(width: 80, height: 48)], source: PictureSize(width: 1280, height: 720)))
        #expect(decision.size.width == 320 && (176...184).contains(decision.size.height))
        #expect(decision.bitrate + 56_000 <= 250_000)
    }

    @Test(arguments: [(200, 134), (640, 480), (2000, 1000)])
    func aLargeScreenGetsAll(width: Int, height: Int) {
        #expect(decide([PictureSize(width: width, height: height)])?.size == PictureSize(width: 640, height: 480))
        #expect(decide([PictureSize(width: width, height: height)])?.bitrate == 1_000_000)
    }

    @Test func moreScreenMeansMoreOfEverything() throws {
        var last = (pixels: 0, bitrate: 0)
        for rows in stride(from: 10, to: 70, by: 2) {
            let decision = try #require(decide([PictureSize(width: rows * 4, height: rows * 2)]))
            #expect(decision.size.pixels >= last.pixels && decision.bitrate >= last.bitrate)
            last = (decision.size.pixels, decision.bitrate)
        }
    }

    @Test(arguments: [(1, 1), (0, -5), (3, 200), (200, 3), (16384, 16384)])
    func anyScreenIsSurvived(width: Int, height: Int) throws {
        let decision = try #require(decide([PictureSize(width: width, height: height)]))
        #expect(decision.size.width >= 2 && decision.size.height >= 2 && decision.size.pixels <= 640 * 480)
    }

    @Test func ofSeveralReceiversTheLargestScreenDecides() {
        let small = PictureSize(width: 80, height: 48)
        let middle = PictureSize(width: 120, height: 72)
        #expect(decide([small, middle])?.size == PictureSize(width: 384, height: 288))
        // A browser shows any size.
        #expect(decide([small, nil])?.size == PictureSize(width: 640, height: 480))
        #expect(decide([])?.size == PictureSize(width: 640, height: 480))
    }

    @Test func whatLimitsIsSaid() {
        var simulation = AdaptationSimulation()
        simulation.adaptation.setReceiverScreens([PictureSize(width: 80, height: 48)], now: simulation.now)
        simulation.run(5)
        #expect(simulation.adaptation.limitation.reason == .other)
        #expect(simulation.adaptation.limitation.resolutionChanges == 0)
        simulation.run(5) { _ in 50_000 }
        #expect(simulation.adaptation.limitation.reason == .bandwidth)
        #expect(simulation.decision?.size == PictureSize(width: 192, height: 144))
    }

    @Test func aResizeIsFollowedWithinASecond() {
        var simulation = AdaptationSimulation()
        simulation.run(10)
        simulation.adaptation.setReceiverScreens([PictureSize(width: 80, height: 48)], now: simulation.now)
        simulation.run(1)
        #expect(simulation.decision?.size == PictureSize(width: 256, height: 192))
        simulation.run(5)
        simulation.adaptation.setReceiverScreens([nil], now: simulation.now)
        simulation.run(1)
        #expect(
            simulation.decision
                == VideoAdaptation.Decision(size: PictureSize(width: 640, height: 480), framesPerSecond: 30, bitrate: 1_000_000))
    }

    /// A window dragged for ten seconds: each change of size costs a key frame.
    @Test func aStormOfResizesCostsFewChanges() {
        var simulation = AdaptationSimulation()
        simulation.run(5)
        var random = RandomSource.seeded(4)
        simulation.run(10) { simulation in
            let rows = 20 + Int(random.next() % 60)
            simulation.adaptation.setReceiverScreens([PictureSize(width: 2 * rows, height: rows)], now: simulation.now)
        }
        simulation.adaptation.setReceiverScreens([PictureSize(width: 120, height: 72)], now: simulation.now)
        simulation.run(3)
        #expect(simulation.changes.count <= 6)
        for (one, next) in zip(simulation.changes, simulation.changes.dropFirst()) { #expect(next.seconds - one.seconds >= 1.9) }
        #expect(simulation.decision?.size == PictureSize(width: 384, height: 288))
    }
}
