import CellGraphics
import Primitives
import Terminal
import Testing

@testable import ChatUI

private func at(_ seconds: Double) -> Instant { Instant.zero + .seconds(seconds) }

@Suite struct ActionTests {
    @Test func drawingGoesRoundThroughWhatTheTerminalHas() {
        var session = Session.inCall()
        session.model.renderModes = [.half, .ascii, .kitty]
        let styles = (0..<4).map { _ in
            session.type("r")
            return session.model.style
        }
        #expect(styles == [.ascii, .kitty, .half, .ascii])
        session.model.colorMode = .indexed256
        session.model.colorModes = [.indexed256, .indexed16, .none]
        let modes = (0..<4).map { _ in
            session.type("c")
            return session.model.colorMode
        }
        #expect(modes == [.indexed16, .none, .indexed256, .indexed16])
        session.type("f")
        #expect(session.model.fit == .cover)
        session.type("f")
        #expect(session.model.fit == .contain)
    }

    @Test func brightnessIsSaidForTwoSeconds() {
        var session = Session.inCall()
        session.now = at(10)
        session.type("++")
        #expect(session.model.tone.brightness == 2)
        var shown = Shown(session.model)
        shown.draw(session.model, remote: frame(1, at: 1))
        #expect(shown.shows("brightness +2"))
        session.now = at(11.9)
        session.send(.tick(hour: 20, minute: 1))
        #expect(session.model.notice != nil)
        session.now = at(12)
        session.send(.tick(hour: 20, minute: 1))
        #expect(session.model.notice == nil)
        session.type(String(repeating: "-", count: 20))
        #expect(session.model.tone.brightness == -8)
    }

    @Test func contrastHasKeysAndALimit() {
        var session = Session.inCall()
        session.type("]]")
        #expect(session.model.tone.contrast == 2 && session.model.tone.brightness == 0)
        var shown = Shown(session.model)
        shown.draw(session.model, remote: frame(1, at: 1))
        #expect(shown.shows("contrast +2"))
        session.type("[[[")
        shown.draw(session.model, remote: frame(1, at: 1))
        #expect(shown.shows("contrast -1"))
        session.type(String(repeating: "]", count: 30))
        #expect(session.model.tone.contrast == 8)
        session.type(String(repeating: "[", count: 30))
        #expect(session.model.tone.contrast == -8)
    }

    @Test func aBrighterToneMakesABrighterPicture() {
        var session = Session.inCall()
        func sum() -> Int {
            var screen = ChatScreen(colorMode: .truecolor)
            _ = screen.draw(session.model, picture: { _ in frame(1, at: 1) }, own: nil)
            var sum = 0
            for row in 0..<20 {
                for column in 0..<70 where screen.cells[column, row].isPicture {
                    let color = screen.cells[column, row].background
                    sum += Int(color.red) + Int(color.green) + Int(color.blue)
                }
            }
            return sum
        }
        let before = sum()
        session.type("++++")
        #expect(sum() > before)
    }

    @Test func aSnapshotIsOfWhoIsLookedAt() {
        var session = Session.inCall()
        #expect(session.type("s") == [.snapshot(of: "a")])
        session.send(.media("a", microphone: true, camera: false))
        #expect(session.type("s").isEmpty)
        #expect(session.model.call.lines.last?.text == "no snapshot: there is no picture of 수진")
        session.leave("a")
        #expect(session.type("s") == [.snapshot(of: nil)])
        session.send(.camera(isOn: false))
        #expect(session.type("s").isEmpty)
        #expect(session.model.call.lines.last?.text == "no snapshot: your camera is off")
        var group = Session.inGroup(3)
        #expect(group.type("s") == [.snapshot(of: "a")])
        #expect(group.type("3s") == [.snapshot(of: "c")])
        group.type("0")
        group.send(.media("a", microphone: true, camera: false))
        #expect(group.type("s") == [.snapshot(of: "b")])
    }

    // MARK: - Bell and title

