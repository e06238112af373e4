import Channels
import JSON
import Primitives
import TestSupport
import Testing

@Suite struct HostileInputTests {
    /// Whatever stands in an event, what goes out is JSON, and the others' places are as they were.
    @Test(arguments: [
        #"["handshake",{"channel":"c","to":"$B","offer":{"type":"offer","sdp":"v=0\r\n\ud83d\ude00"},"x":[1,{}]}]"#,
        #"["icecandidate",{"candidate":{"candidate":"a","sdpMid":"0"},"channel":"\u0063"}]"#, #"["icecandidate","c",{"candidate":"a"}]"#,
        #"["create or join","c",{"capacity":3,"password":"p"}]"#, #"["leave","c"]"#, #"["name","Ann"]"#, #"["channels"]"#,
    ])
    func brokenTwinsOfEventsNeverTrap(_ text: String) throws {
        let start = Room.group("A", "B", "C")
        brokenTwins(Array(text.withIDs("B").utf8)) { twin in
            let bytes = (0..<twin.count).map { twin[$0] }
            guard let values = try? RawJSON(validating: bytes).elements, let event = values.first?.string else { return }
            for ack in [nil, 3] {
                var channels = start.channels
                let actions = channels.received(
                    from: "A", event: event, arguments: Array(values.dropFirst()), acknowledgement: ack, now: start.now,
                    unixTime: start.unixTime)
                #expect(actions.allSatisfy(Self.isJSON))
                #expect(channels.members(of: "c").filter { $0 != Room.id("A") } == [Room.id("B"), Room.id("C")])
            }
        }
    }

    @Test func brokenTwinsOfConnectsNeverTrap() {
        let auth = #"{"name":"Ann","features":["group"],"resume":"0123456789abcdef","token":"a.b"}"#
        brokenTwins(Array(auth.utf8)) { twin in
            guard let auth = try? RawJSON(validating: (0..<twin.count).map { twin[$0] }) else { return }
            var access = ChannelAccess()
            for secret in [nil, [7] as [UInt8]] {
                access.tokenSecret = secret
                var channels = Channels(access: access, crypto: .test, random: .seeded(1))
                _ = channels.connected("A", auth: auth, address: nil, now: .zero, unixTime: .min)
                #expect(channels.memberCount == (secret == nil ? 1 : 0))
            }
        }
    }

    private static func isJSON(_ action: ChannelAction) -> Bool {
        switch action {
        case .relay(_, let packet): packet.first == 0x32 && (try? RawJSON(validating: packet[1...])) != nil
        case .emit(_, _, let arguments), .acknowledge(_, _, let arguments):
            (try? RawJSON(validating: JSONValue.array(arguments).encoded())) != nil
        case .close: true
        }
    }
}
