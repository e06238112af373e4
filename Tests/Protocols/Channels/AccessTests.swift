import Channels
import JSON
import Primitives
import TestSupport
import Testing

@Suite struct AccessTokenTests {
    private static let secret = Array("secret".utf8)
    /// Made with Python's hmac module.
    private static let known =
        "eyJleHAiOjE3MDAwMDAwMDAsImNoIjpbImEiLCJiIl19.s2XtX0DITGUyQCzv-LnwhJrW6l7gesg6ZCPsTF2DKXs"
    private static let knownForAll = "eyJleHAiOjE3MDAwMDAwMDB9.bLIGcpTE-NqsYmPNkw17faFKyTKi-RodqxBqOkm0VVs"

    private func verify(_ text: String, secret: [UInt8] = secret, at time: Int64 = 1_699_999_999) -> Result<
        AccessToken, AccessToken.Failure
    > {
        Result { () throws(AccessToken.Failure) in
            try AccessToken.verify(text, secret: secret, unixTime: time, crypto: .test)
        }
    }

    @Test func isTheTextThatOthersMake() {
        let scoped = AccessToken(expiry: 1_700_000_000, channels: ["a", "b"])
        #expect(AccessToken.make(scoped, secret: Self.secret, crypto: .test) == Self.known)
        #expect(verify(Self.known) == .success(scoped))
        let all = AccessToken(expiry: 1_700_000_000)
        #expect(AccessToken.make(all, secret: Self.secret, crypto: .test) == Self.knownForAll)
        #expect(verify(Self.knownForAll) == .success(all))
    }

    @Test func ends() {
        #expect(verify(Self.known, at: 1_700_000_000) == .failure(.expired))
        #expect(verify(Self.known, at: .max) == .failure(.expired))
    }

    @Test func brokenTwinsAreNone() {
        let bytes = Array(Self.known.utf8)
        brokenTwins(bytes) { twin in
            let text = String(decoding: (0..<twin.count).map { twin[$0] }, as: UTF8.self)
            #expect(verify(text) == .failure(.invalid), "\(text)")
        }
        for text in [
            Self.known + "A", Self.known + "=", " \(Self.known)", "\(Self.known)\n", "", ".", "..", String(repeating: "A", count: 100_000),
        ] {
            #expect(verify(text) == .failure(.invalid))
        }
        #expect(verify(Self.known, secret: Array("secreT".utf8)) == .failure(.invalid))
    }

    /// Signed as it should be, but not what a token says.
    @Test(arguments: [
        "{}", #"{"exp":"1700000000"}"#, #"{"exp":1.5}"#, #"{"exp":1700000000,"ch":"a"}"#, #"{"exp":1700000000,"ch":["a",7]}"#, "[]", "7",
        "",
        #"{"exp":1700000000,"ch":[""]}"#, #"{"exp":99999999999999999999}"#,
        "{\"exp\":1700000000,\"ch\":[\(Array(repeating: "\"a\"", count: 257).joined(separator: ","))]}",
    ])
    func otherClaimsAreNone(_ claims: String) {
        let signed = Base64.encodeURL(Array(claims.utf8))
        let token = String(decoding: signed + [0x2e] + Base64.encodeURL(ChannelCrypto.test.hmacSHA256(Self.secret, signed)), as: UTF8.self)
        #expect(verify(token) == .failure(.invalid))
    }
}

@Suite struct AdmissionTests {
    private var access: ChannelAccess {
        var access = ChannelAccess()
        access.tokenSecret = Array("secret".utf8)
        return access
    }

    private func token(_ expiry: Int64 = 1_700_000_100, _ channels: [String]? = nil) -> String {
        AccessToken.make(AccessToken(expiry: expiry, channels: channels), secret: Array("secret".utf8), crypto: .test)
    }

    @Test func aConnectNeedsAToken() {
        var room = Room(access: access)
        #expect(room.connect("A") == ["refused token-needed"])
        #expect(room.connect("A", auth: #"{"token":7}"#) == ["refused token-needed"])
        #expect(room.connect("A", auth: #"{"token":"x.y"}"#) == ["refused token-invalid"])
        #expect(room.connect("A", auth: #"{"token":"\#(token(1_700_000_000))"}"#) == ["refused token-expired"])
        #expect(room.connect("A", auth: #"{"token":"\#(token())"}"#) == [#"A ["connect success","A"]"#])
        #expect(room.channels.refusals == [.tokenNeeded: 2, .tokenInvalid: 1, .tokenExpired: 1])
        #expect(room.channels.memberCount == 1)
    }

