import Logging
import Primitives
import Signaling
import SocketIO
import Testing

private let polling = "/engine.io/?EIO=4&transport=polling"
private let webSocket = "/engine.io/?EIO=4&transport=websocket"

/// What the public test suite of Engine.IO's protocol (revision 4) checks, over real sockets.
@Suite(.ownThread) struct EngineConformanceTests {
    private var server: SignalingServer

    init() throws { server = try ConformanceServer.start() }

    /// With the conformance mode's own times, but for what the test says.
    private mutating func useOwnTimes(_ change: (inout SocketIOServerConfiguration) -> Void = { _ in }) throws {
        server.stop()
        server = try ConformanceServer.start(change)
    }

    private func connection() throws -> RawConnection { try #require(RawConnection(port: server.port)) }

    private func openPolling() throws -> String {
        let response = try #require(try connection().get(polling))
        return polling + "&sid=" + response.body.dropFirst(9).prefix(20)
    }

    private func openWebSocket() throws -> RawConnection {
        let connection = try connection()
        #expect(connection.openWebSocket(webSocket)?.status == 101)
        #expect(connection.frame()?.hasPrefix("0{\"sid\":\"") == true)
        return connection
    }

    // MARK: Handshake

    @Test mutating func opensOverPolling() throws {
        try useOwnTimes()
        let response = try #require(try connection().get(polling))
        let sid = response.body.dropFirst(9).prefix(20)
        #expect(response.status == 200)
        #expect(
            response.body
                == "0{\"sid\":\"\(sid)\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,\"pingTimeout\":200,\"maxPayload\":1000000}")
        server.stop()
    }

    @Test mutating func opensOverWebSocket() throws {
        try useOwnTimes()
        let connection = try connection()
        #expect(connection.openWebSocket(webSocket)?.status == 101)
        let open = try #require(connection.frame())
        let sid = open.dropFirst(9).prefix(20)
        #expect(open == "0{\"sid\":\"\(sid)\",\"upgrades\":[],\"pingInterval\":300,\"pingTimeout\":200,\"maxPayload\":1000000}")
        server.stop()
    }

    @Test(arguments: ["transport=polling", "EIO=abc&transport=polling", "EIO=3&transport=polling", "EIO=4", "EIO=4&transport=abc"])
    func refusesWhatIsNoHandshake(_ query: String) throws {
        #expect(try connection().get("/engine.io/?\(query)")?.status == 400)
        let upgrade = try connection()
        #expect(upgrade.openWebSocket("/engine.io/?" + query.replacing("polling", with: "websocket"))?.status == 400)
        #expect(upgrade.frame() == nil)
        server.stop()
    }

