import Logging
import Signaling
import Testing

private let polling = "/socket.io/?EIO=4&transport=polling"

/// The reference's rules for requests, over real sockets.
@Suite(.ownThread) struct PollingOverHTTPTests {
    private let server: SignalingServer

    init() throws { server = try SignalingServer.start(port: 0) }

    private func connection() throws -> RawConnection { try #require(RawConnection(port: server.port)) }

    private func open() throws -> String {
        let response = try #require(try connection().get(polling))
        return polling + "&sid=" + response.body.dropFirst(9).prefix(20)
    }

    @Test(arguments: [
        ("GET", "/socket.io/?EIO=4", 0), ("GET", "/socket.io/?EIO=4&transport=tcp", 0), ("GET", "\(polling)&sid=nobody", 1),
        ("PUT", "\(polling)&sid=nobody", 1), ("POST", "\(polling)&sid=nobody", 1), ("POST", polling, 2), ("PUT", polling, 2),
        ("GET", "/socket.io/?EIO=4&transport=websocket", 3), ("GET", "/socket.io/?EIO=3&transport=polling", 5),
        ("GET", "/socket.io/?transport=polling", 5),
    ])
    func errorsHaveTheReferencesCodesAndCORS(_ method: String, _ target: String, _ code: Int) throws {
        let connection = try connection()
        connection.send("\(method) \(target) HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        let response = try #require(connection.response())
        #expect(response.status == 400 && response.headers["access-control-allow-origin"] == "*")
        #expect(response.headers["content-type"] == "application/json" && response.body.hasPrefix("{\"code\":\(code),\"message\":\""))
        server.stop()
    }

    @Test(arguments: [("nobody", "Session ID unknown"), ("", "Bad request")])
    func aRefusedUpgradeIsAPlainAnswer(_ sid: String, _ text: String) throws {
        let connection = try connection()
        let headers = sid.isEmpty ? "Upgrade: websocket\r\nConnection: Upgrade\r\n" : nil
        let target = "/socket.io/?EIO=4&transport=websocket" + (sid.isEmpty ? "" : "&sid=\(sid)")
        let response = try #require(headers.map { connection.get(target, headers: $0) } ?? connection.openWebSocket(target))
        #expect(response.status == 400 && response.body == text && response.headers["connection"] == "close")
        #expect(response.headers["access-control-allow-origin"] == "*")
        #expect(connection.response() == nil)
        server.stop()
    }

    @Test func anUpgradeOfPollingIsRefused() throws {
        #expect(try connection().openWebSocket(polling)?.body == "Bad request")
        server.stop()
    }

    @Test func answersAreNotStoredAnywhere() throws {
        let target = try open()
        let connection = try connection()
        for response in [connection.post(target, "40"), connection.get(target), connection.get("\(target)x")] {
            #expect(response?.headers["cache-control"] == "no-store" && response?.headers["access-control-allow-origin"] == "*")
        }
        server.stop()
    }

    @Test func aBinaryPostEndsTheSession() throws {
        let target = try open()
        let response = try #require(try connection().post(target, "\u{4}x", type: "application/octet-stream"))
        #expect(response.status == 400 && response.headers["connection"] == "close")
        #expect(try connection().get(target)?.body == "{\"code\":1,\"message\":\"Session ID unknown\"}")
        server.stop()
    }

    @Test func overlappingPostsEndTheSession() throws {
        let target = try open()
        let slow = try connection()
        slow.send("POST \(target) HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n4")
        // Once its beginning has been read, the next is refused; before, that one is taken.
        var refused: RawConnection.Response?
        while refused == nil, let response = try connection().post(target, "3") { if response.status != 200 { refused = response } }
        #expect(refused?.status == 400 && refused?.headers["connection"] == "close")
        #expect(try connection().get(target)?.status == 400)
        server.stop()
    }

    @Test func aCancelledGetEndsTheSession() throws {
        let other = try connection()
        _ = other.openWebSocket()
        _ = (other.frame(), other.frame("40"), other.frame(), other.frame())
        other.frame("42[\"create or join\",\"c\"]")
        _ = other.frame()
        let target = try open()
        let posts = try connection()
        #expect(posts.post(target, "40")?.status == 200)
        var get: RawConnection? = try connection()
        #expect(get?.get(target)?.status == 200)
        #expect(posts.post(target, "42[\"create or join\",\"c\"]")?.status == 200)
        #expect(get?.get(target)?.body.hasPrefix("42[\"ready\",\"c\"]") == true)
        get?.send("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
        get = nil
        for _ in 0..<3 { _ = other.frame() }
        #expect(other.frame()?.contains("퇴장") == true)
        #expect(posts.post(target, "3")?.status == 400)
        server.stop()
    }

    @Test func exactlyTheLimitIsAccepted() throws {
        let target = try open()
        let connection = try connection()
        #expect(connection.post(target, "40")?.status == 200)
        _ = connection.get(target)
        let text = "42[\"\(String(repeating: "a", count: 1_000_000 - 6))\"]"
        #expect(text.utf8.count == 1_000_000)
        #expect(connection.post(target, text)?.body == "ok")
        let refused = try #require(try self.connection().post(target, text + " "))
        #expect(refused.status == 413 && refused.headers["access-control-allow-origin"] == "*")
        #expect(connection.post(target, "42[\"create or join\",\"c\"]")?.body == "ok")
        #expect(connection.get(target)?.body.hasPrefix("42[\"message\"") == true)
        server.stop()
    }

    @Test func requestsMayComeOneBehindTheOther() throws {
        let connection = try connection()
        connection.send(String(repeating: "GET \(polling) HTTP/1.1\r\nHost: x\r\n\r\n", count: 3))
        for _ in 0..<3 { #expect(connection.response()?.body.hasPrefix("0{\"sid\":\"") == true) }
        server.stop()
    }

    /// One read can bring thousands of requests; answered within each other they would use up the stack.
    @Test func manyRequestsBehindAWaitingGetDoNotNest() throws {
        let target = try open()
        let posts = try connection()
        #expect(posts.post(target, "40")?.status == 200)
        let get = try connection()
        _ = get.get(target)
        // A large body first: the server reads in larger pieces then.
        get.send("GET /healthz HTTP/1.1\r\nContent-Length: 500000\r\n\r\n" + String(repeating: "a", count: 500_000))
        #expect(get.response()?.status == 200)
        get.send("GET \(target) HTTP/1.1\r\n\r\n" + String(repeating: "GET /x/y HTTP/1.1\r\n\r\n", count: 5000))
        #expect(posts.post(target, "427[\"channels\"]")?.status == 200)
        #expect(get.response()?.body == "437[[]]")
        var answers = 0
        while answers < 5000, get.response()?.status == 404 { answers += 1 }
        #expect(answers == 5000)
        server.stop()
    }

    @Test func whoAsksOnAndOnWithoutReadingIsClosed() throws {
        let greedy = try connection()
        let asked = 40_000
        greedy.send(String(repeating: "GET /-/app.js HTTP/1.1\r\n\r\n", count: asked))
        var answers = 0
        while greedy.response()?.status == 200 { answers += 1 }
        #expect(answers < asked / 10, "\(answers)")
        #expect(try connection().get("/healthz")?.status == 200)
        server.stop()
    }
}
