import Primitives
import SocketIO
import Testing

@Suite struct SurvivalTests {
    @Test func survivesAnyInput() {
        let pieces = [
            "40", "41", "42[\"a\"]", "40/x,", "430[]", "2probe", "5", "3", "451-[\"b\",{}]", "bAQID", "6", "0", "x", "", "4",
            "42[\"a\",{\"", "\u{1e}",
        ]
        for seed in 0..<300 {
            var random = RandomSource.seeded(UInt64(seed))
            var bench = ServerBench(webSocket: seed % 2 == 0)
            var connects = 0
            var disconnects = 0
            for _ in 0..<60 {
                switch Int.random(in: 0..<8, using: &random) {
                case 0: if bench.session.beginPoll(now: bench.now) {}
                case 1: bench.session.cancelPoll()
                case 2:
                    if bench.session.beginPost(isBinary: false) {
                        let body = (0..<3).map { _ in pieces.randomElement(using: &random) ?? "" }.joined(separator: "\u{1e}")
                        bench.session.endPost(body: Array(body.utf8), now: bench.now)
                    }
                case 3: bench.session.openWebSocket(WebSocketID(UInt64.random(in: 1...3, using: &random)), now: bench.now)
                case 4: bench.session.closedWebSocket(WebSocketID(UInt64.random(in: 1...3, using: &random)))
                case 5: _ = bench.pass(.milliseconds(Int.random(in: 1...30_000, using: &random)))
                default:
                    let id = WebSocketID(UInt64.random(in: 1...3, using: &random))
                    bench.session.receive(.text(Array((pieces.randomElement(using: &random) ?? "").utf8)), on: id, now: bench.now)
                }
                let out = bench.outputs()
                connects += out.count { $0.hasPrefix("connecting / ") }
                disconnects += out.count { $0.hasPrefix("disconnected / ") }
            }
            bench.session.close(reason: "over")
            disconnects += bench.outputs().count { $0.hasPrefix("disconnected / ") }
            #expect(connects >= disconnects && connects - disconnects <= 1, "seed \(seed)")
        }
    }
}
