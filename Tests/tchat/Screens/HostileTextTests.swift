import CellGraphics
import Channels
import ChatUI
import Glibc
import JSON
import Primitives
import Signaling
import Terminal
import TestSupport
import Testing
import Threading

/// Names and lines made to break a screen, from another one and from the server itself, beside harmless ones at the same places.
@Suite struct HostileTextTests {
    /// What a terminal would obey, what turns the direction of text, what has no width, and too much of what is harmless alone.
    private static let hostile =
        "\u{1b}[2J\u{1b}[1;1H\u{1b}]0;owned\u{7}\u{1b}]52;c;cm0=\u{1b}\\\u{1b}P$qm\u{1b}\\\u{1b}c\u{9b}31m\u{9d}2;x\u{9c}\u{90}q\u{9c}\u{7}\u{8}\u{7f}"
        + "\u{202e}\u{2066}\u{200f}gnp\u{2069}\u{200b}\u{200d}\u{feff}\u{ad}\u{fff9}\u{e000}\u{10ffff}\r\n\t\u{2028}\u{3164}"
        + "e\(String(repeating: "\u{301}\u{20dd}\u{489}", count: 60))한글漢字ｗｉｄｅ👩‍👩‍👧‍👦🏳️‍🌈🇰🇷\u{1100}\u{1161}\u{11a8}z\u{335}\u{336}"

