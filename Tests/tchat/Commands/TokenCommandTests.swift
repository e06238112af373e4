import Channels
import Signaling
import Testing

@testable import tchat

@Suite struct TokenCommandTests {
    private let secret = Array("0123456789abcdef".utf8)

    private func lines(_ arguments: [String], at time: Int64 = 1_000_000) throws -> [String] {
        try TokenCommand.parse(["--secret", "unused"] + arguments).lines(secret: secret, unixTime: time)
    }

    private func verify(_ text: String, at time: Int64 = 1_000_000) throws -> AccessToken {
        try AccessToken.verify(text, secret: secret, unixTime: time, crypto: .openSSL)
    }

    @Test func isForAllChannelsAndADayUnlessTold() throws {
        let text = try #require(try lines([]).first)
        #expect(try verify(text) == AccessToken(expiry: 1_086_400, channels: nil))
        #expect(throws: AccessToken.Failure.expired) { try verify(text, at: 1_086_400) }
        #expect(throws: AccessToken.Failure.invalid) { try verify(text + "A") }
    }

    @Test func isForTheChannelsAndTheTimeNamed() throws {
        let text = try #require(try lines(["--channel", " standup ", "--channel", "방", "--expires", "2h"]).first)
        #expect(try verify(text) == AccessToken(expiry: 1_007_200, channels: ["standup", "방"]))
    }

    @Test func invitesByALinkForEachChannel() throws {
        let links = try lines(["--channel", "a b", "--channel", "방", "--url", "https://chat.example.org/"])
        #expect(links.count == 2)
        for (link, channel) in zip(links, ["a b", "방"]) {
            let read = try InviteLink(link)
            #expect(read.channel == channel && read.server == ServerURL(isSecure: true, host: "chat.example.org", port: 443))
            #expect(try verify(#require(read.token)).channels == ["a b", "방"])
        }
        #expect(try lines(["--url", "http://127.0.0.1:6125"]).first?.hasPrefix("http://127.0.0.1:6125/#token=ey") == true)
    }

    @Test(arguments: [
        [], ["--secret", "a", "--new-secret", "b"], ["--new-secret", "b", "--channel", "c"], ["--new-secret", "b", "--expires", "1h"],
        ["--secret", "a", "--channel", ""], ["--secret", "a", "--channel", String(repeating: "x", count: 65)],
        ["--secret", "a", "--expires", "never"], ["--secret", "a", "--url", "not a url"],
    ])
    func isRefused(arguments: [String]) { #expect(throws: (any Error).self) { try TokenCommand.parse(arguments) } }

    /// The server takes none above its limit.
    @Test func aTokenThatNoServerWouldTakeIsNotMade() {
        let names = (10..<74).flatMap { ["--channel", String(repeating: "ä", count: 50) + "\($0)"] }
        #expect(throws: (any Error).self) { try TokenCommand.parse(["--secret", "f"] + names) }
        #expect(throws: Never.self) { try TokenCommand.parse(["--secret", "f"] + names.prefix(40)) }
    }
}
