import CallControl
import Primitives
import Testing

@Suite struct ChatTests {
    @Test(arguments: [
        ("hello", "hello"), ("  a b \n", "a b"), ("a\r\nb\rc\nd", "a\nb\nc\nd"), ("a\tb", "a b"), ("수진 😀 é", "수진 😀 é"),
        ("a\u{1b}[31mred\u{7}\u{9b}1m\u{7f}\u{0}b", "a[31mred1mb"), ("x\u{202e}y\u{2066}z\u{feff}", "xyz"),
        ("a\u{2028}b\u{85}c", "a\nb\nc"),
        ("\n\n\na\n\nb\n\n", "a\n\nb"), ("a\u{200d}b", "a\u{200d}b"),
    ])
    func isCleaned(text: String, clean: String) {
        #expect(ChatText.normalized(text) == clean)
    }

    @Test(arguments: ["", " \n\t\r ", "\u{1b}\u{7f}\u{202e}"]) func nothingIsNoMessage(text: String) {
        #expect(ChatText.normalized(text) == nil)
    }

    @Test(arguments: [
        String(repeating: "a", count: 300_000), String(repeating: "수", count: 2001), String(repeating: "😀", count: 2000),
        "e" + String(repeating: "\u{301}", count: 100_000), String(repeating: "line\n", count: 5000),
        String(repeating: "\n", count: 5000) + "a",
        "b" + String(repeating: "\u{1b}", count: 200_000) + "c",
    ])
    func isCutAndSaysSo(text: String) {
        let cut = ChatText.normalized(text) ?? ""
        #expect(cut.count <= 2000 && cut.utf8.count <= 4096 && cut.split(separator: "\n", omittingEmptySubsequences: false).count <= 40)
        #expect(cut.hasSuffix("…") || cut == "a")
        #expect(ChatText.normalized(cut) == cut)
    }

    @Test func theLongestThatFitsStaysWhole() {
        let text = String(repeating: "a", count: 2000)
        #expect(ChatText.normalized(text) == text)
        #expect(ChatText.normalized(text + "a") == String(repeating: "a", count: 1999) + "…")
        let lines = Array(repeating: "line", count: 40).joined(separator: "\n")
        #expect(ChatText.normalized(lines) == lines)
    }

    @Test func whatHasBeenCleanedStaysAsItIs() {
        for seed: UInt64 in 0..<500 {
            var random = RandomSource.seeded(seed)
            let pool: [Unicode.Scalar] = [
                "a", " ", "\n", "\r", "\t", "\u{1b}", "\u{301}", "\u{200d}", "😀", "수", "\u{1100}", "\u{202e}", "\u{e000}",
            ]
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0..<200, using: &random) { pool.randomElement(using: &random).map { text.append($0) } }
            guard let clean = ChatText.normalized(String(text)) else { continue }
            #expect(ChatText.normalized(clean) == clean, "seed \(seed)")
            #expect(!clean.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" }, "seed \(seed)")
        }
    }

    @Test func aFloodIsCountedAndNotShown() {
        var inbox = ChatInbox()
        var shown = 0
        for step in 0..<10_000 where inbox.receive("spam", now: .zero + .milliseconds(step)) != nil { shown += 1 }
        // 20 at once, and 5 a second for ten seconds.
        #expect((68...71).contains(shown) && inbox.excessive == 10_000 - shown)
        #expect(inbox.receive("sorry", now: .zero + .seconds(60)) == "sorry")
        #expect(inbox.receive(" ", now: .zero + .seconds(60)) == nil)
    }
}
