import ChatUI
import Glibc
import JSON
import Signaling
import Terminal
import TestSupport
import Testing

/// A whole evening in front of one screen: the lobby, waiting, a call, and the way back; each state beside its golden screen.
@Suite struct StoryTests {
    struct Place: CustomTestStringConvertible {
        var columns: Int
        var rows: Int
        var language: String
        var testDescription: String { "\(columns)x\(rows) \(language)" }
    }

    static let places = [(40, 12), (80, 24), (100, 30), (160, 48)].flatMap { size in
        ["en", "ko"].map { Place(columns: size.0, rows: size.1, language: $0) }
    }

    @Test(arguments: places) func everyScreen(place: Place) async throws {
        let story = try await Story(place)
        try await story.lobby()
        try await story.waiting()
        try await story.call()
        try await story.mute()
        try await story.chat()
        try await story.panes()
        try await story.peerDeath()
        try await story.leave()
    }
}

/// One run and whoever is with it. Each step leaves the screen as the next one wants it.
private final class Story {
    let place: StoryTests.Place
    let meeting: Meeting
    let run: ScreenRun
    let other: ProgramRun
    private let board: [SignalingClient]
    private var words: [String] = []
    private var isInCall = false
    /// The few lines under a picture have moved on, as nothing came for a moment; what they were is not to be had again.
    private var isDisturbed = false

    init(_ place: StoryTests.Place) async throws {
        self.place = place
        meeting = try await Meeting()
        // So small and slow that eight stories fit beside each other.
        let media = [
            "--camera", "test", "--mic", "test", "--speaker", "none", "--size", "160x120", "--fps", "5", "--bitrate", "150", "--tty-budget",
            "100000",
        ]
        let network = ["--server", meeting.url, "--ice-server", "none", "--loopback"]
        other = try ProgramRun(["standup", "--headless", "--json", "--timeout", "600", "--name", "수진"] + network + media)
        _ = try await other.event("joined")
        // One after the other, as they are listed, and before anybody looks: the first one that is seen stays marked.
        var board: [SignalingClient] = []
        for name in ["bo", "cy"] { board.append(try await meeting.member(name, in: "board", password: "a secret")) }
        self.board = board
        run = try ScreenRun(
            ["--name", "ana"] + network + media, columns: place.columns, rows: place.rows,
            language: place.language == "ko" ? "ko_KR.UTF-8" : "en_US.UTF-8")
    }

    deinit {
        for member in board { member.stop(flushingLeave: false) }
    }

    private func golden(
        _ name: String, sourceLocation: SourceLocation = #_sourceLocation, when isReady: (VirtualTerminal) -> Bool = { _ in true }
    ) async throws {
        let area = CallLayout.pictureArea(of: TerminalSize(columns: place.columns, rows: place.rows))
        let events = isInCall && area.endColumn < place.columns ? area.endColumn..<place.columns : nil
        try await GoldenScreen(name, columns: place.columns, rows: place.rows, language: place.language).check(
            run, isReady: isReady,
            mask: { screen in
                if MaskedScreen.tellsOfInterruption(screen) { isDisturbed = true }
                let firstEvent = place.rows < 20 ? place.rows - 6 : area.endRow + 1
                let lost = isDisturbed && isInCall && events == nil ? firstEvent..<place.rows - 1 : 0..<0
                return MaskedScreen(screen, words: words, events: events, hasState: isInCall, lost: lost)
            },
            sourceLocation: sourceLocation)
    }

    // MARK: - The steps

    func lobby() async throws {
        try await golden("lobby") { $0.shows("standup") && $0.shows("board") }
        #expect(run.screen.isAlternate && !run.screen.isCursorShown)
        try await run.type("boa")
        try await golden("lobby-filter") { $0.shows("boa") && !$0.shows("standup") }
        try await run.type("rd\r")
        try await golden("password") { !$0.shows("standup") && $0.shows("board") }
        try await run.type("wrong\r")
        try await golden("password-wrong") { $0.shows("board") }
        // What follows an escape at once would be a key with Alt.
        let asked = run.screen.text[place.rows - 2]
        try await run.type("\u{1b}")
        try await run.until("the line for a name") { $0.text[place.rows - 2] != asked }
        try await clear()
    }

    func waiting() async throws {
        try await run.type("quiet")
        try await run.shows("quiet")
        try await run.type("\r")
        isInCall = true
        try await golden("waiting") { $0.shows("quiet") && !$0.shows("board") && !$0.isAlarmed }
        try await run.type("q")
        isInCall = false
        try await run.until("the lobby") { $0.text[0].contains("127.0.0.1") }
        try await clear()
    }

    /// Of the name that is typed; Esc would quit where there is none.
    private func clear() async throws {
        try await run.type(String(repeating: "\u{7f}", count: 10))
        try await run.shows("standup")
    }

