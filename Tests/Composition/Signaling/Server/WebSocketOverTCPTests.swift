import Signaling
import Testing

/// What a WebSocket may and may not do (RFC 6455), over real sockets.
@Suite(.ownThread) struct WebSocketOverTCPTests {
    private let server: SignalingServer

    init() throws { server = try SignalingServer.start(port: 0) }

    private func member() throws -> RawConnection {
        let connection = try #require(RawConnection(port: server.port))
        #expect(connection.openWebSocket()?.status == 101)
        _ = connection.frame()
        connection.frame("40")
        _ = (connection.frame(), connection.frame())
        return connection
    }

    private let join = Array("42[\"create or join\",\"방\"]".utf8)

    /// One byte at a time, and everything at once.
    @Test func framesMayComeInAnyPieces() throws {
        let connection = try member()
        let frames: [UInt8] = [0x81, 0x80 | UInt8(join.count), 0, 0, 0, 0] + join + [0x89, 0x82, 0, 0, 0, 0, 7, 7]
        for byte in frames { connection.send([byte]) }
        #expect(connection.frame()?.contains("입장") == true)
        #expect(connection.frame() == "pong \u{7}\u{7}")
        connection.send(frames + frames)
        #expect(connection.frame() == "pong \u{7}\u{7}")
        #expect(connection.frame() == "pong \u{7}\u{7}")
        server.stop()
    }

    @Test func masksAreTakenOff() throws {
        let connection = try member()
        let key: [UInt8] = [0x12, 0xfe, 0x80, 0x01]
        connection.send([0x81, 0x80 | UInt8(join.count)] + key + join.enumerated().map { $1 ^ key[$0 & 3] })
        #expect(connection.frame()?.contains("입장") == true)
        server.stop()
    }

    @Test func theFirstFramesMayComeWithTheUpgrade() throws {
        let connection = try #require(RawConnection(port: server.port))
        let head = """
            GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
            """
        connection.send(Array(head.utf8) + [0x81, 0x82, 0, 0, 0, 0] + Array("40".utf8))
        #expect(connection.response()?.status == 101)
        #expect(connection.frame()?.hasPrefix("0{") == true)
        #expect(connection.frame()?.hasPrefix("40{") == true)
        server.stop()
    }

    /// Text that is no UTF-8, also when a character is torn apart by fragments only.
    @Test func textIsUTF8() throws {
        let connection = try member()
        connection.frame(Array(join.prefix(21)), isFinal: false)
        connection.frame(Array(join.dropFirst(21)), opcode: 0)
        #expect(connection.frame()?.contains("입장") == true)
        connection.frame([0x34, 0x32, 0xff, 0xfe])
        #expect(connection.frame() == "close 1007")
        #expect(connection.frame() == nil)
        server.stop()
    }

    @Test func aMessageMayBeAsLongAsTheLimit() throws {
        let connection = try member()
        let text = Array("42[\"\(String(repeating: "a", count: 1_000_000 - 6))\"]".utf8)
        connection.frame(Array(text.dropLast()), isFinal: false)
        connection.frame([1, 2, 3, 4], opcode: 9)
        connection.frame(Array(text.suffix(1)), opcode: 0)
        connection.frame(join)
        #expect(connection.frame() == "pong \u{1}\u{2}\u{3}\u{4}")
        #expect(connection.frame()?.contains("입장") == true)
        server.stop()
    }

    @Test func fragmentsAreBoundedTogether() throws {
        let connection = try member()
        let half = [UInt8](repeating: 0x61, count: 600_000)
        connection.frame(half, isFinal: false)
        connection.frame(half, opcode: 0)
        #expect(connection.frame() == "close 1009")
        server.stop()
    }

    /// Also when the client goes on sending what is not taken any more.
    @Test func whatIsTooLargeIsToldSo() throws {
        let connection = try member()
        for _ in 0..<3 { connection.frame([UInt8](repeating: 0x61, count: 1_000_001)) }
        #expect(connection.frame() == "close 1009")
        #expect(connection.frame() == nil)
        server.stop()
    }

    @Test(
        arguments: [
            [0x81, 0x01, 0x34], [0xc1, 0x81, 0, 0, 0, 0, 0x34], [0x80, 0x80, 0, 0, 0, 0], [0x83, 0x80, 0, 0, 0, 0],
            [0x09, 0x80, 0, 0, 0, 0], [0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0],
        ] as [[UInt8]])
    func whatNoClientMaySendCloses(_ bytes: [UInt8]) throws {
        let connection = try member()
        connection.send(bytes)
        #expect(connection.frame() == "close 1002")
        #expect(connection.frame() == nil)
        server.stop()
    }

    @Test func aCloseIsAnsweredWithItsCode() throws {
        let connection = try member()
        connection.frame([0x03, 0xe8, 0x62, 0x79, 0x65], opcode: 8)
        #expect(connection.frame() == "close 1000")
        #expect(connection.frame() == nil)
        server.stop()
    }
}
