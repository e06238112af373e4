import Logging
import Primitives
import Testing

@testable import Signaling

/// A whole server on this machine, where the limits are tried on 127.0.0.1.
@Suite(.ownThread) struct ServerOperationTests {
    private static let polling = "/socket.io/?EIO=4&transport=polling"
    private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func start(_ change: (inout ServerConfiguration) -> Void = { _ in }) throws -> SignalingServer {
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.version = "test"
        change(&configuration)
        return try SignalingServer.start(configuration, log: log)
    }

    private func connect(_ server: SignalingServer) throws -> RawConnection { try #require(RawConnection(port: server.port)) }

    /// A member over WebSocket that has been greeted.
    private func member(_ server: SignalingServer, headers: String = "") throws -> RawConnection {
        let connection = try connect(server)
        let upgrade =
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        #expect(connection.get("/socket.io/?EIO=4&transport=websocket", headers: upgrade + headers)?.status == 101)
        #expect(connection.frame()?.hasPrefix("0{") == true)
        connection.frame("40{}")
        #expect(connection.frame()?.hasPrefix("40{") == true)
        #expect(connection.frame()?.hasPrefix("42[\"connect success\"") == true)
        return connection
    }

    private func metrics(_ server: SignalingServer) throws -> ExpositionFormat {
        // Behind whatever the server still has to do for others.
        let answer = try #require(try connect(server).get("/metrics"))
        #expect(answer.status == 200)
        return try ExpositionFormat(Array(answer.body.utf8))
    }

    @Test func numbersOfALivingServer() throws {
        let server = try start()
        let a = try member(server)
        let b = try member(server)
        a.frame("42[\"create or join\",\"c\"]")
        #expect(a.frame()?.hasPrefix("42[\"message\"") == true)
        b.frame("42[\"create or join\",\"c\"]")
        #expect(b.frame() == "42[\"ready\",\"c\"]")
        b.frame("42[\"handshake\",{\"channel\":\"c\",\"offer\":{\"type\":\"offer\",\"sdp\":\"v=0\"}}]")
        while let frame = a.frame(), !frame.contains("handshake") {}
        b.frame("42[\"handshake\",{\"channel\":\"elsewhere\",\"offer\":{}}]")
        b.frame("42[\"channels\"]")
        while let frame = b.frame(), !frame.contains("channels") {}
        let numbers = try metrics(server)
        #expect(numbers.value("tchat_connections", ["transport": "websocket"]) == 2)
        #expect(numbers.value("tchat_connections", ["transport": "polling"]) == 1)
        #expect(numbers.value("tchat_sessions") == 2)
        #expect(numbers.value("tchat_channels") == 1)
        #expect(numbers.value("tchat_members") == 2)
        #expect(numbers.value("tchat_joins_total", ["outcome": "ok"]) == 2)
        #expect(numbers.value("tchat_relayed_messages_total") == 1)
        #expect(numbers.value("tchat_refused_total", ["reason": "not-member"]) == 1)
        #expect(numbers.value("tchat_build_info", ["version": "test"]) == 1)
        #expect(numbers.value("process_resident_memory_bytes").map { $0 > 1_000_000 } == true)
        server.stop()
    }

    @Test func oneConnectionTooManyFromAnAddressIsToldSo() throws {
        let server = try start {
            $0.limits.connectionsPerAddress = 2
            $0.limits.countsLoopback = true
        }
        let first = try member(server)
        let second = try connect(server)
        #expect(second.get("/healthz")?.status == 200)
        let refused = try #require(try connect(server).get(Self.polling))
        #expect(refused.status == 429 && refused.headers["retry-after"] == "10" && refused.headers["connection"] == "close")
        #expect(refused.body.contains("\"code\":\"too-many-connections-of-address\"") && refused.body.contains("too many connections"))
        first.frame("42[\"create or join\",\"c\"]")
        #expect(first.frame()?.contains("message") == true)
        #expect(second.get("/healthz")?.status == 200)
        server.stop()
    }

    @Test func aFullServerSaysSo() throws {
        let server = try start { $0.limits.connections = 1 }
        let first = try connect(server)
        #expect(first.get("/healthz")?.status == 200)
        let refused = try #require(try connect(server).get("/"))
        #expect(refused.status == 503 && refused.headers["retry-after"] == "30" && refused.body.contains("full"))
        #expect(first.get("/healthz")?.status == 200)
        server.stop()
    }

    @Test func aFloodIsRefusedThenClosed() throws {
        let server = try start {
            $0.limits.countsLoopback = true
            $0.limits.events = RateLimit(perSecond: 1, burst: 10)
            $0.limits.refusals = RateLimit(perSecond: 1, burst: 20)
        }
        let flooder = try member(server)
        let other = try member(server)
        for _ in 0..<100 { flooder.frame("42[\"name\",\"x\"]") }
        // Closed; what else it is told depends on what it understands.
        while let frame = flooder.frame(), !frame.hasPrefix("close") {}
        #expect(flooder.frame() == nil)
        other.frame("42[\"create or join\",\"c\"]")
        #expect(other.frame()?.contains("message") == true)
        let numbers = try metrics(server)
        #expect(numbers.value("tchat_refused_total", ["reason": "rate-limited"]).map { (20...25).contains($0) } == true)
        #expect(numbers.value("tchat_refused_total", ["reason": "flooding"]) == 1)
        server.stop()
    }

    @Test func comingAndGoingWithoutEndIsLimited() throws {
        let server = try start {
            $0.limits.countsLoopback = true
            $0.limits.events = RateLimit(perSecond: 0.01, burst: 4)
        }
        let restless = try connect(server)
        #expect(restless.openWebSocket()?.status == 101)
        for _ in 0..<10 {
            restless.frame("40")
            restless.frame("41")
        }
        var refusal: String?
        while refusal == nil, let frame = restless.frame() { if frame.hasPrefix("44") { refusal = frame } }
        #expect(refusal?.contains("\"code\":\"rate-limited\"") == true && refusal?.contains("\"retryAfter\":") == true, "\(refusal ?? "")")
        server.stop()
    }

    @Test func aJoinTooManyIsRefusedWithACode() throws {
        let server = try start {
            $0.limits.countsLoopback = true
            $0.limits.joins = RateLimit(perSecond: 0.01, burst: 1)
        }
        let group = try connect(server)
        #expect(group.openWebSocket()?.status == 101)
        _ = group.frame()
        group.frame("40{\"features\":[\"group\"]}")
        _ = (group.frame(), group.frame())
        group.frame("421[\"create or join\",\"a\"]")
        #expect(group.frame()?.hasPrefix("431[{\"ok\":true") == true)
        group.frame("422[\"create or join\",\"b\"]")
        let answer = try #require(group.frame())
        #expect(answer.hasPrefix("432[{\"ok\":false,\"code\":\"rate-limited\"") && answer.contains("\"retryAfter\":"), "\(answer)")
        // Other events are not concerned.
        group.frame("423[\"leave\",\"a\"]")
        #expect(group.frame() == "433[{\"ok\":true}]")
        server.stop()
    }

    @Test func clientsOfATrustedProxyAreCountedByThemselves() throws {
        let server = try start {
            $0.limits.connectionsPerAddress = 1
            $0.limits.countsLoopback = true
            $0.trustedProxies = [AddressRange("127.0.0.1")].compactMap { $0 }
        }
        let first = try member(server, headers: "X-Forwarded-For: 198.51.100.1\r\n")
        let second = try member(server, headers: "X-Forwarded-For: 198.51.100.2\r\n")
        let refused = try #require(
            try connect(server).get(Self.polling, headers: "X-Forwarded-For: 192.0.2.9, 198.51.100.1\r\n"))
        #expect(refused.status == 429 && refused.body.contains("too-many-sessions-of-address"))
        first.frame([], opcode: 8)
        #expect(first.frame()?.hasPrefix("close") == true && first.frame() == nil)
        _ = try member(server, headers: "X-Forwarded-For: 198.51.100.1\r\n")
        second.frame("42[\"create or join\",\"c\"]")
        #expect(second.frame()?.contains("message") == true)
        server.stop()
    }