    @Test func theBellIsForWhatOthersDo() {
        var session = Session()
        session.model.attention.ringsBell = true
        session.send(.joining(channel: "standup"))
        #expect(session.send(.joined(isFirst: false)).isEmpty)
        // Those who are there already.
        #expect(session.send(.memberArrived("a", name: "ana")).isEmpty)
        session.now = at(5)
        #expect(session.send(.memberArrived("b", name: "bo")) == [.bell])
        #expect(session.send(.connecting("b")).isEmpty && session.send(.connected("b", path: "direct")).isEmpty)
        session.now = at(5.9)
        #expect(session.send(.chat(from: "b", text: "hi")).isEmpty)
        session.now = at(6)
        #expect(session.send(.chat(from: "b", text: "hi")) == [.bell])
        session.now = at(8)
        #expect(session.send(.chat(from: nil, text: "hello")).isEmpty)
        #expect(session.send(.memberLeft("b", reason: "")) == [.bell])
        session.now = at(10)
        session.model.attention.ringsBell = false
        #expect(session.send(.memberLeft("a", reason: "")).isEmpty)
    }

    @Test func theTitleSaysWhoAndWhereAndHowMuchIsUnread() {
        var session = Session()
        #expect(session.model.title == "tchat")
        session.send(.joining(channel: "standup"))
        #expect(session.model.title == "standup · tchat")
        session.send(.joined(isFirst: true))
        session.arrive("a", "수진")
        #expect(session.model.title == "수진 · standup · tchat")
        session.send(.chat(from: "a", text: "one"))
        session.send(.chat(from: "a", text: "two"))
        session.send(.chat(from: nil, text: "mine"))
        #expect(session.model.title == "(2) 수진 · standup · tchat")
        session.type("x")
        #expect(session.model.title == "수진 · standup · tchat")
        for (id, name) in [("b", "bo"), ("c", "cy"), ("d", "d\u{1b}]2;x\u{7}"), ("e", "e")] { session.arrive(id, name) }
        #expect(session.model.title == "수진, bo, cy +2 · standup · tchat")
        session.type("q")
        #expect(session.model.title == "tchat")
    }

    // MARK: - Help

    @Test(arguments: [Language.english, .korean], [true, false])
    func allKeysAreThereAt80x24(language: Language, isGroup: Bool) {
        var session = isGroup ? Session.inGroup(3, columns: 80, rows: 24) : Session.inCall(columns: 80, rows: 24)
        session.model.words.language = language
        session.type("?")
        var shown = Shown(session.model)
        shown.draw(session.model, own: frame(1, at: 1)) { _ in frame(1, at: 1) }
        for action in ChatAction.allCases where action != .showAll || isGroup {
            #expect(shown.shows(session.model.words.help(action)), "\(action)")
        }
        #expect(shown.shows("Ctrl-L") && shown.shows("space"))
        #expect(shown.shows("t Tab Enter") && shown.shows("Ctrl-Z") && shown.shows("+ - ] ["))
        #expect(shown.shows(session.model.words.helpAgree) && shown.shows(session.model.words.helpScroll))
    }

    @Test(arguments: [Language.english, .korean])
    func allKeysAreOnThePagesAt40x12(language: Language) throws {
        var session = Session.inGroup(3, columns: 40, rows: 12)
        session.model.words.language = language
        session.model.keys = try KeyMap(binding: [.microphone: ["u"], .snapshot: []])
        session.type("?")
        var seen: [String] = []
        var pages = 0
        while session.model.overlay == .help, pages < 5 {
            var shown = Shown(session.model)
            shown.draw(session.model, own: nil) { _ in nil }
            seen += shown.terminal.text
            pages += 1
            session.type("?")
        }
        #expect(pages == 3 || pages == 2)
        for action in ChatAction.allCases {
            let isThere = seen.contains { $0.contains(session.model.words.help(action)) }
            #expect(isThere == (action != .snapshot), "\(action)")
        }
        #expect(seen.contains { $0.contains("u  ") })
        // The arrows turn back and forth, and never close.
        session.type("?")
        session.press(.down, .down, .down, .down)
        #expect(session.model.overlay == .help && session.model.helpPage == pages - 1)
        session.press(.up, .up, .up, .up)
        #expect(session.model.overlay == .help && session.model.helpPage == 0)
    }
}
