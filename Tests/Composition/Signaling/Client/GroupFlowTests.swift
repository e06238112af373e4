import JSON
import Primitives
import TestSupport
import Testing

@testable import Signaling

/// What a client makes of a server that knows groups.
@Suite struct GroupFlowTests {
    private var flow = ClientFlow()

    init() {
        flow.connected(id: "SOCKET")
        flow.want(ClientFlow.Wish(channel: "c", password: "p", capacity: 4))
        flow.asked(1)
    }

    private mutating func handle(_ event: String, _ text: String) -> [SignalingEvent] { flow.handle(event, arguments(text)) }

    private static let answer =
        #"[{"ok":true,"id":"ME","channel":"c","members":[{"id":"A","name":"ada"},{"id":"B","plain":true}],"capacity":4}]"#

    private func joined(_ events: [SignalingEvent]?) -> JoinedChannel? {
        if case .joined(let place)? = events?.first { place } else { nil }
    }

    /// Inside, with A and B.
    private mutating func join() { _ = flow.acknowledged(1, arguments(Self.answer)) }

    @Test mutating func asksForWhatWasWanted() {
        #expect(flow.joinArguments == ["c", ["capacity": 4, "password": "p"]])
        flow.want(ClientFlow.Wish(channel: "d"))
        #expect(flow.joinArguments == ["d"])
        flow.give()
        #expect(flow.joinArguments == [])
    }

    @Test mutating func theAnswerTellsWhoIsThere() {
        let place = JoinedChannel(
            channel: "c", id: "ME", members: [ChannelMember(id: "A", name: "ada"), ChannelMember(id: "B", isPlain: true)], capacity: 4,
            isGroup: true, isFirst: false)
        #expect(flow.acknowledged(7, arguments(Self.answer)) == nil)
        #expect(flow.acknowledged(1, arguments(Self.answer)) == [.joined(place)])
        #expect(flow.isInside && flow.hasBeenInside)
        #expect(flow.acknowledged(1, arguments(Self.answer)) == nil)
    }

