import CallControl
import Primitives
import Testing

@Suite struct ControlOutboxTests {
    private func screen(_ columns: Int) -> ControlMessage { .screen(.init(columns: columns, rows: 24, width: 320, height: 240)) }

    /// A window that is dragged for ten seconds, in steps of 5 ms.
    @Test func theLatestWins() {
        var outbox = ControlOutbox()
        var inbox = ControlInbox()
        var told: [ControlMessage] = []
        var now = Instant.zero
        for step in 1...2000 {
            outbox.set(screen(step))
            outbox.set(.media(microphone: step.isMultiple(of: 2), camera: true))
            while let message = outbox.poll(now: now) {
                told.append(message)
                #expect(inbox.receive(message.encoded(), now: now) == .message(message))
            }
            now += .milliseconds(5)
        }
        while let due = outbox.nextTimeout {
            now = max(now, due)
            while let message = outbox.poll(now: now) { told.append(message) }
        }
        #expect((190...210).contains(told.count))
        #expect(told.last { if case .screen = $0 { true } else { false } } == screen(2000))
        #expect(told.last { if case .media = $0 { true } else { false } } == .media(microphone: true, camera: true))
    }

    @Test func whatHasBeenToldIsNotToldAgain() {
        var outbox = ControlOutbox()
        #expect(outbox.poll(now: .zero) == nil && outbox.nextTimeout == nil)
        outbox.set(screen(80))
        #expect(outbox.poll(now: .zero) == screen(80))
        outbox.set(screen(81))
        outbox.set(screen(80))
        outbox.set(.commit(hash: []))
        #expect(outbox.nextTimeout == nil)
        #expect(outbox.poll(now: .distantFuture) == nil)
    }
}
