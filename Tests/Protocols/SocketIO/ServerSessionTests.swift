import JSON
import Primitives
import SocketIO
import Testing

/// A session under test, with a clock that only moves when told.
private struct Bench {
    var session: SocketIOServerSession
    var now = Instant(microseconds: 1_000_000)
    static let first = WebSocketID(1)
    static let second = WebSocketID(2)

    init(webSocket: Bool, configuration: SocketIOServerConfiguration = .init()) {
        session = SocketIOServerSession(
            id: "ENGINE", socketID: "SOCKET", webSocket: webSocket ? Self.first : nil, configuration: configuration, now: now)
    }

    /// What comes out, in words.
    mutating func outputs() -> [String] {
        var all: [String] = []
        while let output = session.poll(now: now) {
            switch output {
            case .answerPoll(let body): all.append("poll " + String(decoding: body, as: UTF8.self).replacing("\u{1e}", with: "|"))
            case .frame(.text(let bytes), let id): all.append("ws\(id.value) " + String(decoding: bytes, as: UTF8.self))
            case .frame(.binary, let id): all.append("ws\(id.value) binary")
            case .closeWebSocket(let id): all.append("close ws\(id.value)")
            case .connected(let auth): all.append("connected " + (auth.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "-"))
            case .event(let name, let arguments, let id): all.append("event \(name) \(arguments.count) \(id.map(String.init) ?? "-")")
            case .disconnected: all.append("disconnected")
            case .closed: all.append("closed")
            }
        }
        return all
    }

    mutating func receive(_ text: String, on id: WebSocketID = Self.first) -> [String] {
        session.receive(.text(Array(text.utf8)), on: id, now: now)
        return outputs()
    }

    /// A GET or POST that overlaps or is refused: what it brings about, or nil when it was taken.
    mutating func refusedGet() -> [String]? { session.beginPoll(now: now) ? nil : outputs() }
    mutating func refusedPost(isBinary: Bool = false) -> [String]? { session.beginPost(isBinary: isBinary, now: now) ? nil : outputs() }

    mutating func post(_ text: String) -> [String] {
        if refusedPost() != nil { return ["refused"] }
        session.endPost(body: Array(text.utf8), now: now)
        return outputs()
    }

    mutating func get() -> [String] {
        refusedGet() ?? outputs()
    }

    /// Lets time pass, handling every timeout on the way.
    mutating func pass(_ time: Interval) -> [String] {
        let end = now + time
        var all: [String] = []
        while let next = session.nextTimeout, next <= end {
            now = max(now, next)
            session.handleTimeout(now: now)
            all += outputs()
        }
        now = end
        return all
    }

    mutating func connected() -> Bench {
        _ = outputs()
        _ = receive("40")
        return self
    }
}

private func greeting(_ upgrades: String) -> String {
    "0{\"sid\":\"ENGINE\",\"upgrades\":[\(upgrades)],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}"
}

@Suite struct ServerSessionTests {
    @Test func greetsOverWebSocket() {
        var bench = Bench(webSocket: true)
        #expect(bench.outputs() == ["ws1 " + greeting("")])
        #expect(bench.receive("40{\"name\":\"ana\"}") == ["connected {\"name\":\"ana\"}", "ws1 40{\"sid\":\"SOCKET\"}"])
        #expect(bench.receive("42[\"create or join\",\"방\"]") == ["event create or join 1 -"])
        #expect(bench.receive("427[\"channels\"]") == ["event channels 0 7"])
        #expect(bench.receive("41") == ["disconnected"])
    }

    /// The captured traffic of the official client: polling first, then the upgrade.
    @Test func upgradesAsTheOfficialClientDoes() {
        var bench = Bench(webSocket: false)
        #expect(bench.outputs() == ["poll " + greeting("\"websocket\"")])
        #expect(bench.post("40") == ["connected -"])
        bench.session.send(Array("2[\"connect success\",\"SOCKET\"]".utf8))
        #expect(bench.get() == ["poll 40{\"sid\":\"SOCKET\"}|42[\"connect success\",\"SOCKET\"]"])
        bench.session.openWebSocket(Bench.first, now: bench.now)
        #expect(bench.get() == [])
        #expect(bench.receive("2probe") == ["ws1 3probe", "poll 6"])
        #expect(bench.session.requestTransport == .polling)
        bench.session.send(Array("2[\"a\"]".utf8))
        #expect(bench.outputs() == [])
        #expect(bench.receive("5") == ["ws1 42[\"a\"]"])
        #expect(bench.session.requestTransport == .webSocket)
        #expect(bench.refusedGet() == [])
        #expect(bench.receive("42[\"create or join\",\"방-js\"]") == ["event create or join 1 -"])
        #expect(bench.receive("41") == ["disconnected"])
        bench.session.closedWebSocket(Bench.first, now: bench.now)
        #expect(bench.outputs() == ["closed"])
    }

