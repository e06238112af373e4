import Channels
import JSON
import Primitives
import Testing

@Suite struct ChannelListTests {
    private func auth(_ text: String) throws -> RawJSON { try RawJSON(validating: Array(text.utf8)) }

    @Test func listsWhatIsOpen() throws {
        var room = Room("X")
        _ = room.channels.connected("A", auth: try auth(#"{"name":" ana\u0007 "}"#))
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

    @Test func membersAreToldOfEachOtherWhenTheyAskForIt() throws {
        var room = Room("P")
        _ = room.channels.connected("A", auth: try auth(#"{"name":"ana","features":["members"]}"#))
        _ = room.channels.connected("B", auth: try auth(#"{"features":["members",7]}"#))
        _ = room.send("A", #"["create or join","c"]"#)
        #expect(
            room.send("B", #"["create or join","c"]"#).prefix(3) == [
                #"A ["member joined",{"channel":"c","id":"B"}]"#, #"B ["member joined",{"channel":"c","id":"A","name":"ana"}]"#,
                #"A ["ready","c"]"#,
            ])
        #expect(room.disconnect("A").first == #"B ["member left",{"channel":"c","id":"A","name":"ana","reason":"disconnected"}]"#)
        #expect(room.send("P", #"["create or join","c"]"#).filter { $0.hasPrefix("P") && $0.contains("member") } == [])
    }

    @Test func staysConsistentUnderAnything() {
        let ids = ["A", "B", "C", "D", "E"]
        let names = ["a", "b", "c"]
        for seed: UInt64 in 0..<100 {
            var random = RandomSource.seeded(seed)
            var room = Room()
            var model: [String: [String]] = [:]
            var online: Set<String> = []
            for step in 0..<200 {
                let id = ids.randomElement(using: &random) ?? "A"
                let name = names.randomElement(using: &random) ?? "a"
                switch Int.random(in: 0..<6, using: &random) {
                case 0:
                    if online.insert(id).inserted { _ = room.channels.connected(id) }
                case 1:
                    _ = room.disconnect(id)
                    online.remove(id)
                    for key in names { model[key]?.removeAll { $0 == id } }
                case 2:
                    _ = room.send(id, "[\"leave\",\"\(name)\"]")
                    model[name]?.removeAll { $0 == id }
                case 3:
                    let others =
                        online.contains(id) && model[name]?.contains(id) == true ? model[name, default: []].filter { $0 != id } : []
                    let out = room.send(id, "[\"handshake\",{\"channel\":\"\(name)\",\"offer\":{}}]")
                    #expect(out.map { String($0.prefix(1)) } == others, "seed \(seed), step \(step)")
                default:
                    _ = room.send(id, "[\"create or join\",\"\(name)\"]")
                    if online.contains(id), model[name, default: []].count < 2, !model[name, default: []].contains(id) {
                        model[name, default: []].append(id)
                    }
                }
                for key in names { #expect(room.channels.members(of: key) == model[key, default: []], "seed \(seed), step \(step)") }
                #expect(room.channels.channelCount == model.values.count { !$0.isEmpty }, "seed \(seed), step \(step)")
            }
        }
    }
}
