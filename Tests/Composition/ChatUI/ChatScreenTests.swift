import CellGraphics
import MediaTypes
import Primitives
import Terminal
import TestSupport
import Testing

@testable import ChatUI

private let sizes = [(40, 12), (80, 24), (100, 24), (120, 36), (200, 60)]

/// ncurses serves one thread at a time.
@Suite(.serialized) struct ChatScreenTests {
    @Test(arguments: sizes)
    func theLobby(columns: Int, rows: Int) {
        var session = Session(columns: columns, rows: rows)
        session.send(.signaling(.connected("in this program, 127.0.0.1:6125")))
        session.send(
            .channels([
                LobbyChannel(name: "demo", members: 1, names: ["ana"], capacity: 2), LobbyChannel(name: "회의실", members: 2, capacity: 2),
            ]))
        session.send(.devices(camera: "HD Webcam", microphone: "Built-in", path: "direct"))
        session.type("d")
        var shown = Shown(session.model)
        shown.draw(session.model, own: frame(1, at: 1))
        #expect(shown.shows(" tchat"))
        #expect(shown.shows("demo") && shown.shows("1 waiting"))
        #expect(!shown.shows("회의실"))
        #expect(shown.shows("Join or create: d▏"))
        #expect(shown.shows("Enter creates d"))
        #expect(shown.shows("HD Webcam") == (columns >= 80))
        #expect((shown.pictureCells > 20) == (columns >= 80))
        session.press(.escape)
        shown.draw(session.model, own: frame(1, at: 1))
        #expect(shown.shows("회의실") && shown.shows("full"))
    }

    @Test func joiningSaysWhyItTakesSoLong() {
        var session = Session()
        session.send(.joining(channel: "standup"))
        session.send(.signaling(.lost("The server does not answer.")))
        var shown = Shown(session.model)
        shown.draw(session.model, remote: nil, own: nil)
        #expect(shown.shows("The server does not answer."))
        session.send(.signaling(.connected("here")))
        session.send(.failure("standup is full. It can be tried again in 12 s."))
        shown.draw(session.model)
        #expect(shown.shows("standup is full. It can be tried again in 12 s.") && shown.shows("q goes back"))
    }

    @Test func aMachineWithoutMicrophoneAndCameraSaysSo() {
        var session = Session.inCall()
        session.send(.equipment(hasMicrophone: false, hasCamera: false))
        var shown = Shown(session.model)
        shown.draw(session.model, remote: nil, own: nil)
        #expect(shown.shows("NO MIC"))
        #expect(shown.shows("NO CAM"))
        let hasBox = shown.shows("─ you ─")
        #expect(!hasBox)
    }

    @Test(arguments: sizes)
    func theCall(columns: Int, rows: Int) throws {
        var session = Session.inCall(columns: columns, rows: rows)
        session.send(.statistics(ChatStatistics(roundTripMilliseconds: 12, framesPerSecond: 29, kilobitsPerSecond: 940)))
        var shown = Shown(session.model)
        shown.draw(session.model, remote: frame(1, at: 1), own: frame(2, at: 1))
        #expect(shown.pictureCells > columns * rows / 5)
        #expect(shown.terminal.text[rows - 1].hasPrefix(" MIC ON"))
        #expect(shown.shows("수진") == (columns >= 80))
        #expect(shown.shows("20:01 connected, direct") == (columns >= 80))
        #expect(shown.shows("direct 12 ms  29 fps  940 kb/s") == (columns >= 80))
        #expect(shown.shows(" you ") == (columns >= 80))

        session.send(.microphone(isOn: false))
        shown.draw(session.model, remote: frame(2, at: 2), own: frame(3, at: 2))
        let muted = try #require(shown.place("MIC OFF"))
        #expect(muted.column == 1 && muted.row == rows - 1)
        #expect(shown.terminal[muted.column, muted.row].background == .rgb(0xc0, 0x1c, 0x28))
        #expect(shown.terminal[muted.column, muted.row].foreground == .rgb(255, 255, 255))

        session.leave("a")
        shown.draw(session.model, remote: nil, own: nil)
        #expect(shown.shows("수진 left. Waiting in standup."))
        #expect(shown.pictureCells == 0)
    }