    @Test func probesLetWaitingRequestsGoUntilTheUpgrade() {
        var bench = Bench(webSocket: false)
        _ = bench.outputs()
        bench.session.openWebSocket(Bench.first, now: bench.now)
        #expect(bench.receive("2probe") == ["ws1 3probe"])
        #expect(bench.get() == [])
        #expect(bench.pass(.milliseconds(100)) == ["poll 6"])
        #expect(bench.get() == [])
        #expect(bench.pass(.milliseconds(100)) == ["poll 6"])
        // Given up after ten seconds; polling goes on.
        #expect(bench.pass(.seconds(10)).last == "close ws1")
        #expect(bench.get() == [])
        #expect(bench.post("40") == ["connected -", "poll 40{\"sid\":\"SOCKET\"}"])
    }

    @Test func onlyOneWebSocketMayTakeOver() {
        var bench = Bench(webSocket: false)
        _ = bench.outputs()
        bench.session.openWebSocket(Bench.first, now: bench.now)
        bench.session.openWebSocket(Bench.second, now: bench.now)
        #expect(bench.outputs() == ["close ws2"])
        #expect(bench.receive("5", on: Bench.second) == [])
        #expect(bench.receive("4nonsense") == ["close ws1"])
        bench.session.openWebSocket(Bench.second, now: bench.now)
        _ = bench.receive("2probe", on: Bench.second)
        _ = bench.receive("5", on: Bench.second)
        bench.session.openWebSocket(Bench.first, now: bench.now)
        #expect(bench.outputs() == ["close ws1"])
    }

    @Test func pingsAndTakesSilenceForDeath() {
        var bench = Bench(webSocket: true)
        bench = bench.connected()
        #expect(bench.pass(.seconds(25)) == ["ws1 2"])
        #expect(bench.pass(.seconds(19)) == [])
        #expect(bench.receive("3") == [])
        #expect(bench.pass(.seconds(24)) == [])
        #expect(bench.pass(.seconds(1)) == ["ws1 2"])
        #expect(bench.pass(.seconds(20)) == ["close ws1", "disconnected", "closed"])
        #expect(bench.session.nextTimeout == nil)
    }

    @Test func aPollingClientThatStaysAwayIsDead() {
        var bench = Bench(webSocket: false)
        _ = bench.outputs()
        _ = bench.post("40")
        #expect(bench.pass(.seconds(45)) == ["disconnected", "closed"])
    }

    @Test func whoJoinsNoNamespaceIsClosed() {
        var bench = Bench(webSocket: true)
        _ = bench.outputs()
        var out = bench.pass(.seconds(30))
        out += bench.receive("3")
        out += bench.pass(.seconds(15))
        #expect(out == ["ws1 2", "close ws1", "closed"])
    }

    @Test(arguments: [
        "", "7", "2", "2probe", "1", "4", "4x", "42[\"a\"", "40", "44{}", "42[\"disconnect\"]", "42/other,[\"a\"]", "451-", "4511-[\"a\"]",
    ])
    func closesOn(_ text: String) {
        var bench = Bench(webSocket: true)
        bench = bench.connected()
        #expect(bench.receive(text) == ["close ws1", "disconnected", "closed"])
        #expect(bench.receive("42[\"a\"]") == [])
    }

    @Test(arguments: ["0", "5", "6", "3", "43999[]"]) func ignores(_ text: String) {
        var bench = Bench(webSocket: true)
        bench = bench.connected()
        #expect(bench.receive(text) == [])
    }

    @Test func closesOnAnEventBeforeTheConnect() {
        var bench = Bench(webSocket: true)
        _ = bench.outputs()
        #expect(bench.receive("42[\"create or join\",\"a\"]") == ["close ws1", "closed"])
    }

    @Test func knowsOneNamespaceOnly() {
        var bench = Bench(webSocket: true)
        _ = bench.outputs()
        #expect(bench.receive("40/x,") == ["ws1 44/x,{\"message\":\"Invalid namespace\"}"])
        #expect(bench.receive("40") == ["connected -", "ws1 40{\"sid\":\"SOCKET\"}"])
    }

