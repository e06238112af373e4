import CellGraphics
import Primitives
import Terminal
import Testing

@testable import ChatUI

private func at(_ seconds: Double) -> Instant { Instant.zero + .seconds(seconds) }

/// A model and a clock.
struct Session {
    var model: ChatModel
    var now = Instant.zero

    init(columns: Int = 100, rows: Int = 24) { model = ChatModel(size: TerminalSize(columns: columns, rows: rows)) }

    @discardableResult
    mutating func send(_ event: ChatEvent) -> [ChatCommand] { model.update(event, now: now) }

    @discardableResult
    mutating func press(_ keys: Key...) -> [ChatCommand] { keys.flatMap { model.update(.key($0), now: now) } }

    @discardableResult
    mutating func type(_ text: String) -> [ChatCommand] { text.unicodeScalars.flatMap { model.update(.key(.character($0)), now: now) } }

    /// In a call with 수진, whose picture is there.
    static func inCall(columns: Int = 100, rows: Int = 24) -> Session {
        var session = Session(columns: columns, rows: rows)
        session.send(.tick(hour: 20, minute: 1))
        session.send(.joining(channel: "standup"))
        session.send(.joined(isFirst: true))
        session.arrive("a", "수진")
        return session
    }

    /// With several others, whose ids are "a", "b", and so on, all seen.
    static func inGroup(_ count: Int, columns: Int = 100, rows: Int = 24) -> Session {
        var session = Session(columns: columns, rows: rows)
        session.send(.tick(hour: 20, minute: 1))
        session.send(.joining(channel: "standup"))
        session.send(.joined(isFirst: false))
        for (id, name) in zip(ids, names).prefix(count) { session.arrive(id, name) }
        return session
    }

    static let ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
    static let names = ["수진", "ana", "bo", "Chidi", "Дарья", "eve", "farid", "grace", "hana", "ivo"]

    /// Someone comes in, and is connected and seen.
    mutating func arrive(_ id: String, _ name: String) {
        send(.memberArrived(id, name: name))
        send(.connecting(id))
        send(.connected(id, path: "direct"))
        send(.remotePicture(id, isPresent: true))
    }

    mutating func leave(_ id: String, reason: String = "") {
        send(.disconnected(id))
        send(.memberLeft(id, reason: reason))
    }
}

private let list = [
    LobbyChannel(name: "demo", members: 1, names: ["ana"], capacity: 2), LobbyChannel(name: "standup", members: 3, capacity: 8),
    LobbyChannel(name: "board", members: 2, capacity: 2),
]

