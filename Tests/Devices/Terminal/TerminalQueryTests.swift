import CellGraphics
import Testing

@testable import Terminal

@Suite struct TerminalQueryTests {
    private func take(_ query: inout TerminalQuery, _ answers: String...) -> Bool {
        answers.map { query.take(Array("\u{1b}\($0)".utf8)) }.last ?? false
    }

    @Test func readsTheAnswers() {
        var query = TerminalQuery()
        #expect(!take(&query, "P>|kitty(0.35.2)", "[?2026;2$y", "[6;20;10t", "[?0u", "[0n"))
        #expect(take(&query, "[?62;4;22c"))
        #expect(!take(&query, "P1+r524742=8", "_Gi=31;OK"))
        #expect(query.name == "kitty(0.35.2)")
        #expect(query.cell == (10, 20))
        #expect(query.keyboardReports && query.kittyGraphics && query.answersStatus && query.hasTruecolor)
        #expect(query.synchronizedOutput == true)
        #expect(query.deviceAttributes == [62, 4, 22])
    }

    @Test func nonsenseIsNoAnswer() {
        var query = TerminalQuery()
        #expect(!take(&query, "[6;0;0t", "[6;99999999999999999999;1t", "[6;t", "_Gi=31;ENOTSUP", "P0+r", "[?2026;0$y", "[n", "[?$y", "[?"))
        #expect(query.cell == (0, 0))
        #expect(!query.kittyGraphics && !query.hasTruecolor && !query.answersStatus)
        #expect(query.synchronizedOutput == false)
    }

    @Test(arguments: ["linux", "linux-16color", "vt220", "ansi", "cons25"])
    func consolesAreAskedOneThing(term: String) {
        #expect(TerminalQuery.first(term: term) == "\u{1b}[c")
        #expect(!TerminalQuery.hasTitle(term))
    }

    /// Control strings are for those alone that gave their name, and never for those who stand between.
    @Test(arguments: [
        ("", false), ("kitty(0.35)", true), ("XTerm(390)", true), ("tmux 3.4", false), ("GNU Screen", false), ("zellij", false),
    ])
    func controlStringsOnlyWhereTheyAreKnown(name: String, isAsked: Bool) {
        #expect(!TerminalQuery.first(term: "xterm-256color").contains("\u{1b}P"))
        #expect(!TerminalQuery.first(term: "screen").contains("\u{1b}_"))
        var query = TerminalQuery()
        if !name.isEmpty { _ = take(&query, "P>|\(name)") }
        #expect((query.second != nil) == isAsked)
    }

    @Test(
        arguments: [
            ("", "xterm-256color", "truecolor", 256, false, ColorMode.truecolor, "COLORTERM"),
            ("", "xterm-256color", "", 256, false, .indexed256, "256 in its description"),
            // GNU screen passes on the variable of the terminal that it was started in.
            ("", "screen", "truecolor", 8, false, .indexed256, "COLORTERM is not GNU screen's own"),
            ("", "screen.xterm-256color", "24bit", 256, false, .indexed256, "COLORTERM is not GNU screen's own"),
            ("tmux 3.4", "screen-256color", "truecolor", 256, false, .truecolor, "COLORTERM"),
            ("", "tmux-256color", "truecolor", 256, false, .truecolor, "COLORTERM"),
            ("", "screen", "", 8, false, .indexed16, "8 in its description"),
            ("", "xterm-256color", "", 256, true, .truecolor, "WT_SESSION: Windows Terminal"),
            ("", "screen-256color", "", 256, true, .indexed256, "256 in its description"),
            ("tmux 3.4", "tmux-256color", "", 256, true, .indexed256, "256 in its description"),
            ("foot(1.16)", "foot", "", 256, false, .truecolor, "known to have them"),
            ("", "vt100", "", -1, false, .none, "none in its description"),
        ] as [(String, String, String, Int, Bool, ColorMode, String)])
    func colors(name: String, term: String, colorTerm: String, count: Int, isWindows: Bool, expected: ColorMode, reason: String) {
        var query = TerminalQuery()
        if !name.isEmpty { _ = take(&query, "P>|\(name)") }
        let found = query.colors(term: term, colorTerm: colorTerm, noColor: false, terminfoColors: count, isWindowsTerminal: isWindows)
        #expect(found == (expected, reason))
        let without = query.colors(term: term, colorTerm: colorTerm, noColor: true, terminfoColors: count, isWindowsTerminal: isWindows)
        #expect(without.0 == .none)
    }

    @Test(
        arguments: [
            ("kitty(0.35)", "xterm-kitty", ColorMode.truecolor, true, true, 10, RenderMode.kitty),
            ("foot(1.16)", "foot", .truecolor, true, false, 10, .sixel), ("foot(1.16)", "foot", .truecolor, true, false, 0, .sextant),
            ("VTE(7600)", "xterm-256color", .truecolor, false, false, 8, .sextant),
            ("VTE(5202)", "xterm-256color", .truecolor, false, false, 8, .half),
            ("tmux 3.4", "foot", .indexed256, false, false, 8, .half), ("", "foot", .truecolor, false, false, 0, .sextant),
            ("", "linux", .indexed16, false, false, 0, .half), ("kitty(0.35)", "xterm-kitty", .none, true, true, 10, .ascii),
            ("", "xterm-256color", .indexed256, false, false, 0, .half),
        ] as [(String, String, ColorMode, Bool, Bool, Int, RenderMode)])
    func picks(name: String, term: String, colors: ColorMode, sixel: Bool, kitty: Bool, cell: Int, expected: RenderMode) {
        var found = TerminalCapabilities()
        (found.name, found.term, found.colorMode, found.kittyGraphics) = (name, term, colors, kitty)
        found.deviceAttributes = sixel ? [62, 4] : [62]
        (found.cellWidth, found.cellHeight) = (cell, cell * 2)
        #expect(found.bestRenderMode.mode == expected)
        #expect(!found.bestRenderMode.reason.isEmpty)
    }
}
