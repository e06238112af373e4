import CellGraphics
import Primitives
import Terminal
import TestSupport
import Testing

@testable import ChatUI

/// The line that is typed for the chat.
@Suite(.serialized) struct ChatDraftTests {
    private func writing(_ text: String = "", columns: Int = 100, rows: Int = 24) -> Session {
        var session = Session.inCall(columns: columns, rows: rows)
        session.send(.chatOpen("a", true))
        session.type("t" + text)
        return session
    }

    private func draft(_ session: Session) -> String { session.model.call.draft?.text ?? "none" }

    @Test func itIsEditedAnywhere() {
        var session = writing("held")
        session.press(.left, .left, .character("l"))
        #expect(draft(session) == "helld")
        session.press(.home, .character("1"), .end, .character("2"))
        #expect(draft(session) == "1helld2")
        session.press(.control("a"), .delete, .control("e"), .backspace)
        #expect(draft(session) == "helld")
        session.press(.left, .backspace, .right, .character("!"))
        #expect(draft(session) == "held!")
        session.type(" one two")
        session.press(.left, .left, .left, .control("w"))
        #expect(draft(session) == "held! two")
        session.press(.control("k"))
        #expect(draft(session) == "held! ")
        session.press(.left, .control("u"))
        #expect(draft(session) == " ")
        session.press(.home, .left, .backspace, .end, .right, .delete)
        #expect(draft(session) == " ")
    }

    @Test func aCharacterIsWhatAPersonSees() {
        var session = writing("수e\u{301}x")
        session.press(.left, .backspace)
        #expect(draft(session) == "수x")
        session.press(.backspace, .backspace)
        #expect(draft(session) == "x")
        // Nothing to combine with; then something. Hangul in pieces is put together.
        session.press(.home, .character("\u{301}"))
        #expect(draft(session) == "x")
        session.type("a\u{301}\u{1112}\u{1161}\u{11ab}")
        #expect(draft(session) == "a\u{301}한x")
        #expect(session.model.call.draft?.cursor == 2)
    }

    @Test func whatWasTypedComesBackFromTheHistory() {
        var session = writing("one")
        session.press(.enter)
        session.type("new")
        session.press(.up)
        #expect(draft(session) == "one")
        session.press(.down)
        #expect(draft(session) == "new")
        session.type("!")
        #expect(draft(session) == "new!")
    }

    @Test func theCursorIsAlwaysSeen() throws {
        var random = RandomSource.seeded(11)
        for (columns, rows) in [(40, 12), (80, 24), (100, 30), (160, 48)] {
            var session = writing(String(repeating: "수 ab", count: 40), columns: columns, rows: rows)
            for _ in 0..<60 {
                session.press([Key.left, .home, .end, .right, .left, .backspace, .character("한")].randomElement(using: &random) ?? .left)
                for _ in 0..<Int.random(in: 0..<9, using: &random) { session.press(.left) }
                let pane = try #require(ChatScreen.content(session.model, hasOwnPicture: false).panes.last)
                let cursor = try #require(pane.runs.first { $0.style == .selected })
                #expect(cursor.column > 0 && cursor.column + TerminalText.width(cursor.text) < pane.region.columns)
                // The runs stand side by side.
                for (run, next) in zip(pane.runs, pane.runs.dropFirst()) {
                    #expect(run.column + TerminalText.width(run.text) == next.column)
                }
            }
        }
    }

    @Test func whatIsPastedGoesWhereTheCursorIs() {
        var session = writing("ad")
        session.press(.left)
        session.send(.pasted("b\r\nc\u{1b}[2J\u{7}\n"))
        #expect(draft(session) == "ab c[2Jd")
        session.send(.pasted(String(repeating: "수", count: 1_000_000)))
        #expect(draft(session).unicodeScalars.count == CallModel.longestDraft)
        #expect(draft(session).hasSuffix("수d"))
        session.send(.pasted("\u{202e}\u{200b}"))
        #expect(draft(session).unicodeScalars.allSatisfy { $0.value != 0x202e && $0.value != 0x200b })
    }

    /// Its letters would be shortcuts.
    @Test func nothingIsPastedIntoACallWithoutALine() {
        var session = Session.inCall()
        #expect(session.send(.pasted("qqmv\n")).isEmpty)
        #expect(session.model.screen == .call && session.model.call.draft == nil)
    }

    @Test func theLobbyTakesOneLine() {
        var session = Session()
        #expect(session.send(.pasted("stand\u{1b}up\nq\n")).isEmpty)
        #expect(session.model.lobby.typed == "standup")
        session.send(.pasted(String(repeating: "x", count: 1000)))
        #expect(session.model.lobby.typed.unicodeScalars.count == LobbyModel.longestName)
        session.press(.control("u"))
        session.send(.pasted("\u{1112}\u{1161}\u{11ab}"))
        #expect(session.model.lobby.typed == "한")
    }

    @Test func aPasswordIsTakenAsItIs() {
        var session = Session()
        session.send(.channels([LobbyChannel(name: "board", members: 1, isLocked: true)]))
        session.press(.enter)
        #expect(session.send(.pasted("se cret\n")).isEmpty)
        #expect(session.press(.enter) == [.join(channel: "board", password: HiddenText("se cret"))])
    }
}
