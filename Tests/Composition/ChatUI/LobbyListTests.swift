import CellGraphics
import MediaTypes
import Primitives
import Terminal
import Testing

@testable import ChatUI

@Suite struct LobbyListTests {
    private func many(_ count: Int) -> [LobbyChannel] { (0..<count).map { LobbyChannel(name: "room\($0)", members: 1) } }

    @Test func recentChannelsFollowTheOpenOnes() {
        var session = Session()
        session.send(.recents(["old", "demo"]))
        // Which are open is not known yet, so none is marked to be moved away again.
        #expect(session.model.lobby.choice == nil && session.press(.enter).isEmpty)
        session.send(.channels([LobbyChannel(name: "demo", members: 1)]))
        #expect(session.model.lobby.shown.map(\.name) == ["demo", "old"])
        #expect(session.model.lobby.choice == "demo")
        session.press(.down)
        session.send(.channels([LobbyChannel(name: "demo", members: 1), LobbyChannel(name: "new", members: 1)]))
        #expect(session.model.lobby.choice == "old")
        #expect(session.press(.enter) == [.join(channel: "old", password: nil)])
        session.type("ol")
        #expect(session.model.lobby.shown.map(\.name) == ["old"])
        session.send(.recents((0..<99).map { "r\($0)" }))
        #expect(session.model.lobby.recents.count == LobbyModel.mostRecents)
    }

    @Test func aNewListNeverMovesWhatEnterJoins() {
        var session = Session()
        session.send(.channels([LobbyChannel(name: "standup", members: 2)]))
        session.send(.channels([LobbyChannel(name: "random", members: 5), LobbyChannel(name: "standup", members: 2)]))
        #expect(session.press(.enter) == [.join(channel: "standup", password: nil)])
        session.send(.recents(["random", "old"]))
        #expect(session.model.lobby.choice == "standup")
        session.send(.channels([LobbyChannel(name: "random", members: 5)]))
        #expect(session.press(.enter).isEmpty)
        #expect(session.model.lobby.notice == "standup has closed. Choose another channel with ↑↓, or type a name.")
        var shown = Shown(session.model)
        shown.draw(session.model)
        let isMarked = shown.shows("> random")
        #expect(shown.shows("standup has closed") && !isMarked && !shown.shows("Enter"))
        // Until it is back, or somebody chooses.
        session.send(.channels([LobbyChannel(name: "random", members: 5), LobbyChannel(name: "standup", members: 1)]))
        #expect(session.model.lobby.choice == "standup" && session.model.lobby.notice.isEmpty)
        session.send(.channels([LobbyChannel(name: "random", members: 5)]))
        session.press(.enter, .down)
        #expect(session.model.lobby.notice.isEmpty)
        #expect(session.press(.enter) == [.join(channel: "random", password: nil)])
    }

    @Test func oneThatWasChosenFromAFilterIsNotCreatedWhenItCloses() {
        var session = Session()
        session.send(.channels(many(3)))
        session.type("room")
        session.press(.down, .down)
        #expect(session.model.lobby.choice == "room1")
        session.send(.channels(many(1)))
        #expect(session.press(.enter).isEmpty && session.model.lobby.notice.hasPrefix("room1 has closed."))
        // It has been said; what is typed is meant now.
        #expect(session.model.lobby.intent == .create("room"))
        #expect(session.press(.enter) == [.join(channel: "room", password: nil)])
    }

    @Test func aNameThatIsTypedWholeIsMeantWhetherItIsOpenOrNot() {
        var session = Session()
        session.send(.channels(many(3)))
        session.type("room2")
        #expect(session.model.lobby.intent == .join("room2"))
        session.send(.channels(many(1)))
        #expect(session.model.lobby.intent == .create("room2"))
        session.send(.channels(many(3)))
        #expect(session.model.lobby.intent == .join("room2"))
        session.press(.backspace, .backspace)
        session.send(.channels(many(4)))
        #expect(session.model.lobby.intent == .create("roo"))
    }