@Suite struct LobbyTests {
    @Test func signalingThatIsLostIsToldOnceAndSoIsItsReturn() {
        var session = Session.inCall()
        let before = session.model.call.lines.count
        for _ in 0..<3 { session.send(.signaling(.lost("The signaling server does not answer."))) }
        session.send(.signaling(.connected("here")))
        #expect(
            session.model.call.lines.dropFirst(before).map(\.text) == [
                "The signaling server does not answer; the call goes on", "the signaling server is back",
            ])
    }

    @Test func whatIsNotThereCannotBeSwitched() {
        var session = Session.inCall()
        #expect(session.press(.character("m")) == [.setMicrophone(on: false)])
        session.send(.equipment(hasMicrophone: false, hasCamera: false))
        #expect(session.press(.character("m"), .character("v")) == [])
    }

    @Test func enterJoinsTheChosenChannel() {
        var session = Session()
        #expect(session.press(.enter).isEmpty)
        session.send(.channels(list))
        #expect(session.press(.enter) == [.join(channel: "demo", password: nil)])
        session.press(.down)
        #expect(session.press(.enter) == [.join(channel: "standup", password: nil)])
        session.press(.down, .down, .down)
        #expect(session.press(.enter) == [.join(channel: "board", password: nil)])
        session.press(.up, .up, .up, .up)
        #expect(session.press(.enter) == [.join(channel: "demo", password: nil)])
    }

    @Test func lettersFilterOrNameANewOne() {
        var session = Session()
        session.send(.channels(list))
        #expect(session.type("st").isEmpty)
        #expect(session.model.lobby.shown.map(\.name) == ["standup"])
        #expect(session.press(.enter) == [.join(channel: "st", password: nil)])
        session.press(.down)
        #expect(session.press(.enter) == [.join(channel: "standup", password: nil)])
        session.type("andup")
        #expect(session.press(.enter) == [.join(channel: "standup", password: nil)])
        session.press(.backspace, .backspace)
        #expect(session.model.lobby.typed == "stand")
        session.type("  수진의 방 ")
        #expect(session.press(.enter) == [.join(channel: "stand  수진의 방", password: nil)])
    }

    @Test func noLetterIsAShortcut() {
        var session = Session()
        for key in "qmvr?w" { #expect(session.type(String(key)).isEmpty) }
        #expect(session.model.lobby.typed == "qmvr?w")
        #expect(session.press(.alt("q"), .function(1), .control("u")).isEmpty)
        #expect(session.model.lobby.typed.isEmpty)
    }

    @Test func escapeClearsThenQuits() {
        var session = Session()
        session.type("x")
        #expect(session.press(.escape).isEmpty)
        #expect(session.press(.escape) == [.quit])
        #expect(session.press(.control("c")) == [.quit])
    }

    @Test func theChoiceStaysOnItsChannel() {
        var session = Session()
        session.send(.channels(list))
        session.press(.down)
        session.send(.channels([LobbyChannel(name: "new", members: 1)] + list))
        #expect(session.model.lobby.choice == "standup")
        session.send(.channels([]))
        #expect(session.model.lobby.choice == nil && session.press(.enter).isEmpty)
        #expect(session.model.lobby.notice.hasPrefix("standup has closed."))
        session.send(.channels(list))
        #expect(session.model.lobby.choice == "standup")
    }

    @Test func onlyWhatCanBeShownIsTyped() {
        var session = Session()
        session.type("a\u{202e}\u{200b}\u{1b}b")
        #expect(session.model.lobby.typed == "ab")
        session.type(String(repeating: "x", count: 500))
        #expect(session.model.lobby.typed.count == 64)
    }
}

@Suite struct CallModelTests {
    @Test func keysAskAndEventsDecide() {
        var session = Session.inCall()
        #expect(session.type("m") == [.setMicrophone(on: false)])
        #expect(session.model.isMicrophoneOn)
        session.send(.microphone(isOn: false))
        #expect(session.type("m") == [.setMicrophone(on: true)])
        #expect(session.type("v") == [.setCamera(on: false)])
        session.type("r")
        #expect(session.model.style == .quadrant)
        #expect(session.type("q") == [.leave])
        #expect(session.model.screen == .lobby)
        #expect(session.press(.control("c")) == [.quit])
    }

    @Test func shortcutsNeedTheBareKey() {
        var session = Session.inCall()
        #expect(session.press(.alt("m"), .control("m"), .alt("q")).isEmpty)
        #expect(session.model.screen == .call)
    }

    @Test func helpClosesWithItsKeyOrActs() {
        var session = Session.inCall()
        session.type("?")
        #expect(session.model.overlay == .help)
        session.press(.escape)
        #expect(session.model.overlay == nil)
        session.type("?")
        #expect(session.type("m") == [.setMicrophone(on: false)])
        #expect(session.model.overlay == nil)
    }

    @Test func aPeerThatLeavesTakesItsPictureAlong() {
        var session = Session.inCall()
        session.leave("a")
        #expect(session.model.call.phase == .waiting(left: "수진"))
        #expect(session.model.call.people.isEmpty)
        #expect(session.model.call.lines.last?.text == "수진 left")
        #expect(session.model.call.lines.last?.time == "20:01")
    }

