import Testing

@testable import Terminal

@Suite struct KeyReportTests {
    @Test(arguments: [
        ("[32;1:3u", KeyReport.released(.character(" "))), ("[109;1:3u", .released(.character("m"))), ("[99;5u", .pressed(.control("c"))),
        ("[109;3u", .pressed(.alt("m"))), ("[109;9u", .nothing), ("[109;7u", .nothing), ("[109;13u", .nothing), ("[27u", .pressed(.escape)),
        ("[27;1:2u", .pressed(.escape)), ("[9;2u", .pressed(.backTab)), ("[13;5u", .nothing), ("[13;2u", .pressed(.enter)),
        ("[1;1:3A", .released(.up)), ("[1;129B", .pressed(.down)), ("[1;5A", .nothing), ("[3;1:1~", .pressed(.delete)),
        ("[57399u", .pressed(.character("0"))), ("[57414;1:3u", .released(.enter)), ("[57441;2u", .nothing), ("[A", .notOne),
        ("[5~", .notOne), ("[97;999u", .nothing), ("[;u", .nothing), ("[99999999999999999999;1u", .nothing), ("[113;1:9u", .nothing),
        ("[113;:u", .pressed(.character("q"))),
    ])
    func reads(sequence: String, expected: KeyReport) {
        #expect(KeyReport.read(Array("\u{1b}\(sequence)".utf8)) == expected)
    }

    @Test(
        arguments: [
            ("<0;1;1M", MouseEvent(column: 0, row: 0, kind: .press)), ("<0;40;12m", MouseEvent(column: 39, row: 11, kind: .release)),
            ("<64;3;4M", MouseEvent(column: 2, row: 3, kind: .wheelUp)), ("<65;3;4M", MouseEvent(column: 2, row: 3, kind: .wheelDown)),
            ("<2;3;4M", nil), ("<16;3;4M", nil), ("<0;0;4M", nil), ("<0;3M", nil), ("<0;99999;1M", nil), ("<-1;1;1M", nil), ("<M", nil),
        ] as [(String, MouseEvent?)])
    func mouse(report: String, expected: MouseEvent?) {
        #expect(MouseReport.event(Array("\u{1b}[\(report)".utf8)) == expected)
    }

    /// As terminals without mode 1006 tell it: the bytes are numbers and 32.
    @Test(
        arguments: [
            ([0, 1, 1], MouseEvent(column: 0, row: 0, kind: .press)), ([3, 40, 12], MouseEvent(column: 39, row: 11, kind: .release)),
            ([64, 3, 4], MouseEvent(column: 2, row: 3, kind: .wheelUp)),
            ([65, 223, 223], MouseEvent(column: 222, row: 222, kind: .wheelDown)),
            ([2, 3, 4], nil), ([16, 3, 4], nil), ([0, 0, 4], nil), ([0, -32, 4], nil), ([-32, -32, -32], nil),
        ] as [([Int], MouseEvent?)])
    func mouseInBytes(numbers: [Int], expected: MouseEvent?) {
        #expect(MouseReport.event(Array("\u{1b}[M".utf8) + numbers.map { UInt8($0 + 32) }) == expected)
    }

    @Test func pastesAreOneSafeLine() {
        #expect(KeyDecoder.events(.paste(Array("one\r\ntwo\u{1b}[2J\u{202e}\n".utf8))) == [.paste("one  two\u{fffd}[2J")])
    }
}