    func call() async throws {
        try await run.type("standup\r")
        words = try await other.wait("words") {
            try other.events().first { $0.name == "verification" }?.members["words"]?.stringValue?.split(separator: "-").map(String.init)
        }
        isInCall = true
        let area = CallLayout.pictureArea(of: TerminalSize(columns: place.columns, rows: place.rows))
        // 4:3 in cells of 1:2, as large as fits.
        let seen = min(area.columns, area.rows * 8 / 3) * min(area.rows, area.columns * 3 / 8)
        try await golden("call") { $0.pictureCells() >= seen * 9 / 10 }
        #expect(run.screen.pictureCells(rows: 0..<area.endRow) == run.screen.pictureCells(), "a picture in the lines under it")
        #expect(
            run.screen.pictureCells(columns: area.endColumn..<place.columns) == 0, "a picture among the events\n\(run.picture)")
    }

    func mute() async throws {
        let last = place.rows - 1
        let before = run.screen.text[last].prefix(8)
        try await run.type("m")
        try await run.until("the microphone's alarm") { $0.isAlarmed }
        try await golden("muted") { $0.isAlarmed }
        // At the same place, and in the words too.
        #expect(run.screen.text[last].prefix(8) != before)
        _ = try await other.wait("the muted microphone") {
            try other.events().first { $0.name == "peer-media" && $0.members["microphone"]?.boolValue == false }
        }
        try await run.type("m")
        try await run.until("the microphone") { !$0.isAlarmed && $0.text[last].prefix(4) == before.prefix(4) }
        try await run.type("v")
        try await golden("camera-off") { $0.alarmedCells > 0 }
        try await run.type("v")
        try await run.until("the camera") { $0.alarmedCells == 0 }
        try await other.type("mute")
        try await other.type("camera off")
        try await golden("other-off") { $0.pictureCells() < place.columns * place.rows / 4 }
        try await other.type("unmute")
        try await other.type("camera on")
        try await run.until("the other's picture") { $0.pictureCells() > place.columns * place.rows / 4 }
    }

    func chat() async throws {
        try await run.type("t")
        try await run.type("안녕, 수진")
        try await golden("draft") { $0.shows("안녕, 수진") }
        // The line stays open after it; Tab leaves it.
        try await run.type("\r\t")
        _ = try await other.event("chat")
        // On a small screen a line is shown for a moment only, but for as long as somebody writes.
        let isSmall = place.rows < 20
        if isSmall { try await run.type("t") }
        try await other.type("say hello 😀 how are you?")
        try await golden("chat") { $0.shows("hello") }
        guard isSmall else { return }
        try await run.type("\u{1b}")
        try await run.until("the call without the lines") { !$0.shows("hello") }
    }

    func panes() async throws {
        let boxes = run.screen.boxes
        for (key, name) in [("?", "help"), ("w", "words")] {
            try await run.type(key)
            // In a narrow box the words take one line or two, as they happen to be.
            if name == "words", place.columns < 80 {
                try await run.until("the words") { $0.boxes > boxes && $0.shows(words[0]) }
            } else {
                try await golden(name) { $0.boxes > boxes }
            }
            try await run.type("\u{1b}")
            try await run.until("the call without the pane") { $0.boxes == boxes }
        }
        try await run.type("i")
        try await run.until("statistics") { $0.boxes > boxes && $0.shows("RoundTrip") }
        try await run.type("i")
        try await run.until("the call without statistics") { $0.boxes == boxes }
    }

    func peerDeath() async throws {
        other.signal(SIGKILL)
        try await golden("peer-death") { $0.pictureCells() < place.columns * place.rows / 8 }
    }

    func leave() async throws {
        try await run.type("q")
        isInCall = false
        try await golden("left") { $0.text[0].contains("127.0.0.1") }
        try await run.type("\u{3}")
        #expect(try await run.ended() == .exited(0))
        #expect(run.isGivenBack, "\(run.picture)")
        #expect(run.screen.text.allSatisfy { $0.allSatisfy { $0 == " " } }, "something was printed:\n\(run.picture)")
    }
}

extension VirtualTerminal {
    func shows(_ text: String) -> Bool { self.text.contains { $0.contains(text) } }

    /// Boxes that begin in the left half, as those over the picture do; one's own picture is at the right.
    var boxes: Int { (0..<rows).reduce(0) { count, row in count + (0..<columns * 2 / 5).count { self[$0, row].text == "┌" } } }

    /// White on red.
    private func isAlarm(_ cell: Cell) -> Bool {
        guard case .rgb(let red, let green, let blue) = cell.background, cell.bold else { return false }
        return red > 150 && green < 80 && blue < 80
    }

    /// The first cells of the line of state are: the microphone is off.
    var isAlarmed: Bool { isAlarm(self[0, rows - 1]) && isAlarm(self[4, rows - 1]) }
    var alarmedCells: Int { (0..<columns).count { isAlarm(self[$0, rows - 1]) } }
}
