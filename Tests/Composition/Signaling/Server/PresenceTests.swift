import Glibc
import Logging
import Primitives
import Signaling
import Testing

/// A client of group channels that speaks WebSocket by hand.
private struct GroupMember {
    let connection: RawConnection
    let id: String

    init(_ server: SignalingServer, resume: String? = nil, joining channel: String? = nil) throws {
        connection = try #require(RawConnection(port: server.port))
        #expect(connection.openWebSocket()?.status == 101)
        _ = connection.frame()
        connection.frame("40{\"features\":[\"group\"]\(resume.map { ",\"resume\":\"\($0)\"" } ?? "")}")
        #expect(connection.frame()?.hasPrefix("40{\"sid\":\"") == true)
        let success = try #require(connection.frame())
        #expect(success.hasPrefix("42[\"connect success\",\""))
        id = String(success.dropFirst("42[\"connect success\",\"".count).dropLast(2))
        guard let channel else { return }
        connection.frame("421[\"create or join\",\"\(channel)\"]")
        #expect(connection.frame()?.hasPrefix("431[{\"ok\":true") == true)
    }

    func left(_ reason: String) -> String { "42[\"member left\",{\"channel\":\"c\",\"id\":\"\(id)\",\"reason\":\"\(reason)\"}]" }
}

