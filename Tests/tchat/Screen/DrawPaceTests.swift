import Primitives
import Testing

@testable import tchat

/// When frames are drawn, in simulated time.
@Suite struct DrawPaceTests {
    private func at(_ milliseconds: Int) -> Instant { Instant.zero + .seconds(10) + .milliseconds(milliseconds) }

    @Test func nothingNewIsNotDrawn() {
        var pace = DrawPace()
        #expect(pace.due(others: [], own: 0) == .zero)
        pace.drew(others: [("a", 1)], own: 0, now: at(0))
        #expect(pace.due(others: [("a", 1)], own: 0) == nil)
    }

    @Test func aKeyIsDrawnAtOnceWhenTheScreenWasCalm() {
        var pace = DrawPace()
        pace.drew(others: [], own: 0, now: at(0))
        pace.changed()
        #expect(pace.due(others: [], own: 0).map { $0 <= at(100) } == true)
    }

    @Test func eightPicturesOfThirtyASecondMakeThirtyFrames() {
        var pace = DrawPace()
        var generations = [Int](repeating: 0, count: 8)
        var frames = 0
        for millisecond in 0..<1000 {
            // Each at its own moment.
            for person in 0..<8 where (millisecond + person * 4) % 33 == 0 { generations[person] += 1 }
            let others = generations.enumerated().map { (id: "\($0.offset)", generation: $0.element) }
            guard let due = pace.due(others: others, own: millisecond / 33), due <= at(millisecond) else { continue }
            pace.drew(others: others, own: millisecond / 33, now: at(millisecond))
            frames += 1
        }
        #expect((28...34).contains(frames))
    }

    @Test func onesOwnPictureAloneIsDrawnHalfAsOften() {
        var pace = DrawPace()
        var frames = 0
        for millisecond in 0..<1000 {
            guard let due = pace.due(others: [], own: millisecond / 33), due <= at(millisecond) else { continue }
            pace.drew(others: [], own: millisecond / 33, now: at(millisecond))
            frames += 1
        }
        #expect((13...17).contains(frames))
    }

    @Test func aPictureThatIsGoneIsAChange() {
        var pace = DrawPace()
        pace.drew(others: [("a", 4)], own: 0, now: at(0))
        #expect(pace.due(others: [("a", -1)], own: 0) != nil)
    }
}
