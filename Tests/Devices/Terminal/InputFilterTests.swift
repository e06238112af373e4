import Primitives
import Testing

@testable import Terminal

@Suite struct InputFilterTests {
    private typealias Token = InputFilter.Token

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func everySplitGivesTheSameTokens() {
        let input = bytes("a\u{1b}[A한\u{1b}[?62;4c\u{1b}P1+r\u{1b}\\\u{1b}OPz\u{1b}]11;rgb\u{7}!")
        var whole = InputFilter()
        let expected: [Token] = [
            .text(bytes("a")), .sequence(bytes("\u{1b}[A")), .text(bytes("한")), .answer(bytes("\u{1b}[?62;4c")),
            .answer(bytes("\u{1b}P1+r")),
            .sequence(bytes("\u{1b}OP")), .text(bytes("z")), .answer(bytes("\u{1b}]11;rgb")), .text(bytes("!")),
        ]
        #expect(whole.feed(input, now: .zero) == expected)
        for split in 1..<input.count {
            var filter = InputFilter()
            let first = filter.feed(input[..<split], now: .zero)
            #expect(filter.expire(now: Instant.zero + .milliseconds(20)).isEmpty)
            #expect(first + filter.feed(input[split...], now: Instant.zero + .milliseconds(20)) == expected, "split at \(split)")
        }
    }

    @Test func escapeAloneWaitsItsTime() {
        var filter = InputFilter()
        #expect(filter.feed([0x1b], now: .zero).isEmpty)
        #expect(filter.deadline == Instant.zero + .milliseconds(25))
        #expect(filter.expire(now: Instant.zero + .milliseconds(24)).isEmpty)
        #expect(filter.expire(now: Instant.zero + .milliseconds(25)) == [.escape])
        #expect(filter.deadline == nil)
    }

    @Test func altPIsNoAnswer() {
        var filter = InputFilter()
        #expect(filter.feed(bytes("\u{1b}P"), now: .zero).isEmpty)
        #expect(filter.expire(now: Instant.zero + .milliseconds(25)) == [.alt(bytes("P"))])
    }

    @Test func anAnswerThatNeverEndsIsDropped() {
        var filter = InputFilter()
        #expect(filter.feed(bytes("\u{1b}P" + String(repeating: "x", count: 100_000)), now: .zero).isEmpty)
        #expect(filter.feed(bytes("still\u{1b}"), now: .zero).isEmpty)
        #expect(filter.feed(bytes("\\k"), now: .zero) == [.text(bytes("k"))])
        #expect(filter.feed(bytes("\u{1b}P1+r"), now: .zero).isEmpty)
        #expect(filter.expire(now: Instant.zero + .seconds(1)).isEmpty)
        #expect(filter.feed(bytes("k"), now: Instant.zero + .seconds(2)) == [.text(bytes("k"))])
    }

    @Test func anyBytesAreTaken() {
        var random = RandomSource.seeded(11)
        var filter = InputFilter()
        var now = Instant.zero
        for _ in 0..<3000 {
            _ = filter.feed(
                (0..<Int.random(in: 1..<9, using: &random)).map { _ in
                    [0x1b, 0x5b, 0x50, 0x5c, 0x41, 0xff, 0xe1, 7].randomElement(using: &random) ?? 0
                }, now: now)
            now += .milliseconds(Int.random(in: 0..<40, using: &random))
            _ = filter.expire(now: now)
        }
        now += .seconds(2)
        _ = filter.expire(now: now)
        #expect(filter.feed([0x6b], now: now).last == .text([0x6b]))
    }

    /// What looks like its end is not: rxvt and GNU screen before 4.7 have no mode 1006; the console's F1; rxvt's Delete with Shift.
    @Test(arguments: [
        ("\u{1b}[M \u{21}q", Token.mouse(Array("\u{1b}[M \u{21}q".utf8))), ("\u{1b}[[A", .sequence(Array("\u{1b}[[A".utf8))),
        ("\u{1b}[3$", .sequence(Array("\u{1b}[3$".utf8))), ("\u{1b}[4;2$y", .answer(Array("\u{1b}[4;2$y".utf8))),
        ("\u{1b}[?2026;2$y", .answer(Array("\u{1b}[?2026;2$y".utf8))),
    ])
    func noPartOfASequenceIsAKey(sequence: String, token: InputFilter.Token) {
        let input = bytes("a\(sequence)m")
        for split in 0...input.count {
            var filter = InputFilter()
            let first = filter.feed(input[..<split], now: .zero)
            #expect(filter.expire(now: Instant.zero + .milliseconds(20)).isEmpty)
            let all = first + filter.feed(input[split...], now: Instant.zero + .milliseconds(20))
            #expect(all == [.text(bytes("a")), token, .text(bytes("m"))], "split at \(split)")
        }
    }