    @Test func afterACallTheMarkIsWhereSomethingIs() {
        var session = Session()
        session.send(.channels(many(2)))
        session.press(.enter)
        session.send(.joining(channel: "room0"))
        session.send(.channels([LobbyChannel(name: "other", members: 1)]))
        session.send(.ended(nil))
        #expect(session.model.lobby.choice == "other")
    }

    @Test(arguments: [(40, 12), (80, 24), (160, 48)]) func itIsSaidWhatEnterDoes(columns: Int, rows: Int) {
        var session = Session(columns: columns, rows: rows)
        func screen() -> Shown {
            var shown = Shown(session.model)
            shown.draw(session.model)
            return shown
        }
        session.send(.signaling(.connected("here")))
        session.type("x")
        #expect(screen().shows("Enter joins or creates x"))
        session.press(.backspace)
        session.send(.channels([LobbyChannel(name: "standup", members: 3), LobbyChannel(name: "demo", members: 1)]))
        #expect(screen().shows("Enter joins standup") && screen().shows("> standup"))
        session.type("stand")
        let filtered = screen()
        #expect(filtered.shows("Enter creates stand") && filtered.shows("> stand ") && filtered.shows("new"))
        #expect(filtered.shows("  standup"))
        session.press(.down)
        #expect(screen().shows("Enter joins standup") && screen().shows("> standup"))
        // Up again to what is typed.
        session.press(.up)
        #expect(screen().shows("Enter creates stand") && session.press(.enter) == [.join(channel: "stand", password: nil)])
        session.type("up")
        let whole = screen()
        #expect(whole.shows("Enter joins standup") && whole.shows("> standup"))
        #expect(!whole.terminal.text[2...4].contains { $0.contains("new") })
        session.model.words.language = .korean
        #expect(screen().shows("Enter: standup 참가"))
        session.press(.backspace)
        #expect(screen().shows("Enter: standu 새로 만들기") && screen().shows("새 채널"))
        session.send(.channelsUnsupported)
        #expect(screen().shows("Enter: standu 참가 또는 만들기"))
    }

    /// A server that was thought not to list channels because it took its time.
    @Test func aListThatComesLateIsOneAllTheSame() {
        var session = Session()
        session.send(.channelsUnsupported)
        #expect(!session.model.lobby.canList)
        session.send(.channels([LobbyChannel(name: "standup", members: 1)]))
        #expect(session.model.lobby.canList && session.model.lobby.intent == .join("standup"))
    }

    @Test func theRowOfANewOneCanBeClicked() throws {
        var session = Session()
        session.send(.channels(many(3)))
        session.type("room")
        session.press(.down)
        var shown = Shown(session.model)
        shown.draw(session.model)
        let place = try #require(shown.place("room "))
        #expect(session.send(.clicked(column: place.column, row: place.row)).isEmpty)
        #expect(session.model.lobby.intent == .create("room"))
        #expect(session.send(.clicked(column: place.column, row: place.row)) == [.join(channel: "room", password: nil)])
    }

    @Test func homeEndPagesAndTheWheel() {
        var session = Session()
        session.send(.channels(many(60)))
        session.press(.end)
        #expect(session.model.lobby.choice == "room59")
        session.press(.home, .pageDown)
        #expect(session.model.lobby.choice == "room10")
        session.send(.wheel(up: false))
        #expect(session.model.lobby.choice == "room13")
        session.send(.wheel(up: true))
        session.press(.pageUp)
        #expect(session.model.lobby.choice == "room0")
    }

