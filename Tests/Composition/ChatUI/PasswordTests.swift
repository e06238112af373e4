import CellGraphics
import Primitives
import Terminal
import TestSupport
import Testing

@testable import ChatUI

/// Channels with a password: asked for, counted, never shown.
@Suite(.serialized) struct PasswordTests {
    private static let list = [
        LobbyChannel(name: "board", members: 2, names: ["ana", "bo"], capacity: 8, isLocked: true),
        LobbyChannel(name: "open", members: 3, capacity: 8),
    ]

    private func lobby(columns: Int = 100, rows: Int = 24) -> Session {
        var session = Session(columns: columns, rows: rows)
        session.send(.signaling(.connected("here")))
        session.send(.channels(Self.list))
        return session
    }

    private func shown(_ session: Session) -> Shown {
        var shown = Shown(session.model)
        shown.draw(session.model)
        return shown
    }

    @Test func aLockedChannelAsksFirst() {
        var session = lobby()
        #expect(session.press(.enter).isEmpty)
        #expect(session.model.lobby.prompt?.channel == "board")
        #expect(session.type("수1 x").isEmpty)
        session.press(.backspace)
        #expect(session.press(.enter) == [.join(channel: "board", password: HiddenText("수1 "))])
        #expect(session.model.lobby.prompt == nil)
        session.press(.down)
        #expect(session.press(.enter) == [.join(channel: "open", password: nil)])
    }

    @Test func escapeGoesBackToTheList() {
        var session = lobby()
        session.press(.enter)
        session.type("abc")
        #expect(session.press(.escape).isEmpty)
        #expect(session.model.lobby.prompt == nil && session.model.lobby.typed.isEmpty)
        session.press(.enter)
        #expect(session.press(.enter).isEmpty)
        #expect(session.model.lobby.prompt?.mask == "")
        #expect(session.press(.control("c")) == [.quit])
    }

    @Test func aWrongOneIsSaidAndAskedForAgain() {
        var session = lobby()
        session.send(.joining(channel: "board"))
        session.send(.joinFailed(ChatRefusal(code: "wrong-password", sentence: "That is not the password of board.")))
        #expect(session.model.screen == .lobby)
        #expect(shown(session).shows("That is not the password of board."))
        #expect(shown(session).shows("Password of board: ▏"))
        session.type("x")
        let isToldStill = shown(session).shows("That is not")
        #expect(!isToldStill)
        #expect(session.press(.enter) == [.join(channel: "board", password: HiddenText("x"))])
    }

    @Test func oneThatIsNeededIsAskedFor() {
        var session = lobby()
        session.send(.joining(channel: "secret"))
        session.send(.joinFailed(ChatRefusal(code: "password-needed", sentence: "secret has a password.")))
        #expect(session.model.lobby.prompt?.channel == "secret")
        session.send(.joining(channel: "secret"))
        session.send(.joinFailed(ChatRefusal(code: "too-many-tries", sentence: "Too many wrong passwords. Try again in 40 s.")))
        #expect(session.model.lobby.prompt == nil)
        #expect(shown(session).shows("Try again in 40 s."))
    }

    @Test func onePasswordFromTheStartLocksNoOtherChannel() {
        var session = lobby()
        session.model.give(password: "hunter2", for: nil)
        session.press(.down)
        #expect(session.press(.enter) == [.join(channel: "open", password: nil)])
        session.type("fresh")
        #expect(session.press(.enter) == [.join(channel: "fresh", password: nil)])
        var dumped = ""
        dump(session.model, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }

    @Test func itIsTriedWhereOneIsAskedForAndThenAskedFor() {
        var session = lobby()
        session.model.give(password: "hunter2", for: nil)
        #expect(session.press(.enter) == [.join(channel: "board", password: HiddenText("hunter2"))])
        session.send(.joining(channel: "board"))
        session.send(.joinFailed(ChatRefusal(code: "wrong-password", sentence: "That is not the password of board.")))
        #expect(session.model.lobby.prompt?.channel == "board")
        #expect(shown(session).shows("The password that tchat was started with is not that of board."))
        session.type("x")
        #expect(session.press(.enter) == [.join(channel: "board", password: HiddenText("x"))])
        session.send(.joining(channel: "board"))
        session.send(.joinFailed(ChatRefusal(code: "wrong-password", sentence: "That is not the password of board.")))
        #expect(session.model.lobby.prompt?.notice == "That is not the password of board.")
        // Not a second time.
        session.press(.escape)
        #expect(session.press(.enter).isEmpty && session.model.lobby.prompt?.channel == "board")
    }

    @Test func theChannelThatItWasGivenForHasItOpenOrNot() {
        var session = Session()
        session.model.give(password: "hunter2", for: "mine")
        #expect(session.model.passwordToOffer(to: "mine") == HiddenText("hunter2"))
        #expect(session.model.passwordToOffer(to: "other") == nil)
        session.send(.joining(channel: "mine"))
        session.send(.joinFailed(ChatRefusal(code: "wrong-password", sentence: "That is not the password of mine.")))
        #expect(session.model.lobby.prompt?.channel == "mine")
        session.press(.escape)
        session.send(.channels([LobbyChannel(name: "mine", members: 1)]))
        #expect(session.model.passwordToOffer(to: "other") == nil)
    }

    @Test(arguments: [(40, 12), (80, 24), (100, 24)]) func nothingOfItIsShown(columns: Int, rows: Int) {
        var session = lobby(columns: columns, rows: rows)
        session.press(.enter)
        session.type("hunter2")
        #expect(shown(session).shows("Password of board: •••••••▏"))
        let isShown = shown(session).shows("hunter2")
        #expect(!isShown)
        var dumped = ""
        dump(session.model, to: &dumped)
        #expect(!dumped.contains("hunter2") && !"\(session.model)".contains("hunter2"))
        #expect(!"\(session.press(.enter))".contains("hunter2"))
        session.press(.enter)
        session.type(String(repeating: "x", count: 1000))
        #expect(session.model.lobby.prompt?.mask.count == PasswordPrompt.longest)
        #expect(shown(session).shows("•▏"))
    }

    @Test func theListSaysWhatIsLocked() {
        let screen = shown(lobby())
        #expect(screen.terminal.text.contains { $0.contains("board") && $0.contains("2 of 8, locked") && $0.contains("ana, bo") })
        #expect(screen.terminal.text.contains { $0.contains("open") && $0.contains("3 of 8") && !$0.contains("locked") })
    }

    @Test func aLongRefusalIsReadableWhole() {
        var session = lobby(columns: 40, rows: 12)
        session.send(.joining(channel: "x"))
        let sentence = "The token has expired. Ask the server's owner for a new one, and start again."
        session.send(.joinFailed(ChatRefusal(code: "token-expired", sentence: sentence)))
        let text = shown(session).terminal.text.map { $0.trimmed }.joined(separator: " ")
        #expect(text.contains(sentence))
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
