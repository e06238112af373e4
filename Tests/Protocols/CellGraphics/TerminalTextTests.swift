import Testing

@testable import CellGraphics

@Suite struct TerminalTextTests {
    @Test(arguments: [
        ("plain text", "plain text"),
        ("\u{1b}[31mred\u{7}", "\u{fffd}[31mred\u{fffd}"),
        ("a\tb\r\nc", "a b  c"),
        ("\u{202e}evil\u{2066}x\u{200b}y\u{feff}z", "evilxyz"),
        ("c1 \u{9b}31m", "c1 \u{fffd}31m"),
        ("수진", "수진"),
        ("\u{1109}\u{116e}\u{110c}\u{1175}\u{11ab}", "수진"),
        ("e\u{301}\u{302}\u{303}\u{304}", "e\u{301}\u{302}"),
        ("\u{301}lead", "lead"),
        ("🇰🇷 👩‍👩‍👧 👍🏽", "KR 👩👩👧 👍"),
        ("\u{e000}\u{2028}\u{a0}\u{3164}", "\u{fffd}   "),
    ])
    func makesTextSafe(hostile: String, safe: String) {
        #expect(TerminalText.sanitize(hostile) == safe)
    }

    @Test(arguments: [("abc", 3), ("수진", 4), ("e\u{301}", 1), ("👍", 2), ("ｆ", 2), ("…·┌", 3), ("", 0)])
    func measuresColumns(text: String, width: Int) {
        #expect(TerminalText.width(text) == width)
    }

    @Test(arguments: [("abcdef", 4, "abc…"), ("수진아", 4, "수…"), ("수진", 4, "수진"), ("abc", 0, ""), ("abc", 3, "abc")])
    func cutsToColumns(text: String, columns: Int, cut: String) {
        #expect(TerminalText.sanitize(text, maximumColumns: columns) == cut)
    }

    @Test func wrapsAtSpacesAndInsideLongWords() {
        #expect(TerminalText.wrap("one two three", columns: 7) == ["one two", "three"])
        #expect(TerminalText.wrap("abcdefgh", columns: 3) == ["abc", "def", "gh"])
        #expect(TerminalText.wrap("수진님이 방에 입장", columns: 8) == ["수진님이", "방에", "입장"])
        #expect(TerminalText.wrap("", columns: 5) == [""])
    }

    @Test func boundsWhatItReads() {
        let long = String(repeating: "\u{200b}", count: 100_000) + "x"
        #expect(TerminalText.sanitize(long).isEmpty)
        #expect(TerminalText.clusters(String(repeating: "a\u{301}", count: 100_000)).count <= 8192)
    }
}
