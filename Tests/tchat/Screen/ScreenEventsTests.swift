import CallSession
import ChatUI
import Primitives
import Signaling
import Terminal
import Testing

@testable import tchat

/// From what a call tells to what the screen shows.
@Suite struct ScreenEventsTests {
    private func show(_ events: CallEvent...) -> ChatModel {
        var model = ChatModel(size: TerminalSize(columns: 100, rows: 24))
        _ = model.update(.joining(channel: "standup"), now: .zero)
        for event in events { if let event = ChatEvent(event, place: "here") { _ = model.update(event, now: .zero) } }
        return model
    }

    @Test func aCallOfThree() {
        let model = show(
            .joined(channel: "standup", isFirst: false), .memberArrived("a", name: "ana"), .memberArrived("b", name: nil),
            .connecting("a"), .connecting("b"), .peerNamed("b", "bo"),
            .connected("a", path: "host-host 192.0.2.1:1 192.0.2.2:2", at: .zero),
            .connected("b", path: "relay-host 192.0.2.1:1 192.0.2.2:2", at: .zero), .firstFrame("a", width: 4, height: 3, at: .zero),
            .peerMedia("b", microphone: false, camera: true), .chat(from: "b", text: "hello"))
        #expect(model.call.people.map(\.name) == ["ana", "bo"])
        #expect(model.call.people.map(\.path) == ["direct", "relayed"])
        #expect(model.call.people.map(\.hasPicture) == [true, false])
        #expect(model.call.people.map(\.isMicrophoneOn) == [true, false])
        #expect(model.call.lines.last?.text == "bo: hello")
    }

    @Test func aPlainServerNamesNobody() {
        let model = show(
            .joined(channel: "x", isFirst: false), .memberArrived("", name: nil), .connecting(""),
            .connected("", path: "host-host", at: .zero),
            .firstFrame("", width: 4, height: 3, at: .zero), .peerLeft("", reason: "The other side left."),
            .memberLeft("", reason: "The other side left."))
        #expect(model.call.people.isEmpty)
        #expect(model.call.phase == .waiting(left: "the other side"))
    }

    @Test func aRefusalSaysWhatToDo() {
        let model = show(.joinFailed(JoinFailure(code: "full", message: "standup is full")))
        #expect(model.screen == .lobby)
        #expect(model.lobby.notice.hasPrefix("standup is full. "))
        let asking = show(.joinFailed(JoinFailure(code: "wrong-password", message: "that is not the password")))
        #expect(asking.lobby.prompt?.channel == "standup")
    }

    @Test func theListShowsLocks() {
        let model = show(
            .channels([ChannelInfo(name: "board", members: 2, names: ["ana"], capacity: 8, needsPassword: true)]))
        #expect(model.lobby.channels == [LobbyChannel(name: "board", members: 2, names: ["ana"], capacity: 8, isLocked: true)])
    }
}
