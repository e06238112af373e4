import JSON
import Primitives
import Testing

@Suite struct RawJSONTests {
    private func raw(_ text: String, limits: JSONLimits = JSONLimits()) throws -> RawJSON {
        try RawJSON(validating: Array(text.utf8), limits: limits)
    }

    @Test(arguments: [
        "null", "true", "false", "0", "-0", "1.5", "-12e+3", "2E-7", #""""#, #""a""#, #""\u00e9\n\"\\\/""#, "[]", "[ ]", "[1,[2],{}]", "{}",
        #"{"a":1,"b":[null]}"#, " \t\r\n7 ", #"{ "a" : [ 1 , 2 ] , "b" : { } }"#, "\"\u{2028}수진😀\"", "\"\u{7f}\"",
    ])
    func acceptsTheGrammar(_ text: String) throws {
        let value = try raw(text)
        #expect(try JSONValue(parsing: value.decoded.encoded()) == value.decoded)
    }

    @Test(arguments: [
        "", " ", "nul", "truee", "01", "1.", ".5", "+1", "-", "1e", "1e+", "0x1", "NaN", "'a'", "\"a", #""\x""#, #""\u12g4""#, #""\u12"#,
        "\"\u{1}\"", "\"a\nb\"", "[", "]", "[1", "[1,]", "[,1]", "[1 2]", "{", "{}}", "{a:1}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#,
        #"{"a" 1}"#, "1 2", "//", "{\"a\":1]", "\u{feff}1",
    ])
    func refusesWhatIsNot(_ text: String) {
        #expect(throws: JSONError.self) { try raw(text) }
    }

    @Test func refusesWhatIsNotUTF8() {
        for bytes: [UInt8] in [[0x22, 0xff, 0x22], [0x22, 0xc0, 0xaf, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0x22, 0xe2, 0x82, 0x22]] {
            #expect(throws: JSONError.notUTF8) { try RawJSON(validating: bytes) }
        }
    }

    @Test func isLimitedInDepthAndSize() throws {
        let limits = JSONLimits(maximumBytes: 100, maximumDepth: 4)
        _ = try raw("[[[[]]]]", limits: limits)
        _ = try raw("[[[]],[[]],{\"a\":{\"b\":[]}}]", limits: limits)
        #expect(throws: JSONError.tooDeep) { try raw("[[[[[]]]]]", limits: limits) }
        #expect(throws: JSONError.tooDeep) { try raw(String(repeating: "{\"a\":", count: 5), limits: limits) }
        #expect(throws: JSONError.tooLarge) { try raw("\"\(String(repeating: "a", count: 99))\"", limits: limits) }
    }

    @Test func slicesMembersAndElementsAsTheyCame() throws {
        let value = try raw(#" { "sdp\u0041" : "v=0\r\n" , "x":[ 1 ,"two" , { "k" : null } ], "x2":-7 } "#)
        #expect(value.kind == .object)
        #expect(value.member("sdpA")?.string == "v=0\r\n")
        #expect(value.member("sdpA").map { Array($0.bytes) } == Array(#""v=0\r\n""#.utf8))
        let elements = try #require(value.member("x")?.elements)
        #expect(elements.map(\.kind) == [.number, .string, .object])
        #expect(Array(elements[2].bytes) == Array(#"{ "k" : null }"#.utf8))
        #expect(value.member("x2")?.integer == -7)
        #expect(value.member("nothing") == nil)
        #expect(elements[0].member("a") == nil && elements[0].elements == nil && elements[0].string == nil)
    }

    @Test func theLastOfTwoMembersCounts() throws {
        #expect(try raw(#"{"a":1,"b":2,"a":3}"#).member("a")?.integer == 3)
    }

    @Test func resolvesEscapes() throws {
        #expect(try raw(#""\ubc29-1\t\/\"\\\b\f""#).string == "방-1\t/\"\\\u{8}\u{c}")
        #expect(try raw(#""\ud83d\ude00!""#).string == "😀!")
        for half in [#""\ud83d""#, #""\ude00""#, #""\ud83dA""#, #""\ud83d\n""#, #""\ud83d\u0041""#] {
            #expect(try raw(half).string?.unicodeScalars.first == "\u{fffd}")
        }
    }

    @Test func numbersThatDoNotFitAreNoIntegers() throws {
        #expect(try raw("99999999999999999999").integer == nil)
        #expect(try raw("1.0").integer == nil)
        #expect(try raw("1e400").decoded.text == "null")
    }

    @Test func brokenBytesNeverTrap() throws {
        let text = Array(#"{"channel":"방","offer":{"type":"offer","sdp":"v=0\r\n\u00e9\ud83d\ude00"},"n":[1.5e3,true,null]}"#.utf8)
        for count in 0..<text.count { #expect(throws: JSONError.self) { try RawJSON(validating: Array(text[..<count])) } }
        var random = RandomSource.seeded(1)
        for round in 0..<20_000 {
            var bytes = text
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let value = try? RawJSON(validating: bytes) else { continue }
            #expect(try JSONValue(parsing: value.decoded.encoded()) == value.decoded, "round \(round)")
        }
    }
}
