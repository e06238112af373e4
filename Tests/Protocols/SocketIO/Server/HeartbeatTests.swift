import Primitives
import SocketIO
import Testing

@Suite struct HeartbeatTests {
    @Test func pingsAndTakesSilenceForDeath() {
        var bench = ServerBench.connected()
        #expect(bench.pass(.seconds(25)) == ["ws1 2"])
        #expect(bench.pass(.seconds(19)) == [])
        #expect(bench.receive("3") == [])
        #expect(bench.pass(.seconds(24)) == [])
        #expect(bench.pass(.seconds(1)) == ["ws1 2"])
        #expect(bench.pass(.seconds(20)) == ["close ws1", "disconnected / timedOut", "closed"])
        #expect(bench.session.nextTimeout == nil)
    }

    @Test func aPollingClientThatStaysAwayIsDead() {
        var bench = ServerBench.connected(webSocket: false)
        #expect(bench.pass(.seconds(45)) == ["disconnected / timedOut", "closed"])
    }

    /// The loop's timers may be a little late: a request that comes in between finds the session dead all the same.
    @Test func aRequestThatComesTooLateIsRefused() {
        var bench = ServerBench.connected(webSocket: false)
        bench.now = bench.now + .seconds(25) + .milliseconds(50)
        bench.session.handleTimeout(now: bench.now)
        bench.now = bench.now + .seconds(20) - .milliseconds(50)
        #expect(bench.refusedGet() == ["disconnected / timedOut", "closed"])
    }

    /// After a stall of the whole server, clients get their time to answer.
    @Test func aLatePingGivesTheWholeTimeToAnswer() {
        var bench = ServerBench.connected()
        bench.now = bench.now + .seconds(300)
        bench.session.handleTimeout(now: bench.now)
        #expect(bench.outputs() == ["ws1 2"])
        #expect(bench.pass(.seconds(19)) == [])
        #expect(bench.receive("3") == [])
    }

    @Test func whoJoinsNoNamespaceIsClosed() {
        var bench = ServerBench(webSocket: true)
        _ = bench.outputs()
        var out = bench.receive("40/x,")
        out += bench.pass(.seconds(30))
        out += bench.receive("3")
        out += bench.pass(.seconds(15))
        #expect(out == ["ws1 44/x,{\"message\":\"Invalid namespace\"}", "ws1 2", "close ws1", "closed"])
    }

    @Test func whoHasJoinedOnceMayStay() {
        var bench = ServerBench.connected()
        #expect(bench.receive("41") == ["disconnected / left"])
        #expect(bench.pass(.seconds(44)) == ["ws1 2"])
        #expect(bench.receive("3") == [])
        #expect(bench.pass(.seconds(10)) == [])
    }
}