    @Test func waitingIsCounted() {
        var session = Session.inCall()
        session.now = at(10)
        session.send(.interrupted("a"))
        session.now = at(13.4)
        session.send(.tick(hour: 20, minute: 2))
        #expect(session.model.call.person("a")?.seconds == 3)
        session.send(.resumed("a"))
        session.send(.tick(hour: 20, minute: 2))
        #expect(session.model.call.person("a")?.seconds == 0)
        #expect(session.model.call.person("a")?.connection == .connected)
    }

    @Test func talkingWhileMutedIsSaidForTwoSeconds() {
        var session = Session.inCall()
        session.send(.microphoneLevel(0.9))
        #expect(session.model.call.mutedTalkUntil == nil)
        session.send(.microphone(isOn: false))
        session.send(.microphoneLevel(0.9))
        #expect(session.model.call.mutedTalkUntil != nil)
        session.now = at(2.1)
        session.send(.microphoneLevel(0))
        session.send(.tick(hour: 0, minute: 0))
        #expect(session.model.call.mutedTalkUntil == nil)
        session.send(.microphoneLevel(.nan))
    }

    @Test func aJoinThatHasTroubleNamesTheKeyThatLeaves() throws {
        var session = Session()
        session.send(.signaling(.lost("The signaling server does not answer.")))
        session.send(.joining(channel: "board"))
        func text() -> String {
            var shown = Shown(session.model)
            shown.draw(session.model)
            return shown.terminal.text.joined(separator: "\n")
        }
        #expect(text().contains("q goes back to the lobby"))
        session.model.keys = try KeyMap(binding: [.leave: ["x"]])
        #expect(text().contains("x goes back to the lobby"))
        session.model.keys = try KeyMap(binding: [.leave: []])
        #expect(!text().contains("goes back"))
    }

    @Test func aFailedJoinIsExplainedInTheLobby() {
        var session = Session()
        session.send(.joining(channel: "board"))
        #expect(session.model.screen == .call)
        session.send(.joinFailed(ChatRefusal(sentence: "board is full")))
        #expect(session.model.screen == .lobby)
        #expect(session.model.lobby.notice == "board is full")
        session.type("x")
        #expect(session.model.lobby.notice.isEmpty)
    }

    @Test func aLateRefusalIsOfItsOwnChannelAlone() {
        var session = Session()
        session.send(.joining(channel: "board"))
        #expect(session.type("q") == [.leave])
        for code in ["full", "wrong-password", "password-needed"] {
            #expect(session.send(.joinFailed(ChatRefusal(code: code, sentence: "board says no."), channel: "board")).isEmpty)
            #expect(session.model.screen == .lobby && session.model.lobby.prompt == nil && session.model.lobby.notice.isEmpty)
        }
        session.send(.joining(channel: "standup"))
        session.send(.joinFailed(ChatRefusal(code: "full", sentence: "board says no."), channel: "board"))
        #expect(session.send(.joined(isFirst: true, channel: "board")).isEmpty)
        #expect(session.model.screen == .call && session.model.call.phase == .joining)
        session.send(.joined(isFirst: true, channel: "standup"))
        #expect(session.model.call.phase == .waiting(left: nil))
    }

    /// Devices must not be live in a channel that nobody sees.
    @Test func whatIsJoinedInTheLobbyIsLeft() {
        var session = Session()
        #expect(session.send(.joined(isFirst: true, channel: "board")) == [.leave])
        #expect(session.send(.joined(isFirst: false)) == [.leave])
        #expect(session.model.screen == .lobby)
    }

    @Test func theEventsAreBounded() {
        var session = Session.inCall()
        for i in 0..<1000 { session.send(.message(String(repeating: "\(i) ", count: 1000))) }
        #expect(session.model.call.lines.count == 200)
        #expect((session.model.call.lines.last?.text.count ?? 0) <= 500)
    }
}
