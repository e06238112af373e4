import Testing

@testable import CallSession

@Suite struct ICEServerChoiceTests {
    @Test(arguments: [
        ("none", ICEServerChoice.none), ("stun:example.org", .stun(host: "example.org", port: 3478)),
        ("stun:1.2.3.4:99", .stun(host: "1.2.3.4", port: 99)), ("stun:[::1]:99", .stun(host: "::1", port: 99)),
        ("stun:[::1]", .stun(host: "::1", port: 3478)),
        ("turn:u:p@h", .turn(host: "h", port: 3478, user: "u", password: "p", transport: .udp)),
        ("turn:17:ana:p@ss@h:5", .turn(host: "h", port: 5, user: "17", password: "ana:p@ss", transport: .udp)),
        ("turn:u:p@h?transport=udp", .turn(host: "h", port: 3478, user: "u", password: "p", transport: .udp)),
        ("turn:u:p@h:80?transport=tcp", .turn(host: "h", port: 80, user: "u", password: "p", transport: .tcp)),
        ("turns:u:p@h", .turn(host: "h", port: 5349, user: "u", password: "p", transport: .tls)),
        ("turns:u:p@[::1]:443?transport=tcp", .turn(host: "::1", port: 443, user: "u", password: "p", transport: .tls)),
        ("turn:1790000000%3Abob:a%2fb%3D@h", .turn(host: "h", port: 3478, user: "1790000000:bob", password: "a/b=", transport: .udp)),
        ("turn:u:100%@h", .turn(host: "h", port: 3478, user: "u", password: "100%", transport: .udp)),
    ])
    func reads(text: String, choice: ICEServerChoice) {
        #expect(ICEServerChoice(text) == choice)
    }

    @Test(arguments: [
        "", "stun:", "stun:h:0", "stun:h:70000", "stun:h:x", "turn:h", "turn:u@h", "turn::p@h", "stun:a b", "http://x", "stun:[::1",
        "stun:[::1]9", "turns:u:p@h?transport=udp", "turn:u:p@h?transport=tls", "turn:u:p@h?", "turn:u:%ff@h", "turns:h",
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
