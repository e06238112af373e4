import Testing

@testable import CallSession

@Suite struct ICEServerChoiceTests {
    @Test(arguments: [
        ("none", ICEServerChoice.none), ("stun:example.org", .stun(host: "example.org", port: 3478)),
        ("stun:1.2.3.4:99", .stun(host: "1.2.3.4", port: 99)), ("stun:[::1]:99", .stun(host: "::1", port: 99)),
        ("stun:[::1]", .stun(host: "::1", port: 3478)),
        ("turn:u:p@h", .turn(host: "h", port: 3478, user: "u", password: "p")),
        ("turn:17:ana:p@ss@h:5", .turn(host: "h", port: 5, user: "17", password: "ana:p@ss")),
    ])
    func reads(text: String, choice: ICEServerChoice) {
        #expect(ICEServerChoice(text) == choice)
    }

    @Test(arguments: [
        "", "stun:", "stun:h:0", "stun:h:70000", "stun:h:x", "turn:h", "turn:u@h", "turn::p@h", "stun:a b", "http://x", "stun:[::1",
        "stun:[::1]9",
    ])
    func refuses(text: String) {
        #expect(ICEServerChoice(text) == nil)
    }

    @Test func aPasswordIsNotPrinted() {
        #expect(ICEServerChoice("turn:u:secret@h").map { "\($0)".contains("secret") } == false)
    }
}

@Suite struct MediaChoiceTests {
    @Test(arguments: [
        ("auto", CameraChoice.auto), ("test", .test), ("none", .none), ("/dev/video2", .device("/dev/video2")),
        ("a/b.y4m", .file("a/b.y4m")),
    ])
    func aCamera(text: String, choice: CameraChoice) {
        #expect(CameraChoice(text) == choice)
    }

    @Test func aCameraIsAPathOrAKnownWord() {
        #expect(CameraChoice("webcam") == nil)
        #expect(CameraChoice("") == nil)
    }

    @Test(arguments: [("test", MicrophoneChoice.test), ("hw:1,0", .device("hw:1,0")), ("x.wav", .file("x.wav")), ("none", .none)])
    func aMicrophone(text: String, choice: MicrophoneChoice) {
        #expect(MicrophoneChoice(text) == choice)
    }
}
