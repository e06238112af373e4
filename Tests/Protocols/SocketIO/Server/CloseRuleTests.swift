import SocketIO
import Testing

@Suite struct CloseRuleTests {
    @Test(arguments: [
        "", "7", "x", "2", "2probe", "4", "4x", "4abc", "47", "42", "42[]", "42{}", "42[\"a\"", "42[null]", "42[\"a\"]x", "42abc[\"a\"]",
        "40", "40[]", "41{}", "44{}", "44\"no\"", "42[\"connect\"]", "42[\"connect_error\"]", "42[\"disconnect\"]", "42[\"disconnecting\"]",
        "42[\"newListener\"]", "42[\"removeListener\"]", "42/other,[\"a\"]", "41/other,", "43/other,1[]", "43[]", "431{}", "45[\"a\"]",
        "451-", "4511-[\"a\"]", "461-[]",
    ])
    func closesOn(_ text: String) {
        var bench = ServerBench.connected()
        #expect(bench.receive(text) == closedByServer)
        #expect(bench.receive("42[\"a\"]") == [])
        #expect(bench.session.nextTimeout == nil)
    }

    @Test func aCloseOfTheClientsIsALeave() {
        var bench = ServerBench.connected()
        #expect(bench.receive("1") == ["close ws1", "disconnected / left", "closed"])
    }

    @Test func unexpectedBinaryDataCloses() {
        var bench = ServerBench.connected()
        #expect(bench.receive([4, 2]) == closedByServer)
    }

    @Test(arguments: ["0", "5", "6", "3", "3probe", "43999[]", "43999[\"x\"]", "461-999[{\"_placeholder\":true,\"num\":0}]"])
    func ignores(_ text: String) {
        var bench = ServerBench.connected()
        #expect(bench.receive(text) == [])
        if text.hasPrefix("46") { #expect(bench.receive([1]) == []) }
        #expect(bench.receive("42[\"a\"]") == ["event / a() -"])
    }

    /// As the reference's parser has it.
    @Test func aNumberIsAnEventsNameToo() {
        var bench = ServerBench.connected()
        #expect(bench.receive("42[7,true]") == ["event / 7(true) -"])
    }

    @Test(arguments: ["42[\"a\"]", "41", "431[]", "451-[\"a\"]"]) func closesBeforeTheConnectOn(_ text: String) {
        var bench = ServerBench(webSocket: true)
        _ = bench.outputs()
        var out = bench.receive(text)
        if text.hasPrefix("45") { out += bench.receive([1]) }
        #expect(out == ["close ws1", "closed"])
    }

    @Test func aLostConnectionIsNoLeave() {
        var bench = ServerBench.connected()
        bench.session.closedWebSocket(ServerBench.first)
        #expect(bench.outputs() == ["disconnected / closed", "closed"])
    }

    @Test func leavingTheNamespaceLeavesTheEngineOpen() {
        var bench = ServerBench.connected()
        #expect(bench.receive("41") == ["disconnected / left"])
        #expect(bench.receive("40{\"a\":1}") == ["connecting / {\"a\":1}", "ws1 40{\"sid\":\"SOCKET\"}"])
    }
}
