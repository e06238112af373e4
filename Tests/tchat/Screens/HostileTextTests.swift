import ChatUI
import JSON
import Signaling
import Terminal
import TestSupport
import Testing

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

    @Test func inACall() async throws {
        let harmless = try await ScreenCall(name: String(repeating: "Q", count: 32))
        // As long as an option's value and a line may be.
        var name = Self.hostile.unicodeScalars.filter { $0 != "\u{0}" }.reduce(into: "") { text, scalar in
            if text.utf8.count + String(scalar).utf8.count <= 64 { text.unicodeScalars.append(scalar) }
        }
        if name.isEmpty { name = "x" }
        let hostile = try await ScreenCall(name: name)
        for call in [harmless, hostile] { try await call.seesPicture() }
        let line = Self.hostile.unicodeScalars.filter { $0 != "\n" && $0 != "\r" }.reduce(into: "") { $0.unicodeScalars.append($1) }
        for _ in 0..<6 {
            try await harmless.other.type("say " + String(repeating: "W", count: 3000))
            try await hostile.other.type("say " + String(String(repeating: line, count: 8).unicodeScalars.prefix(1200)))
        }
        try await harmless.run.until("the lines") { $0.shows("WWW") }
        try await hostile.run.until("the lines") { $0.shows("gnp") }
        let area = CallLayout.pictureArea(of: TerminalSize(columns: 100, rows: 30))
        // Pictures differ from moment to moment; measures stand at the right of the last line.
        expectSame(masked(harmless.run), masked(hostile.run)) { column, row in
            row == 29 ? column >= 12 : column >= area.endColumn
        }
        expectTame(hostile.run)
        #expect(hostile.run.screen.bells <= harmless.run.screen.bells)
        try await hostile.run.type("m")
        try await hostile.run.until("the microphone's alarm") { $0.isAlarmed }
    }

    private func masked(_ run: ScreenRun) -> VirtualTerminal {
        var result = VirtualTerminal(columns: run.screen.columns, rows: run.screen.rows)
        for row in 0..<run.screen.rows {
            result.feed("\u{1b}[\(row + 1)H".utf8)
            for column in 0..<run.screen.columns {
                let cell = run.screen[column, row]
                let isLevel = "▁▂▃▄▅▆▇".contains(cell.text)
                result.feed((cell.isPicture ? "#" : isLevel ? " " : cell.text).utf8)
            }
        }
        return result
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