    @Test func aClickChoosesAndASecondOneJoins() throws {
        var session = Session()
        session.send(.channels(many(3) + [LobbyChannel(name: "board", members: 1, isLocked: true)]))
        var shown = Shown(session.model)
        shown.draw(session.model)
        let place = try #require(shown.place("room2"))
        #expect(session.send(.clicked(column: place.column, row: place.row)).isEmpty)
        #expect(session.model.lobby.choice == "room2")
        #expect(session.send(.clicked(column: place.column, row: place.row)) == [.join(channel: "room2", password: nil)])
        let board = try #require(shown.place("board"))
        for _ in 0..<2 { #expect(session.send(.clicked(column: board.column, row: board.row)).isEmpty) }
        #expect(session.model.lobby.prompt?.channel == "board")
        // While it asks, the list is not to be clicked.
        #expect(session.send(.clicked(column: place.column, row: place.row)).isEmpty)
        #expect(session.model.lobby.prompt?.channel == "board")
        session.press(.escape)
        #expect(session.send(.clicked(column: 90, row: 0)).isEmpty)
        session.send(.device(.camera, id: "test", name: "test camera", detail: ""))
        shown.draw(session.model)
        let camera = try #require(shown.place("camera"))
        #expect(session.send(.clicked(column: camera.column, row: camera.row)) == [.listDevices(.camera)])
        session.send(.deviceChoices(.camera, [DeviceChoice(id: "test", name: ""), DeviceChoice(id: "none", name: "")]))
        #expect(session.send(.clicked(column: camera.column, row: camera.row)) == [.choose(.camera, id: "none")])
    }

    /// With all there can be to say.
    private func full(_ columns: Int, _ rows: Int, _ language: Language, focus: LobbyModel.Focus, prompts: Bool) -> ChatModel {
        var session = Session(columns: columns, rows: rows)
        session.model.words.language = language
        session.send(.signaling(.connected("http://signaling.example.org:6125")))
        session.send(.channels(many(40) + [LobbyChannel(name: "회의실", members: 8, names: ["수진", "ana"], capacity: 8, isLocked: true)]))
        session.send(.recents(["어제", "old"]))
        for kind in DeviceKind.allCases {
            session.send(.deviceChoices(kind, [DeviceChoice(id: "hw", name: "USB 오디오 Digital Stereo (IEC958), a long name")]))
            session.send(.device(kind, id: "hw", name: "USB", detail: "640x480 30"))
        }
        session.send(.deviceFailed(.camera, id: "x", MediaDeviceError(.permission, String(repeating: "why not ", count: 30))))
        session.send(.pathTest(.noAnswer(server: "stun:stun.example.org:3478")))
        session.send(.microphoneLevel(0.8))
        session.model.lobby.focus = focus
        // The last of the list's rows is then one for what is typed.
        if rows % 2 == 0 { session.model.lobby.typed = "room3 a name that is longer than any column has room" }
        if rows % 4 == 0 { session.model.lobby.typed = "oo" }
        if prompts { session.model.lobby.prompt = PasswordPrompt(channel: "회의실", notice: "That is not the password.") }
        return session.model
    }

    @Test(arguments: [Language.english, .korean]) func nothingOverlapsNorLeavesTheScreenAtAnySize(_ language: Language) {
        let sizes = [40, 41, 47, 59, 71, 72, 73, 80, 100, 120, 160, 240, 399, 400].flatMap { columns in
            [12, 13, 15, 16, 17, 19, 20, 24, 36, 48, 67, 120].map { (columns, $0) }
        }
        let focuses: [LobbyModel.Focus] = [.channels, .device(.camera), .device(.speaker)]
        for (columns, rows) in sizes {
            for focus in focuses {
                for prompts in [false, true] {
                    let model = full(columns, rows, language, focus: focus, prompts: prompts)
                    let content = LobbyView.content(model, hasOwnPicture: true)
                    let whole = CellRegion(column: 0, row: 0, columns: columns, rows: rows)
                    for (index, pane) in content.panes.enumerated() {
                        #expect(pane.region.intersection(whole) == pane.region && !pane.region.isEmpty, "\(columns)x\(rows) \(focus)")
                        for other in content.panes[..<index] {
                            #expect(pane.region.intersection(other.region).isEmpty, "\(columns)x\(rows) \(pane.region) \(other.region)")
                        }
                        expectRunsApart(pane, "\(columns)x\(rows) \(focus) \(language)")
                    }
                    for target in content.targets { #expect(target.region.intersection(whole) == target.region) }
                    if let own = content.own { #expect(own.intersection(whole) == own && own.rows >= 4) }
                }
            }
        }
    }

    private func expectRunsApart(_ pane: PaneContent, _ place: String) {
        var taken: [Int: [(from: Int, to: Int, text: String)]] = [:]
        for run in pane.runs where !run.text.isEmpty {
            let end = run.column + min(run.limit, TerminalText.width(run.text))
            #expect(
                run.row >= 0 && run.row < pane.region.rows && run.column >= 0 && end <= pane.region.columns,
                "\(place): \(run.text) at \(run.column),\(run.row) of \(pane.region)")
            for other in taken[run.row, default: []] {
                #expect(end <= other.from || run.column >= other.to, "\(place): \(run.text) over \(other.text)")
            }
            taken[run.row, default: []].append((run.column, end, run.text))
        }
    }

    @Test func refusalsSpeakKorean() {
        var session = Session()
        session.model.words.language = .korean
        session.send(.joining(channel: "board"))
        session.send(.joinFailed(ChatRefusal(code: "full", sentence: "board is full.")))
        #expect(session.model.lobby.notice.hasPrefix("채널이 가득 찼습니다."))
        session.send(.joining(channel: "board"))
        session.send(.joinFailed(ChatRefusal(code: "something-new", sentence: "Not today.")))
        #expect(session.model.lobby.notice == "Not today.")
    }

    @Test func tooSmallSaysWhatIsNeeded() {
        for (language, text) in [(Language.english, "tchat needs 40x12 cells"), (.korean, "40x12칸이 필요합니다")] {
            var session = Session(columns: 38, rows: 11)
            session.model.words.language = language
            var shown = Shown(session.model)
            shown.draw(session.model)
            #expect(shown.terminal.text.joined(separator: " ").contains(text))
        }
    }

    /// Escapes, bidi, zero-width and wide characters in the names of channels, members and devices.
    @Test(arguments: [(40, 12), (80, 24), (100, 24), (160, 48)]) func hostileNamesStayInTheirOwnRow(_ columns: Int, _ rows: Int) {
        let pieces = [
            "\u{1b}[2J", "\u{1b}]0;x\u{7}", "\u{202e}abc", "\u{200b}\u{200d}", "e\u{301}\u{301}\u{301}", "한글", "\u{1f468}\u{200d}\u{1f469}",
            "\r\n", "\u{9b}31m", "\u{fe0f}", "\u{2066}", "\u{feff}", "\t", "x", "\u{0}", "\u{7f}",
        ]
        var random = RandomSource.seeded(7)
        func hostile() -> String {
            (0..<Int.random(in: 1...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        }
        func screen(_ name: String, _ member: String) -> Shown {
            var session = Session(columns: columns, rows: rows)
            session.send(.signaling(.connected("here")))
            let long = LobbyChannel(name: String(repeating: "n", count: 24), members: 1)
            session.send(.channels([long, LobbyChannel(name: name, members: 2, names: [member, member], capacity: 8), long]))
            var shown = Shown(session.model)
            shown.draw(session.model)
            return shown
        }
        let plain = screen("name", "member")
        for _ in 0..<60 {
            let (name, member) = (hostile(), hostile())
            let shown = screen(name, member)
            for row in 0..<rows where row != 3 {
                for column in 0..<columns {
                    #expect(
                        shown.terminal[column, row] == plain.terminal[column, row],
                        "seed 7: \(name.debugDescription) changes \(column),\(row)")
                }
            }
            // The state and what is right of the list stand where they stood.
            let state = plain.place("2 of 8")
            #expect(state != nil && shown.place("2 of 8").map { $0 == state ?? (0, 0) } == true, "seed 7: \(name.debugDescription)")
        }
    }
}
