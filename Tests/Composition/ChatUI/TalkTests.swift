import CellGraphics
import Primitives
import Terminal
import TestSupport
import Testing

@testable import ChatUI

/// Text, words and statistics within a call.
@Suite(.serialized) struct TalkTests {
    private func draw(_ session: Session) -> VirtualTerminal {
        var screen = ChatScreen(colorMode: .truecolor)
        _ = screen.draw(session.model, picture: { _ in nil }, own: nil)
        var terminal = VirtualTerminal(columns: session.model.size.columns, rows: session.model.size.rows)
        terminal.feed(screen.output.withUnsafeBufferPointer { Array($0) })
        return terminal
    }

    @Test func whatIsTypedIsTextUntilEnterSendsIt() {
        var session = Session.inCall()
        session.send(.chatOpen("a", true))
        #expect(session.press(.character("t")).isEmpty)
        #expect(session.type("mute? 수진 q").isEmpty)
        #expect(session.model.isMicrophoneOn && session.model.screen == .call)
        #expect(draw(session).text.contains { $0.contains("> mute? 수진 q") })
        #expect(session.press(.enter) == [.say("mute? 수진 q")])
        // The next line can be typed at once.
        #expect(session.type("move over q").isEmpty)
        #expect(session.press(.enter) == [.say("move over q")])
        #expect(session.model.isMicrophoneOn && session.model.screen == .call)
        #expect(session.press(.enter).isEmpty && session.model.call.draft == nil)
        #expect(session.type("m") == [.setMicrophone(on: false)])
    }

    @Test(arguments: [Key.escape, .tab]) func afterALineThatWasSentShortcutsComeBackByHand(key: Key) {
        var session = Session.inCall()
        session.send(.chatOpen("a", true))
        session.type("tone")
        #expect(session.press(.enter, key) == [.say("one")])
        #expect(session.type("m") == [.setMicrophone(on: false)])
    }

    /// A line that is begun takes all that is typed, whatever the network does meanwhile.
    @Test(arguments: ["disconnected", "closed", "left"]) func whatIsTypedIsNeverAShortcutBecauseSomebodyGoes(how: String) {
        var session = Session.inCall()
        session.send(.microphone(isOn: false))
        session.send(.chatOpen("a", true))
        session.type("tmaybe ")
        switch how {
        case "disconnected": session.send(.disconnected("a"))
        case "closed": session.send(.chatOpen("a", false))
        default: session.leave("a")
        }
        #expect(session.type("quick mvq").isEmpty)
        #expect(session.model.screen == .call && session.model.call.draft?.text == "maybe quick mvq")
        #expect(session.press(.enter).isEmpty)
        #expect(session.model.call.lines.last?.text == "nobody is there to read text")
        #expect(session.model.call.draft?.text == "maybe quick mvq" && session.model.call.sent.isEmpty)
        session.arrive("a", "수진")
        session.send(.chatOpen("a", true))
        #expect(session.press(.enter) == [.say("maybe quick mvq")])
    }

    @Test func escapeGivesTheShortcutsBackAndSendsNothing() {
        var session = Session.inCall()
        session.send(.chatOpen("a", true))
        session.press(.enter)
        #expect(session.type("never mind").isEmpty)
        #expect(session.press(.escape).isEmpty)
        session.press(.tab)
        #expect(session.press(.character(" "), .enter).isEmpty)
        #expect(session.type("q") == [.leave])
    }

    @Test func linesThatWereSentComeBack() {
        var session = Session.inCall()
        session.send(.chatOpen("a", true))
        session.press(.tab)
        for line in ["one", "two", "two"] {
            session.type(line)
            session.press(.enter)
        }
        session.press(.up)
        #expect(session.model.call.draft?.text == "two")
        session.press(.up, .up)
        #expect(session.press(.enter) == [.say("one")])
        session.press(.up, .down)
        #expect(session.model.call.draft?.text == "")
    }

    @Test func nobodyToReadIsSaid() {
        var session = Session.inCall()
        session.press(.character("t"))
        #expect(session.model.call.draft == nil)
        // In the status line, which the smallest screens have too.
        #expect(session.model.notice?.text == "nobody is there to read text")
    }

    @Test(arguments: [(40, 12), (80, 24), (120, 36)])
    func hostileTextStaysInItsPane(columns: Int, rows: Int) {
        var session = Session.inCall(columns: columns, rows: rows)
        session.send(.named("a", "x\u{1b}[2J\u{202e}"))
        session.send(.chat(from: "a", text: "\u{1b}]0;title\u{7}\u{9b}31m\r\nend\u{200b}\u{202e}"))
        let shown = draw(session)
        #expect(shown.unknown.isEmpty && !shown.hasScrolled)
        #expect(!shown.text.joined().unicodeScalars.contains { $0.value == 0x202e || $0.value == 0x200b })
    }

