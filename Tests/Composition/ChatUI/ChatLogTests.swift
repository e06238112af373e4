import CellGraphics
import Primitives
import Terminal
import TestSupport
import Testing

@testable import ChatUI

/// Lines of a call: reading back, and what is new.
@Suite(.serialized) struct ChatLogTests {
    private func talking(_ lines: Int, columns: Int = 100, rows: Int = 24) -> Session {
        var session = Session.inCall(columns: columns, rows: rows)
        session.send(.chatOpen("a", true))
        for number in 0..<lines { session.send(.chat(from: "a", text: "line \(number).")) }
        return session
    }

    private func draw(_ session: Session) -> Shown {
        var shown = Shown(session.model)
        shown.draw(session.model, remote: frame(1, at: 1))
        return shown
    }

    @Test(arguments: [(40, 12), (80, 24), (100, 24), (160, 48)])
    func readingBackKeepsItsPlace(columns: Int, rows: Int) throws {
        var session = talking(100, columns: columns, rows: rows)
        session.press(.pageUp)
        let read = draw(session)
        #expect(!read.shows("line 99."))
        let first = try #require((0..<100).first { read.shows("line \($0).") })
        let place = try #require(read.place("line \(first)."))
        for number in 0..<3 { session.send(.chat(from: "a", text: "late \(number)")) }
        let later = draw(session)
        #expect(later.shows("3 new ↓") && !later.shows("late"))
        #expect(later.place("line \(first).").map { $0 == place } == true)
        session.press(.pageDown, .pageDown, .pageDown)
        #expect(session.model.call.log == nil)
        if columns >= 80 { #expect(draw(session).shows("late 2")) }
    }

    @Test(arguments: [(40, 12), (80, 24), (100, 24)])
    func theFirstLineIsTheEnd(columns: Int, rows: Int) {
        var session = talking(40, columns: columns, rows: rows)
        for _ in 0..<100 { session.send(.wheel(up: true)) }
        #expect(draw(session).shows("수진 joined") || draw(session).shows("수진 is here"))
        let top = session.model.call.log
        session.send(.wheel(up: true))
        #expect(session.model.call.log == top)
        session.send(.wheel(up: false))
        #expect(session.model.call.log != top)
        for _ in 0..<100 { session.send(.wheel(up: false)) }
        #expect(session.model.call.log == nil)
        session.send(.wheel(up: true))
        session.press(.escape)
        #expect(session.model.call.log == nil)
    }

    /// What is read goes away under the reader: the oldest that is left is shown.
    @Test func twoHundredLinesAreKept() {
        var session = talking(300)
        session.press(.pageUp)
        for number in 0..<1000 { session.send(.chat(from: "a", text: "late \(number)")) }
        #expect(session.model.call.lines.count == CallModel.mostLines)
        #expect(draw(session).shows("200 new ↓") && draw(session).shows("late 800"))
        session.press(.pageUp, .pageUp, .pageDown)
        _ = draw(session)
    }

    @Test func aLineOfTheChatIsNoEvent() throws {
        var session = Session.inGroup(3, columns: 120, rows: 36)
        session.send(.chat(from: "b", text: "ana: is me " + String(repeating: "한글 ", count: 12)))
        session.send(.chat(from: nil, text: "good"))
        let shown = draw(session)
        let name = try #require(shown.place("ana: ana: is me"))
        #expect(shown.terminal[name.column, name.row].bold && !shown.terminal[name.column + 5, name.row].bold)
        let own = try #require(shown.place("you: good"))
        #expect(shown.terminal[own.column, own.row].bold)
        #expect(shown.terminal[own.column, own.row].foreground != shown.terminal[name.column, name.row].foreground)
        #expect(own.column == name.column && own.row > name.row + 1)
    }

    @Test func wordsAreShortenedRatherThanBroken() {
        var session = Session.inCall()
        session.send(.verification("a", .words(["student", "vanilla", "onion", "kitchen"])))
        #expect(draw(session).shows("20:01 words: press w"))
        session.send(.resized(TerminalSize(columns: 80, rows: 24)))
        #expect(draw(session).shows("words: student vanilla onion kitchen"))
    }

    @Test func aSmallScreenShowsALineForAWhile() {
        var session = Session.inCall(columns: 40, rows: 12)
        session.send(.chatOpen("a", true))
        session.now = Instant.zero + .seconds(10)
        session.send(.chat(from: "a", text: "hello there, how are you today?"))
        #expect(session.model.nextDeadline == Instant.zero + .seconds(16))
        let shown = draw(session)
        #expect(shown.terminal.text[10].hasPrefix(" 수진: hello") && shown.terminal.text[10].contains("t answers"))
        #expect(shown.terminal.text[11].hasPrefix(" MIC ON"))
        session.now = Instant.zero + .seconds(16)
        session.send(.deadline)
        #expect(session.model.nextDeadline == nil && !draw(session).shows("hello"))
        #expect(session.model.call.unread == 1)
        session.send(.failure("no camera"))
        #expect(draw(session).shows("no camera") && session.model.call.unread == 1)
        session.type("t")
        #expect(session.model.call.unread == 0 && session.model.nextDeadline == nil)
        #expect(draw(session).shows("hello there"))
    }

    @Test func whatIsInSightOfSomebodyIsRead() {
        var session = talking(2)
        #expect(session.model.call.unread == 2)
        session.send(.chat(from: nil, text: "mine"))
        #expect(session.model.call.unread == 2)
        session.press(.up)
        #expect(session.model.call.unread == 0)
        var small = talking(2, columns: 40, rows: 12)
        small.press(.up)
        #expect(small.model.call.unread == 2)
    }
}