    @Test mutating func theFirstIsToldSo() {
        let events = flow.acknowledged(1, arguments(#"[{"ok":true,"id":"ME","channel":"c","members":[]}]"#))
        #expect(events == [.joined(JoinedChannel(channel: "c", id: "ME", isGroup: true, isFirst: true))])
    }

    /// The server may call the channel a little differently: without the whitespace around it.
    @Test mutating func theCallerHearsTheNameThatItAskedFor() throws {
        flow.want(ClientFlow.Wish(channel: " c "))
        flow.asked(2)
        let place = try #require(joined(flow.acknowledged(2, arguments(Self.answer))))
        #expect(place.channel == " c ")
        #expect(handle("member joined", #"[{"channel":"c","id":"D"}]"#) == [.memberJoined(ChannelMember(id: "D"))])
        #expect(flow.outgoing(.offer(sdp: "v=0"))?.payload["channel"] == "c")
    }

    @Test mutating func membersComeAndGoOnceEach() {
        join()
        #expect(
            handle("member joined", #"[{"channel":"c","id":"D","name":"dee"}]"#) == [.memberJoined(ChannelMember(id: "D", name: "dee"))])
        for known in ["D", "A", "ME"] { #expect(handle("member joined", #"[{"channel":"c","id":"\#(known)"}]"#) == []) }
        let left = #"[{"channel":"c","id":"A","reason":"timeout"}]"#
        #expect(handle("member left", left) == [.memberLeft(id: "A", name: "ada", reason: "timeout")])
        #expect(handle("member left", left) == [])
        #expect(handle("member joined", #"[{"channel":"c","id":"A"}]"#) == [.memberJoined(ChannelMember(id: "A"))])
    }

    @Test mutating func whatIsOfAnotherChannelIsNotHeard() {
        join()
        for text in [#"[{"channel":"d","id":"D","from":"A","offer":{"sdp":"v=0"}}]"#, #"[{"id":"D","from":"A","offer":{"sdp":"v=0"}}]"#] {
            for event in ["member joined", "member left", "handshake"] { #expect(handle(event, text) == []) }
        }
    }

    @Test mutating func signalsSayWhoTheyAreFrom() {
        join()
        #expect(
            handle("handshake", #"[{"channel":"c","from":"A","offer":{"type":"offer","sdp":"v=0"}}]"#) == [.offer(sdp: "v=0", from: "A")])
        #expect(handle("handshake", #"[{"channel":"c","from":"B","answer":{"sdp":"v=0"}}]"#) == [.answer(sdp: "v=0", from: "B")])
        #expect(
            handle("icecandidate", #"[{"channel":"c","from":"A","candidate":{"candidate":"x","sdpMid":"0","sdpMLineIndex":0}}]"#)
                == [.candidate(candidate: "x", mid: "0", mLineIndex: 0, from: "A")])
        #expect(
            handle("icecandidate", #"[{"channel":"c","from":"A","candidate":null}]"#)
                == [.candidate(candidate: "", mid: nil, mLineIndex: nil, from: "A")])
        for nobody in [#""from":"X","#, "", #""from":7,"#, #""from":"ME","#] {
            #expect(handle("handshake", #"[{"channel":"c",\#(nobody)"offer":{"sdp":"v=0"}}]"#) == [])
        }
        #expect(handle("handshake", #"[{"channel":"c","from":"A","offer":{"sdp":"\#(String(repeating: "x", count: 300_000))"}}]"#) == [])
    }

    @Test mutating func signalsGoToOneOrToAll() {
        #expect(flow.outgoing(.offer(sdp: "v=0")) == nil)
        join()
        let toA = flow.outgoing(.offer(sdp: "v=0", to: "A"))
        #expect(toA?.event == "handshake")
        #expect(toA?.payload == ["channel": "c", "to": "A", "offer": ["type": "offer", "sdp": "v=0"]])
        #expect(flow.outgoing(.answer(sdp: "v=0"))?.payload == ["channel": "c", "answer": ["type": "answer", "sdp": "v=0"]])
        let candidate = flow.outgoing(.candidate(candidate: "x", mid: "1", mLineIndex: nil, to: "B"))
        #expect(candidate?.event == "icecandidate")
        #expect(
            candidate?.payload == ["channel": "c", "to": "B", "candidate": ["candidate": "x", "sdpMid": "1", "sdpMLineIndex": nil]])
        _ = handle("member left", #"[{"channel":"c","id":"A"}]"#)
        #expect(flow.outgoing(.offer(sdp: "v=0", to: "A")) == nil)
    }

    @Test mutating func aPlainServerGetsNoAddress() {
        _ = handle("ready", #"["c"]"#)
        #expect(flow.outgoing(.answer(sdp: "v=0", to: "P"))?.payload == ["channel": "c", "answer": ["type": "answer", "sdp": "v=0"]])
    }

    @Test mutating func aRefusalKeepsItsCode() {
        let refusal = #"[{"ok":false,"code":"wrong-password","message":"The password is wrong.","retryAfter":2.5}]"#
        #expect(
            flow.acknowledged(1, arguments(refusal))
                == [
                    .joinFailed(
                        JoinFailure(code: "wrong-password", message: "The password is wrong.", retryAfter: .milliseconds(2500)),
                        channel: "c")
                ])
        #expect(!flow.isInside && !flow.hasBeenInside)
    }

    @Test(arguments: [
        ("2", Interval.seconds(2)), ("-1", nil), ("1e300", .seconds(3600)), ("\"2\"", nil), ("null", nil), ("1e999", .seconds(3600)),
    ])
    func aTimeToWaitIsBounded(_ text: String, _ expected: Interval?) {
        var suite = self
        let events = suite.flow.acknowledged(1, arguments(#"[{"ok":false,"retryAfter":\#(text)}]"#))
        #expect(events == [.joinFailed(JoinFailure(message: "The server refused.", retryAfter: expected), channel: "c")])
    }

    /// Some plain servers' libraries acknowledge everything that asks for it.
    @Test(arguments: ["[]", "[null]", "[true]", "[{}]", #"[{"ok":"yes"}]"#, #"[{"ok":true}]"#, #"[{"ok":true,"id":"M","channel":"c"}]"#])
    func anEmptyAnswerDecidesNothing(_ text: String) {
        var suite = self
        #expect(suite.flow.acknowledged(1, arguments(text)) == [])
        #expect(
            suite.handle("ready", #"["c"]"#) == [.joined(JoinedChannel(channel: "c", id: "SOCKET", isFirst: false)), .ready(channel: "c")])
        // Too late.
        #expect(suite.flow.acknowledged(1, arguments(Self.answer)) == nil)
    }

    @Test mutating func theSeedsEventsMeanNothingInAGroup() {
        join()
        for (event, text) in [("ready", #"["c"]"#), ("wait", #"["c"]"#), ("closeConnection", "[]"), ("message", #"["A님이 퇴장하셨습니다."]"#)] {
            #expect(handle(event, text) == [])
        }
        #expect(flow.outgoing(.offer(sdp: "v=0", to: "A")) != nil)
    }

    @Test mutating func whatTheServerSaysOfItself() {
        #expect(handle("server stopping", #"[{"message":"Back soon."}]"#) == [.serverStopping("Back soon.")])
        #expect(handle("server stopping", "[]") == [.serverStopping("The server stops.")])
        join()
        let refused = #"[{"event":"handshake","code":"rate-limited","message":"Too much.","retryAfter":1}]"#
        #expect(
            handle("refused", refused) == [.refused(JoinFailure(code: "rate-limited", message: "Too much.", retryAfter: .seconds(1)))])
        #expect(flow.isInside)
    }

    /// A server that stops sends everybody away; their calls go on.
    @Test mutating func whoGoesWithTheServerHasNotLeft() {
        join()
        _ = handle("server stopping", "[]")
        for reason in ["disconnected", "timeout"] {
            #expect(handle("member left", #"[{"channel":"c","id":"A","reason":"\#(reason)"}]"#) == [])
        }
        #expect(
            handle("member left", #"[{"channel":"c","id":"A","reason":"left"}]"#) == [.memberLeft(id: "A", name: "ada", reason: "left")])
        flow.connected(id: "SOCKET2")
        flow.asked(2)
        _ = flow.acknowledged(2, arguments(Self.answer))
        #expect(handle("member left", #"[{"channel":"c","id":"A","reason":"timeout"}]"#).count == 1)
    }

    @Test mutating func aRefusedJoinMayComeAsAnEvent() {
        let refused = #"[{"event":"create or join","code":"rate-limited","message":"Too much."}]"#
        #expect(handle("refused", refused) == [.joinFailed(JoinFailure(code: "rate-limited", message: "Too much."), channel: "c")])
        #expect(flow.acknowledged(1, arguments(Self.answer)) == nil)
    }

    @Test mutating func whoIsTooManyIsNotKept() throws {
        let many = (0..<500).map { #"{"id":"m\#($0)"}"# }.joined(separator: ",")
        let events = flow.acknowledged(1, arguments(#"[{"ok":true,"id":"ME","channel":"c","members":[\#(many),{"id":"m1"}]}]"#))
        let place = try #require(joined(events))
        #expect(place.members.count == ChannelGroup.maximumMembers)
        #expect(Set(place.members).count == place.members.count)
        for count in 0..<500 { #expect(handle("member joined", #"[{"channel":"c","id":"n\#(count)"}]"#) == []) }
    }

    @Test(arguments: ["", "a/b", "..", ".hidden", "a b", "a\\\\b", "é", "\\u0007", String(repeating: "x", count: 129)])
    func whatIsNoIDIsNobody(_ id: String) {
        var suite = self
        let events = suite.flow.acknowledged(1, arguments(#"[{"ok":true,"id":"ME","channel":"c","members":[{"id":"\#(id)"},{"id":"A"}]}]"#))
        #expect(
            events == [.joined(JoinedChannel(channel: "c", id: "ME", members: [ChannelMember(id: "A")], isGroup: true, isFirst: false))])
        #expect(suite.handle("member joined", #"[{"channel":"c","id":"\#(id)"}]"#) == [])
    }

    @Test mutating func iceServersAreBounded() throws {
        let url = String(repeating: "u", count: 513)
        let urls = (0..<20).map { #""stun:h\#($0)""# }.joined(separator: ",")
        let odd = #"{"urls":[]},{"urls":7},{"urls":"\#(url)"},{},[],7,"#
        let servers = odd + #"{"urls":"stun:s"},{"urls":[\#(urls)],"username":"u","credential":"c"},"#
        let more = Array(repeating: #"{"urls":["turn:t"]}"#, count: 40).joined(separator: ",")
        let events = flow.acknowledged(
            1, arguments(#"[{"ok":true,"id":"ME","channel":"c","members":[],"iceServers":[\#(servers)\#(more)]}]"#))
        let place = try #require(joined(events))
        #expect(place.iceServers.count == 10)
        #expect(place.iceServers.first == SignaledICEServer(urls: ["stun:s"]))
        #expect(place.iceServers[1] == SignaledICEServer(urls: (0..<8).map { "stun:h\($0)" }, username: "u", credential: "c"))
    }

    @Test mutating func textsAreBounded() throws {
        let long = String(repeating: "e\u{301}", count: 50_000)
        let events = flow.acknowledged(1, arguments(#"[{"ok":false,"code":"\#(long)","message":"\#(long)"}]"#)) ?? []
        let failure = try #require(events.lazy.compactMap { if case .joinFailed(let failure, "c") = $0 { failure } else { nil } }.first)
        #expect(failure.code == nil && failure.message.unicodeScalars.count == ServerText.maximumMessage)
    }

    @Test(arguments: ["member joined", "member left", "handshake", "icecandidate", "refused", "server stopping", "connect success", "x"])
    func nonsenseIsIgnored(_ event: String) {
        for text in [
            "[]", "[null]", "[7]", "[[]]", "[{}]", #"[{"channel":"c","id":3,"from":[],"offer":7,"candidate":[]}]"#, #"[{"channel":7}]"#,
        ] {
            var suite = self
            suite.join()
            for told in suite.handle(event, text) {
                switch told {
                case .refused, .serverStopping: break
                default: Issue.record("\(event) \(text): \(told)")
                }
            }
            #expect(suite.flow.isInside)
        }
    }

    @Test func brokenTwinsOfEverything() {
        let texts = [
            ("", Self.answer), ("", #"[{"ok":false,"code":"full","message":"full","retryAfter":3}]"#),
            ("", #"[{"ok":true,"id":"ME","channel":"c","members":[],"iceServers":[{"urls":["turn:h"],"username":"u","credential":"c"}]}]"#),
            ("member joined", #"[{"channel":"c","id":"D","name":"\u00e9\ud83d\ude00"}]"#),
            ("member left", #"[{"channel":"c","id":"A","name":"ada","reason":"left"}]"#),
            ("handshake", #"[{"channel":"c","from":"A","offer":{"type":"offer","sdp":"v=0\r\n"}}]"#),
            ("icecandidate", #"[{"channel":"c","from":"A","candidate":{"candidate":"x","sdpMid":"0","sdpMLineIndex":0}}]"#),
            ("channels", #"[[{"name":"c","members":1,"names":["a"],"capacity":8,"password":true}]]"#),
            ("refused", #"[{"event":"x","code":"full","message":"m","retryAfter":1}]"#), ("server stopping", #"[{"message":"m"}]"#),
        ]
        for (event, text) in texts {
            brokenTwins(Array(text.utf8)) { bytes in
                let copy = (0..<bytes.count).map { bytes[$0] }
                guard let values = try? RawJSON(validating: copy).elements else { return }
                var suite = self
                if event.isEmpty { _ = suite.flow.acknowledged(1, values) }
                if !suite.flow.isInside { suite.join() }
                let told = suite.flow.handle(event, values)
                #expect(told.count <= 1)
                _ = suite.flow.outgoing(.offer(sdp: "v=0", to: "A"))
            }
        }
    }
}
