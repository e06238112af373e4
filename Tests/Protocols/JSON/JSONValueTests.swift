import JSON
import Testing

@Suite struct JSONValueTests {
    @Test func writesOnOneLineInOrder() {
        let value: JSONValue = [
            "event": "joined", "t": 12, "ratio": 0.5, "ok": true, "none": nil, "list": [1, "two", []], "empty": .object([]),
        ]
        #expect(value.text == #"{"event":"joined","t":12,"ratio":0.5,"ok":true,"none":null,"list":[1,"two",[]],"empty":{}}"#)
    }

    @Test func escapesWhatMustBe() {
        #expect(
            JSONValue.string("a\"\\/\n\r\t\u{8}\u{c}\u{1}\u{1f}\u{7f}é수😀").text == "\"a\\\"\\\\/\\n\\r\\t\\b\\f\\u0001\\u001f\u{7f}é수😀\"")
        #expect(JSONValue.object([JSONMember("a\"\n", 1)]).text == #"{"a\"\n":1}"#)
    }

    @Test(arguments: [Double.infinity, -.infinity, .nan]) func whatIsNotFiniteIsNull(_ number: Double) {
        #expect(JSONValue.number(number).text == "null")
    }

    @Test(arguments: [0.1, 1e300, 2.5e-308, 123456789.125, 1e16, 1]) func numbersComeBackExactly(_ number: Double) throws {
        #expect(try JSONValue(parsing: JSONValue.number(number).encoded()).doubleValue == number)
    }

    @Test func copiesRawValues() throws {
        let raw = try RawJSON(validating: Array(#"{"sdp":"\u0041" , "x":1.0}"#.utf8))
        let value: JSONValue = ["offer": .raw(raw)]
        #expect(value.text == #"{"offer":{"sdp":"\u0041" , "x":1.0}}"#)
        #expect(value["offer"]?["sdp"]?.stringValue == "A")
        #expect(value["offer"]?["x"]?.doubleValue == 1)
    }
}
