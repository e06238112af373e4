import Testing

@testable import ChatUI

@Suite struct KeyMapTests {
    @Test func everyActionHasAKeyOfItsOwn() throws {
        for action in ChatAction.allCases { #expect(KeyMap.standard.keys(for: action).count == 1, "\(action)") }
        #expect(try KeyMap(binding: [:]) == .standard)
    }

    @Test func aBindingTakesThePlaceOfTheStandardKey() throws {
        let keys = try KeyMap(binding: [.microphone: ["u", "U"], .chat: [], .words: ["m"]])
        #expect(keys["u"] == .microphone && keys["U"] == .microphone && keys["m"] == .words && keys["w"] == nil && keys["t"] == nil)
        #expect(keys.key(for: .microphone) == "U" && keys.key(for: .chat) == nil && keys["v"] == .camera)
    }

    @Test func aKeyMeansOneThing() throws {
        let problem = try #require(#expect(throws: KeyMap.Problem.self) { try KeyMap(binding: [.microphone: ["v"]]) })
        #expect(problem.description == "v is the key for camera already; give camera another one, or microphone.")
        #expect(problem.action == .microphone)
        #expect(throws: KeyMap.Problem.self) { try KeyMap(binding: [.microphone: ["x"], .camera: ["x"]]) }
        // Two that change places are no conflict.
        #expect(try KeyMap(binding: [.microphone: ["v"], .camera: ["m"]])["v"] == .microphone)
    }

    @Test(arguments: [("m", "m"), ("space", " "), ("Space", " "), (" ", " "), ("ㅡ", "ㅡ"), ("?", "?"), ("0", "0"), ("=", "=")])
    func keysThatCanBeBound(name: String, scalar: Unicode.Scalar) throws { #expect(try KeyMap.scalar(named: name) == scalar) }

    @Test(arguments: ["", "F1", "ctrl-x", "^C", "alt+m", "enter", "\t", "\u{1b}", "\u{301}", "1", "9", "\u{200b}", "🇰🇷"])
    func keysThatCannot(name: String) throws {
        let problem = try #require(#expect(throws: KeyMap.Problem.self) { try KeyMap.scalar(named: name) })
        #expect(!problem.description.unicodeScalars.contains("\u{1b}") && problem.description.hasSuffix("."))
    }

    // MARK: - Hangul

    @Test func aHangulLetterIsTheKeyThatItIsOn() {
        let keys = Array("qwertyuiopasdfghjklzxcvbnmQWERTOP".unicodeScalars)
        let letters = Array("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ".unicodeScalars)
        #expect(keys.count == 33 && letters.count == 33)
        for (key, letter) in zip(keys, letters) { #expect(HangulKey.letter(of: letter) == key, "\(letter)") }
    }

    @Test(arguments: [
        ("프", "m"), ("뷰", "b"), ("뭐", "j"), ("의", "l"), ("꺼", "j"), ("왜", "o"), ("각", "r"), ("값", "t"), ("읽", "r"), ("앉", "w"),
        ("닭", "r"), ("있", "T"), ("힣", "g"), ("가", "k"), ("ㅘ", "k"), ("ㄻ", "a"), ("않", "g"), ("핥", "x"), ("밥", "q"), ("뷁", "r"),
    ])
    func aSyllableIsItsLastKey(syllable: Unicode.Scalar, key: Unicode.Scalar) { #expect(HangulKey.letter(of: syllable) == key) }

    @Test func whatIsNoHangulIsNoKey() {
        for scalar: Unicode.Scalar in ["m", "M", "?", " ", "漢", "é", "\u{3130}", "\u{3164}", "\u{abff}", "\u{d7a4}"] {
            #expect(HangulKey.letter(of: scalar) == nil)
        }
        #expect(KeyMap.standard["é"] == nil && KeyMap.standard["\u{3164}"] == nil)
    }

    @Test func shortcutsActWhileHangulIsTyped() throws {
        var session = Session.inCall()
        session.send(.chatOpen("a", true))
        #expect(session.type("ㅡ") == [.setMicrophone(on: false)])
        #expect(session.type("프") == [.setMicrophone(on: false)])
        #expect(session.type("ㅍ") == [.setCamera(on: false)])
        session.type("ㅑ")
        #expect(session.model.overlay == .statistics)
        session.press(.escape)
        session.send(.verification("a", .words(["otter", "crisp", "vine", "lamp"])))
        session.type("ㅈ")
        #expect(session.type("ㅛ") == [.confirmWords(of: "a")])
        // Q is bound to nothing, and so is its letter.
        #expect(session.type("ㅃ").isEmpty && session.model.screen == .call)
        // Within a line it is text.
        #expect(session.type("ㅅㅡㅂ").isEmpty)
        #expect(session.model.call.draft?.text == "ㅡㅂ")
        session.press(.escape)
        #expect(session.type("ㅂ") == [.leave])
    }

    @Test func aBoundHangulLetterMeansWhatItIsBoundTo() throws {
        let keys = try KeyMap(binding: [.camera: ["ㅡ"], .statistics: [], .words: ["A"]])
        #expect(keys["ㅡ"] == .camera && keys["m"] == .microphone && keys["ㅍ"] == nil)
        // Shift is not to be seen in most letters.
        #expect(keys["ㅑ"] == .invite && keys["ㅁ"] == .words && keys["a"] == nil)
    }

    @Test func aReboundKeyActsInACall() throws {
        var session = Session.inCall()
        session.model.keys = try KeyMap(binding: [.microphone: ["u"], .help: ["h"]])
        #expect(session.type("m").isEmpty)
        #expect(session.type("u") == [.setMicrophone(on: false)])
        session.type("h")
        #expect(session.model.overlay == .help)
    }
}
