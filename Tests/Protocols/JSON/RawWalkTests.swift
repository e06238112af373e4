import JSON
import Primitives
import Testing

/// Walking over an object once, without decoding it.
@Suite struct RawWalkTests {
    private func raw(_ text: String) throws -> RawJSON { try RawJSON(validating: Array(text.utf8)) }

    @Test func visitsEachMemberInItsOrder() throws {
        var seen: [String] = []
        try raw(#" {"a":1, "b\u0063" : {"a":2} ,"":[ ],"a":"x"} "#).forEachMember { name, value in
            seen.append("\(name.string)=\(String(decoding: value.bytes, as: UTF8.self))")
        }
        #expect(seen == ["a=1", #"bc={"a":2}"#, "=[ ]", #"a="x""#])
    }

    @Test(arguments: ["{}", "{ }", "[1]", "7", "null", #""a""#])
    func visitsNothingWhereThereIsNoMember(_ text: String) throws {
        try raw(text).forEachMember { _, _ in Issue.record("\(text) has no members") }
    }

    @Test func tellsNamesApart() throws {
        var seen: [String] = []
        try raw(#"{"offer":0,"off\u0065r":1,"offers":2,"offe":3,"":4,"\\offer":5}"#).forEachMember { name, value in
            switch name {
            case "offer": seen.append("offer \(value.integer ?? -1)")
            case "": seen.append("empty \(value.integer ?? -1)")
            default: seen.append("other \(value.integer ?? -1)")
            }
        }
        #expect(seen == ["offer 0", "offer 1", "other 2", "other 3", "empty 4", "other 5"])
    }

    @Test func comparesStrings() throws {
        #expect(try raw(#""방-1""#).isString("방-1"))
        #expect(try raw(#""\ubc29-1""#).isString("방-1"))
        #expect(try !raw(#""방-2""#).isString("방-1"))
        #expect(try !raw("7").isString("7"))
        #expect(try raw(#""""#).isString(""))
    }

    /// Strings are passed eight bytes at a time: what ends or breaks one is seen wherever it is.
    @Test(arguments: [0x00, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x5b, 0x5c, 0x5d, 0x7e, 0x7f] as [UInt8])
    func everyByteCountsWhereverItIs(_ byte: UInt8) {
        for length in 1...40 {
            for place in 0..<length {
                for other in ["a", "\u{7f}", "!", "é"] {
                    var inside = Array(String(repeating: other, count: length).utf8.prefix(length))
                    if other == "é", place % 2 == 1 || length % 2 == 1 { continue }
                    inside[place] = byte
                    if other == "é" { inside[place + 1] = UInt8(ascii: "b") }
                    // A quote ends the string and what follows is wrong; an escape needs something that can be escaped.
                    let bytes = [UInt8(ascii: "\"")] + inside + [UInt8(ascii: "\"")]
                    let expected: JSONError? =
                        switch byte {
                        case 0..<0x20: .unexpected(offset: place + 1)
                        case 0x22: .unexpected(offset: place + 2)
                        case 0x5c where place + 1 < length:
                            inside[place + 1] == UInt8(ascii: "b") ? nil : .unexpected(offset: place + 2)
                        case 0x5c: .unexpected(offset: length + 2)
                        default: nil
                        }
                    var thrown: JSONError?
                    do { _ = try RawJSON(validating: bytes) } catch { thrown = error }
                    #expect(thrown == expected, "byte \(byte) at \(place) of \(length) among \(other)")
                }
            }
        }
    }
}