private func start(_ change: (inout ServerConfiguration) -> Void = { _ in }) throws -> SignalingServer {
    var configuration = ServerConfiguration()
    configuration.port = 0
    change(&configuration)
    return try SignalingServer.start(configuration, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
}

@Suite(.ownThread) struct PresenceTests {
    @Test(arguments: ["41", "1"]) func whoSaysSoHasLeft(_ packet: String) throws {
        let server = try start()
        let stays = try GroupMember(server, joining: "c")
        let goes = try GroupMember(server, resume: "a secret of sixteen", joining: "c")
        _ = stays.connection.frame()
        goes.connection.frame(packet)
        #expect(stays.connection.frame() == goes.left("left"))
        server.stop()
    }

    @Test func whoseConnectionIsLostIsDisconnected() throws {
        let server = try start()
        let stays = try GroupMember(server, joining: "c")
        var goes: GroupMember? = try GroupMember(server, joining: "c")
        let told = goes?.left("disconnected")
        _ = stays.connection.frame()
        goes = nil
        #expect(stays.connection.frame() == told)
        server.stop()
    }

    @Test func whoFallsSilentTimesOut() throws {
        let server = try start {
            $0.engine.pingInterval = .milliseconds(100)
            $0.engine.pingTimeout = .seconds(2)
        }
        let stays = try GroupMember(server, joining: "c")
        let goes = try GroupMember(server, joining: "c")
        var told: String?
        while let frame = stays.connection.frame() {
            if frame == "2" { stays.connection.frame("3") }
            guard frame.hasPrefix("42[\"member left\"") else { continue }
            told = frame
            break
        }
        #expect(told == goes.left("timeout"))
        server.stop()
    }

    /// A quiet server's last look at the clock may be long ago.
    @Test func aPlaceIsHeldFromWhenItsConnectionIsLost() throws {
        let server = try start { $0.channels.capacity = 2 }
        let stays = try GroupMember(server, joining: "c")
        var goes: GroupMember? = try GroupMember(server, resume: "a secret of sixteen", joining: "c")
        _ = stays.connection.frame()
        let other = try GroupMember(server)
        // The silence is what this is about.
        sleep(3)
        let told = goes?.left("disconnected")
        let lost = ContinuousClock.now
        goes = nil
        #expect(stays.connection.frame() == told)
        other.connection.frame("421[\"create or join\",\"c\"]")
        let answer = try #require(other.connection.frame())
        let wait = try #require(answer.split(separator: "\"retryAfter\":").last?.prefix { $0.isNumber }).description
        let passed = (ContinuousClock.now - lost).components.seconds
        #expect(try #require(Int64(wait)) + passed >= 14, "\(answer)")
        server.stop()
    }

    /// The official client does not come back by itself when it is told `41`: two pages with one secret do not chase each other away.
    @Test func whoComesBackReplacesItsGhost() throws {
        let server = try start()
        let ghost = try GroupMember(server, resume: "a secret of sixteen", joining: "c")
        let other = try GroupMember(server, joining: "c")
        _ = ghost.connection.frame()
        let back = try GroupMember(server, resume: "a secret of sixteen", joining: "c")
        #expect(back.id == ghost.id)
        #expect(ghost.connection.frame() == "41")
        #expect(ghost.connection.frame() == "close")
        #expect(ghost.connection.frame() == nil)
        // Nobody else has noticed.
        other.connection.frame("427[\"leave\",\"c\"]")
        #expect(other.connection.frame() == "437[{\"ok\":true}]")
        #expect(back.connection.frame() == other.left("left"))
        server.stop()
    }

    @Test func whoHasNoTokenIsToldSo() throws {
        let server = try start { $0.access.tokenSecret = Array("secret".utf8) }
        let connection = try #require(RawConnection(port: server.port))
        _ = connection.openWebSocket()
        _ = connection.frame()
        connection.frame("40{}")
        let refusal = try #require(connection.frame())
        #expect(refusal.hasPrefix("44{\"message\":\"") && refusal.hasSuffix("\",\"data\":{\"code\":\"token-needed\"}}"))
        server.stop()
    }

    @Test func aStopIsToldAndThenDone() throws {
        let server = try start()
        let member = try GroupMember(server, joining: "c")
        let polling = try #require(RawConnection(port: server.port))
        let target = "/socket.io/?EIO=4&transport=polling"
        let sid = try #require(polling.get(target)?.body.dropFirst(9).prefix(20))
        #expect(polling.post("\(target)&sid=\(sid)", "40{\"features\":[\"group\"]}")?.body == "ok")
        #expect(polling.get("\(target)&sid=\(sid)")?.body.hasPrefix("40") == true)
        let idle = try #require(RawConnection(port: server.port))
        #expect(idle.get("/healthz")?.status == 200)
        let clock = ContinuousClock()
        let time = clock.measure { server.stop(message: "back soon") }
        #expect(time < .seconds(3))
        #expect(member.connection.frame() == "42[\"server stopping\",{\"message\":\"back soon\"}]")
        #expect(member.connection.frame() == "close 1001")
        #expect(member.connection.frame() == nil)
        #expect(idle.response() == nil)
    }

    @Test func aStopLetsAWaitingGetGo() throws {
        let server = try start()
        let polling = try #require(RawConnection(port: server.port))
        let target = "/socket.io/?EIO=4&transport=polling"
        let sid = try #require(polling.get(target)?.body.dropFirst(9).prefix(20))
        let posts = try #require(RawConnection(port: server.port))
        #expect(posts.post("\(target)&sid=\(sid)", "40{\"features\":[\"group\"]}")?.body == "ok")
        #expect(polling.get("\(target)&sid=\(sid)")?.body.hasPrefix("40") == true)
        polling.send("GET \(target)&sid=\(sid) HTTP/1.1\r\nHost: x\r\n\r\n")
        // The GET is waiting once an answer to what came after it on another connection would go to it.
        #expect(posts.post("\(target)&sid=\(sid)", "427[\"channels\"]")?.body == "ok")
        #expect(polling.response()?.body == "437[[]]")
        polling.send("GET \(target)&sid=\(sid) HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(posts.get("/healthz")?.status == 200)
        server.stop(message: "back soon")
        let last = polling.response()
        #expect(last == nil || last?.body == "42[\"server stopping\",{\"message\":\"back soon\"}]\u{1e}1")
    }

    /// What is written for a client that reads nothing is bounded; then it is closed, and the others are told.
    @Test func whoReadsTooSlowlyIsClosed() throws {
        let server = try start { $0.engine.maximumBuffered = 100_000 }
        let reads = try GroupMember(server, joining: "c")
        let sleeps = try GroupMember(server, joining: "c")
        _ = reads.connection.frame()
        let large = "42[\"handshake\",{\"channel\":\"c\",\"offer\":{\"sdp\":\"\(String(repeating: "a", count: 900_000))\"}}]"
        for _ in 0..<12 { reads.connection.frame(large) }
        #expect(reads.connection.frame() == sleeps.left("disconnected"))
        server.stop()
    }

    @Test func aCrowdThatIsGoneLeavesNobodyBehind() throws {
        let server = try start()
        let survivors = try (0..<20).map { try GroupMember(server, joining: "c\($0)") }
        var crowd = try (0..<100).map { try GroupMember(server, joining: "c\($0 % 20)") }
        let gone = Set(crowd.map(\.id))
        crowd = []
        var told: Set<String> = []
        for survivor in survivors {
            var left = 0
            while left < 5, let frame = survivor.connection.frame() {
                guard frame.hasPrefix("42[\"member left\"") else { continue }
                left += 1
                told.formUnion(gone.filter { frame.contains($0) })
            }
        }
        #expect(told == gone)
        let metrics = try #require(RawConnection(port: server.port)?.get("/metrics")?.body)
        #expect(metrics.contains("\ntchat_members 20\n") && metrics.contains("\ntchat_sessions 20\n"))
        #expect(metrics.contains("\ntchat_connections{transport=\"websocket\"} 20\n"))
        server.stop()
    }
}