    @Test func takesBinaryEventsWithTheirAttachments() {
        var bench = Bench(webSocket: true)
        bench = bench.connected()
        #expect(bench.receive("451-[\"b\",{\"_placeholder\":true,\"num\":0}]") == [])
        bench.session.receive(.binary([1, 2]), on: Bench.first, now: bench.now)
        #expect(bench.outputs() == ["event b 1 -"])
        bench.session.receive(.binary([1, 2]), on: Bench.first, now: bench.now)
        #expect(bench.outputs() == ["close ws1", "disconnected", "closed"])
    }

    @Test func overlappingRequestsEndTheSession() {
        var bench = Bench(webSocket: false)
        _ = bench.outputs()
        #expect(bench.get() == [])
        #expect(bench.refusedGet() == ["poll 1", "closed"])

        bench = Bench(webSocket: false)
        _ = bench.outputs()
        #expect(bench.refusedPost() == nil)
        #expect(bench.refusedPost() == ["closed"])

        bench = Bench(webSocket: false)
        _ = bench.outputs()
        #expect(bench.refusedPost(isBinary: true) == ["closed"])
    }

    @Test func aCancelledRequestEndsTheSession() {
        var bench = Bench(webSocket: false)
        _ = bench.outputs()
        _ = bench.post("40")
        _ = bench.get()
        _ = bench.get()
        bench.session.cancelPoll(now: bench.now)
        #expect(bench.outputs() == ["disconnected", "closed"])
    }

    @Test func aPostMayCloseAndARefusedOneDoesNot() {
        var bench = Bench(webSocket: false)
        _ = bench.outputs()
        #expect(bench.refusedPost() == nil)
        bench.session.endPost(body: nil, now: bench.now)
        #expect(bench.get() == [])
        #expect(bench.post("40\u{1e}42[\"a\"]\u{1e}1").contains("poll 6"))
    }

    @Test func aClientThatReadsNothingIsNotStoredFor() {
        var configuration = SocketIOServerConfiguration()
        configuration.maximumBuffered = 1000
        var bench = Bench(webSocket: false, configuration: configuration)
        _ = bench.outputs()
        _ = bench.post("40")
        for _ in 0..<11 { bench.session.send(Array("2[\"\(String(repeating: "a", count: 95))\"]".utf8)) }
        #expect(bench.outputs() == ["disconnected", "closed"])
    }

    @Test func survivesAnyInput() {
        let pieces = [
            "40", "41", "42[\"a\"]", "2probe", "5", "3", "451-[\"b\",{}]", "bAQID", "6", "0", "x", "", "4", "42[\"a\",{\"", "\u{1e}",
        ]
        for seed in 0..<300 {
            var random = RandomSource.seeded(UInt64(seed))
            var bench = Bench(webSocket: seed % 2 == 0)
            var connects = 0
            var disconnects = 0
            for _ in 0..<60 {
                switch Int.random(in: 0..<8, using: &random) {
                case 0: if bench.session.beginPoll(now: bench.now) {}
                case 1: bench.session.cancelPoll(now: bench.now)
                case 2:
                    if bench.session.beginPost(isBinary: false, now: bench.now) {
                        let body = (0..<3).map { _ in pieces.randomElement(using: &random) ?? "" }.joined(separator: "\u{1e}")
                        bench.session.endPost(body: Array(body.utf8), now: bench.now)
                    }
                case 3: bench.session.openWebSocket(WebSocketID(UInt64.random(in: 1...3, using: &random)), now: bench.now)
                case 4: bench.session.closedWebSocket(WebSocketID(UInt64.random(in: 1...3, using: &random)), now: bench.now)
                case 5: _ = bench.pass(.milliseconds(Int.random(in: 1...30_000, using: &random)))
                default:
                    let id = WebSocketID(UInt64.random(in: 1...3, using: &random))
                    bench.session.receive(.text(Array((pieces.randomElement(using: &random) ?? "").utf8)), on: id, now: bench.now)
                }
                let out = bench.outputs()
                connects += out.count { $0.hasPrefix("connected") }
                disconnects += out.count { $0 == "disconnected" }
            }
            bench.session.close(reason: "over", now: bench.now)
            disconnects += bench.outputs().count { $0 == "disconnected" }
            #expect(connects >= disconnects && connects - disconnects <= 1, "seed \(seed)")
        }
    }
}
