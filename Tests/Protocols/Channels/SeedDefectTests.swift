import Channels
import Testing

/// Each defect of the seed's server, and what is done instead.
@Suite struct SeedDefectTests {
    @Test(arguments: [
        #"["handshake"]"#, #"["handshake",null]"#, #"["handshake",7]"#, #"["handshake",{}]"#, #"["handshake",{"channel":"c"}]"#,
        #"["handshake",{"channel":"c","offer":"text"}]"#, #"["handshake",{"channel":7,"offer":{}}]"#, #"["icecandidate"]"#,
        #"["icecandidate",null]"#,
        #"["icecandidate",{"channel":"c"}]"#, #"["icecandidate","c"]"#, #"["icecandidate","c",5]"#,
        #"["icecandidate",{"channel":{},"candidate":{}}]"#,
        #"["handshake",["channel","c"]]"#, #"["handshake",{"channel":"c","offer":null,"answer":[]}]"#,
        #"["handshake",{"channel":"c","offer":{},"to":7}]"#, #"["handshake",{"offer":{}}]"#, #"["icecandidate",{"candidate":{}}]"#,
        #"["leave"]"#, #"["leave",{}]"#, #"["leave",""]"#, #"["name"]"#, #"["name",3]"#, #"["unheard of",1]"#,
    ])
    func whatIsMalformedIsIgnoredAndCounted(_ text: String) {
        var room = Room.pair()
        #expect(room.send("A", text) == [])
        #expect(room.channels.refusals.values.reduce(0, +) == 1)
        #expect(room.channels.members(of: "c") == ["A", "B"])
    }

    @Test(arguments: [
        #"["icecandidate",{"channel":"c","candidate":{"candidate":"x","sdpMid":"0"}}]"#,
        #"["icecandidate","c",{"candidate":"x","sdpMid":"0"}]"#,
        #"["icecandidate",{"channel":"c","iceCandidate":{"candidate":"x","sdpMid":"0"}}]"#,
    ])
    func bothFormsOfACandidateReachBothKindsOfClient(_ text: String) {
        var room = Room.pair()
        let value = #"{"candidate":"x","sdpMid":"0"}"#
        #expect(room.send("A", text) == ["B [\"icecandidate\",{\"candidate\":\(value),\"iceCandidate\":\(value)}]"])
    }

    @Test func aRefusedThirdIsNoMember() {
        var room = Room.pair()
        _ = room.send("X", #"["create or join","c"]"#)
        #expect(room.channels.members(of: "c") == ["A", "B"])
        #expect(room.send("X", #"["leave","c"]"#) == [])
        #expect(room.disconnect("X") == [])
        #expect(room.send("A", #"["handshake",{"channel":"c","offer":{}}]"#).count == 1)
    }

    @Test func aDisconnectDoesAllThatLeaveDoes() {
        var room = Room.pair()
        _ = room.send("A", #"["create or join","d"]"#)
        #expect(
            room.disconnect("A") == [
                #"B ["message","A님이 퇴장하셨습니다."]"#, #"B ["closeConnection","c"]"#, #"B ["wait","c"]"#,
            ])
        #expect(room.channels.channelCount == 1)
        #expect(room.send("X", #"["create or join","c"]"#).first == #"B ["ready","c"]"#)
        #expect(room.disconnect("A") == [])
    }

    @Test func joiningTwiceChangesNothing() {
        var room = Room.pair()
        #expect(room.send("B", #"["create or join","c"]"#) == [])
        #expect(room.send("A", #"["create or join"," c "]"#) == [])
        #expect(room.channels.members(of: "c") == ["A", "B"])
    }

    @Test func onlyMembersRelay() {
        var room = Room.pair()
        #expect(room.send("X", #"["handshake",{"channel":"c","offer":{}}]"#) == [])
        #expect(room.send("X", #"["icecandidate",{"channel":"c","candidate":{}}]"#) == [])
        #expect(room.channels.refusals[.notMember] == 2)
    }

    @Test func aSocketsIdIsNoChannel() {
        var room = Room.pair()
        #expect(room.send("A", #"["handshake",{"channel":"B","offer":{}}]"#) == [])
        #expect(room.send("X", #"["create or join","B"]"#).count == 1)
        #expect(room.send("X", #"["handshake",{"channel":"B","offer":{}}]"#) == [])
    }

    @Test(arguments: [
        #"["create or join"]"#, #"["create or join",null]"#, #"["create or join",7]"#, #"["create or join",{"a":1}]"#,
        #"["create or join",""]"#,
        #"["create or join"," \t "]"#, #"["create or join","a\u0000b"]"#, #"["create or join","a\nb"]"#, #"["create or join","a\u202eb"]"#,
        "[\"create or join\",\"\(String(repeating: "방", count: 65))\"]",
        "[\"create or join\",\"a\(String(repeating: "\u{301}", count: 400))\"]",
    ])
    func badNamesAreRefused(_ text: String) {
        var room = Room("A")
        let out = room.send("A", text)
        #expect(out.count == 1 && out.first?.hasPrefix(#"A ["channel join failed","#) == true)
        #expect(room.channels.channelCount == 0)
        #expect(room.channels.refusals == [.badName: 1])
    }

    @Test func aNumberAndItsDigitsAreNotTheSameName() {
        var room = Room("A", "B")
        #expect(room.send("A", #"["create or join",7]"#).count == 1)
        #expect(room.send("B", #"["create or join","7"]"#) == [#"B ["message","B님이 방에 입장하셨습니다."]"#])
        #expect(room.channels.members(of: "7") == ["B"])
    }

    @Test func namesAreTrimmed() {
        var room = Room("A", "B")
        _ = room.send("A", "[\"create or join\",\" \(String(repeating: "방", count: 64)) \"]")
        #expect(room.channels.members(of: String(repeating: "방", count: 64)) == ["A"])
        _ = room.send("A", #"["create or join","7"]"#)
        #expect(room.send("B", #"["create or join"," 7"]"#).first == #"A ["ready","7"]"#)
    }

    @Test func channelsAreCappedAndDeletedWhenEmpty() {
        var limits = ChannelLimits()
        limits.maximumChannels = 3
        limits.maximumChannelsPerMember = 2
        var room = Room(limits: limits, "A", "B")
        for name in ["1", "2"] { #expect(room.send("A", "[\"create or join\",\"\(name)\"]").count == 1) }
        #expect(room.send("A", #"["create or join","3"]"#) == [#"A ["channel join failed","too many channels"]"#])
        _ = room.send("B", #"["create or join","3"]"#)
        #expect(room.send("B", #"["create or join","4"]"#) == [#"B ["channel join failed","too many channels"]"#])
        _ = room.send("A", #"["leave","1"]"#)
        #expect(room.channels.channelCount == 2)
        #expect(room.send("B", #"["create or join","4"]"#).count == 1)
    }

    @Test func moreThanTwoCanMeet() {
        var room = Room.group("A", "B", "C", "D")
        #expect(room.channels.members(of: "c").count == 4)
        #expect(room.send("A", #"["handshake",{"channel":"c","offer":{}}]"#).count == 3)
    }

    @Test func theMessageAfterReadyNamesTheSecond() {
        var room = Room("A", "B")
        _ = room.send("A", #"["create or join","c"]"#)
        let out = room.send("B", #"["create or join","c"]"#)
        let ready = out.firstIndex(of: #"A ["ready","c"]"#)
        let message = out.firstIndex(of: #"A ["message","B님이 방에 입장하셨습니다."]"#)
        #expect(ready != nil && message != nil && ready ?? 0 < message ?? 0)
    }
}
