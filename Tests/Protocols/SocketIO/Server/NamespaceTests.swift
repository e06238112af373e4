import JSON
import SocketIO
import Testing

@Suite struct NamespaceTests {
    private func bench() -> ServerBench {
        var configuration = SocketIOServerConfiguration()
        configuration.namespaces = ["/", "/custom"]
        var bench = ServerBench(webSocket: true, configuration: configuration)
        _ = bench.outputs()
        return bench
    }

    @Test func greetsWithTheSocketsId() {
        var bench = ServerBench(webSocket: true)
        #expect(bench.outputs() == ["ws1 " + greeting("")])
        #expect(bench.receive("40{\"name\":\"ana\"}") == ["connecting / {\"name\":\"ana\"}", "ws1 40{\"sid\":\"SOCKET\"}"])
        #expect(bench.receive("42[\"create or join\",\"방\"]") == ["event / create or join(\"방\") -"])
        #expect(bench.receive("427[\"channels\"]") == ["event / channels() 7"])
    }

    @Test func eachHasItsOwnStateAndId() {
        var bench = bench()
        #expect(
            bench.receive("40/custom,{\"token\":\"abc\"}") == [
                "connecting /custom {\"token\":\"abc\"}", "ws1 40/custom,{\"sid\":\"SOCKET/custom\"}",
            ])
        #expect(bench.receive("42/custom,3[\"a\",1]") == ["event /custom a(1) 3"])
        bench.session.acknowledge(3, [1], namespace: "/custom")
        bench.session.emit("b", ["x"], namespace: "/custom")
        bench.session.emit("nobody there", [])
        #expect(bench.outputs() == ["ws1 43/custom,3[1]", "ws1 42/custom,[\"b\",\"x\"]"])
        #expect(bench.receive("40") == ["connecting / -", "ws1 40{\"sid\":\"SOCKET\"}"])
        #expect(bench.receive("41/custom,") == ["disconnected /custom left"])
        #expect(bench.receive("42[\"a\"]") == ["event / a() -"])
        #expect(bench.receive("40/custom") == ["connecting /custom -", "ws1 40/custom,{\"sid\":\"SOCKET/custom\"}"])
        #expect(bench.receive("1") == ["close ws1", "disconnected / left", "disconnected /custom left", "closed"])
    }

    @Test func whatDoesNotExistIsRefused() {
        var bench = ServerBench(webSocket: true)
        _ = bench.outputs()
        #expect(bench.receive("40/x") == ["ws1 44/x,{\"message\":\"Invalid namespace\"}"])
        #expect(bench.receive("40/x,{}") == ["ws1 44/x,{\"message\":\"Invalid namespace\"}"])
        #expect(bench.receive("40") == ["connecting / -", "ws1 40{\"sid\":\"SOCKET\"}"])
        #expect(bench.receive("42/x,[\"a\"]") == closedByServer)
    }

    @Test func aSecondConnectInOneClosesAll() {
        var bench = bench()
        _ = bench.receive("40/custom,")
        _ = bench.receive("40")
        #expect(bench.receive("40/custom,") == ["close ws1", "disconnected / closed", "disconnected /custom closed", "closed"])
    }

    @Test func theApplicationMayRefuse() {
        var bench = ServerBench(webSocket: true)
        _ = bench.outputs()
        bench.refuses["/"] = .some(["code": "token-needed"])
        #expect(bench.receive("40") == ["connecting / -", "ws1 44{\"message\":\"no\",\"data\":{\"code\":\"token-needed\"}}"])
        bench.session.emit("a", [])
        #expect(bench.outputs() == [])
        bench.refuses["/"] = .some(nil)
        #expect(bench.receive("40{}") == ["connecting / {}", "ws1 44{\"message\":\"no\"}"])
        #expect(bench.receive("42[\"a\"]") == ["close ws1", "closed"])
    }

    /// A polling client may put both into one body.
    @Test func whatComesAlongWithARefusedConnectIsDropped() {
        var bench = ServerBench(webSocket: false)
        _ = bench.outputs()
        bench.refuses["/"] = .some(nil)
        #expect(bench.post("40\u{1e}42[\"a\"]") == ["connecting / -"])
        #expect(bench.get() == ["poll 44{\"message\":\"no\"}"])
        bench.refuses = [:]
        #expect(bench.post("40\u{1e}42[\"a\"]") == ["connecting / -", "event / a() -"])
    }

    @Test func theServerMaySendAClientOut() {
        var bench = ServerBench.connected()
        bench.session.disconnect(reason: "another has its place")
        #expect(bench.outputs() == ["disconnected / left", "ws1 41"])
        #expect(bench.receive("40") == ["connecting / -", "ws1 40{\"sid\":\"SOCKET\"}"])
    }
}