    @Test func aTokenIsForItsChannels() {
        var room = Room(access: access)
        _ = room.connect("A", auth: #"{"features":["group"],"token":"\#(token(1_700_000_100, [" c ", "방"]))"}"#)
        #expect(room.send("A", #"["create or join","d"]"#, ack: 1).first?.contains(#""code":"token-scope""#) == true)
        #expect(room.send("A", #"["create or join","c"]"#, ack: 1).first?.contains(#""ok":true"#) == true)
        #expect(room.send("A", #"["create or join","방"]"#, ack: 1).first?.contains(#""ok":true"#) == true)
    }

    @Test func aTokenEndsForTheNextJoin() {
        var room = Room(access: access)
        _ = room.connect("P", auth: #"{"token":"\#(token())"}"#)
        _ = room.send("P", #"["create or join","c"]"#)
        room.unixTime += 100
        #expect(room.send("P", #"["create or join","d"]"#) == [#"P ["channel join failed","the token has expired: ask for a new one"]"#])
        #expect(room.channels.members(of: "c") == ["P"])
    }

    @Test func withoutASecretTokensDoNotMatter() {
        var room = Room()
        #expect(room.connect("A", auth: #"{"token":"x"}"#).count == 1)
    }
}

@Suite struct ICEServerTests {
    private var access: ChannelAccess {
        var access = ChannelAccess()
        access.stunURLs = ["stun:s.example:3478"]
        access.turnURLs = ["turn:t.example:3478", "turns:t.example:5349"]
        access.turnSecret = Array("north".utf8)
        access.turnLifetime = .seconds(1000)
        return access
    }

    private func servers(_ lines: [String]) -> String? {
        lines.first?.split(separator: "\"iceServers\":").last.map { String($0.dropLast(2)) }
    }

    /// RFC 2202, test case 2.
    @Test func theDigestIsHMACSHA1() {
        let digest = ChannelCrypto.test.hmacSHA1(Array("Jefe".utf8), Array("what do ya want for nothing?".utf8))
        #expect(digest.map { String($0, radix: 16) }.joined() == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
    }

    @Test func aMemberGetsACredential() {
        var room = Room(access: access)
        room.unixTime = 1_700_000_123
        _ = room.connectGroup("S1")
        // The credential was made with Python's hmac module.
        #expect(
            servers(room.send("S1", #"["create or join","c"]"#, ack: 1)) == #"[{"urls":["stun:s.example:3478"]},"#
                + #"{"urls":["turn:t.example:3478","turns:t.example:5349"],"username":"1700001000:S1","credential":"wt3yZk+C9RNpEAFEJrw3zLzesPc="}]"#
        )
    }

    @Test func isTheSameUntilHalfOfItsTimeIsOver() {
        var room = Room(access: access)
        _ = room.connectGroup("A", resume: Room.secret("A"))
        let first = servers(room.send("A", #"["create or join","c"]"#, ack: 1))
        room.unixTime += 499
        _ = room.send("A", #"["leave","c"]"#)
        #expect(servers(room.send("A", #"["create or join","c"]"#, ack: 1)) == first)
        #expect(servers(room.send("A", #"["create or join","d"]"#, ack: 1)) == first)
        _ = room.disconnect("A")
        _ = room.connectGroup("A2", resume: Room.secret("A"))
        #expect(servers(room.send("A2", #"["create or join","c"]"#, ack: 1)) == first)
        room.unixTime += 1
        let second = servers(room.send("A2", #"["create or join","c"]"#, ack: 1))
        #expect(second != first && second?.contains("\"\(1_700_000_500 + 1000):") == true)
    }

    @Test func onlyMembersGetOne() {
        var room = Room(access: access)
        _ = room.connectGroup("A")
        _ = room.send("A", #"["create or join","c",{"password":"p"}]"#, ack: 1)
        _ = room.connectGroup("B")
        for text in [#"["create or join","c"]"#, #"["create or join",7]"#, #"["channels"]"#, #"["leave","c"]"#] {
            #expect(!room.send("B", text, ack: 1).joined().contains("credential"))
        }
    }

    @Test func withoutASecretThereIsOnlySTUN() {
        var access = access
        access.turnSecret = nil
        var room = Room(access: access)
        _ = room.connectGroup("A")
        #expect(servers(room.send("A", #"["create or join","c"]"#, ack: 1)) == #"[{"urls":["stun:s.example:3478"]}]"#)
    }
}