    @Test func aReportThatIsCutEndsWithTheNextSequence() {
        var filter = InputFilter()
        #expect(
            filter.feed(bytes("\u{1b}[M !\u{1b}[Az"), now: .zero) == [
                .answer(bytes("\u{1b}[M !")), .sequence(bytes("\u{1b}[A")), .text(bytes("z")),
            ])
        #expect(filter.feed(bytes("\u{1b}[M!"), now: .zero).isEmpty)
        #expect(filter.expire(now: Instant.zero + .seconds(1)).isEmpty)
        #expect(filter.feed(bytes("k"), now: Instant.zero + .seconds(1)) == [.text(bytes("k"))])
    }

    /// While an answer is to come, its first two bytes may be far apart.
    @Test(arguments: ["\u{1b}[?62;4c", "\u{1b}P1+r\u{1b}\\", "\u{1b}_Gi=31;OK\u{1b}\\", "\u{1b}]11;rgb\u{1b}\\"])
    func answersThatAreAwaitedMayBeTornAnywhere(answer: String) {
        for split in 1..<answer.utf8.count {
            var filter = InputFilter()
            filter.expectAnswers(until: Instant.zero + .seconds(5))
            #expect(filter.feed(bytes(answer)[..<split], now: .zero).isEmpty)
            #expect(filter.expire(now: Instant.zero + .milliseconds(199)).isEmpty)
            let tokens = filter.feed(bytes(answer)[split...], now: Instant.zero + .milliseconds(199))
            guard tokens.count == 1, case .answer = tokens[0] else {
                Issue.record("\(tokens) after \(split)")
                continue
            }
        }
    }

    @Test func escapeIsOnlySlowerWhileAnAnswerIsAwaited() {
        var filter = InputFilter()
        filter.expectAnswers(until: Instant.zero + .seconds(5))
        _ = filter.feed([0x1b], now: .zero)
        #expect(filter.expire(now: Instant.zero + .milliseconds(200)) == [.escape])
        filter.expectNoAnswers()
        _ = filter.feed([0x1b], now: Instant.zero + .seconds(1))
        #expect(filter.expire(now: Instant.zero + .seconds(1) + .milliseconds(25)) == [.escape])
        filter.expectAnswers(until: Instant.zero + .seconds(5))
        _ = filter.feed([0x1b], now: Instant.zero + .seconds(6))
        #expect(filter.expire(now: Instant.zero + .seconds(6) + .milliseconds(25)) == [.escape])
    }

    @Test func pastesAreNoKeysHoweverTorn() {
        let input = bytes("a\u{1b}[200~quit\u{1b}[A\r\nq\u{1b}[201~b")
        let expected: [Token] = [.text(bytes("a")), .paste(bytes("quit\u{1b}[A\r\nq")), .text(bytes("b"))]
        for split in 0...input.count {
            var filter = InputFilter()
            let first = filter.feed(input[..<split], now: .zero)
            _ = filter.expire(now: Instant.zero + .milliseconds(20))
            #expect(first + filter.feed(input[split...], now: Instant.zero + .milliseconds(20)) == expected, "split at \(split)")
        }
    }

    @Test func aPasteIsBounded() {
        var filter = InputFilter()
        #expect(filter.feed(bytes("\u{1b}[200~"), now: .zero).isEmpty)
        for _ in 0..<100 { #expect(filter.feed(bytes(String(repeating: "x", count: 1000)), now: .zero).isEmpty) }
        #expect(
            filter.feed(bytes("\u{1b}[201~q"), now: .zero) == [
                .paste(Array(repeating: 0x78, count: InputFilter.longestPaste)), .text(bytes("q")),
            ])
    }

    @Test func aPasteThatNeverEndsIsGivenUp() {
        var filter = InputFilter()
        _ = filter.feed(bytes("\u{1b}[200~abc\u{1b}[20"), now: .zero)
        #expect(filter.expire(now: Instant.zero + .seconds(2)).isEmpty)
        #expect(filter.expire(now: Instant.zero + .seconds(3)) == [.paste(bytes("abc"))])
        #expect(filter.feed(bytes("q"), now: Instant.zero + .seconds(4)) == [.text(bytes("q"))])
    }

    @Test func reportsAreAnswersAndTheMouseIsItself() {
        var filter = InputFilter()
        #expect(
            filter.feed(bytes("\u{1b}[0n\u{1b}[6;16;8t\u{1b}[?1u\u{1b}_Gi=31;OK\u{1b}\\\u{1b}[<0;5;6M"), now: .zero) == [
                .answer(bytes("\u{1b}[0n")), .answer(bytes("\u{1b}[6;16;8t")), .answer(bytes("\u{1b}[?1u")),
                .answer(bytes("\u{1b}_Gi=31;OK")), .mouse(bytes("\u{1b}[<0;5;6M")),
            ])
    }
}
