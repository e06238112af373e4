import Signaling
import Testing

private let polling = "/socket.io/?EIO=4&transport=polling"

/// A client that speaks WebSocket by hand and has just been greeted.
private struct Member {
    let connection: RawConnection
    let id: String

    init(_ server: SignalingServer) throws {
        connection = try #require(RawConnection(port: server.port))
        #expect(connection.openWebSocket()?.status == 101)
        #expect(connection.frame()?.hasPrefix("0{\"sid\":\"") == true)
        connection.frame("40{}")
        let connect = try #require(connection.frame())
        id = String(connect.dropFirst("40{\"sid\":\"".count).dropLast(2))
        #expect(connect == "40{\"sid\":\"\(id)\"}" && id.count == 20)
        #expect(connection.frame() == "42[\"connect success\",\"\(id)\"]")
    }

    func expect(_ texts: String..., line: Int = #line) {
        for text in texts { #expect(connection.frame() == text, "line \(line)") }
    }
}

@Suite(.ownThread) struct SignalingServerTests {
    let server: SignalingServer

    init() throws { server = try startOnOwnPort() }

    private func connection() throws -> RawConnection { try #require(RawConnection(port: server.port)) }

    /// The seed's flow, as it was captured, byte for byte.
    @Test func pairsOverWebSocket() throws {
        let a = try Member(server)
        let b = try Member(server)
        let x = try Member(server)
        a.connection.frame("42[\"create or join\",\"\\ubc29-1\"]")
        a.expect("42[\"message\",\"\(a.id)님이 방에 입장하셨습니다.\"]")
        b.connection.frame("42[\"create or join\",\"방-1\"]")
        for member in [a, b] {
            member.expect("42[\"ready\",\"방-1\"]", "42[\"message\",\"\(b.id)님이 방에 입장하셨습니다.\"]", "42[\"message\",\"연결을 시작합니다.\"]")
        }
        x.connection.frame("42[\"create or join\",\"방-1\"]")
        x.expect("42[\"channel join failed\",\"방-1 is full\"]")
        a.connection.frame("42[\"handshake\",{\"channel\":\"방-1\",\"offer\":{\"type\":\"offer\",\"sdp\":\"v=0\\r\\no=A\"}}]")
        b.expect("42[\"handshake\",{\"offer\":{\"type\":\"offer\",\"sdp\":\"v=0\\r\\no=A\"}}]")
        b.connection.frame("42[\"icecandidate\",\"방-1\",{\"candidate\":\"candidate:1\"}]")
        a.expect("42[\"icecandidate\",{\"candidate\":{\"candidate\":\"candidate:1\"},\"iceCandidate\":{\"candidate\":\"candidate:1\"}}]")
        b.connection.frame([], opcode: 8)
        a.expect("42[\"message\",\"\(b.id)님이 퇴장하셨습니다.\"]", "42[\"closeConnection\",\"방-1\"]", "42[\"wait\",\"방-1\"]")
        x.connection.frame("42[\"create or join\",\"방-1\"]")
        x.expect("42[\"ready\",\"방-1\"]")
        server.stop()
    }

    @Test func aLostConnectionIsALeave() throws {
        let a = try Member(server)
        a.connection.frame("42[\"create or join\",\"c\"]")
        a.expect("42[\"message\",\"\(a.id)님이 방에 입장하셨습니다.\"]")
        do {
            let b = try Member(server)
            b.connection.frame("42[\"create or join\",\"c\"]")
            b.expect("42[\"ready\",\"c\"]")
        }
        #expect(a.connection.frame() == "42[\"ready\",\"c\"]")
        _ = (a.connection.frame(), a.connection.frame())
        #expect(a.connection.frame()?.contains("퇴장") == true)
        server.stop()
    }

    @Test func listsWithAnAcknowledgementAndPushesChanges() throws {
        let a = try Member(server)
        let b = try Member(server)
        a.connection.frame("427[\"channels\"]")
        a.expect("437[[]]")
        b.connection.frame("42[\"name\",\"bo\"]")
        b.connection.frame("42[\"create or join\",\"c\"]")
        a.expect("42[\"channels\",[{\"name\":\"c\",\"members\":1,\"names\":[\"bo\"],\"capacity\":2}]]")
        server.stop()
    }

    @Test func pollsAndUpgradesOnTheSameConnection() throws {
        let gets = try connection()
        let posts = try connection()
        let open = try #require(gets.get(polling))
        #expect(open.status == 200 && open.headers["content-type"] == "text/plain; charset=utf-8")
        #expect(open.headers["cache-control"] == "no-store" && open.headers["access-control-allow-origin"] == "*")
        let sid = String(open.body.dropFirst("0{\"sid\":\"".count).prefix(20))
        #expect(
            open.body
                == "0{\"sid\":\"\(sid)\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}")
        let target = "\(polling)&sid=\(sid)"
        let posted = try #require(posts.post(target, "40"))
        #expect(posted.status == 200 && posted.body == "ok" && posted.headers["content-type"] == "text/html")
        let connect = try #require(gets.get(target)?.body)
        let id = String(connect.dropFirst("40{\"sid\":\"".count).prefix(20))
        #expect(connect == "40{\"sid\":\"\(id)\"}\u{1e}42[\"connect success\",\"\(id)\"]")
        #expect(id != sid)

        // The connection that has polled becomes the WebSocket.
        #expect(posts.openWebSocket("/socket.io/?EIO=4&transport=websocket&sid=\(sid)")?.headers["access-control-allow-origin"] == "*")
        gets.send("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
        posts.frame("2probe")
        #expect(posts.frame() == "3probe")
        #expect(gets.response()?.body == "6")
        posts.frame("5")
        posts.frame("42[\"create or join\",\"c\"]")
        #expect(posts.frame() == "42[\"message\",\"\(id)님이 방에 입장하셨습니다.\"]")
        #expect(gets.get(target)?.body == "{\"code\":3,\"message\":\"Bad request\"}")
        server.stop()
    }

    @Test(arguments: [
        ("/socket.io/?EIO=4", "{\"code\":0,\"message\":\"Transport unknown\"}"),
        ("\(polling)&sid=nobody", "{\"code\":1,\"message\":\"Session ID unknown\"}"),
        ("/socket.io/?EIO=4&transport=websocket", "{\"code\":3,\"message\":\"Bad request\"}"),
        ("/socket.io/?EIO=3&transport=polling", "{\"code\":5,\"message\":\"Unsupported protocol version\"}"),
    ])
    func refusesBadRequests(_ target: String, _ body: String) throws {
        let response = try #require(try connection().get(target))
        #expect(response.status == 400 && response.body == body && response.headers["access-control-allow-origin"] == "*")
        server.stop()
    }

    @Test func refusesAHandshakeByPostAndABadUpgrade() throws {
        #expect(try connection().post(polling, "40")?.body == "{\"code\":2,\"message\":\"Bad handshake method\"}")
        let refused = try #require(try connection().openWebSocket("/socket.io/?EIO=4&transport=websocket&sid=nobody"))
        #expect(refused.status == 400 && refused.body == "Session ID unknown" && refused.headers["connection"] == "close")
        let plain = try connection().get("/socket.io/?EIO=4&transport=websocket", headers: "Upgrade: websocket\r\nConnection: Upgrade\r\n")
        #expect(plain?.status == 400)
        server.stop()
    }

    @Test func answersOptionsAndPeople() throws {
        let http = try connection()
        http.send("OPTIONS \(polling) HTTP/1.1\r\nHost: x\r\nAccess-Control-Request-Headers: x-a, x-b\r\n\r\n")
        let options = try #require(http.response())
        #expect(options.status == 204 && options.headers["access-control-allow-methods"] == "get,post")
        #expect(options.headers["access-control-allow-headers"] == "x-a, x-b")
        #expect(http.get("/")?.headers["content-type"]?.hasPrefix("text/html") == true)
        #expect(http.get("/nothing/here")?.status == 404)
        http.send("this is no request\r\n\r\n")
        #expect(http.response()?.status == 400)
        #expect(http.response() == nil)
        server.stop()
    }

    @Test func limitsWhatItReads() throws {
        let http = try connection()
        let sid = String(try #require(http.get(polling)).body.dropFirst(9).prefix(20))
        let large = "4" + String(repeating: "a", count: 1_000_000)
        #expect(try connection().post("\(polling)&sid=\(sid)", large)?.status == 413)
        #expect(http.post("\(polling)&sid=\(sid)", "40")?.body == "ok")
        #expect(http.get("\(polling)&sid=\(sid)")?.body.hasPrefix("40") == true)

        let member = try Member(server)
        member.connection.frame(large)
        member.expect("close 1009")
        #expect(member.connection.frame() == nil)
        let exact = try Member(server)
        exact.connection.frame("42[\"\(String(repeating: "a", count: 1_000_000 - 6))\"]")
        exact.connection.frame("42[\"create or join\",\"c\"]")
        exact.expect("42[\"message\",\"\(exact.id)님이 방에 입장하셨습니다.\"]")
        server.stop()
    }

    @Test func putsFragmentsTogetherAndKeepsToTheProtocol() throws {
        let member = try Member(server)
        let text = Array("42[\"create or join\",\"방\"]".utf8)
        member.connection.frame(Array(text[..<22]), isFinal: false)
        member.connection.frame(Array("hi".utf8), opcode: 9)
        member.expect("pong hi")
        member.connection.frame(Array(text[22...]), opcode: 0)
        member.expect("42[\"message\",\"\(member.id)님이 방에 입장하셨습니다.\"]")
        member.connection.frame(text, isMasked: false)
        member.expect("close 1002")
        let other = try Member(server)
        other.connection.frame(text, opcode: 0)
        other.expect("close 1002")
        server.stop()
    }

    @Test func saysThatThePortIsBusyAndThatTheAddressIsWrong() async throws {
        let error = #expect(throws: SignalingError.self) { try SignalingServer.start(port: server.port) }
        #expect(error?.kind == .portBusy)
        #expect(
            error?.description == "Port \(server.port) is in use by another program: stop that one, or choose another port with --port.")
        #expect(#expect(throws: SignalingError.self) { try SignalingServer.start(host: "192.0.2.1", port: 0) }?.kind == .badAddress)
        #expect(
            #expect(throws: SignalingError.self) { try SignalingServer.start(host: "no.such.host.invalid", port: 0) }?.kind == .badAddress)
        #expect(#expect(throws: SignalingError.self) { try SignalingServer.start(port: 70_000) }?.kind == .badAddress)
        server.stop()
        // Free again at once.
        let again = try await startAgain(on: server.port)
        again.stop()
    }
}
