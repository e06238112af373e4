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

    @Test func aReboundKeyActsInACall() throws {
        var session = Session.inCall()
        session.model.keys = try KeyMap(binding: [.microphone: ["u"], .help: ["h"]])
        #expect(session.type("m").isEmpty)
        #expect(session.type("u") == [.setMicrophone(on: false)])
        session.type("h")
        #expect(session.model.overlay == .help)
    }
}