    /// As it stands in JSON.
    private static func json(_ text: String) -> String {
        var result = ""
        for unit in text.utf16 {
            let digits = String(unit, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        return result
    }

    private func list(through lies: [(truth: String, lie: String)], _ meeting: Meeting) async throws -> (ScreenRun, LyingServer) {
        let proxy = try LyingServer(before: meeting.port, lies: lies)
        let run = try ScreenRun(
            [
                "--server", "http://127.0.0.1:\(proxy.port)", "--ice-server", "none", "--camera", "none", "--mic", "none", "--speaker",
                "none",
            ])
        return (run, proxy)
    }

    @Test func inTheLobby() async throws {
        let meeting = try await Meeting()
        let (channel, name) = (String(repeating: "K", count: 64), String(repeating: "Q", count: 32))
        var members: [SignalingClient] = []
        defer { for member in members { member.stop(flushingLeave: false) } }
        for place in [channel, "zz-after"] { members.append(try await meeting.member(name, in: place)) }
        let (harmless, first) = try await list(through: [], meeting)
        try await harmless.until("the list") { $0.shows("KKK") && $0.shows("QQQ") && $0.shows("zz-after") }
        // Of a channel's name no control gets past the client: then the channel is not shown at all.
        let odd = String((String(repeating: "漢\u{200d}e\u{301}\u{302}\u{303}", count: 12) + String(repeating: "글", count: 60)).prefix(50))
        let flood = String(repeating: Self.json(Self.hostile), count: 1 + 100_000 / Self.json(Self.hostile).utf8.count)
        let (hostile, second) = try await list(through: [(channel, Self.json(odd)), (name, flood)], meeting)
        try await hostile.until("the list") { $0.shows("漢") && $0.shows("zz-after") && $0.shows("[2J") }
        expectSame(harmless.screen, hostile.screen) { column, row in
            let marked = (0..<harmless.screen.columns).filter { "KQ…".contains(harmless.screen[$0, row].text) }
            return marked.first.map { ($0...(marked.last ?? $0)).contains(column) } ?? false
        }
        expectTame(hostile)
        withExtendedLifetime((first, second)) {}
    }

    /// The server's own words, when it lets nobody in.
    @Test func asARefusal() async throws {
        let meeting = try await Meeting()
        let first = try meeting.caller(["--capacity", "2"])
        _ = try await first.event("joined")
        let second = try meeting.caller()
        _ = try await second.event("joined")
        let flood = String(repeating: Self.json(Self.hostile), count: 1 + 100_000 / Self.json(Self.hostile).utf8.count)
        let (run, proxy) = try await list(through: [("\"message\":\"", "\"message\": \"" + flood)], meeting)
        try await run.until("the list") { $0.shows("room") }
        try await run.type("room\r")
        try await run.until("the refusal") { $0.shows("gnp") }
        #expect(run.screen.shows("tchat") && run.screen.shows("room"))
        expectTame(run)
        withExtendedLifetime(proxy) {}
    }

    /// Short enough to be seen whole, in each part of a call at each size; beside a harmless one of the same width whole cells are the same.
    @Test(arguments: StoryTests.places.enumerated().filter { [3, 7].contains($0.offset) }.map(\.element))
    func inACallOf(place: StoryTests.Place) async throws {
        let name = "\u{1b}[2J\u{202e}a\u{200b}b\u{9b}31me\u{301}\u{302}Z"
        let channel = "k\u{200d}o\u{301}\u{200b}\u{ad}Z"
        let text = "\u{1b}[31m\u{1b}]0;owned\u{7}\u{202e}gnp\u{2066}\u{200f}e\u{301}\u{20dd}Z"
        let language = place.language == "ko" ? "ko_KR.UTF-8" : "en_US.UTF-8"
        func call(_ name: String, _ channel: String) async throws -> ScreenCall {
            try await ScreenCall(
                columns: place.columns, rows: place.rows, language: language, name: name, channel: channel,
                options: ["--tty-budget", "100000"])
        }
        // Of a name and of a line the controls are gone before they are sent; what is left is as wide as this.
        let harmless = try await call(Self.harmless(Naming.personName(name) ?? ""), Self.harmless(channel))
        let hostile = try await call(name, channel)
        for call in [harmless, hostile] { try await call.seesPicture() }
        if place.rows < 20 { for call in [harmless, hostile] { try await call.run.type("t") } }
        var said = 0
        func say() async throws {
            said += 1
            try await harmless.other.type("say " + Self.harmless(Naming.personName(text) ?? ""))
            try await hostile.other.type("say " + text)
        }
        try await say()
        try await harmless.run.shows("QQZ:")
        try await hostile.run.shows("gnp")
        // So many lines that nothing is seen of those before, which differ from call to call.
        try await becomeSame(harmless.run, hostile.run, "with lines", nudge: say)
        if place.rows < 20 { for call in [harmless, hostile] { try await call.run.type("\u{1b}") } }
        for call in [harmless, hostile] { try await call.run.type("i") }
        for call in [harmless, hostile] { try await call.run.shows("RoundTrip") }
        for call in [harmless, hostile] { try await call.run.type("i") }
        for call in [harmless, hostile] {
            call.other.signal(SIGTERM)
            try await call.run.until("that they have left") { $0.pictureCells() < place.columns * place.rows / 8 }
        }
        try await becomeSame(harmless.run, hostile.run, "after they left")
        expectTame(hostile.run)
        // One for each line that was said, for the coming and the leaving, and none that came in a text.
        #expect(hostile.run.screen.bells <= said + 2)
        let titles = hostile.run.screen.titles
        let shown = [TerminalText.sanitize(Naming.personName(name) ?? ""), TerminalText.sanitize(channel), "tchat"]
        #expect(titles.contains { $0.hasSuffix(shown.joined(separator: " · ")) }, "\(titles)")
        #expect(titles.allSatisfy { TerminalText.sanitize($0) == $0 && $0.hasSuffix("tchat") }, "\(titles)")
    }

    /// As long as an option's value and a line may be.
    @Test func aFloodInACall() async throws {
        let name = Self.hostile.unicodeScalars.filter { $0 != "\u{0}" }.reduce(into: "") { text, scalar in
            if text.utf8.count + String(scalar).utf8.count <= 64 { text.unicodeScalars.append(scalar) }
        }
        // On a slow line the alarm would be in one of 256 colours.
        let hostile = try await ScreenCall(name: name, options: ["--tty-budget", "100000"])
        try await hostile.seesPicture()
        let line = Self.hostile.unicodeScalars.filter { $0 != "\n" && $0 != "\r" }.reduce(into: "") { $0.unicodeScalars.append($1) }
        for _ in 0..<6 { try await hostile.other.type("say " + String(String(repeating: line, count: 8).unicodeScalars.prefix(1200))) }
        try await hostile.run.until("the lines") { $0.shows("gnp") }
        let area = CallLayout.pictureArea(of: TerminalSize(columns: 100, rows: 30))
        try await hostile.run.until("nothing but a picture where it belongs") { screen in
            screen.text[29].contains("MIC") && screen.pictureCells(columns: area.endColumn..<100) == 0
                && screen.pictureCells(columns: 0..<area.endColumn, rows: 0..<29) > area.columns * area.rows / 2
        }
        expectTame(hostile.run)
        try await hostile.run.type("m")
        try await hostile.run.until("the microphone's alarm") { $0.isAlarmed }
    }

    /// As wide, with spaces and the last letter at the same places.
    private static func harmless(_ text: String) -> String {
        TerminalText.clusters(text).map { " Z".contains($0.text) ? $0.text : String(repeating: "Q", count: $0.width) }.joined()
    }

    /// Waits until whole cells are the same, but for letters of the texts, digits, pictures, levels, and what the line of state measures.
    /// - Parameter nudge: what is done from time to time until they are.
    private func becomeSame(
        _ harmless: ScreenRun, _ hostile: ScreenRun, _ what: String, nudge: () async throws -> Void = {}
    ) async throws {
        let deadline = MonotonicClock.now() + ProgramRun.patience
        while true {
            let isLate = MonotonicClock.now() >= deadline
            for run in [harmless, hostile] { try await run.until(what) { _ in true } }
            guard let place = difference(harmless.screen, hostile.screen) else { return }
            if isLate {
                throw hostile.failure("a screen \(what) that differs in letters alone; at \(place) it does from\n\(harmless.picture)")
            }
            try await nudge()
            try await Task.sleep(for: .milliseconds(250))
        }
    }

    /// The first cell that differs.
    private func difference(_ harmless: VirtualTerminal, _ hostile: VirtualTerminal) -> String? {
        let last = harmless.rows - 1
        for row in 0...last {
            for column in 0..<(row == last ? 12 : harmless.columns) {
                if harmless[column, row].isPicture, hostile[column, row].isPicture { continue }
                var (a, b) = (Self.seen(harmless[column, row]), Self.seen(hostile[column, row]))
                let areDigits = [a, b].allSatisfy { $0.text.first?.isNumber ?? false }
                let areLevels = row == last && [a, b].allSatisfy { $0.text.count == 1 && " ▁▂▃▄▅▆▇█".contains($0.text) }
                if areLevels { continue }
                if a.text == "Q" || areDigits { (a.text, b.text) = ("", "") }
                if a != b { return "\(column), \(row): \(a) and \(b)" }
            }
        }
        // Verification words are joined by hyphens there.
        let state = [harmless, hostile].map { screen in
            MaskedScreen(screen, hasState: true).rows[last].split(separator: " ").filter { !$0.contains("-") }
        }
        return state[0] == state[1] ? nil : "the line of state: \(state)"
    }

    private func expectSame(
        _ a: VirtualTerminal, _ b: VirtualTerminal, sourceLocation: SourceLocation = #_sourceLocation, but isExempt: (Int, Int) -> Bool
    ) {
        for row in 0..<a.rows {
            for column in 0..<a.columns where !isExempt(column, row) {
                // A port of four or five digits, as it happens.
                let (first, second) = (a[column, row], b[column, row])
                let areDigits = [first, second].allSatisfy { $0.text.first?.isNumber ?? false }
                if Self.seen(first) == Self.seen(second) || areDigits { continue }
                Issue.record(
                    "cell \(column), \(row) has changed:\n\(a.text.joined(separator: "\n"))\n\n\(b.text.joined(separator: "\n"))",
                    sourceLocation: sourceLocation)
                return
            }
        }
    }

    /// What a space would be written in is not to be seen.
    private static func seen(_ cell: VirtualTerminal.Cell) -> VirtualTerminal.Cell {
        var cell = cell
        if cell.text == " ", !cell.reverse, !cell.underline { (cell.foreground, cell.bold, cell.dim) = (.standard, false, false) }
        return cell
    }

    /// Nothing of it has reached the terminal but letters.
    private func expectTame(_ run: ScreenRun, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(run.screen.unknown.isEmpty, "\(run.screen.unknown)", sourceLocation: sourceLocation)
        #expect(!run.screen.hasAlternateScrolled && run.screen.isAlternate, sourceLocation: sourceLocation)
        for title in run.screen.titles {
            #expect(
                title != "owned" && !title.unicodeScalars.contains { [.control, .format].contains($0.properties.generalCategory) },
                "\(title.debugDescription)", sourceLocation: sourceLocation)
        }
        for cell in run.screen.cells { #expect(cell.text.unicodeScalars.count <= 3, sourceLocation: sourceLocation) }
    }
}
