import Channels
import Primitives
import Testing

@Suite struct PasswordTests {
    private let home = IPAddress.v4(0x0a00_0001)

    /// A channel with a password, and a client of each kind outside.
    private func room(limits: ChannelLimits = ChannelLimits()) -> Room {
        var room = Room(limits: limits)
        _ = room.connectGroup("A")
        _ = room.send("A", #"["create or join","c",{"password":"pässword"}]"#, ack: 1)
        _ = room.connect("B", auth: #"{"features":["group"]}"#, address: home)
        _ = room.connect("P", address: home)
        return room
    }

    private func code(_ lines: [String]) -> String? {
        lines.first.flatMap {
            $0.contains("\"ok\":true") ? "ok" : $0.split(separator: "\"code\":\"").last?.split(separator: "\"").first.map(String.init)
        }
    }

    @Test func isAskedOfEachNewMember() {
        var room = room()
        #expect(code(room.send("B", #"["create or join","c"]"#, ack: 1)) == "password-needed")
        #expect(code(room.send("B", #"["create or join","c",{"password":""}]"#, ack: 1)) == "password-needed")
        #expect(code(room.send("B", #"["create or join","c",{"password":"p\u00e4sswort"}]"#, ack: 1)) == "wrong-password")
        #expect(code(room.send("B", #"["create or join","c",{"password":"p\u00e4ssword"}]"#, ack: 1)) == "ok")
        #expect(room.channels.joins == ["ok": 2, "password-needed": 2, "wrong-password": 1])
        #expect(room.channels.refusals == [.passwordNeeded: 2, .wrongPassword: 1])
    }

    @Test func aPlainOneIsToldInWords() {
        var room = room()
        #expect(room.send("P", #"["create or join","c"]"#) == [#"P ["channel join failed","the channel has a password: join with it"]"#])
        #expect(room.send("P", #"["create or join","c",{"password":"x"}]"#) == [#"P ["channel join failed","the password is not right"]"#])
        #expect(room.send("P", #"["create or join","c",{"password":"pässword"}]"#).contains(#"P ["ready","c"]"#))
    }

    @Test func aLaterMemberDoesNotChangeIt() {
        var room = Room.group("A")
        _ = room.connectGroup("B")
        #expect(code(room.send("B", #"["create or join","c",{"password":"mine"}]"#, ack: 1)) == "ok")
        _ = room.connectGroup("C")
        #expect(code(room.send("C", #"["create or join","c"]"#, ack: 1)) == "ok")
    }

    @Test func goesWithTheChannel() {
        var room = room()
        _ = room.send("A", #"["leave","c"]"#)
        #expect(code(room.send("B", #"["create or join","c"]"#, ack: 1)) == "ok")
    }

    @Test func guessesFromOneAddressAreLimited() {
        var room = room()
        for _ in 0..<4 { #expect(code(room.send("B", #"["create or join","c",{"password":"no"}]"#, ack: 1)) == "wrong-password") }
        _ = room.send("P", #"["create or join","c",{"password":"no"}]"#)
        _ = room.pass(.seconds(20))
        let out = room.send("B", #"["create or join","c",{"password":"pässword"}]"#, ack: 1)
        #expect(code(out) == "too-many-tries" && out.first?.contains(#""retryAfter":40}"#) == true)
        #expect(code(room.send("B", #"["create or join","c"]"#, ack: 1)) == "password-needed")
        _ = room.connect("F", auth: #"{"features":["group"]}"#, address: .v4(7))
        #expect(code(room.send("F", #"["create or join","c",{"password":"pässword"}]"#, ack: 1)) == "ok")
        _ = room.pass(.seconds(40))
        #expect(code(room.send("B", #"["create or join","c",{"password":"pässword"}]"#, ack: 1)) == "ok")
        #expect(room.channels.nextTimeout == nil)
    }

    @Test func aHostHasAllOfItsIPv6Network() {
        var room = room()
        for host: UInt64 in 0..<5 {
            _ = room.connect("V\(host)", auth: #"{"features":["group"]}"#, address: .v6(0x2001_0db8_0000_0001, host))
            #expect(code(room.send("V\(host)", #"["create or join","c",{"password":"no"}]"#, ack: 1)) == "wrong-password")
        }
        #expect(code(room.send("V0", #"["create or join","c",{"password":"pässword"}]"#, ack: 1)) == "too-many-tries")
        _ = room.connect("W", auth: #"{"features":["group"]}"#, address: .v6(0x2001_0db8_0000_0002, 0))
        #expect(code(room.send("W", #"["create or join","c",{"password":"pässword"}]"#, ack: 1)) == "ok")
    }

    @Test func guessesAtOneChannelAreLimited() {
        var limits = ChannelLimits()
        // Addresses are forgotten beyond the first three: the channel still has its own limit.
        limits.maximumAddresses = 3
        var room = room(limits: limits)
        for index in 0..<30 {
            _ = room.connect("M\(index)", auth: #"{"features":["group"]}"#, address: .v4(UInt32(index)))
            #expect(code(room.send("M\(index)", #"["create or join","c",{"password":"no"}]"#, ack: 1)) == "wrong-password")
        }
        #expect(code(room.send("B", #"["create or join","c",{"password":"pässword"}]"#, ack: 1)) == "too-many-tries")
        _ = room.pass(.seconds(60))
        #expect(code(room.send("B", #"["create or join","c",{"password":"pässword"}]"#, ack: 1)) == "ok")
    }

    @Test func oneWhoComesBackNeedsNone() {
        var room = room()
        _ = room.connectGroup("C", resume: Room.secret("C"))
        _ = room.send("C", #"["create or join","c",{"password":"pässword"}]"#, ack: 1)
        _ = room.disconnect("C")
        _ = room.connectGroup("C2", resume: Room.secret("C"))
        #expect(code(room.send("C2", #"["create or join","c"]"#, ack: 1)) == "ok")
        _ = room.send("C2", #"["leave","c"]"#)
        #expect(code(room.send("C2", #"["create or join","c"]"#, ack: 1)) == "password-needed")
    }

    @Test func isBounded() {
        var room = Room()
        _ = room.connectGroup("A")
        let long = String(repeating: "x", count: 257)
        #expect(code(room.send("A", "[\"create or join\",\"c\",{\"password\":\"\(long)\"}]", ack: 1)) == "malformed")
        #expect(code(room.send("A", "[\"create or join\",\"c\",{\"password\":\"\(long.dropLast())\"}]", ack: 1)) == "ok")
    }

    /// Whatever is wrong with the cryptography, nobody gets in by it.
    @Test func withoutDigestsNobodyComesIn() {
        var room = Room()
        let none = ChannelCrypto(sha256: { _ in [] }, hmacSHA256: { _, _ in [] }, hmacSHA1: { _, _ in [] })
        room.channels = Channels(crypto: none, random: .seeded(1))
        _ = room.connectGroup("A", resume: Room.secret("A"))
        _ = room.connectGroup("B", resume: Room.secret("B"))
        _ = room.send("A", #"["create or join","c",{"password":"p"}]"#)
        #expect(room.channels.members(of: "c") == ["A"])
        #expect(code(room.send("B", #"["create or join","c",{"password":"p"}]"#, ack: 1)) == "wrong-password")
    }
}
