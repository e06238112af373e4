import JSON
import SocketIO
import Testing

private let zero = "{\"_placeholder\":true,\"num\":0}"
private let one = "{\"_placeholder\":true,\"num\":1}"

@Suite struct BinaryEventTests {
    @Test func attachmentsComeWithTheirEvent() {
        var bench = ServerBench.connected()
        #expect(bench.receive("452-9[\"b\",\(zero),{\"deep\":[\(one)]}]") == [])
        #expect(bench.receive([1, 2]) == [])
        #expect(bench.receive([]) == ["event / b(\(zero);{\"deep\":[\(one)]};[1, 2];[]) 9"])
        // The next binary message belongs to nothing.
        #expect(bench.receive([1, 2]) == closedByServer)
    }

    @Test func textInBetweenCloses() {
        var bench = ServerBench.connected()
        _ = bench.receive("451-[\"b\",\(zero)]")
        #expect(bench.receive("42[\"a\"]") == closedByServer)
    }

    @Test func tenAreTheMost() {
        var bench = ServerBench.connected()
        _ = bench.receive("4510-[\"b\"]")
        for _ in 0..<9 { #expect(bench.receive([0]) == []) }
        #expect(bench.receive([0]).first?.hasPrefix("event / b(") == true)
        #expect(bench.receive("4511-[\"b\"]") == closedByServer)
    }

    @Test func noneMayBeAnnouncedToo() {
        var bench = ServerBench.connected()
        #expect(bench.receive("450-[\"b\",1]") == ["event / b(1) -"])
        #expect(bench.receive("42[\"a\"]") == ["event / a() -"])
    }

    @Test(arguments: [
        "\(one)", "{\"_placeholder\":true,\"num\":-1}", "[{\"a\":{\"_placeholder\":true}}]", "{\"_placeholder\":true,\"num\":\"0\"}",
    ])
    func aPlaceholderForNothingCloses(_ argument: String) {
        var bench = ServerBench.connected()
        _ = bench.receive("451-[\"b\",\(argument)]")
        #expect(bench.receive([1]) == closedByServer)
    }

    /// Without attachments nothing is a placeholder.
    @Test func whatLooksLikeAPlaceholderInATextIsNone() {
        var bench = ServerBench.connected()
        #expect(bench.receive("42[\"a\",\(one)]") == ["event / a(\(one)) -"])
    }

    @Test func attachmentsAreBoundedTogether() {
        var configuration = SocketIOServerConfiguration()
        configuration.maximumBuffered = 10
        var bench = ServerBench.connected(configuration: configuration)
        _ = bench.receive("452-[\"b\",\(zero)]")
        _ = bench.receive(Array(repeating: 0, count: 10))
        #expect(bench.receive([0]) == closedByServer)
    }

    @Test func sendsAttachmentsAfterTheirEvent() {
        var bench = ServerBench.connected()
        bench.session.emit("b", [.raw(RawJSON(["_placeholder": true, "num": 0])), 1], attachments: [[1, 2, 3]])
        #expect(bench.outputs() == ["ws1 451-[\"b\",\(zero),1]", "ws1 [1, 2, 3]"])
    }
}

@Suite struct EngineOnlyTests {
    @Test func messagesAreHandedOverAsTheyCome() {
        var configuration = SocketIOServerConfiguration()
        configuration.isEngineOnly = true
        var bench = ServerBench(webSocket: true, configuration: configuration)
        _ = bench.outputs()
        #expect(bench.receive("4hello") == ["message hello"])
        #expect(bench.receive("4") == ["message "])
        #expect(bench.receive([1, 2]) == ["message [1, 2]"])
        bench.session.send(message: .binary([3]))
        bench.session.send(message: .message(Array("x".utf8)[...]))
        #expect(bench.outputs() == ["ws1 [3]", "ws1 4x"])
        #expect(bench.receive("abc") == ["close ws1", "closed"])
    }

    @Test func nothingOfSocketIOIsWaitedFor() {
        var configuration = SocketIOServerConfiguration()
        configuration.isEngineOnly = true
        var bench = ServerBench(webSocket: true, configuration: configuration)
        _ = bench.outputs()
        var out: [String] = []
        for _ in 0..<4 { out += bench.pass(.seconds(25)) + bench.receive("3") }
        #expect(out == ["ws1 2", "ws1 2", "ws1 2", "ws1 2"])
    }
}
