import Testing

@testable import QRCode

@Suite struct QRCodeTests {
    /// ISO/IEC 18004: three corners with a finder of 7x7, and a timing pattern between them.
    @Test(arguments: [1, 14, 15, 42, 500, QRCode.mostBytes])
    func itIsASquareWithItsFinders(count: Int) throws {
        let code = try QRCode(String(repeating: "x", count: count))
        #expect(code.modules.count == code.size * code.size)
        #expect((code.size - 17) % 4 == 0 && (21...177).contains(code.size))
        let finder = ["#######", "#     #", "# ### #", "# ### #", "# ### #", "#     #", "#######"]
        for (left, top) in [(0, 0), (code.size - 7, 0), (0, code.size - 7)] {
            let found = (0..<7).map { row in String((0..<7).map { code[left + $0, top + row] ? "#" : " " }) }
            #expect(found == finder)
        }
        for column in 8..<code.size - 8 { #expect(code[column, 6] == (column % 2 == 0)) }
        #expect(!code[-1, 0] && !code[0, code.size] && !code[code.size, 0])
    }

    /// Level M: 14 bytes are version 1, 15 are version 2.
    @Test func theSmallestVersionIsTaken() throws {
        #expect(try QRCode(String(repeating: "x", count: 14)).size == 21)
        #expect(try QRCode(String(repeating: "x", count: 15)).size == 25)
        #expect(try QRCode(String(repeating: "x", count: QRCode.mostBytes)).size == 177)
    }

    @Test func whatDoesNotFitIsTold() {
        #expect(throws: QRCode.Failure.self) { try QRCode("") }
        #expect(throws: QRCode.Failure.self) { try QRCode(String(repeating: "x", count: QRCode.mostBytes + 1)) }
        #expect(throws: QRCode.Failure.self) { try QRCode(String(repeating: "수", count: 1000)) }
    }
}
