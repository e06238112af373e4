import Signaling
import Testing

@testable import tchat

@Suite struct CallTargetTests {
    @Test func aNameIsAChannel() throws {
        let target = try CallTarget(" standup ", server: nil, token: "t")
        #expect(target.channel == "standup" && target.server == nil && target.token == "t")
        #expect(try CallTarget(nil, server: "192.0.2.1", token: nil).server == ServerURL(host: "192.0.2.1"))
    }

    @Test func anInvitationNamesTheServerToo() throws {
        let target = try CallTarget("https://example.org/team%20talk#token=abc.def", server: nil, token: nil)
        #expect(target.channel == "team talk" && target.token == "abc.def")
        #expect(target.server == ServerURL(isSecure: true, host: "example.org", port: 443))
        #expect(try CallTarget("http://h:1/a#token=abc", server: "http://h:1", token: "typed").token == "typed")
    }

    @Test(arguments: [
        ("https://example.org/a", "http://other:1"), ("https://example.org/", nil), ("https:///a", nil), ("", nil), ("a\u{7}", nil),
        (String(repeating: "x", count: 65), nil), ("a", "not a url"),
    ])
    func whatCannotBeIsRefusedWithASentence(typed: String, server: String?) {
        #expect { _ = try CallTarget(typed, server: server, token: nil) } throws: {
            ($0 as? PlainFailure)?.description.hasSuffix(".") == true
        }
    }
}
