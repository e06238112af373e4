import Channels
import Testing

@Suite struct GroupFlowTests {
    @Test func answersAJoinWithWhoIsThere() {
        var room = Room()
        #expect(room.connectGroup("A", name: "Ada") == [#"A ["connect success","A"]"#])
        _ = room.connectGroup("B")
        _ = room.connectGroup("C", name: "Cy")
        #expect(
            room.send("A", #"["create or join"," c "]"#, ack: 4) == [
                #"A ack 4 [{"ok":true,"id":"A","channel":"c","members":[],"capacity":8,"iceServers":[]}]"#
            ])
        #expect(
            room.send("B", #"["create or join","c"]"#, ack: 0) == [
                #"B ack 0 [{"ok":true,"id":"B","channel":"c","members":[{"id":"A","name":"Ada"}],"capacity":8,"iceServers":[]}]"#,
                #"A ["member joined",{"channel":"c","id":"B"}]"#,
            ])
        #expect(
            room.send("C", #"["create or join","c"]"#) == [
                #"A ["member joined",{"channel":"c","id":"C","name":"Cy"}]"#, #"B ["member joined",{"channel":"c","id":"C","name":"Cy"}]"#,
            ])
        #expect(room.channels.joins == ["ok": 3])
    }

    @Test func relaysToAllOthersOrToOne() {
        var room = Room.group("A", "B", "C")
        let toAll = #"["handshake",{"channel":"c","from":"$A","offer":{"sdp":"x"}}]"#.withIDs("A")
        #expect(room.send("A", #"["handshake",{"channel":"c","offer":{"sdp":"x"}}]"#) == ["B \(toAll)", "C \(toAll)"])
        #expect(
            room.send("B", #"["handshake",{"to":"$C","channel":"c","answer":{"sdp":"y"}}]"#.withIDs("C")) == [
                #"C ["handshake",{"channel":"c","from":"$B","answer":{"sdp":"y"}}]"#.withIDs("B")
            ])
        #expect(
            room.send("C", #"["icecandidate",{"channel":"c","to":"$A","candidate":{"candidate":"x"}}]"#.withIDs("A")) == [
                #"A ["icecandidate",{"channel":"c","from":"$C","candidate":{"candidate":"x"},"iceCandidate":{"candidate":"x"}}]"#.withIDs(
                    "C")
            ])
        #expect(room.send("A", #"["handshake",{"channel":"c","to":null,"offer":{}}]"#).count == 2)
        #expect(room.send("A", #"["handshake",{"channel":"c","to":"$A","offer":{}}]"#.withIDs("A")) == [])
        #expect(room.channels.relayed == 6)
    }

    /// `member left` tells the sender, or is about to; who asks for an answer gets one.
    @Test func whatIsForNobodyIsDroppedAndCounted() {
        var room = Room.group("A", "B")
        #expect(room.send("A", #"["handshake",{"channel":"c","to":"gone","offer":{}}]"#) == [])
        #expect(room.channels.refusals == [.notMember: 1])
        let answer = room.send("A", #"["handshake",{"channel":"c","to":"gone","offer":{}}]"#, ack: 3)
        #expect(answer.count == 1 && answer.first?.hasPrefix(#"A ack 3 [{"ok":false,"code":"not-member","message":"#) == true)
        #expect(
            room.send("A", #"["handshake",{"channel":"c","to":"$B","offer":{}}]"#.withIDs("B"), ack: 4).first == #"A ack 4 [{"ok":true}]"#)
    }

    @Test func tellsWhyAMemberHasGone() {
        var room = Room.group("A", "B", "C", "D")
        #expect(
            room.send("B", #"["leave","c"]"#, ack: 2) == [
                #"B ack 2 [{"ok":true}]"#, #"A ["member left",{"channel":"c","id":"$B","reason":"left"}]"#.withIDs("B"),
                #"C ["member left",{"channel":"c","id":"$B","reason":"left"}]"#.withIDs("B"),
                #"D ["member left",{"channel":"c","id":"$B","reason":"left"}]"#.withIDs("B"),
            ])
        #expect(
            room.disconnect("C", .closed).first == #"A ["member left",{"channel":"c","id":"$C","reason":"disconnected"}]"#.withIDs("C"))
        #expect(room.disconnect("D", .timedOut) == [#"A ["member left",{"channel":"c","id":"$D","reason":"timeout"}]"#.withIDs("D")])
        #expect(room.disconnect("A", .left) == [])
    }

    @Test func aChannelHoldsWhatItWasMadeFor() {
        var limits = ChannelLimits()
        limits.capacity = 4
        for (asked, got) in [
            ("", 4), (#",{"capacity":3}"#, 3), (#",{"capacity":1}"#, 2), (#",{"capacity":64}"#, 4), (",{}", 4), (",null", 4),
        ] {
            var room = Room(limits: limits)
            for index in 0..<6 {
                _ = room.connectGroup("M\(index)")
                let out = room.send("M\(index)", "[\"create or join\",\"c\"\(asked)]", ack: 1)
                if index < got {
                    #expect(out.first?.contains("\"capacity\":\(got),") == true, "\(asked), member \(index)")
                } else {
                    #expect(out == [#"M\#(index) ack 1 [{"ok":false,"code":"full","message":"c is full"}]"#], "\(asked), member \(index)")
                }
            }
        }
    }

    @Test(arguments: [#""x""#, "[]", #"{"capacity":"3"}"#, #"{"capacity":2.5}"#, #"{"password":3}"#, #"{"capacity":99999999999999999999}"#])
    func wrongOptionsAreRefused(_ options: String) {
        var room = Room()
        _ = room.connectGroup("A")
        let out = room.send("A", "[\"create or join\",\"c\",\(options)]", ack: 1)
        #expect(out.count == 1 && out.first?.hasPrefix(#"A ack 1 [{"ok":false,"code":"malformed","#) == true)
        #expect(room.channels.channelCount == 0)
    }

    @Test func joiningTwiceIsAnsweredAgainAndToldNobody() {
        var room = Room.group("A", "B")
        let out = room.send("B", #"["create or join","c"]"#, ack: 9)
        #expect(
            out.count == 1
                && out.first?.hasPrefix(#"B ack 9 [{"ok":true,"id":"$B","channel":"c","members":[{"id":"$A"}]"#.withIDs("A", "B")) == true)
        #expect(room.channels.joins == ["ok": 2])
        #expect(room.channels.members(of: "c").count == 2)
    }

    @Test func leavingWhereOneIsNotIsRefused() {
        var room = Room.group("A")
        #expect(room.send("A", #"["leave","d"]"#, ack: 1).first?.hasPrefix(#"A ack 1 [{"ok":false,"code":"not-member""#) == true)
    }
}

/// A plain client among group clients: it makes a channel one of two.
@Suite struct MixedChannelTests {
    @Test func aPlainOneSeesTheSeedsEventsAlone() {
        var room = Room.group("A")
        _ = room.connect("P", auth: #"{"name":"Pat"}"#)
        #expect(
            room.send("P", #"["create or join","c"]"#) == [
                #"A ["member joined",{"channel":"c","id":"P","name":"Pat","plain":true}]"#, #"P ["ready","c"]"#,
                #"P ["message","P님이 방에 입장하셨습니다."]"#, #"P ["message","연결을 시작합니다."]"#,
            ])
        #expect(
            room.send("A", #"["handshake",{"channel":"c","to":"P","offer":{"sdp":"x"}}]"#) == [#"P ["handshake",{"offer":{"sdp":"x"}}]"#])
        #expect(
            room.send("P", #"["handshake",{"channel":"c","answer":{"sdp":"y"}}]"#) == [
                #"A ["handshake",{"channel":"c","from":"P","answer":{"sdp":"y"}}]"#
            ])
        #expect(
            room.send("A", #"["icecandidate",{"channel":"c","to":"P","candidate":null}]"#) == [
                #"P ["icecandidate",{"candidate":null,"iceCandidate":null}]"#
            ])
        #expect(
            room.send("A", #"["leave","c"]"#)
                == [
                    #"P ["message","$A님이 퇴장하셨습니다."]"#, #"P ["closeConnection","c"]"#, #"P ["wait","c"]"#,
                ].map { $0.withIDs("A") })
    }

    @Test func aGroupOneIsTheSecondOfAPlainOne() {
        var room = Room("P")
        _ = room.send("P", #"["create or join","c"]"#)
        _ = room.connectGroup("A")
        #expect(
            room.send("A", #"["create or join","c"]"#, ack: 1) == [
                #"A ack 1 [{"ok":true,"id":"A","channel":"c","members":[{"id":"P","plain":true}],"capacity":2,"iceServers":[]}]"#,
                #"P ["ready","c"]"#, #"P ["message","A님이 방에 입장하셨습니다."]"#, #"P ["message","연결을 시작합니다."]"#,
            ])
        #expect(room.disconnect("P") == [#"A ["member left",{"channel":"c","id":"P","plain":true,"reason":"disconnected"}]"#])
    }

    @Test func isRefusedWhereTwoAre() {
        var room = Room.group("A", "B")
        _ = room.connect("P")
        #expect(room.send("P", #"["create or join","c"]"#) == [#"P ["channel join failed","c is full"]"#])
        _ = room.send("B", #"["leave","c"]"#)
        #expect(room.send("P", #"["create or join","c"]"#).count == 4)
        #expect(room.send("B", #"["create or join","c"]"#, ack: 1).first?.contains(#""code":"full""#) == true)
        _ = room.send("P", #"["leave","c"]"#)
        _ = room.connectGroup("D")
        #expect(room.send("B", #"["create or join","c"]"#, ack: 1).first?.contains(#""capacity":8"#) == true)
        #expect(room.send("D", #"["create or join","c"]"#, ack: 1).first?.contains(#""ok":true"#) == true)
    }

    @Test func getsNeitherRefusalsNorTheServersEnd() {
        var room = Room.group("A")
        _ = room.connect("P")
        #expect(room.send("P", #"["handshake",{"channel":"c","offer":{}}]"#) == [])
        #expect(Room.words(room.channels.stopping()) == [#"A ["server stopping",{"message":"The server is stopping."}]"#])
    }
}
