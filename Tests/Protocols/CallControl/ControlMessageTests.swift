import CallControl
import Primitives
import Testing

@Suite struct ControlMessageTests {
    private static let messages: [ControlMessage] = [
        .hello(.init(program: "tchat 1.0", features: ["words", "screen"], name: "Ada \"수진\" \\")),
        .media(microphone: true, camera: false),
        .screen(.init(columns: 80, rows: 24, width: 320, height: 240)),
        .screen(.init(columns: 80, rows: 24, width: 0, height: 0)),
        .commit(hash: [UInt8](0..<32)),
        .reveal(nonce: [UInt8](200..<232)),
    ]

    @Test(arguments: messages) func comesBackAsItWas(message: ControlMessage) {
        #expect(ControlMessage(message.encoded()) == message)
        #expect(message.encoded().utf8.count < 512)
    }

    /// What other programs must be able to read and write.
    @Test func isWrittenAsDocumented() {
        let texts = Self.messages.map { $0.encoded() }
        #expect(texts[0] == #"{"type":"hello","version":1,"program":"tchat 1.0","features":["words","screen"],"name":"Ada \"수진\" \\"}"#)
        #expect(texts[1] == #"{"type":"media","microphone":true,"camera":false}"#)
        #expect(texts[2] == #"{"type":"screen","columns":80,"rows":24,"width":320,"height":240}"#)
        #expect(texts[4] == #"{"type":"commit","hash":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"}"#)
    }

    @Test func unknownMembersAreIgnored() {
        let text = #" { "later": {"a":[1,2]}, "camera":true, "type":"media", "microphone":false, "z":null } "#
        #expect(ControlMessage(text) == .media(microphone: false, camera: true))
        #expect(ControlMessage(#"{"type":"hello","version":7}"#) == .hello(.init(version: 7, program: "")))
        #expect(
            ControlMessage(#"{"type":"hello","version":1,"features":[1,"words",null],"name":5}"#)
                == .hello(.init(program: "", features: ["words"])))
    }

    @Test(arguments: [
        "", "null", "[]", "{}", "hello", #"{"type":1}"#, #"{"type":"later"}"#, #"{"type":"hello"}"#, #"{"type":"hello","version":0}"#,
        #"{"type":"hello","version":1.5}"#, #"{"type":"media","microphone":true}"#, #"{"type":"media","microphone":1,"camera":0}"#,
        #"{"type":"screen","columns":80,"rows":24,"width":320}"#, #"{"type":"screen","columns":-1,"rows":24,"width":320,"height":240}"#,
        #"{"type":"screen","columns":80,"rows":24,"width":"320","height":240}"#, #"{"type":"media","microphone":true,"camera":true}}"#,
        #"{"type":"screen","columns":80,"rows":24,"width":1e99,"height":99999999999999999999}"#,
        #"{"type":"media","microphone":true,"camera":true,"x":[[[[[[[[[]]]]]]]]]}"#,
        #"{"type":"media","microphone":true,"camera":true,"x":""# + String(repeating: "x", count: 4096) + #""}"#,
    ])
    func refuses(text: String) {
        #expect(ControlMessage(text) == nil)
    }

    /// They must reach the exchange, and fail there.
    @Test(arguments: ["", "0", "zz", String(repeating: "00", count: 65)]) func badHexadecimalIsNoBytes(digits: String) {
        #expect(ControlMessage(#"{"type":"commit","hash":"\#(digits)"}"#) == .commit(hash: []))
        #expect(ControlMessage(#"{"type":"reveal","nonce":"\#(digits)"}"#) == .reveal(nonce: []))
        #expect(ControlMessage(#"{"type":"commit"}"#) == .commit(hash: []))
    }

    @Test func screensAreClamped() {
        let huge = ControlMessage(#"{"type":"screen","columns":100000,"rows":0,"width":9223372036854775807,"height":3}"#)
        #expect(huge == .screen(.init(columns: 4096, rows: 1, width: 4096, height: 16)))
        let none = ControlMessage.ReceiverScreen(columns: 80, rows: 24, width: 320, height: 0)
        #expect(!none.wantsPicture && none.width == 0)
        #expect(ControlMessage.ReceiverScreen(columns: .min, rows: .max, width: .max, height: .max).wantsPicture)
    }

    @Test func aHelloFitsWhateverIsInIt() throws {
        let long = String(repeating: "\"\\\u{1b}\u{202e}수\u{301}\u{301}", count: 2000)
        let hello = ControlMessage.hello(.init(version: .max, program: long, features: Array(repeating: long, count: 99), name: long))
        #expect(hello.encoded().utf8.count <= 4096)
        #expect(ControlMessage(hello.encoded()) == hello)
        guard case .hello(let content)? = ControlMessage(hello.encoded()) else { throw WrongMessage() }
        #expect(content.name.count <= 32 && content.name.utf8.count <= 128 && content.features.count == 16)
        #expect(!(content.name + content.program).unicodeScalars.contains { $0 == "\u{1b}" || $0 == "\u{202e}" })
    }

    @Test(arguments: messages) func brokenTwinsNeverTrap(message: ControlMessage) {
        let bytes = Array(message.encoded().utf8)
        for count in 0..<bytes.count { #expect(ControlMessage(String(decoding: bytes[..<count], as: UTF8.self)) == nil) }
        for index in bytes.indices {
            for mask: UInt8 in [0x01, 0x10, 0x40, 0x80, 0x7f, 0xff] {
                var changed = bytes
                changed[index] ^= mask
                guard let twin = ControlMessage(String(decoding: changed, as: UTF8.self)) else { continue }
                #expect(ControlMessage(twin.encoded()) == twin)
            }
        }
    }
}

struct WrongMessage: Error {}
