import Channels
import Testing

@Suite struct ChannelListTests {
    @Test func listsWhatIsOpen() throws {
        var room = Room("X")
        _ = room.connect("A", auth: #"{"name":" ana\u0007 "}"#)
        _ = room.send("A", #"["create or join","c"]"#)
        _ = room.send("X", #"["create or join","b"]"#)
        let list = #"[{"name":"b","members":1,"names":[],"capacity":2},{"name":"c","members":1,"names":["ana"],"capacity":2}]"#
        #expect(room.send("X", #"["channels"]"#, ack: 5) == ["X ack 5 [\(list)]"])
        #expect(room.send("X", #"["channels"]"#) == ["X [\"channels\",\(list)]"])
    }

    @Test func tellsThoseWhoAskedWhenItChanges() {
        var room = Room("A", "B", "X")
        #expect(room.updates() == [])
        _ = room.send("X", #"["channels"]"#, ack: 1)
        _ = room.send("A", #"["create or join","c"]"#)
        #expect(room.channels.isListStale)
        #expect(room.updates() == [#"X ["channels",[{"name":"c","members":1,"names":[],"capacity":2}]]"#])
        #expect(room.updates() == [])
        #expect(room.send("A", #"["name","ana"]"#) == [])
        #expect(room.updates() == [#"X ["channels",[{"name":"c","members":1,"names":["ana"],"capacity":2}]]"#])
        _ = room.disconnect("A")
        #expect(room.updates() == [#"X ["channels",[]]"#])
        _ = room.disconnect("X")
        _ = room.send("B", #"["create or join","c"]"#)
        #expect(room.updates() == [])
    }

    @Test func namesAreCleanedAndBounded() throws {
        #expect(Naming.personName("  a\u{1b}[31m\u{202e}b\n ") == "a[31mb")
        #expect(Naming.personName(String(repeating: "수", count: 100))?.count == 32)
        #expect(Naming.personName("a" + String(repeating: "\u{301}", count: 500)) == nil)
        #expect(Naming.personName("👩‍👩‍👧") == "👩‍👩‍👧")
        #expect(Naming.personName(" \u{0}\u{9f} ") == nil)
    }

    @Test func showsCapacityAndPassword() {
        var room = Room("X")
        _ = room.connectGroup("A", name: "ana")
        _ = room.send("A", #"["create or join","c",{"capacity":3,"password":"p"}]"#)
        #expect(
            room.send("X", #"["channels"]"#, ack: 5) == [
                #"X ack 5 [[{"name":"c","members":1,"names":["ana"],"capacity":3,"password":true}]]"#
            ])
        _ = room.send("X", #"["create or join","c",{"password":"p"}]"#)
        #expect(room.updates() == [#"X ["channels",[{"name":"c","members":2,"names":["ana"],"capacity":2,"password":true}]]"#])
    }

    /// Nobody can be called there, though the name is still taken.
    @Test func leavesOutWhereNobodyIs() {
        var room = Room.group("A")
        _ = room.connect("X")
        _ = room.disconnect("A")
        #expect(room.channels.channelCount == 1)
        #expect(room.send("X", #"["channels"]"#, ack: 5) == ["X ack 5 [[]]"])
    }

    @Test func endsAfterItsRows() {
        var limits = ChannelLimits()
        limits.maximumListed = 3
        limits.maximumChannelsPerMember = 1000
        var room = Room(limits: limits, "A", "X")
        var names = (0..<100).map { String(($0 * 37) % 100 + 100) }
        for name in names { _ = room.send("A", "[\"create or join\",\"\(name)\"]") }
        func listed() -> [String] {
            room.send("X", #"["channels"]"#, ack: 1).first?.split(separator: "\"name\":\"").dropFirst().map { String($0.prefix(3)) } ?? []
        }
        names.sort()
        #expect(listed() == Array(names.prefix(3)))
        _ = room.send("A", "[\"leave\",\"100\"]")
        #expect(listed() == Array(names.dropFirst().prefix(3)))
    }

    @Test func isNotKeptForNobody() {
        var room = Room("A", "X")
        _ = room.send("A", #"["create or join","c"]"#)
        #expect(!room.channels.isListStale)
    }
}
