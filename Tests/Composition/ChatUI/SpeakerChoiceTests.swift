import Primitives
import Testing

@testable import ChatUI

/// Who speaks, in simulated time: looked at every 100 ms.
@Suite struct SpeakerChoiceTests {
    private struct Room {
        var choice = SpeakerChoice()
        var now = Instant.zero
        var changes: [String] = []

        mutating func hear(_ levels: [String: Double], seconds: Double) {
            for _ in 0..<Int((seconds * 10).rounded()) {
                now = now + .milliseconds(100)
                if choice.hear(levels.map { (id: $0.key, level: $0.value) }, now: now) { changes.append(choice.speaker ?? "nobody") }
            }
        }
    }

    @Test func theFirstToSpeakIsMarkedAtOnce() {
        var room = Room()
        room.hear(["a": 0, "b": 0], seconds: 1)
        room.hear(["a": 0, "b": 0.6], seconds: 0.5)
        #expect(room.choice.speaker == "b")
    }

    @Test func aRoomsNoiseIsNobody() {
        var room = Room()
        room.hear(["a": 0.2, "b": 0.3], seconds: 5)
        #expect(room.changes.isEmpty)
    }

    @Test func pausesBetweenWordsAndACoughMoveNothing() {
        var room = Room()
        for _ in 0..<20 {
            room.hear(["a": 0.6, "b": 0], seconds: 0.6)
            room.hear(["a": 0, "b": 0], seconds: 0.3)
        }
        room.hear(["a": 0, "b": 0.9], seconds: 0.2)
        for _ in 0..<10 { room.hear(["a": 0.6, "b": 0], seconds: 0.5) }
        #expect(room.changes == ["a"])
    }

    @Test func theTurnPassesAfterAboutASecond() {
        var room = Room()
        room.hear(["a": 0.6, "b": 0], seconds: 3)
        room.hear(["a": 0, "b": 0.6], seconds: 0.8)
        #expect(room.choice.speaker == "a")
        room.hear(["a": 0, "b": 0.6], seconds: 0.8)
        #expect(room.choice.speaker == "b")
        room.hear(["a": 0, "b": 0], seconds: 2.5)
        #expect(room.changes == ["a", "b", "nobody"])
    }

    @Test func twoWhoTalkOverEachOtherChangeAtMostOnceASecond() {
        var random = RandomSource.seeded(11)
        var room = Room()
        for _ in 0..<600 {
            room.hear(
                ["a": Double.random(in: 0..<1, using: &random), "b": Double.random(in: 0..<1, using: &random)], seconds: 0.1)
        }
        #expect(room.changes.count <= 60)
    }

    @Test func whoLeavesSpeaksNoMore() {
        var room = Room()
        room.hear(["a": 0.6, "b": 0], seconds: 1)
        room.hear(["b": 0], seconds: 0.1)
        #expect(room.choice.speaker == nil)
        room.hear(["b": .nan, "": .infinity], seconds: 1)
        room.hear([:], seconds: 1)
        #expect(room.choice.speaker == nil)
    }
}
