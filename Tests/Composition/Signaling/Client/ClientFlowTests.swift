import JSON
import Testing

@testable import Signaling

/// What a client makes of servers that are not ours.
@Suite struct ClientFlowTests {
    private var flow = ClientFlow()

    init() {
        flow.connected(id: "ME")
        flow.want(ClientFlow.Wish(channel: "c"))
        flow.asked(1)
    }

    private func arguments(_ text: String) -> [RawJSON] { (try? RawJSON(validating: Array(text.utf8)).elements) ?? [] }

    private mutating func handle(_ event: String, _ text: String) -> [SignalingEvent] { flow.handle(event, arguments(text)) }

    @Test mutating func theFirstLearnsOfItsPeerFromTheMessage() {
        #expect(
            handle("message", #"["ME님이 방에 입장하셨습니다."]"#) == [
                .joined(JoinedChannel(channel: "c", id: "ME", isFirst: true)), .message("ME님이 방에 입장하셨습니다."),
            ])
        #expect(handle("ready", #"["c"]"#) == [.ready(channel: "c")])
        #expect(
            handle("message", #"["P님이 방에 입장하셨습니다."]"#) == [.message("P님이 방에 입장하셨습니다."), .memberJoined(ChannelMember(id: "P", isPlain: true))])
        #expect(handle("handshake", #"[{"answer":{"type":"answer","sdp":"v=0"}}]"#) == [.answer(sdp: "v=0", from: "P")])
        #expect(handle("message", #"["P님이 퇴장하셨습니다."]"#) == [.message("P님이 퇴장하셨습니다."), .memberLeft(id: "P", name: nil, reason: "left")])
        #expect(handle("wait", #"["c"]"#) == [.wait(channel: "c")])
        #expect(handle("ready", #"["c"]"#) == [.ready(channel: "c")])
        #expect(handle("closeConnection", "[]") == [.memberLeft(id: nil, name: nil, reason: "left"), .closeConnection])
    }

    /// Taken for its own, it would make both members the first, who ignore each other's offers.
    @Test(arguments: ["입장하셨습니다.", "방에 입장하셨습니다.", "퇴장하셨습니다."])
    mutating func whatComesLateFromTheLastChannelIsNoWelcome(_ what: String) {
        let text = "OLD님이 \(what)"
        let events = handle("message", "[\"\(text)\"]")
        #expect(!events.contains(.joined(JoinedChannel(channel: "c", id: "ME", isFirst: true))) || what == "입장하셨습니다.")
        #expect(events.contains(.message(text)))
    }

    @Test mutating func theSecondIsNotItsOwnPeer() {
        #expect(handle("ready", #"["c"]"#) == [.joined(JoinedChannel(channel: "c", id: "ME", isFirst: false)), .ready(channel: "c")])
        #expect(handle("message", #"["ME님이 방에 입장하셨습니다."]"#) == [.message("ME님이 방에 입장하셨습니다.")])
        #expect(handle("handshake", #"[{"offer":{"type":"offer","sdp":"v=0"}}]"#) == [.offer(sdp: "v=0", from: nil)])
    }

    @Test(arguments: [
        #"[{"candidate":{"candidate":"x","sdpMid":"1","sdpMLineIndex":1}}]"#,
        #"[{"iceCandidate":{"candidate":"x","sdpMid":"1","sdpMLineIndex":1}}]"#,
        #"[{"candidate":"x","sdpMid":"1","sdpMLineIndex":1}]"#, #"["c",{"candidate":"x","sdpMid":"1","sdpMLineIndex":1}]"#,
    ])
    func bothFormsOfACandidateAreRead(_ text: String) {
        var suite = self
        _ = suite.handle("ready", #"["c"]"#)
        #expect(suite.handle("icecandidate", text) == [.candidate(candidate: "x", mid: "1", mLineIndex: 1, from: nil)])
        #expect(suite.handle("icecandidate", #"[{"candidate":null}]"#) == [.candidate(candidate: "", mid: nil, mLineIndex: nil, from: nil)])
    }

    @Test(arguments: [
        "message", "ready", "handshake", "icecandidate", "wait", "closeConnection", "member joined", "member left", "channels", "x",
    ])
    func nonsenseIsIgnored(_ event: String) {
        for text in ["[]", "[null]", "[7]", "[[]]", "[{}]", #"[{"offer":7,"candidate":[],"id":3}]"#, #"[{"offer":{"sdp":null}}]"#] {
            var suite = self
            _ = suite.handle("ready", #"["c"]"#)
            for told in suite.handle(event, text) {
                switch told {
                case .offer, .answer, .memberJoined, .message: Issue.record("\(event) \(text): \(told)")
                default: break
                }
            }
        }
    }

    @Test mutating func nothingIsHeardOutside() {
        flow.give()
        for event in ["ready", "wait", "closeConnection", "channel join failed"] { #expect(handle(event, #"["c"]"#) == []) }
        #expect(handle("handshake", #"[{"offer":{"sdp":"v=0"}}]"#) == [])
    }
}

@Suite struct ServerURLTests {
    @Test(arguments: [
        ("http://127.0.0.1:6125", "http://127.0.0.1:6125", false), ("https://example.org", "https://example.org", true),
        ("ws://h:80/", "http://h", false), ("wss://h:8443/socket.io/?a=1", "https://h:8443", true), ("h", "http://h:6125", false),
        ("HTTP://[::1]:7000/x", "http://[::1]:7000", false), ("[fe80::1]", "http://[fe80::1]:6125", false),
        ("my-host_1.local:1", "http://my-host_1.local:1", false),
    ])
    func reads(_ text: String, _ description: String, _ isSecure: Bool) throws {
        let url = try #require(ServerURL(text))
        #expect(url.description == description && url.isSecure == isSecure)
        #expect(ServerURL(url.description) == url)
    }

    @Test(arguments: [
        "", "http://", "ftp://h", "h:", "h:0", "h:65536", "h:+5", "h:1:2", "a b", "h\n", "http://h\r\nX: y", "[::1", "[]", "[h]",
        "http://user@h", "방",
    ])
    func refuses(_ text: String) { #expect(ServerURL(text) == nil) }
}