    @Test(arguments: [(39, 12), (40, 11), (10, 3), (1, 1)])
    func tooSmallSaysSo(columns: Int, rows: Int) {
        var session = Session.inCall(columns: columns, rows: rows)
        var shown = Shown(session.model)
        shown.draw(session.model, remote: frame(1, at: 1), own: frame(1, at: 1))
        #expect(shown.pictureCells == 0)
        if columns > 30 { #expect(shown.terminal.text.joined().contains("tchat needs 40x12 cells")) }
        session.send(.resized(TerminalSize(columns: 80, rows: 24)))
        shown.draw(session.model, remote: frame(1, at: 1), own: frame(1, at: 1))
        #expect(shown.pictureCells > 300)
    }

    @Test func waitingAndConnectingHaveWords() {
        var session = Session()
        session.send(.joining(channel: "standup"))
        var shown = Shown(session.model)
        shown.draw(session.model)
        #expect(shown.shows("Joining standup…"))
        session.send(.joined(isFirst: true))
        shown.draw(session.model)
        #expect(shown.shows("Waiting in standup."))
        session.send(.memberArrived("a", name: "수진"))
        session.send(.connecting("a"))
        session.now = session.now + .seconds(4)
        session.send(.tick(hour: 9, minute: 5))
        shown.draw(session.model, own: frame(1, at: 1))
        #expect(shown.shows("Connecting to 수진") && shown.shows("looking for a path") && shown.shows(" 4 s"))
        session.now = session.now + .seconds(1)
        session.send(.tick(hour: 9, minute: 5))
        shown.draw(session.model, own: frame(1, at: 1))
        #expect(shown.shows(" 5 s") && shown.shows("┌──") && shown.shows("└──"))
    }

    @Test func aServerThatLetsNobodyInSaysWhatToDo() {
        var session = Session(columns: 80)
        session.send(.signaling(.lost("A token is needed here. Ask whoever runs the server for a token, and give it with --token.")))
        var shown = Shown(session.model)
        shown.draw(session.model)
        #expect(shown.shows("A token is needed here.") && shown.shows("--token."))
    }

    @Test func aCameraThatIsOffLeavesNoPictureStanding() {
        var session = Session.inCall()
        var shown = Shown(session.model)
        shown.draw(session.model, remote: frame(1, at: 1))
        session.send(.media("a", microphone: true, camera: false))
        shown.draw(session.model, remote: frame(1, at: 1))
        #expect(shown.pictureCells == 0)
        #expect(shown.shows("Connected to 수진") && shown.shows("camera off"))
        session.send(.media("a", microphone: true, camera: true))
        shown.draw(session.model, remote: frame(1, at: 1))
        #expect(shown.pictureCells > 300)
    }

    @Test func aServerThatCannotListIsNamed() {
        var session = Session(columns: 80)
        session.send(.signaling(.connected("http://seed:6125")))
        session.send(.channelsUnsupported)
        var shown = Shown(session.model)
        shown.draw(session.model)
        #expect(shown.shows("This server cannot list channels."))
        session.send(.signaling(.lost("no answer; trying again")))
        shown.draw(session.model)
        #expect(shown.shows("signaling: no answer; trying again"))
    }

    @Test func overlaysStayOverThePicture() {
        var session = Session.inCall()
        var shown = Shown(session.model)
        shown.draw(session.model, remote: frame(1, at: 1), own: frame(1, at: 1))
        session.type("?")
        session.send(.interrupted("a"))
        for n in 2..<6 {
            shown.draw(session.model, remote: frame(n * 20, at: n), own: frame(n * 30, at: n))
            #expect(shown.shows("microphone on, off") && shown.shows(" keys ") && shown.shows(" you "))
        }
        session.press(.escape)
        shown.draw(session.model, remote: frame(6, at: 6), own: frame(6, at: 6))
        #expect(!shown.shows("microphone on, off"))
        #expect(shown.shows("nothing from 수진 for 0 s"))
    }

    @Test func nothingNewCostsNothing() {
        let session = Session.inCall()
        var shown = Shown(session.model)
        shown.draw(session.model, remote: frame(1, at: 1), own: frame(1, at: 1))
        #expect(shown.screen.draw(session.model, picture: { _ in frame(1, at: 1) }, own: frame(1, at: 1)) == 0)
        shown.draw(session.model, remote: frame(40, at: 2), own: frame(1, at: 1))
        #expect(shown.screen.draw(session.model, picture: { _ in frame(40, at: 2) }, own: frame(1, at: 1)) == 0)
    }

    @Test(arguments: ["\u{1b}[2J\u{1b}]0;x\u{7}", "\u{202e}abc\u{2066}", "a\u{200b}\u{200d}b\u{feff}", "\u{9b}1;1H", "x\r\ny\tz"])
    func hostileTextStaysInItsPlace(text: String) {
        var plain = Session.inCall()
        var hostile = Session.inCall()
        for index in [0, 1] {
            let name = index == 0 ? "name" : text
            let events: [ChatEvent] = [.named("a", name), .message("m \(name)"), .failure("f \(name)")]
            for event in events { if index == 0 { plain.send(event) } else { hostile.send(event) } }
        }
        var (a, b) = (Shown(plain.model), Shown(hostile.model))
        a.draw(plain.model)
        b.draw(hostile.model)
        // All but the lines that hold the text are the same.
        let different = zip(a.terminal.text, b.terminal.text).enumerated().filter { $0.element.0 != $0.element.1 }.map(\.offset)
        #expect(different.count <= 4, "\(b.terminal.text)")
        #expect(b.terminal.text[23] == a.terminal.text[23])

        var lobby = Session()
        lobby.send(.signaling(.connected(SignalingPlace(text))))
        lobby.send(.channels([LobbyChannel(name: text, members: 1, names: [text, text]), LobbyChannel(name: "after", members: 1)]))
        lobby.send(.devices(camera: text, microphone: text, path: text))
        var shown = Shown(lobby.model)
        shown.draw(lobby.model)
        #expect(shown.shows("  after "))
        #expect(shown.shows("Join or create:"))
    }

    @Test func aResizeStorm() {
        var random = RandomSource.seeded(5)
        var session = Session.inCall()
        var shown = Shown(session.model)
        for n in 0..<100 {
            let size = TerminalSize(columns: Int.random(in: 1..<220, using: &random), rows: Int.random(in: 1..<70, using: &random))
            session.send(.resized(size))
            if n % 10 == 3 { session.send(.remotePicture("a", isPresent: n % 20 == 3)) }
            if n % 7 == 0 { session.type("p") }
            if n % 25 == 20 { session.type("?") }
            shown.draw(session.model, remote: frame(n, at: n), own: frame(n, at: n))
        }
        session.send(.resized(TerminalSize(columns: 100, rows: 24)))
        shown.draw(session.model, remote: frame(1, at: 1000), own: frame(1, at: 1000))
        #expect(shown.terminal.text[23].hasPrefix(" MIC ON"))
    }

    /// However many different ones were written before.
    @Test func lettersKeepTheirMarks() {
        var session = Session.inCall()
        var shown = Shown(session.model)
        func letter(_ n: Int) -> String {
            var scalars = String.UnicodeScalarView()
            for value in [97 + n % 26, 0x300 + n / 26 % 40, 0x300 + n / 1040] { scalars.append(Unicode.Scalar(UInt32(value)) ?? " ") }
            return String(scalars)
        }
        for message in 0..<40 {
            session.send(.message((0..<250).map { letter(message * 250 + $0) }.joined()))
            shown.draw(session.model, remote: frame(message / 8, at: message / 8))
            #expect(shown.shows(letter(message * 250 + 249)), "message \(message)")
        }
        session.send(.named("a", "Zo\u{308}e\u{323}\u{302}"))
        shown.draw(session.model, remote: frame(9, at: 9))
        #expect(shown.shows("o\u{308}e\u{323}\u{302}") && shown.pictureCells > 300)
    }

    /// A screen larger than a grid can be shows what fits, and is not begun anew with every frame.
    @Test(arguments: [(1200, 20), (40, 1100)])
    func aHugeScreen(columns: Int, rows: Int) {
        let session = Session.inCall(columns: columns, rows: rows)
        var screen = ChatScreen(colorMode: .truecolor)
        #expect(screen.draw(session.model, picture: { _ in frame(1, at: 1) }, own: nil) > 0)
        #expect(screen.draw(session.model, picture: { _ in frame(1, at: 1) }, own: nil) == 0)
        // The rest of a frame that was cut goes before a newer picture.
        screen.encoder.limit = 600
        _ = screen.draw(session.model, picture: { _ in frame(40, at: 2) }, own: nil)
        #expect(screen.progress < 1)
        let former = screen.cells
        _ = screen.draw(session.model, picture: { _ in frame(80, at: 3) }, own: nil)
        let isSame = (0..<former.rows).allSatisfy { row in (0..<former.columns).allSatisfy { former[$0, row] == screen.cells[$0, row] } }
        #expect(isSame)
    }

    @Test(arguments: [RenderMode.half, .ascii, .braille], [ColorMode.truecolor, .indexed256, .indexed16, .none])
    func everyStyleInEveryColourMode(style: RenderMode, mode: ColorMode) {
        var session = Session.inCall()
        session.model.style = style
        session.send(.microphone(isOn: false))
        var screen = ChatScreen(colorMode: mode)
        var terminal = VirtualTerminal(columns: 100, rows: 24)
        for n in 0..<3 {
            _ = screen.draw(session.model, picture: { _ in frame(n, at: n) }, own: frame(n, at: n))
            terminal.feed(screen.output.withUnsafeBufferPointer { Array($0) })
        }
        #expect(terminal.unknown.isEmpty)
        #expect(terminal.text[23].hasPrefix(" MIC OFF"))
        #expect(terminal[1, 23].reverse == (mode == .none))
        #expect(terminal.text.joined().contains { "▀▄█".contains($0) } == (style == .half && mode != .none))
        let dots = terminal.text.joined().unicodeScalars.contains { (0x2801...0x28ff).contains($0.value) }
        #expect(dots == (style == .braille))
    }

    @Test func whatAnotherProgramWroteIsGoneInTenSeconds() {
        let session = Session.inCall()
        var shown = Shown(session.model)
        let budget = ByteBudget(bytesPerSecond: 100_000_000, roundTrip: nil)
        shown.screen.tend(now: .zero, budget: budget)
        shown.draw(session.model, remote: frame(1, at: 1), own: frame(1, at: 1))
        shown.isWrittenOver = true
        for row in 1...24 { shown.terminal.feed("\u{1b}[\(row);10Hsomebody wrote this".utf8) }
        for tenth in 1...110 {
            shown.screen.tend(now: Instant.zero + .milliseconds(tenth * 100), budget: budget)
            shown.draw(session.model, remote: frame(1, at: 1), own: frame(1, at: 1))
        }
        #expect(!shown.shows("somebody"))
        #expect(!shown.shows("wrote this"))
    }

    /// In ten seconds the line carries hardly more than one screen, which is drawn anew in as many: pictures go on all the same.
    @Test func onAThinLinePicturesGoOn() {
        let session = Session.inCall(columns: 200, rows: 60)
        var shown = Shown(session.model)
        var budget = ByteBudget(bytesPerSecond: 1500, roundTrip: nil)
        var wholeFrames = 0
        for tenth in 0..<1300 {
            let now = Instant.zero + .milliseconds(tenth * 100)
            guard let next = budget.nextFrame(now: now), next <= now else { continue }
            shown.screen.tend(now: now, budget: budget)
            let newest = frame(tenth, at: tenth)
            let count = shown.screen.draw(session.model, picture: { _ in newest }, own: nil)
            shown.terminal.feed(shown.screen.output.withUnsafeBufferPointer { Array($0) })
            if count > 0 { _ = budget.wrote(count, progress: shown.screen.progress, now: now) }
            if tenth == 100 { for row in 1...60 { shown.terminal.feed("\u{1b}[\(row);10Hsomebody wrote this".utf8) } }
            if tenth >= 300, shown.screen.progress == 1 { wholeFrames += 1 }
        }
        #expect(wholeFrames >= 6)
        #expect(!shown.shows("somebody") && !shown.shows("wrote this"))
    }

    /// On the slowest line.
    @Test(arguments: [PictureQuality.lossy, .exact])
    func anExactPictureStaysExact(quality: PictureQuality) {
        var budget = ByteBudget(roundTrip: .milliseconds(1))
        for n in 0..<40 { _ = budget.wrote(1000, progress: 0.1, now: Instant.zero + .milliseconds(n * 400)) }
        #expect(budget.frameInterval == .milliseconds(100))
        var screen = ChatScreen(colorMode: .truecolor)
        screen.encoder.quality = quality
        screen.tend(now: .zero, budget: budget)
        #expect((screen.encoder.mode == .truecolor) == (quality == .exact))
        #expect((screen.pixels.detail == PixelLayer.finest) == (quality == .exact))
    }

    @Test func aSlowTerminalGetsSmallerFrames() {
        let session = Session.inCall(columns: 120, rows: 36)
        func bytes(progress: Double) -> Int {
            var shown = Shown(session.model)
            var budget = ByteBudget(roundTrip: .milliseconds(1))
            var total = 0
            for n in 0..<60 {
                let now = Instant.zero + .milliseconds(n * 100)
                shown.screen.tend(now: now, budget: budget)
                shown.screen.encoder.limit = .max
                let count = shown.screen.draw(session.model, picture: { _ in frame(n, at: n) }, own: nil)
                _ = budget.wrote(count, progress: progress, now: now)
                if n >= 40 { total += count }
            }
            return total
        }
        #expect(bytes(progress: 0.1) * 10 < bytes(progress: 1) * 8)
    }
}
