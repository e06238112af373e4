import SocketIO
import Testing

@Suite struct AcknowledgementTests {
    @Test func answersAreMatchedToWhatWasAsked() {
        var bench = ServerBench.connected()
        let first = bench.session.emitAcknowledged("a", [1])
        let second = bench.session.emitAcknowledged("b", [])
        #expect(first == 0 && second == 1)
        #expect(bench.outputs() == ["ws1 420[\"a\",1]", "ws1 421[\"b\"]"])
        #expect(bench.receive("431[\"ok\",{\"x\":[]}]") == ["acknowledged / 1(\"ok\";{\"x\":[]})"])
        // Once only.
        #expect(bench.receive("431[]") == [])
        #expect(bench.receive("430[]") == ["acknowledged / 0()"])
    }

    @Test func answersMayCarryBinaryData() {
        var bench = ServerBench.connected()
        let placeholder = "{\"_placeholder\":true,\"num\":0}"
        _ = bench.session.emitAcknowledged("a", [["_placeholder": true, "num": 0]], attachments: [[9]])
        #expect(bench.outputs() == ["ws1 451-0[\"a\",\(placeholder)]", "ws1 [9]"])
        #expect(bench.receive("461-0[\(placeholder)]") == [])
        #expect(bench.receive([1, 2]) == ["acknowledged / 0(\(placeholder);[1, 2])"])
        bench.session.acknowledge(456, [["_placeholder": true, "num": 0]], attachments: [[7]])
        #expect(bench.outputs() == ["ws1 461-456[\(placeholder)]", "ws1 [7]"])
    }

    @Test func nothingIsAskedOfWhoIsNotThere() {
        var bench = ServerBench(webSocket: true)
        _ = bench.outputs()
        #expect(bench.session.emitAcknowledged("a", []) == nil)
        #expect(bench.outputs() == [])
    }

    @Test func aReconnectForgetsWhatWasAskedBefore() {
        var bench = ServerBench.connected()
        _ = bench.session.emitAcknowledged("a", [])
        _ = bench.receive("41")
        _ = bench.receive("40")
        #expect(bench.receive("430[]") == [])
        #expect(bench.session.emitAcknowledged("a", []) == 1)
    }

    @Test func whoNeverAnswersIsNotRememberedForEver() {
        var configuration = SocketIOServerConfiguration()
        configuration.maximumOwedAcknowledgements = 3
        var bench = ServerBench.connected(configuration: configuration)
        for _ in 0..<4 { _ = bench.session.emitAcknowledged("a", []) }
        _ = bench.outputs()
        #expect(bench.receive("430[]") == [])
        #expect(bench.receive("431[]") == ["acknowledged / 1()"])
    }
}
