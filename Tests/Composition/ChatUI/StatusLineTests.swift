import CellGraphics
import Primitives
import Terminal
import Testing

@testable import ChatUI

@Suite struct StatusLineTests {
    /// The bottom row.
    private func line(_ session: Session) -> String {
        var shown = Shown(session.model)
        shown.draw(session.model, remote: frame(1, at: 1), own: frame(1, at: 1))
        return shown.terminal.text.last ?? ""
    }

    @Test(arguments: [Language.english, .korean], [40, 80, 160])
    func whatLeavesTheMachineStaysWhereItIs(language: Language, columns: Int) {
        var session = Session.inCall(columns: columns, rows: columns == 40 ? 12 : 24)
        session.model.words.language = language
        let words = session.model.words
        session.send(.media("a", microphone: false, camera: false))
        session.send(
            .statistics(
                ChatStatistics(
                    roundTripMilliseconds: 4000, framesPerSecond: 30, kilobitsPerSecond: 9999, lossPercent: 50,
                    terminalKilobytesPerSecond: 9999, terminalLimit: TerminalLimit(kilobytesPerSecond: 50, level: 2))))
        let width = TerminalText.width(words.statusMicrophoneOff)
        for (microphone, camera) in [(true, true), (false, true), (true, false), (false, false)] {
            session.send(.microphone(isOn: microphone))
            session.send(.camera(isOn: camera))
            session.send(.microphoneLevel(1))
            var screen = ScreenContent()
            StatusLine.add(session.model, row: session.model.size.rows - 1, to: &screen)
            let runs = screen.panes[0].runs
            #expect(runs[0].column == 0 && TerminalText.width(runs[0].text) == width)
            #expect(runs[0].text.hasPrefix(microphone ? words.statusMicrophoneOn("▄▆▇").prefix(7) : words.statusMicrophoneOff.prefix(7)))
            #expect(runs[1].column == width + 1)
            #expect(runs[1].text == (camera ? words.statusCameraOn : words.statusCameraOff))
        }
    }

    @Test(arguments: [Language.english, .korean])
    func holdingTheKeyIsShownInThePlaceOfTheMicrophone(language: Language) {
        var session = Session.inCall()
        session.model.words.language = language
        session.send(.microphone(isOn: false))
        #expect(session.type(" ") == [.setMicrophone(on: true)])
        session.send(.microphone(isOn: true))
        #expect(line(session).hasPrefix(language == .english ? " TALKING" : " 말하는 중"))
        let talking = session.model.words.statusTalking("   ")
        #expect(TerminalText.width(talking) == TerminalText.width(session.model.words.statusMicrophoneOff))
    }

    @Test func theHintNamesTheKeyThatUnmutes() throws {
        var session = Session.inCall()
        session.model.keys = try KeyMap(binding: [.microphone: ["u"]])
        session.send(.microphone(isOn: false))
        session.send(.microphoneLevel(0.9))
        #expect(line(session).contains("You are talking while muted; u unmutes."))
        session.send(.resized(TerminalSize(columns: 56, rows: 16)))
        #expect(line(session).contains("talking while muted; u unmutes"))
        session.send(.resized(TerminalSize(columns: 40, rows: 12)))
        #expect(line(session).contains("muted; u unmutes"))
        session.model.words.language = .korean
        #expect(line(session).contains("켜기: u"))
        session.send(.resized(TerminalSize(columns: 100, rows: 24)))
        #expect(line(session).contains("마이크가 꺼진 채로 말하는 중, 켜기: u"))
        session.model.words.language = .english
        session.model.keys = try KeyMap(binding: [.microphone: []])
        #expect(line(session).contains("You are talking while muted."))
        session.send(.resized(TerminalSize(columns: 40, rows: 12)))
        #expect(line(session).contains("muted"))
    }

    @Test func whatTheOtherSideHasOffIsSaidWhereNoPaneSaysIt() {
        var session = Session.inCall(columns: 40, rows: 12)
        session.send(.media("a", microphone: false, camera: true))
        #expect(line(session).contains("수진: mic off"))
        session.send(.media("a", microphone: true, camera: true))
        #expect(!line(session).contains("mic off"))
        session.send(.media("a", microphone: false, camera: true))
        session.send(.resized(TerminalSize(columns: 100, rows: 24)))
        #expect(!line(session).contains("mic off"))
    }

    @Test func aTerminalThatHoldsPicturesBackIsNamed() {
        var session = Session.inCall(columns: 120, rows: 24)
        session.send(.statistics(ChatStatistics(terminalKilobytesPerSecond: 48)))
        #expect(line(session).contains("tty 48 kB/s ") && !line(session).contains("limit"))
        session.send(
            .statistics(
                ChatStatistics(terminalKilobytesPerSecond: 48, terminalLimit: TerminalLimit(kilobytesPerSecond: 50.2, level: 3))))
        #expect(line(session).contains("tty 50 kB/s (limit)"))
    }

    @Test func theLineCanBeClicked() throws {
        for columns in [80, 160] {
            var session = Session.inCall(columns: columns, rows: 24)
            var shown = Shown(session.model)
            shown.draw(session.model, remote: frame(1, at: 1), own: frame(1, at: 1))
            func click(_ text: String, _ offset: Int = 0) throws -> [ChatCommand] {
                let place = shown.place(text)
                let at = try #require(place)
                return session.send(.clicked(column: at.column + offset, row: at.row))
            }
            #expect(try click("MIC ON") == [.setMicrophone(on: false)])
            #expect(try click("CAM ON") == [.setCamera(on: false)])
            #expect(try click(columns == 80 ? "w I i q ?" : "w words").isEmpty)
            #expect(session.model.overlay == .words)
            #expect(try click(columns == 80 ? "q ?" : "? help", columns == 80 ? 2 : 0).isEmpty)
            #expect(session.model.overlay == .help)
            session.send(.chatOpen("a", true))
            #expect(try click(columns == 80 ? "t w I" : "t chat").isEmpty)
            #expect(session.model.call.draft != nil)
        }
    }
}
