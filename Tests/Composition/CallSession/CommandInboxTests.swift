import MediaTypes
import Primitives
import Signaling
import Testing
import Threading

@testable import CallSession

@Suite struct CommandInboxTests {
    private func inbox() throws -> CommandInbox { CommandInbox(wake: try #require(EventDescriptor())) }
    private let frame = EncodedVideoFrame(payload: [1], isKeyFrame: true, timestamp: 0, time: .zero)

    @Test func mediaThatNobodyTakesIsDroppedAndStopIsNot() throws {
        let inbox = try inbox()
        for _ in 0..<1000 { inbox.put(.video(frame)) }
        inbox.put(.stop)
        var taken: [NetworkCommand] = []
        inbox.drain(into: &taken)
        #expect(taken.count == CommandInbox.mostMedia + 1)
        #expect(inbox.dropped == 1000 - CommandInbox.mostMedia)
        guard case .stop? = taken.last else {
            Issue.record("stop was not the last")
            return
        }
    }

    @Test func aServerThatFloodsTakesNoMemory() throws {
        let inbox = try inbox()
        for _ in 0..<10_000 { inbox.put(.signal(.closeConnection)) }
        inbox.put(.leave)
        var taken: [NetworkCommand] = []
        inbox.drain(into: &taken)
        #expect(taken.count == CommandInbox.mostSignals + 1)
    }

    @Test func whatIsTakenIsGone() throws {
        let inbox = try inbox()
        inbox.put(.leave)
        var taken: [NetworkCommand] = []
        inbox.drain(into: &taken)
        inbox.drain(into: &taken)
        #expect(taken.isEmpty)
    }
}
