import JSON
import Primitives
import Testing

@testable import SocketIO

@Suite struct PacketTests {
    @Test(arguments: [
        "0{\"sid\":\"x\"}", "1", "2", "2probe", "3", "3probe", "4", "4hello", "42[\"방\"]", "5", "6",
    ])
    func enginePacketsComeBackAsTheyWere(_ text: String) throws {
        let message = WebSocketMessage.text(Array(text.utf8))
        #expect(try EngineIOPacket(message).webSocketMessage == message)
    }

    @Test func binaryIsAFrameOfItsOwnOrBase64() throws {
        let packet = EngineIOPacket.binary([1, 2, 3, 4])
        #expect(packet.webSocketMessage == .binary([1, 2, 3, 4]))
        let payload = EngineIOPayload.encode([.message(Array("a".utf8)[...]), packet])
        #expect(payload == Array("4a\u{1e}bAQIDBA==".utf8))
        #expect(try EngineIOPayload.decode(payload) == [.message(Array("a".utf8)[...]), packet])
        for count in 0..<50 {
            let bytes = (0..<count).map { UInt8($0 * 37 & 255) }
            let packet = EngineIOPacket.binary(bytes[...])
            #expect(try EngineIOPayload.decode(EngineIOPayload.encode([packet])) == [packet])
        }
    }

    @Test(arguments: ["", "7", "x", "4a\u{1e}", "\u{1e}4a", "4a\u{1e}\u{1e}4b", "bA", "bA*==", "bAQID=BA="])
    func payloadsThatAreNoneAreRefused(_ text: String) {
        #expect(throws: SocketIOError.self) { try EngineIOPayload.decode(Array(text.utf8)) }
    }

    @Test(arguments: [
        "0", "0{\"token\":\"123\"}", "0/custom,{}", "1", "1/admin,", "2[\"hello\",1]", "2/admin,456[\"project:delete\",123]", "312[]",
        "3/a,13[\"ok\"]",
        "4{\"message\":\"no\"}", "4\"no\"", "51-[\"hello\",{\"_placeholder\":true,\"num\":0}]",
        "61-/admin,456[{\"_placeholder\":true,\"num\":0}]",
    ])
    func packetsComeBackAsTheyWere(_ text: String) throws {
        let packet = try SocketIOPacket(parsing: Array(text.utf8))
        #expect(String(decoding: packet.encoded(), as: UTF8.self) == text)
    }

    @Test(arguments: [
        "", "7", "abc", "0[]", "0\"x\"", "1{}", "2", "2{}", "2[]", "2[true]", "2[\"connect\"]", "2[\"disconnecting\",1]", "2[\"a\"",
        "2[\"a\"]x", "3[]",
        "31{}", "4", "41", "5[\"a\"]", "5-[\"a\"]", "5x-[\"a\"]", "599999-[\"a\"]", "29999999999999999[\"a\"]", "2nope[\"a\"]", "2\u{1}",
    ])
    func packetsThatAreNoneAreRefused(_ text: String) {
        #expect(throws: SocketIOError.self) { try SocketIOPacket(parsing: Array(text.utf8)) }
    }

    @Test func brokenPacketsNeverTrap() {
        let texts = [
            "451-/admin,12[\"방\",{\"_placeholder\":true,\"num\":0}]", "40{\"name\":\"ana\"}",
            "42[\"create or join\",\"a\"]\u{1e}bAQID\u{1e}3",
        ]
        var random = RandomSource.seeded(7)
        for text in texts.map({ Array($0.utf8) }) {
            for count in 0...text.count { _ = try? EngineIOPayload.decode(Array(text[..<count])) }
            for _ in 0..<5000 {
                var bytes = text
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                guard let packets = try? EngineIOPayload.decode(bytes) else { continue }
                for case .message(let message) in packets {
                    _ = (try? SocketIOPacket(parsing: message))?.event
                }
            }
        }
    }

    @Test(arguments: [
        ("/socket.io/?EIO=4&transport=polling", true, false, nil as EngineIORefusal?),
        ("/socket.io/?transport=websocket&EIO=4&t=1", true, true, nil),
        ("/socket.io/?EIO=4", true, false, .unknownTransport), ("/socket.io/?EIO=4&transport=tcp", true, false, .unknownTransport),
        ("/socket.io/?EIO=4&transport=polling&sid=nobody", false, false, .unknownSession),
        ("/socket.io/?EIO=4&transport=polling", false, false, .badHandshakeMethod),
        ("/socket.io/?EIO=4&transport=websocket", true, false, .badRequest),
        ("/socket.io/?EIO=4&transport=polling", true, true, .badRequest),
        ("/socket.io/?EIO=4&transport=polling&sid=nobody", true, false, .unknownSession),
        ("/socket.io/?EIO=4&transport=polling&sid=", true, false, nil), ("/socket.io/deeper?EIO=4&transport=polling", true, false, nil),
        ("/socket.io/?EIO=3&transport=polling", true, false, .unsupportedVersion),
        ("/socket.io/?transport=polling", true, false, .unsupportedVersion),
    ])
    func requestsAreChecked(_ target: String, _ isGET: Bool, _ isUpgrade: Bool, _ refusal: EngineIORefusal?) throws {
        let request = try #require(EngineIORequest(target: target))
        #expect(request.refusal(session: nil, isGET: isGET, isUpgrade: isUpgrade) == refusal)
    }

    @Test func aSessionKeepsToItsTransport() throws {
        let polling = try #require(EngineIORequest(target: "/socket.io/?EIO=4&transport=polling&sid=a"))
        #expect(polling.refusal(session: .webSocket, isGET: true, isUpgrade: false) == .badRequest)
        #expect(polling.refusal(session: .polling, isGET: false, isUpgrade: false) == nil)
        let webSocket = try #require(EngineIORequest(target: "/socket.io/?EIO=4&transport=websocket&sid=a"))
        #expect(webSocket.refusal(session: .polling, isGET: true, isUpgrade: true) == nil)
        #expect(webSocket.refusal(session: .polling, isGET: true, isUpgrade: false) == .badRequest)
        #expect(webSocket.refusal(session: .webSocket, isGET: true, isUpgrade: true) == nil)
        #expect(polling.refusal(session: .polling, isGET: true, isUpgrade: true) == .badRequest)
        #expect(EngineIORequest(target: "/other/?EIO=4") == nil)
        #expect(EngineIORequest(target: "/engine.io/?EIO=4&transport=polling", path: "/engine.io/")?.transport == .polling)
    }

    @Test(arguments: [
        (EngineIORefusal.unknownTransport, 400, "{\"code\":0,\"message\":\"Transport unknown\"}"),
        (.unknownSession, 400, "{\"code\":1,\"message\":\"Session ID unknown\"}"),
        (.badHandshakeMethod, 400, "{\"code\":2,\"message\":\"Bad handshake method\"}"),
        (.badRequest, 400, "{\"code\":3,\"message\":\"Bad request\"}"), (.forbidden, 403, "{\"code\":4,\"message\":\"Forbidden\"}"),
        (.unsupportedVersion, 400, "{\"code\":5,\"message\":\"Unsupported protocol version\"}"),
    ])
    func refusalsHaveTheReferencesWords(_ refusal: EngineIORefusal, _ status: Int, _ body: String) {
        #expect(refusal.status == status && refusal.body == body)
    }
}