    @Test func numbersAreNotForWhoComesThroughAProxy() throws {
        let server = try start { $0.trustedProxies = [AddressRange("127.0.0.1")].compactMap { $0 } }
        let http = try connect(server)
        #expect(http.get("/metrics", headers: "X-Forwarded-For: 198.51.100.1\r\n")?.status == 404)
        #expect(http.get("/metrics")?.status == 200)
        server.stop()
    }

    @Test func withoutThePageThereIsAText() throws {
        let server = try start { $0.servesPage = false }
        let http = try connect(server)
        #expect(http.get("/")?.body.hasPrefix("This is a tchat signaling server.") == true)
        #expect(http.get("/standup")?.status == 404)
        server.stop()
    }

    @Test func thePageIsServedWithItsHeaders() throws {
        let server = try start()
        let http = try connect(server)
        let page = try #require(http.get("/%EB%B0%A9"))
        #expect(page.status == 200 && page.headers["content-type"] == "text/html; charset=utf-8")
        #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
        #expect(page.headers["cache-control"] == "no-cache" && page.headers["referrer-policy"] == "no-referrer")
        #expect(page.headers["access-control-allow-origin"] == nil)
        let tag = try #require(page.headers["etag"])
        http.send("GET / HTTP/1.1\r\nHost: x\r\nIf-None-Match: \(tag)\r\n\r\n")
        #expect(http.response()?.status == 304)
        http.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        server.stop()
    }

    @Test func clientsAreToldBeforeTheServerStops() throws {
        let server = try start()
        let members = try (0..<5).map { _ in try member(server) }
        let group = try connect(server)
        #expect(group.openWebSocket()?.status == 101)
        _ = group.frame()
        group.frame("40{\"features\":[\"group\"]}")
        _ = (group.frame(), group.frame())
        let http = try connect(server)
        #expect(http.get("/healthz")?.status == 200)
        let began = SignalingLoop.now()
        server.stop(message: "Back at noon.")
        #expect(group.frame() == "42[\"server stopping\",{\"message\":\"Back at noon.\"}]")
        for connection in members + [group] {
            while let frame = connection.frame(), !frame.hasPrefix("close") {}
            #expect(connection.frame() == nil)
        }
        #expect(http.get("/healthz") == nil)
        #expect(RawConnection(port: server.port) == nil)
        // Not a limit on speed: it would be 5 s if the server waited for what cannot come.
        #expect(SignalingLoop.now() - began < .seconds(4))
    }
}
