import Channels
import Primitives
import Testing

@Suite struct RefusalTests {
    @Test func aRefusedEventIsToldOnceASecond() {
        var room = Room.group("A")
        #expect(
            room.send("A", #"["handshake",{"channel":"d","offer":{}}]"#) == [
                #"A ["refused",{"event":"handshake","code":"not-member","message":"only members of a channel can do that"}]"#
            ])
        _ = room.pass(.milliseconds(999))
        #expect(room.send("A", #"["handshake"]"#) == [])
        _ = room.pass(.milliseconds(1))
        #expect(room.send("A", #"["handshake"]"#).first?.contains(#""code":"malformed""#) == true)
        #expect(room.send("A", #"["handshake"]"#, ack: 2).first?.contains(#"ack 2 [{"ok":false,"code":"malformed""#) == true)
        #expect(room.channels.refusals == [.notMember: 1, .malformed: 3])
    }

    @Test func anEventsNameComesBackInBounds() {
        var room = Room.group("A")
        let out = room.send("A", "[\"\(String(repeating: "x", count: 1000))\"]")
        #expect(out.first?.hasPrefix("A [\"refused\",{\"event\":\"\(String(repeating: "x", count: 64))\",") == true)
    }

    @Test func theServersOwnLimitsAreToldTheSameWay() {
        var room = Room.group("A")
        _ = room.connect("P")
        func refuse(_ socket: String, _ event: String, ack: Int? = nil) -> [String] {
            Room.words(
                room.channels.refuse(
                    from: socket, event: event, acknowledgement: ack, code: .rateLimited, retryAfter: .milliseconds(1500), now: room.now))
        }
        let facts = #""code":"rate-limited","message":"too many messages at once: wait before the next one","retryAfter":2}"#
        #expect(refuse("A", "icecandidate") == [#"A ["refused",{"event":"icecandidate","# + facts + "]"])
        #expect(refuse("A", "create or join", ack: 7) == [#"A ack 7 [{"ok":false,"# + facts + "]"])
        #expect(refuse("P", "icecandidate") == [])
        #expect(
            refuse("P", "create or join") == [#"P ["channel join failed","too many messages at once: wait before the next one"]"#])
        #expect(refuse("nobody", "name") == [])
        #expect(room.channels.refusals == [.rateLimited: 4])
        #expect(room.channels.joins["rate-limited"] == 2)
    }

    @Test func channelsAreLimitedForGroupsToo() {
        var limits = ChannelLimits()
        limits.maximumChannels = 1
        var room = Room.group(limits: limits, "A")
        #expect(room.send("A", #"["create or join","d"]"#, ack: 1).first?.contains(#""code":"too-many-channels""#) == true)
    }

    @Test func whileStoppingNobodyComesIn() {
        var room = Room.group("A", "B")
        _ = room.connect("P")
        #expect(
            Room.words(room.channels.stopping(message: "Back in a minute.")) == [
                #"A ["server stopping",{"message":"Back in a minute."}]"#, #"B ["server stopping",{"message":"Back in a minute."}]"#,
            ])
        #expect(room.connect("C") == ["refused stopping"])
        #expect(room.send("A", #"["create or join","d"]"#, ack: 1).first?.contains(#""code":"stopping""#) == true)
        #expect(room.send("P", #"["create or join","c"]"#) == [#"P ["channel join failed","the server is stopping"]"#])
        #expect(room.send("A", #"["handshake",{"channel":"c","offer":{}}]"#).count == 1)
        #expect(room.send("A", #"["leave","c"]"#).count == 1)
    }

    @Test func everyCodeHasItsTextAndName() {
        for code in ChannelCode.allCases {
            #expect(!code.message.isEmpty)
            #expect(code.rawValue.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == 0x2d })
        }
        #expect(ChannelCode.allCases.count == 14)
    }

    @Test func unknownSocketsDoNothing() {
        var room = Room("A")
        #expect(room.send("nobody", #"["create or join","c"]"#) == [])
        #expect(room.disconnect("nobody") == [])
        #expect(room.connect("A") == [])
        #expect(room.channels.memberCount == 1)
    }
}
