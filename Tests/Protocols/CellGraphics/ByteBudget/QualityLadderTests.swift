import Primitives
import Testing

@testable import CellGraphics

@Suite struct QualityLadderTests {
    private func at(_ seconds: Double) -> Instant { Instant.zero + .seconds(seconds) }

    /// A line so thin that parts of a frame are more than a second apart is the slowest of all.
    @Test(arguments: [0.2, 1.1, 2, 5])
    func howeverFarApartTheParts(pause: Double) {
        var ladder = QualityLadder()
        for n in 0..<60 { ladder.note(progress: 0.3, now: at(Double(n) * pause)) }
        #expect(ladder.level == QualityLadder.steps.count - 1)
    }

    @Test(arguments: [0.2, 1.1, 5])
    func wholeFramesFarApartAreNoSlowLine(pause: Double) {
        var ladder = QualityLadder()
        for n in 0..<60 { ladder.note(progress: 1, now: at(Double(n) * pause)) }
        #expect(ladder.level == 0)
    }

    /// With fewer colours the threshold may go back, but only where there were more of them.
    @Test(arguments: ColorMode.allCases)
    func noStepCostsMore(mode: ColorMode) {
        var ladder = QualityLadder()
        var former = (threshold: ladder.threshold(for: mode), step: ladder.step)
        for n in 0..<60 where ladder.level < QualityLadder.steps.count - 1 {
            let level = ladder.level
            ladder.note(progress: 0.1, now: at(Double(n) * 0.4))
            guard ladder.level > level else { continue }
            #expect(ladder.level == level + 1)
            let threshold = ladder.threshold(for: mode)
            let losesColors = mode == .truecolor && ladder.step.colors != former.step.colors
            #expect(threshold >= former.threshold || losesColors, "level \(ladder.level)")
            #expect(ladder.step.interval >= former.step.interval)
            former = (threshold, ladder.step)
        }
        #expect(former.threshold == 48)
    }
}
