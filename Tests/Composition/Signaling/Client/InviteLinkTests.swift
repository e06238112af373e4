import Primitives
import Signaling
import TestSupport
import Testing

@Suite struct InviteLinkTests {
    @Test(arguments: [
        ("https://host/standup", "https://host", "standup", nil), ("http://h:6125/standup/", "http://h:6125", "standup", nil),
        ("https://host/standup#token=abc.DEF-_", "https://host", "standup", "abc.DEF-_"),
        ("https://[::1]:7000/%EB%B0%A9?x=1#a=b&token=t.u&c", "https://[::1]:7000", "방", "t.u"),
        (" https://host/a%20b%2Fc \n", "https://host", "a b/c", nil), ("HTTPS://host//x", "https://host", "x", nil),
        ("https://host/방#", "https://host", "방", nil), ("https://host/x#token=a%2Eb", "https://host", "x", "a.b"),
    ])
    func reads(_ text: String, _ server: String, _ channel: String, _ token: String?) throws {
        #expect(InviteLink.isOne(text))
        let link = try InviteLink(text)
        #expect(link.server.description == server && link.channel == channel && link.token == token)
        #expect(try InviteLink(link.description) == link)
    }

    @Test(arguments: [
        ("https://", "names no server"), ("ftp://host/x", "names no server"), ("https://host", "no channel"),
        ("https://host/", "no channel"),
        ("https://host/#token=x", "no channel"), ("https://host/a/b", "a page"), ("https://host/-/app.js", "a page"),
        ("https://host/-", "a page"), ("https://host/metrics", "a page"), ("https://host/%6Detrics", "a page"),
        ("https://host/socket.io/?EIO=4", "a page"), ("https://host/%", "damaged"), ("https://host/%4", "damaged"),
        ("https://host/%zz", "damaged"), ("https://host/%FF", "damaged"), ("https://host/%+4", "damaged"), ("https://host/%00", "a name"),
        ("https://host/%20", "a name"), ("https://host/" + String(repeating: "x", count: 65), "a name"),
        ("https://host/x#token=", "token"), ("https://host/x#token=a b", "token"), ("https://host/x#token=%1b%5b", "token"),
        ("https://host/x#token=" + String(repeating: "t", count: 3000), "token"),
        ("https://host/" + String(repeating: "x", count: 10_000), "too long"), ("x://y", "names no server"), ("standup", "names no server"),
    ])
    func refuses(_ text: String, _ why: String) {
        let error = #expect(throws: SignalingError.self) { try InviteLink(text) }
        #expect(error?.description.contains(why) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("\u{1b}") == false)
    }

    @Test func aChannelsNameIsNoLink() {
        for name in ["standup", "a:b", "https:/x", ""] { #expect(!InviteLink.isOne(name)) }
    }

    @Test func brokenTwinsAreReadOrRefused() {
        brokenTwins(Array("https://[::1]:70/%EB%B0%A9-1?x#token=a.b%2D&c=d".utf8)) { bytes in
            let text = String(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self)
            guard let link = try? InviteLink(text) else { return }
            #expect((try? InviteLink(link.description)) == link, "\(text)")
        }
    }
}
