import CallControl
import Primitives
import Testing

@Suite struct ControlInboxTests {
    private static let media = ControlMessage.media(microphone: true, camera: true)

    @Test func sortsWhatComes() {
        var inbox = ControlInbox()
        #expect(inbox.receive(Self.media.encoded(), now: .zero) == .message(Self.media))
        #expect(inbox.receive(#"{"type":"later"}"#, now: .zero) == .unknown)
        #expect(inbox.receive("{", now: .zero) == .malformed)
        #expect((inbox.unknown, inbox.malformed, inbox.excessive) == (1, 1, 0))
    }

    @Test func refusesAFloodAndRecovers() {
        var inbox = ControlInbox()
        for _ in 0..<10_000 { _ = inbox.receive(Self.media.encoded(), now: .zero) }
        #expect(inbox.excessive == 9950)
        var taken = 0
        // Ten times as much as is allowed, for ten seconds.
        for step in 1...5000 where inbox.receive("{}", now: .zero + .milliseconds(2 * step)) == .malformed { taken += 1 }
        #expect((490...510).contains(taken))
        #expect(inbox.receive(Self.media.encoded(), now: .zero + .seconds(3600)) == .message(Self.media))
    }

    @Test func aClockThatJumpsGivesNothingAway() {
        var inbox = ControlInbox()
        var taken = 0
        for step in 0..<1000 where inbox.receive("{}", now: step.isMultiple(of: 2) ? .zero + .seconds(10) : .zero) == .malformed {
            taken += 1
        }
        #expect(taken == 50)
        _ = inbox.receive("{}", now: .distantFuture)
        _ = inbox.receive("{}", now: Instant(microseconds: .min))
        #expect(inbox.receive("{}", now: Instant(microseconds: .max)) == .malformed)
    }
}
