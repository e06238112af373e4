import Signaling
import Testing

private let zero = "{\"_placeholder\":true,\"num\":0}"
private let one = "{\"_placeholder\":true,\"num\":1}"

/// What the public test suite of Socket.IO's protocol (revision 5) checks, over real sockets.
@Suite(.ownThread) struct SocketConformanceTests {
    private var server: SignalingServer

    init() throws { server = try ConformanceServer.start() }

    /// With the conformance mode's own times, but for that of a pong.
    private mutating func useOwnTimes() throws {
        server.stop()
        server = try ConformanceServer.start { $0.pingTimeout = .seconds(60) }
    }

    private func open() throws -> RawConnection {
        let connection = try #require(RawConnection(port: server.port))
        #expect(connection.openWebSocket()?.status == 101)
        #expect(connection.frame()?.hasPrefix("0{\"sid\":\"") == true)
        return connection
    }

    private func connected() throws -> RawConnection {
        let connection = try open()
        connection.frame("40")
        #expect(connection.message()?.hasPrefix("40{\"sid\":\"") == true)
        #expect(connection.message() == "42[\"auth\",{}]")
        return connection
    }

    // MARK: Connect

    @Test(arguments: [
        ("40", "", "{}"), ("40{\"token\":\"123\"}", "", "{\"token\":\"123\"}"), ("40/custom,", "/custom,", "{}"),
        ("40/custom", "/custom,", "{}"), ("40/custom,{\"token\":\"abc\"}", "/custom,", "{\"token\":\"abc\"}"),
    ])
    func connects(_ packet: String, _ namespace: String, _ auth: String) throws {
        let connection = try open()
        connection.frame(packet)
        let answer = try #require(connection.message())
        let sid = answer.dropLast(2).suffix(20)
        #expect(answer == "40\(namespace){\"sid\":\"\(sid)\"}")
        #expect(connection.message() == "42\(namespace)[\"auth\",\(auth)]")
        server.stop()
    }

    @Test func refusesAnUnknownNamespace() throws {
        let connection = try open()
        connection.frame("40/random")
        #expect(connection.message() == "44/random,{\"message\":\"Invalid namespace\"}")
        server.stop()
    }

    @Test func aHandshakeThatIsNoneCloses() throws {
        let connection = try open()
        connection.frame("4abc")
        #expect(connection.message() == "close")
        server.stop()
    }

    @Test mutating func withoutAHandshakeTheConnectionIsClosed() throws {
        try useOwnTimes()
        let connection = try open()
        var pings = 0
        while let text = connection.frame() {
            guard text == "2" else {
                #expect(text == "close")
                break
            }
            pings += 1
            connection.frame("3")
        }
        #expect(pings >= 1)
        server.stop()
    }

    @Test func eachNamespaceHasItsOwnId() throws {
        let connection = try connected()
        connection.frame("40/custom,")
        let first = try #require(connection.message()?.dropLast(2).suffix(20))
        _ = connection.message()
        connection.frame("41/custom,")
        connection.frame("40/custom,")
        let second = try #require(connection.message()?.dropLast(2).suffix(20))
        #expect(first != second)
        server.stop()
    }

    @Test func aSecondConnectCloses() throws {
        let connection = try connected()
        connection.frame("40")
        #expect(connection.message() == "close")
        server.stop()
    }

    // MARK: Disconnect

    @Test mutating func aDisconnectLeavesTheEngineOpen() throws {
        try useOwnTimes()
        let connection = try connected()
        connection.frame("41")
        #expect(connection.frame() == "2")
        server.stop()
    }

    @Test func leavingOneNamespaceLeavesTheOther() throws {
        let connection = try connected()
        connection.frame("40/custom")
        #expect(connection.message()?.hasPrefix("40/custom,{\"sid\":\"") == true)
        #expect(connection.message() == "42/custom,[\"auth\",{}]")
        connection.frame("41/custom")
        connection.frame("42[\"message\",\"message to main namespace\"]")
        #expect(connection.message() == "42[\"message-back\",\"message to main namespace\"]")
        server.stop()
    }

    // MARK: Messages

    @Test func echoesText() throws {
        let connection = try connected()
        connection.frame("42[\"message\",1,\"2\",{\"3\":[true]}]")
        #expect(connection.message() == "42[\"message-back\",1,\"2\",{\"3\":[true]}]")
        connection.frame("42456[\"message-with-ack\",1,\"2\",{\"3\":[false]}]")
        #expect(connection.message() == "43456[1,\"2\",{\"3\":[false]}]")
        server.stop()
    }

    @Test func echoesAttachments() throws {
        let connection = try connected()
        connection.frame("452-[\"message\",\(zero),\(one)]")
        connection.frame([1, 2, 3], opcode: 2)
        connection.frame([4, 5, 6], opcode: 2)
        #expect(connection.message() == "452-[\"message-back\",\(zero),\(one)]")
        #expect(connection.message() == "[1, 2, 3]")
        #expect(connection.message() == "[4, 5, 6]")
        connection.frame("452-789[\"message-with-ack\",\(zero),\(one)]")
        connection.frame([1, 2, 3], opcode: 2)
        connection.frame([4, 5, 6], opcode: 2)
        #expect(connection.message() == "462-789[\(zero),\(one)]")
        #expect(connection.message() == "[1, 2, 3]")
        #expect(connection.message() == "[4, 5, 6]")
        server.stop()
    }

    @Test func echoesAttachmentsInANamespaceOverPolling() throws {
        let connection = try #require(RawConnection(port: server.port))
        let target = "/socket.io/?EIO=4&transport=polling"
        let sid = try #require(connection.get(target)?.body.dropFirst(9).prefix(20))
        #expect(connection.post("\(target)&sid=\(sid)", "40/custom,")?.status == 200)
        #expect(connection.get("\(target)&sid=\(sid)")?.body.hasSuffix("\u{1e}42/custom,[\"auth\",{}]") == true)
        #expect(connection.post("\(target)&sid=\(sid)", "451-/custom,[\"message\",\(zero)]\u{1e}bAQIDBA==")?.status == 200)
        #expect(connection.get("\(target)&sid=\(sid)")?.body == "451-/custom,[\"message-back\",\(zero)]\u{1e}bAQIDBA==")
        server.stop()
    }

    @Test(arguments: ["4abc", "42{}", "42abc[\"message-with-ack\",1,\"2\",{\"3\":[false]}]"])
    func closesOnWhatIsNoPacket(_ packet: String) throws {
        let connection = try connected()
        connection.frame(packet)
        #expect(connection.message() == "close")
        server.stop()
    }
}