    @Test(arguments: ["POST", "PUT"]) func refusesAHandshakeByAnotherMethod(_ method: String) throws {
        let connection = try connection()
        connection.send("\(method) \(polling) HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        #expect(connection.response()?.status == 400)
        server.stop()
    }

    // MARK: Messages

    @Test func echoesPayloadsOfOneAndMorePackets() throws {
        let target = try openPolling()
        let connection = try connection()
        let posted = try #require(connection.post(target, "4hello"))
        #expect(posted.status == 200 && posted.body == "ok")
        #expect(connection.get(target)?.body == "4hello")
        #expect(connection.post(target, "4test1\u{1e}4test2\u{1e}4test3")?.status == 200)
        #expect(connection.get(target)?.body == "4test1\u{1e}4test2\u{1e}4test3")
        #expect(connection.post(target, "4hello\u{1e}bAQIDBA==")?.status == 200)
        #expect(connection.get(target)?.body == "4hello\u{1e}bAQIDBA==")
        server.stop()
    }

    @Test func aBodyThatIsNoPayloadClosesTheSession() throws {
        let target = try openPolling()
        #expect(try connection().post(target, "abc")?.status == 400)
        #expect(try connection().get(target)?.status == 400)
        server.stop()
    }

    @Test func overlappingGetsCloseTheSession() throws {
        let target = try openPolling()
        let first = try connection()
        first.send("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
        // Not before the first has come in, which nothing tells: until the second is the one that is refused.
        let second = try connection()
        second.send("GET \(target)&t=burst HTTP/1.1\r\nHost: x\r\n\r\n")
        let answers = [try #require(first.response()), try #require(second.response())]
        #expect(answers.map(\.status).sorted() == [200, 400])
        #expect(answers.first { $0.status == 200 }?.body == "1")
        #expect(try connection().get(target)?.status == 400)
        server.stop()
    }

    @Test func echoesTextAndBinaryOverWebSocket() throws {
        let connection = try openWebSocket()
        connection.frame("4hello")
        #expect(connection.message() == "4hello")
        connection.frame([1, 2, 3, 4], opcode: 2)
        #expect(connection.message() == "[1, 2, 3, 4]")
        server.stop()
    }

    @Test func aFrameThatIsNoPacketClosesTheSession() throws {
        let connection = try openWebSocket()
        connection.frame("abc")
        #expect(connection.message() == "close")
        #expect(connection.frame() == nil)
        server.stop()
    }

    // MARK: Heartbeat

    @Test mutating func pingsAndTakesPongsOverPolling() throws {
        try useOwnTimes { $0.pingTimeout = .seconds(60) }
        let target = try openPolling()
        let connection = try connection()
        for _ in 0..<3 {
            #expect(connection.get(target)?.body == "2")
            #expect(connection.post(target, "3")?.status == 200)
        }
        server.stop()
    }

    @Test mutating func silenceEndsAPollingSession() throws {
        try useOwnTimes { $0.pingTimeout = .seconds(3) }
        let target = try openPolling()
        let connection = try connection()
        #expect(connection.get(target)?.body == "2")
        #expect(connection.get(target)?.body == "1")
        #expect(connection.get(target)?.status == 400)
        server.stop()
    }

    @Test mutating func pingsAndTakesPongsOverWebSocket() throws {
        try useOwnTimes { $0.pingTimeout = .seconds(60) }
        let connection = try openWebSocket()
        for _ in 0..<3 {
            #expect(connection.frame() == "2")
            connection.frame("3")
        }
        server.stop()
    }

    @Test mutating func silenceEndsAWebSocket() throws {
        try useOwnTimes()
        let connection = try openWebSocket()
        #expect(connection.frame() == "2")
        #expect(connection.frame() == "close")
        #expect(connection.frame() == nil)
        server.stop()
    }

    // MARK: Close

    @Test func aCloseLetsTheWaitingGetGo() throws {
        let target = try openPolling()
        let get = try connection()
        get.send("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
        // On another connection; it comes in later, or the GET finds the session gone.
        #expect(try connection().post(target, "1")?.status == 200)
        let answer = try #require(get.response())
        #expect(answer.body == "6" || answer.status == 400)
        #expect(get.get(target)?.status == 400)
        server.stop()
    }

    @Test func aCloseEndsAWebSocket() throws {
        let connection = try openWebSocket()
        connection.frame("1")
        #expect(connection.message() == "close")
        #expect(connection.frame() == nil)
        server.stop()
    }

    // MARK: Upgrade

    private func upgraded() throws -> (target: String, connection: RawConnection) {
        let target = try openPolling()
        let connection = try connection()
        #expect(connection.openWebSocket(target.replacing("polling", with: "websocket"))?.status == 101)
        connection.frame("2probe")
        #expect(connection.frame() == "3probe")
        connection.frame("5")
        connection.frame("4hello")
        #expect(connection.message() == "4hello")
        return (target, connection)
    }

    @Test func upgrades() throws {
        _ = try upgraded()
        server.stop()
    }

    @Test func afterTheUpgradeRequestsAreRefused() throws {
        let (target, connection) = try upgraded()
        #expect(try self.connection().get(target)?.status == 400)
        #expect(try self.connection().post(target, "4no")?.status == 400)
        connection.frame("4still there")
        #expect(connection.message() == "4still there")
        server.stop()
    }

    @Test func afterTheUpgradeAnotherWebSocketIsClosed() throws {
        let (target, connection) = try upgraded()
        let second = try self.connection()
        #expect(second.openWebSocket(target.replacing("polling", with: "websocket"))?.status == 101)
        #expect(second.frame() == "close")
        connection.frame("4still there")
        #expect(connection.message() == "4still there")
        server.stop()
    }
}

enum ConformanceServer {
    /// - Parameter change: of the engine. Unless told, no time runs out on a test that a busy machine keeps waiting.
    static func start(
        _ change: (inout SocketIOServerConfiguration) -> Void = {
            $0.pingInterval = .seconds(60)
            $0.connectTimeout = .seconds(60)
        }
    ) throws -> SignalingServer {
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.conform()
        change(&configuration.engine)
        return try SignalingServer.start(configuration, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}