    @Test func aLongDraftShowsItsEnd() {
        var session = Session.inCall(columns: 40, rows: 12)
        session.send(.chatOpen("a", true))
        session.press(.tab)
        session.type(String(repeating: "수", count: 60) + "end")
        #expect(draw(session).text.contains { $0.contains("수end") })
        session.type(String(repeating: "x", count: 1000))
        #expect(session.model.call.draft?.text.unicodeScalars.count == CallModel.longestDraft)
    }

    @Test func wordsAreShownAndConfirmed() {
        var session = Session.inCall(columns: 120, rows: 36)
        session.send(.verification("a", .words(["otter", "crisp", "vine", "lamp"])))
        #expect(draw(session).text.last?.contains("otter-crisp-vine-lamp") == true)
        #expect(session.type("y").isEmpty)
        session.type("w")
        #expect(draw(session).text.contains { $0.contains("otter  crisp  vine  lamp") })
        #expect(session.type("y") == [.confirmWords(of: "a")])
        #expect(session.model.overlay == nil)
        session.send(.acquaintance("a", .known(since: "2026-11-02", isVerified: true)))
        #expect(draw(session).text.last?.contains("verified") == true)
    }

    /// Enter is for the chat: pressed by habit, it has compared nothing.
    @Test func enterConfirmsNothingInACallOfTwo() {
        var session = Session.inCall()
        session.send(.chatOpen("a", true))
        session.send(.verification("a", .words(["otter", "crisp", "vine", "lamp"])))
        session.type("w")
        #expect(session.press(.enter).isEmpty)
        #expect(session.model.call.draft != nil)
        session.press(.escape)
        #expect(session.type("y") == [.confirmWords(of: "a")])
    }

    @Test(arguments: [2, 3]) func aPaneThatOpensByItselfIsNotConfirmedByAKeyThatWasOnItsWay(people: Int) {
        var session = people == 2 ? Session.inCall() : Session.inGroup(2)
        session.now = session.now + .seconds(60)
        session.send(.verification("a", .words(["otter", "crisp", "vine", "lamp"])))
        session.send(.acquaintance("a", .changed(since: "2026-11-02")))
        #expect(session.model.overlay == .words)
        session.now = session.now + .milliseconds(990)
        #expect(session.type("yㅛ").isEmpty && session.model.overlay == .words)
        if people > 2 { #expect(session.press(.enter).isEmpty) }
        session.now = session.now + .milliseconds(10)
        #expect(session.type("y") == [.confirmWords(of: "a")])
        // Who opens it has looked for it.
        if session.model.overlay == .words { session.press(.escape) }
        session.send(.acquaintance("a", .changed(since: "2026-11-03")))
        session.press(.escape)
        session.type("w")
        #expect(session.type("y") == [.confirmWords(of: "a")])
    }

    @Test func aChangedKeyAndAFailureAreLoud() {
        for event in [
            ChatEvent.acquaintance("a", .changed(since: "2026-11-02")), .verification("a", .failed("the words were tampered with")),
        ] {
            var session = Session.inCall(columns: 56, rows: 16)
            session.send(
                .statistics(ChatStatistics(roundTripMilliseconds: 12, framesPerSecond: 30, kilobitsPerSecond: 900)))
            session.send(event)
            #expect(session.model.overlay == .words)
            #expect(session.model.call.lines.last?.isTrouble == true)
            let last = draw(session).text.last ?? ""
            #expect(last.contains("KEY CHANGED") || last.contains("NOT SECURE"))
            #expect(session.type("y").isEmpty)
            session.press(.escape)
            #expect(session.model.overlay == nil)
        }
    }

    @Test func aBrowserIsNotVerifiable() {
        var session = Session.inCall(columns: 120, rows: 36)
        session.send(.verification("a", .impossible("the other side is no tchat")))
        #expect(draw(session).text.last?.contains("not verifiable") == true)
        #expect(session.model.overlay == nil)
    }

    @Test func statisticsLieOverThePictureUntilTheirKey() {
        var session = Session.inCall()
        session.type("i")
        session.send(.details([ChatDetail("round trip", "12 ms"), ChatDetail("available outgoing", "940 kb/s")]))
        let shown = draw(session)
        #expect(shown.text.contains { $0.contains("round trip") && $0.contains("12 ms") })
        session.type("i")
        #expect(session.model.overlay == nil)
    }
}
