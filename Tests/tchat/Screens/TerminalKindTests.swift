import Glibc
import TestSupport
import Testing

/// Other terminals than the best: what they do not know is not sent to them.
@Suite struct TerminalKindTests {
    private func mirror(_ kind: TerminalKind, _ environment: [String: String], _ options: [String] = []) async throws -> ScreenRun {
        let run = try ScreenRun(
            ["demo", "--camera", "test", "--mic", "none", "--speaker", "none", "--size", "160x120", "--fps", "5"] + options, columns: 80,
            rows: 24, kind: kind, environment: environment)
        try await run.until("the lobby") { $0.shows("demo") && $0.shows("127.0.0.1") }
        return run
    }

    /// Each of them shows the lobby and a call, and gets nothing that it would print.
    @Test(arguments: [
        ("linux", "", TerminalKind.console), ("vt100", "", .plain), ("xterm", "", .silent), ("xterm-256color", "", .plain),
        ("xterm-kitty", "truecolor", .kitty), ("foot", "truecolor", .foot), ("xterm-256color", "", .sixel),
    ])
    func aCallOn(term: String, colors: String, kind: TerminalKind) async throws {
        let run = try await mirror(kind, ["TERM": term, "COLORTERM": colors])
        try await run.type("demo\r")
        try await run.until("the call") { $0.isCall }
        if kind == .console {
            // Its bright colours are bold ones, and never a background.
            func isBright(_ color: VirtualTerminal.Color) -> Bool { if case .indexed(let number) = color { number > 7 } else { false } }
            #expect(run.screen.cells.allSatisfy { !isBright($0.foreground) && !isBright($0.background) })
            #expect(run.screen.cells.contains { $0.bold })
        }
        try await run.type("\u{3}")
        #expect(try await run.ended() == .exited(0))
        #expect(run.screen.unknown.isEmpty, "\(run.screen.unknown)")
        let mode = run.mode
        #expect(mode.c_lflag == run.modeBefore.c_lflag && mode.c_iflag == run.modeBefore.c_iflag)
        if term != "vt100" { #expect(run.isGivenBack || term == "linux", "\(run.picture)") }
        if kind == .console { #expect(run.screen.keyboardFlags.isEmpty && run.screen.titles.isEmpty) }
    }

    @Test func noColors() async throws {
        let run = try await mirror(.xterm, ["NO_COLOR": "1"])
        try await run.type("demo\r")
        try await run.until("the call") { $0.isCall }
        #expect(run.screen.cells.allSatisfy { $0.foreground == .standard && $0.background == .standard })
        try await run.type("m")
        // The alarm is told by being reversed, and in words.
        try await run.until("the microphone's alarm") { $0[0, 23].reverse && $0[4, 23].reverse }
        try await run.type("\u{3}")
        #expect(try await run.ended() == .exited(0))
    }

    /// No locale is set: the terminal is UTF-8 all the same in our days.
    @Test func withoutALocale() async throws {
        let run = try await mirror(.xterm, ["LANG": "C"])
        #expect(run.screen.shows("▀") || run.screen.pictureCells() > 0)
        try await run.type("\u{3}")
        #expect(try await run.ended() == .exited(0))
        #expect(run.isGivenBack)
    }

    /// GNU screen leaves its terminals so that a read of nothing gives 0, as at the end of a file.
    @Test func readsThatDoNotWait() async throws {
        let run = try ScreenRun(
            ["demo", "--camera", "none", "--mic", "none", "--speaker", "none"],
            mode: { withUnsafeMutableBytes(of: &$0.c_cc) { ($0[Int(VMIN)], $0[Int(VTIME)]) = (0, 0) } })
        try await run.until("the lobby") { $0.shows("demo") && $0.shows("127.0.0.1") }
        try await run.type("demo\r")
        try await run.until("the call") { $0.isCall }
        try await run.type("\u{3}")
        #expect(try await run.ended() == .exited(0))
        #expect(run.isGivenBack)
    }

    @Test func aDumbTerminalIsRefused() async throws {
        let run = try ScreenRun(["demo"], environment: ["TERM": "dumb"])
        #expect(try await run.ended() == .exited(1))
        #expect(run.screen.shows("--headless"), "\(run.picture)")
        #expect(run.isGivenBack)
    }
}

extension VirtualTerminal {
    /// What only a call has: the line of state at the bottom, no server's address at the top, and the other's picture, which begins
    /// farther to the left than one's own does anywhere.
    fileprivate var isCall: Bool {
        guard !text[0].contains("127.0.0.1"), text[rows - 1].contains("MIC"), text[rows - 1].contains("CAM") else { return false }
        let left = 0..<columns / 2
        let (cells, enough) = (left.count * rows, left.count * rows / 3)
        if pictureCells(columns: left) > enough || graphics.contains(where: { $0.column < columns / 4 }) { return true }
        // Letters for a picture, where there are no colours.
        return (0..<cells).count { self[$0 % left.count, $0 / left.count].text != " " } > enough
    }
}
