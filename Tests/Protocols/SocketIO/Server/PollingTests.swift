import SocketIO
import Testing

@Suite struct PollingTests {
    @Test func greetsInTheAnswerToTheFirstGet() {
        var bench = ServerBench(webSocket: false)
        #expect(bench.outputs() == ["poll " + greeting("\"websocket\"")])
        #expect(bench.post("40") == ["connecting / -"])
        bench.session.emit("connect success", ["SOCKET"])
        #expect(bench.get() == ["poll 40{\"sid\":\"SOCKET\"}|42[\"connect success\",\"SOCKET\"]"])
        #expect(bench.get() == [])
        bench.session.emit("a", [])
        #expect(bench.outputs() == ["poll 42[\"a\"]"])
    }

    @Test func aBodyHoldsManyPackets() {
        var bench = ServerBench.connected(webSocket: false)
        #expect(bench.post("42[\"a\"]\u{1e}42[\"b\",1]") == ["event / a() -", "event / b(1) -"])
    }

    @Test func binaryDataIsBase64BothWays() {
        var bench = ServerBench.connected(webSocket: false)
        #expect(
            bench.post("451-[\"b\",{\"_placeholder\":true,\"num\":0}]\u{1e}bAQIDBA==")
                == ["event / b({\"_placeholder\":true,\"num\":0};[1, 2, 3, 4]) -"])
        bench.session.emit("c", [["_placeholder": true, "num": 0]], attachments: [[1, 2, 3, 4]])
        #expect(bench.get() == ["poll 451-[\"c\",{\"_placeholder\":true,\"num\":0}]|bAQIDBA=="])
    }

    @Test func overlappingRequestsEndTheSession() {
        var bench = ServerBench(webSocket: false)
        _ = bench.outputs()
        #expect(bench.get() == [])
        #expect(bench.refusedGet() == ["poll 1", "closed"])
        #expect(bench.refusedGet() == [])

        bench = ServerBench(webSocket: false)
        _ = bench.outputs()
        #expect(bench.refusedPost() == nil)
        #expect(bench.refusedPost() == ["closed"])
        bench.session.endPost(body: Array("40".utf8), now: bench.now)
        #expect(bench.outputs() == [])
    }

    @Test func aBinaryPostEndsTheSession() {
        var bench = ServerBench(webSocket: false)
        _ = bench.outputs()
        #expect(bench.refusedPost(isBinary: true) == ["closed"])
    }

    @Test(arguments: ["", "abc", "7", "40\u{1e}", "\u{1e}42[\"a\"]", "bA*", "42[\"a\"]\u{1e}x"])
    func aBodyThatIsNoPayloadEndsTheSession(_ body: String) {
        var bench = ServerBench.connected(webSocket: false)
        #expect(bench.post(body) == ["400", "disconnected / closed", "closed"])
        #expect(bench.refusedGet() == [])
    }

    @Test func aCancelledRequestEndsTheSession() {
        var bench = ServerBench.connected(webSocket: false)
        _ = bench.get()
        bench.session.cancelPoll()
        #expect(bench.outputs() == ["disconnected / closed", "closed"])
    }

    @Test func aPostThatIsTooLargeOrBrokenOffDoesNot() {
        var bench = ServerBench(webSocket: false)
        _ = bench.outputs()
        #expect(bench.refusedPost() == nil)
        bench.session.endPost(body: nil, now: bench.now)
        #expect(bench.get() == [])
        #expect(bench.post("40") == ["connecting / -", "poll 40{\"sid\":\"SOCKET\"}"])
    }

    @Test func aCloseLetsTheWaitingRequestGo() {
        var bench = ServerBench.connected(webSocket: false)
        #expect(bench.get() == [])
        #expect(bench.post("1\u{1e}42[\"a\"]") == ["poll 6", "disconnected / left", "closed"])
        #expect(bench.refusedGet() == [])
    }

    @Test func theServersCloseIsAPacket() {
        var bench = ServerBench.connected(webSocket: false)
        #expect(bench.get() == [])
        bench.session.close(reason: "over")
        #expect(bench.outputs() == ["poll 1", "disconnected / closed", "closed"])
    }

    @Test func aClientThatReadsNothingIsNotStoredFor() {
        var configuration = SocketIOServerConfiguration()
        configuration.maximumBuffered = 1000
        var bench = ServerBench.connected(webSocket: false, configuration: configuration)
        for _ in 0..<11 { bench.session.emit(String(repeating: "a", count: 95), []) }
        #expect(bench.outputs() == ["disconnected / closed", "closed"])

        bench = ServerBench.connected(webSocket: false, configuration: configuration)
        bench.session.emit("a", [], attachments: [ArraySlice(repeating: 0, count: 1001)])
        #expect(bench.outputs() == ["disconnected / closed", "closed"])
    }
}
