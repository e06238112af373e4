import SocketIO
import Testing

@Suite struct UpgradeTests {
    /// The captured traffic of the official client: polling first, then the upgrade.
    @Test func upgradesAsTheOfficialClientDoes() {
        var bench = ServerBench(webSocket: false)
        _ = bench.outputs()
        _ = bench.post("40")
        #expect(bench.get() == ["poll 40{\"sid\":\"SOCKET\"}"])
        #expect(bench.open(ServerBench.first) == [])
        #expect(bench.get() == [])
        #expect(bench.receive("2probe") == ["ws1 3probe", "poll 6"])
        #expect(bench.session.requestTransport == .polling)
        bench.session.emit("a", [])
        #expect(bench.outputs() == [])
        #expect(bench.receive("5") == ["ws1 42[\"a\"]"])
        #expect(bench.session.requestTransport == .webSocket)
        #expect(bench.refusedGet() == [])
        #expect(bench.refusedPost() == [])
        #expect(bench.receive("42[\"create or join\",\"방-js\"]") == ["event / create or join(\"방-js\") -"])
        #expect(bench.receive("41") == ["disconnected / left"])
        bench.session.closedWebSocket(ServerBench.first)
        #expect(bench.outputs() == ["closed"])
    }

    @Test func packetsGoToPollingUntilTheUpgrade() {
        var bench = ServerBench.connected(webSocket: false)
        _ = bench.open(ServerBench.first)
        _ = bench.receive("2probe")
        #expect(bench.get() == [])
        bench.session.emit("a", [])
        #expect(bench.outputs() == ["poll 42[\"a\"]"])
    }

    @Test func probesLetWaitingRequestsGoUntilTheUpgrade() {
        var bench = ServerBench(webSocket: false)
        _ = bench.outputs()
        _ = bench.open(ServerBench.first)
        #expect(bench.receive("2probe") == ["ws1 3probe"])
        #expect(bench.get() == [])
        #expect(bench.pass(.milliseconds(99)) == [])
        #expect(bench.pass(.milliseconds(1)) == ["poll 6"])
        #expect(bench.get() == [])
        #expect(bench.pass(.milliseconds(100)) == ["poll 6"])
        // Given up after ten seconds; polling goes on.
        #expect(bench.pass(.seconds(10)).last == "close ws1")
        #expect(bench.get() == [])
        #expect(bench.post("40") == ["connecting / -", "poll 40{\"sid\":\"SOCKET\"}"])
    }

    @Test func aWaitingRequestIsLetGoByTheUpgrade() {
        var bench = ServerBench.connected(webSocket: false)
        _ = bench.open(ServerBench.first)
        _ = bench.receive("2probe")
        #expect(bench.get() == [])
        #expect(bench.receive("5") == ["poll 6"])
        bench.session.emit("a", [])
        #expect(bench.outputs() == ["ws1 42[\"a\"]"])
    }

    @Test func onlyOneWebSocketMayTakeOver() {
        var bench = ServerBench(webSocket: false)
        _ = bench.outputs()
        _ = bench.open(ServerBench.first)
        #expect(bench.open(ServerBench.second) == ["close ws2"])
        #expect(bench.receive("5", on: ServerBench.second) == [])
        #expect(bench.receive("4nonsense") == ["close ws1"])
        _ = bench.open(ServerBench.second)
        _ = bench.receive("2probe", on: ServerBench.second)
        _ = bench.receive("5", on: ServerBench.second)
        #expect(bench.open(ServerBench.first) == ["close ws1"])
        #expect(bench.receive("40", on: ServerBench.second) == ["connecting / -", "ws2 40{\"sid\":\"SOCKET\"}"])
    }

    @Test func aCandidateThatIsLostLeavesPollingAsItWas() {
        var bench = ServerBench.connected(webSocket: false)
        _ = bench.open(ServerBench.first)
        _ = bench.receive("2probe")
        bench.session.closedWebSocket(ServerBench.first)
        #expect(bench.outputs() == [])
        #expect(bench.post("42[\"a\"]") == ["event / a() -"])
        #expect(bench.open(ServerBench.second) == [])
    }

    @Test func theEndOfTheSessionIsTheEndOfTheCandidate() {
        var bench = ServerBench.connected(webSocket: false)
        _ = bench.open(ServerBench.first)
        #expect(bench.post("1") == ["close ws1", "disconnected / left", "closed"])
    }
}
