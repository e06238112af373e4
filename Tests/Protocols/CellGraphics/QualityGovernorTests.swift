import Primitives
import Testing

@testable import CellGraphics

@Suite struct QualityGovernorTests {
    @Test func goesDownWhileSlowAndUpAgainWhenFast() {
        var governor = QualityGovernor()
        var now = Instant.zero
        for _ in 0..<100 {
            governor.note(delay: .milliseconds(10), now: now)
            now += .milliseconds(33)
        }
        #expect(governor.level == 0)
        for _ in 0..<100 {
            governor.note(delay: .milliseconds(150), now: now)
            now += .milliseconds(33)
        }
        #expect(governor.threshold == QualityGovernor.thresholds.last)
        for _ in 0..<80 {
            governor.note(delay: .zero, now: now)
            now += .milliseconds(33)
        }
        #expect(governor.level == QualityGovernor.thresholds.count - 1, "not before three seconds")
        for _ in 0..<600 {
            governor.note(delay: .zero, now: now)
            now += .milliseconds(33)
        }
        #expect(governor.level == 0)
    }
}
