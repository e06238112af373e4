import Channels
import Primitives
import Testing

@Suite struct PresenceTests {
    @Test func theIdIsMadeOfTheSecretAlone() {
        for secret in ["0123456789abcdef", "0123456789abcdéf"] {
            var room = Room()
            let id = secret == "0123456789abcdef" ? "bQ6_7jJeSs88ZTzCHRhf" : "dZnLhwDG7UznLZL7L313"
            #expect(room.connectGroup("A", resume: secret) == [#"A ["connect success","\#(id)"]"#])
        }
    }

    @Test func aSecretHasToBeOne() {
        for text in [#""short""#, "7", "null", #""""#, "\"\(String(repeating: "x", count: 129))\""] {
            var room = Room()
            #expect(room.connect("A", auth: #"{"features":["group"],"resume":\#(text)}"#) == [#"A ["connect success","A"]"#])
        }
        var room = Room()
        #expect(room.connect("P", auth: #"{"resume":"0123456789abcdef"}"#) == [#"P ["connect success","P"]"#])
    }

    @Test func aPlaceIsHeldForOneWhoComesBack() {
        var limits = ChannelLimits()
        limits.capacity = 2
        var room = Room.group(limits: limits, "A", "B")
        _ = room.disconnect("B", .timedOut)
        _ = room.connectGroup("C")
        _ = room.pass(.seconds(5))
        #expect(
            room.send("C", #"["create or join","c"]"#, ack: 1) == [
                #"C ack 1 [{"ok":false,"code":"full","message":"c is full: a place is held for somebody who has lost the connection","#
                    + #""retryAfter":10}]"#
            ])
        #expect(room.connectGroup("B2", resume: Room.secret("B")) == [#"B2 ["connect success","$B"]"#.withIDs("B")])
        #expect(
            room.send("B2", #"["create or join","c"]"#, ack: 1)
                == [
                    #"B2 ack 1 [{"ok":true,"id":"$B","channel":"c","members":[{"id":"$A"}],"capacity":2,"iceServers":[]}]"#,
                    #"A ["member joined",{"channel":"c","id":"$B"}]"#,
                ].map { $0.withIDs("A", "B") })
        #expect(room.channels.absentCount == 0)
        #expect(room.pass(.seconds(20)) == [])
        #expect(room.channels.members(of: "c") == [Room.id("A"), Room.id("B")])
    }

    /// Back, but not inside again: its place may become free as well.
    @Test func aPlaceThatIsNotTakenAgainIsHeldToo() {
        var limits = ChannelLimits()
        limits.capacity = 2
        var room = Room.group(limits: limits, "A", "B")
        _ = room.connectGroup("B2", resume: Room.secret("B"))
        _ = room.connectGroup("C")
        let answer = room.send("C", #"["create or join","c"]"#, ack: 1).first ?? ""
        #expect(answer.contains(#""code":"full""#) && answer.contains(#""retryAfter":15"#), "\(answer)")
    }

    @Test func aPlaceIsGivenUpAfterTheHold() {
        var limits = ChannelLimits()
        limits.capacity = 2
        var room = Room.group(limits: limits, "A", "B")
        _ = room.disconnect("B")
        #expect(room.pass(.milliseconds(14_999)) == [])
        #expect(room.channels.absentCount == 1)
        #expect(room.pass(.milliseconds(1)) == [])
        #expect(room.channels.absentCount == 0 && room.channels.nextTimeout == nil)
        _ = room.connectGroup("C")
        #expect(room.send("C", #"["create or join","c"]"#, ack: 1).first?.contains(#""ok":true"#) == true)
    }

    @Test func aChannelOutlivesItsLastMemberByTheHold() {
        var room = Room()
        _ = room.connectGroup("A", resume: Room.secret("A"))
        _ = room.send("A", #"["create or join","c",{"password":"p","capacity":3}]"#, ack: 1)
        _ = room.disconnect("A")
        _ = room.connectGroup("B")
        #expect(room.send("B", #"["create or join","c"]"#, ack: 1).first?.contains("password-needed") == true)
        _ = room.connectGroup("A2", resume: Room.secret("A"))
        #expect(room.send("A2", #"["create or join","c"]"#, ack: 1).first?.contains(#""capacity":3"#) == true)
        _ = room.disconnect("A2")
        _ = room.pass(.seconds(15))
        #expect(room.channels.channelCount == 0)
        #expect(room.send("B", #"["create or join","c"]"#, ack: 1).first?.contains(#""ok":true"#) == true)
    }

    @Test func aNameIsHeldToo() {
        var room = Room.group("A")
        _ = room.connectGroup("B", name: "Bo", resume: Room.secret("B"))
        _ = room.send("B", #"["create or join","c"]"#)
        _ = room.disconnect("B")
        _ = room.connectGroup("B2", resume: Room.secret("B"))
        #expect(
            room.send("B2", #"["create or join","c"]"#) == [#"A ["member joined",{"channel":"c","id":"$B","name":"Bo"}]"#.withIDs("B")])
    }

    @Test(arguments: [true, false])
    func whoSaysGoodbyeFreesThePlaceAtOnce(_ byLeaving: Bool) {
        var limits = ChannelLimits()
        limits.capacity = 2
        var room = Room.group(limits: limits, "A", "B")
        let out = byLeaving ? room.send("B", #"["leave","c"]"#) : room.disconnect("B", .left)
        #expect(out == [#"A ["member left",{"channel":"c","id":"$B","reason":"left"}]"#.withIDs("B")])
        #expect(room.channels.absentCount == 0)
        _ = room.connectGroup("C")
        #expect(room.send("C", #"["create or join","c"]"#, ack: 1).first?.contains(#""ok":true"#) == true)
    }

    @Test func aHeldPlaceCanBeGivenBack() {
        for byLeaving in [true, false] {
            var room = Room.group("A", "B")
            _ = room.disconnect("B")
            _ = room.connectGroup("B2", resume: Room.secret("B"))
            #expect(
                byLeaving
                    ? room.send("B2", #"["leave","c"]"#, ack: 3) == [#"B2 ack 3 [{"ok":true}]"#] : room.disconnect("B2", .left) == [])
            #expect(room.channels.absentCount == 0)
        }
    }

    @Test func withoutASecretNothingIsHeld() {
        var room = Room.group("A")
        _ = room.connectGroup("B")
        _ = room.send("B", #"["create or join","c"]"#)
        #expect(room.disconnect("B") == [#"A ["member left",{"channel":"c","id":"B","reason":"disconnected"}]"#])
        #expect(room.channels.absentCount == 0 && room.channels.nextTimeout == nil)
    }

    // MARK: Ghosts

    @Test func aGhostIsReplacedInSilence() {
        var room = Room.group("A", "B")
        #expect(room.connectGroup("B2", resume: Room.secret("B")) == ["B closed", #"B2 ["connect success","$B"]"#.withIDs("B")])
        #expect(room.disconnect("B") == [])
        #expect(room.send("A", #"["handshake",{"channel":"c","to":"$B","offer":{}}]"#.withIDs("B")) == [])
        #expect(room.channels.refusals == [:])
        let out = room.send("B2", #"["create or join","c"]"#, ack: 1)
        #expect(out.count == 1 && out.first?.contains(#""members":[{"id":"$A"}]"#.withIDs("A")) == true)
        #expect(room.channels.members(of: "c") == [Room.id("A"), Room.id("B")])
        #expect(room.send("A", #"["handshake",{"channel":"c","to":"$B","offer":{}}]"#.withIDs("B")).count == 1)
        #expect(room.pass(.seconds(30)) == [])
        #expect(room.channels.members(of: "c").count == 2)
    }

    @Test func oneWhoDoesNotJoinAgainHasGone() {
        var room = Room.group("A", "B")
        _ = room.connectGroup("B2", resume: Room.secret("B"))
        #expect(room.pass(.milliseconds(14_999)) == [])
        #expect(
            room.pass(.milliseconds(1)) == [#"A ["member left",{"channel":"c","id":"$B","reason":"disconnected"}]"#.withIDs("B")])
        #expect(room.channels.members(of: "c") == [Room.id("A")])
    }

    @Test func oneWhoIsLostBeforeItJoinsAgainHasGoneAtOnce() {
        var room = Room.group("A", "B")
        _ = room.connectGroup("B2", resume: Room.secret("B"))
        _ = room.pass(.seconds(5))
        #expect(
            room.disconnect("B2", .timedOut) == [#"A ["member left",{"channel":"c","id":"$B","reason":"timeout"}]"#.withIDs("B")])
        #expect(room.channels.absentCount == 1)
        #expect(room.pass(.seconds(10)) == [])
        #expect(room.channels.absentCount == 0)
    }

    /// Coming back for one channel does not keep the place in another for ever.
    @Test func eachPlaceHasItsOwnEnd() {
        var room = Room.group("A", "B")
        _ = room.send("B", #"["create or join","d"]"#)
        _ = room.disconnect("B")
        for round in 0..<4 {
            _ = room.pass(.seconds(5))
            _ = room.connectGroup("B\(round)", resume: Room.secret("B"))
            _ = room.send("B\(round)", #"["create or join","c"]"#)
            _ = room.disconnect("B\(round)")
        }
        #expect(room.channels.channelCount == 1)
    }

    /// The server's memory is gone, the clients come back as they were.
    @Test func aNewServerKnowsTheSameMembers() {
        var before = Room.group("A", "B", "C")
        let members = before.channels.members(of: "c")
        _ = before.pass(.seconds(1))
        let after = Room.group("A", "B", "C")
        #expect(after.channels.members(of: "c") == members)
        #expect(Set(members).count == 3)
    }

    @Test func aMemberCannotHaveMoreThanItsChannelsByComingAndGoing() {
        var limits = ChannelLimits()
        limits.maximumChannelsPerMember = 3
        var room = Room(limits: limits)
        for round in 0..<5 {
            _ = room.connectGroup("A\(round)", resume: Room.secret("A"))
            _ = room.send("A\(round)", "[\"create or join\",\"\(round)\"]")
            _ = room.disconnect("A\(round)")
        }
        #expect(room.channels.channelCount == 3)
        #expect(room.channels.refusals == [.tooManyChannels: 2])
    }

    @Test func aCrowdThatIsLostLeavesNothing() {
        var limits = ChannelLimits()
        limits.maximumChannels = 2000
        var room = Room(limits: limits)
        for index in 0..<3000 {
            _ = room.connectGroup("M\(index)", resume: Room.secret("M\(index)"))
            _ = room.send("M\(index)", "[\"create or join\",\"\(index / 3)\"]")
        }
        #expect(room.channels.channelCount == 1000)
        var told = 0
        for index in 0..<3000 where index % 3 != 0 { told += room.disconnect("M\(index)").count }
        #expect(told == 3000)
        for index in 0..<1000 { #expect(room.channels.members(of: String(index)) == [Room.id("M\(index * 3)")]) }
        for index in 0..<1000 { _ = room.disconnect("M\(index * 3)") }
        _ = room.pass(.seconds(15))
        #expect(room.channels.channelCount == 0 && room.channels.memberCount == 0 && room.channels.absentCount == 0)
    }
}
