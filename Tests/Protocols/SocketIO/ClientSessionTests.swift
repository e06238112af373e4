import JSON
import Primitives
import SocketIO
import Testing

private struct Bench {
    var session: SocketIOClientSession
    var now = Instant(microseconds: 5_000_000)

    init(auth: JSONValue? = nil, seed: UInt64 = 1) {
        session = SocketIOClientSession(configuration: SocketIOClientConfiguration(auth: auth), random: .seeded(seed))
    }

    mutating func outputs() -> [String] {
        var all: [String] = []
        while let output = session.poll() {
            switch output {
            case .openWebSocket(let id): all.append("open \(id.value)")
            case .frame(.text(let bytes), let id): all.append("\(id.value)> " + String(decoding: bytes, as: UTF8.self))
            case .frame(.binary, let id): all.append("\(id.value)> binary")
            case .closeWebSocket(let id): all.append("close \(id.value)")
            case .connected(let id): all.append("connected \(id)")
            case .event(let name, let arguments): all.append("event \(name) \(arguments.count)")
            case .acknowledgement(let id, let arguments): all.append("ack \(id) \(arguments.count)")
            case .disconnected(_, let retry): all.append(retry == nil ? "disconnected for good" : "disconnected")
            }
        }
        return all
    }

    mutating func receive(_ text: String, on id: UInt64 = 1) -> [String] {
        session.receive(.text(Array(text.utf8)), on: WebSocketID(id), now: now)
        return outputs()
    }

    mutating func start() -> [String] {
        session.start(now: now)
        return outputs()
    }

    mutating func pass(_ time: Interval) -> [String] {
        let end = now + time
        while let next = session.nextTimeout, next <= end {
            now = max(now, next)
            session.handleTimeout(now: now)
        }
        now = end
        return outputs()
    }
}

private let greeting = "0{\"sid\":\"E\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}"

@Suite struct ClientSessionTests {
    @Test func connectsAndTalks() {
        var bench = Bench(auth: ["name": "ana"])
        #expect(bench.start() == ["open 1"])
        #expect(bench.session.emit("early", []) == false)
        #expect(bench.receive(greeting) == ["1> 40{\"name\":\"ana\"}"])
        #expect(bench.receive("40{\"sid\":\"S\"}") == ["connected S"])
        #expect(bench.receive("42[\"message\",\"x\"]") == ["event message 1"])
        let sent = bench.session.emit("create or join", ["방"])
        #expect(sent && bench.outputs() == ["1> 42[\"create or join\",\"방\"]"])
        #expect(bench.session.emitAcknowledged("channels", []) == 1)
        #expect(bench.outputs() == ["1> 421[\"channels\"]"])
        #expect(bench.receive("431[[]]") == ["ack 1 1"])
        #expect(bench.receive("2") == ["1> 3"])
        bench.session.stop()
        #expect(bench.outputs() == ["1> 41", "close 1"])
        #expect(bench.receive("42[\"late\"]") == [])
        #expect(bench.session.nextTimeout == nil)
    }

    @Test func eventsBeforeTheConnectWaitForIt() {
        var bench = Bench()
        _ = bench.start()
        #expect(bench.receive(greeting) == ["1> 40"])
        #expect(bench.receive("42[\"connect success\",\"S\"]") == [])
        #expect(bench.receive("40{\"sid\":\"S\"}") == ["connected S", "event connect success 1"])
        var flooded = Bench()
        _ = flooded.start()
        _ = flooded.receive(greeting)
        for _ in 0..<1000 { _ = flooded.receive("42[\"e\"]") }
        #expect(flooded.receive("40{\"sid\":\"S\"}").count == 65)
    }

    @Test func silenceOfTheServerIsNoticed() {
        var bench = Bench()
        _ = bench.start()
        _ = bench.receive(greeting)
        _ = bench.receive("40{\"sid\":\"S\"}")
        #expect(bench.pass(.seconds(44)) == [])
        #expect(bench.receive("2") == ["1> 3"])
        #expect(bench.pass(.seconds(44)) == [])
        #expect(bench.pass(.seconds(1)) == ["close 1", "disconnected"])
    }

    @Test func backsOffAndComesBack() throws {
        for seed: UInt64 in 1...50 {
            var bench = Bench(seed: seed)
            _ = bench.start()
            for attempt: UInt64 in 1...6 {
                bench.session.closedWebSocket(WebSocketID(attempt), reason: "refused", now: bench.now)
                #expect(bench.outputs() == ["disconnected"])
                let delay = try #require(bench.session.nextTimeout) - bench.now
                #expect(delay >= .seconds(1) && delay <= .seconds(5), "seed \(seed)")
                #expect(bench.pass(delay) == ["open \(attempt + 1)"])
            }
            // What an earlier socket says no longer matters.
            #expect(bench.receive(greeting, on: 3) == [])
            #expect(bench.receive(greeting, on: 7) == ["7> 40"])
            #expect(bench.receive("40{\"sid\":\"T\"}", on: 7) == ["connected T"])
        }
    }

    @Test func aServerThatSaysNothingIsGivenUp() {
        var bench = Bench()
        _ = bench.start()
        #expect(bench.pass(.seconds(10)).prefix(2) == ["close 1", "disconnected"])
    }

    @Test(arguments: ["44{\"message\":\"no\"}", "41"]) func whoIsSentAwayStaysAway(_ text: String) {
        var bench = Bench()
        _ = bench.start()
        _ = bench.receive(greeting)
        if text == "41" { _ = bench.receive("40{\"sid\":\"S\"}") }
        #expect(bench.receive(text) == ["close 1", "disconnected for good"])
        #expect(bench.session.nextTimeout == nil)
    }

    @Test(arguments: ["", "9", "0", "0{}", "0{\"sid\":\"E\",\"pingInterval\":-1,\"pingTimeout\":9e99}", "1", "4", "42", "4{"])
    func nonsenseEndsTheConnectionNotTheSession(_ text: String) {
        var bench = Bench()
        _ = bench.start()
        #expect(bench.receive(text) == ["close 1", "disconnected"])
        #expect(bench.session.nextTimeout != nil)
    }

    @Test func survivesAnyInput() {
        let pieces = [
            greeting, "40{\"sid\":\"S\"}", "41", "42[\"a\",1]", "431[]", "2", "3", "451-[\"b\",{}]", "6", "x", "", "42[", "44\"no\"",
        ]
        for seed: UInt64 in 0..<300 {
            var random = RandomSource.seeded(seed)
            var bench = Bench(seed: seed)
            _ = bench.start()
            for _ in 0..<60 {
                var bytes = Array((pieces.randomElement(using: &random) ?? "").utf8)
                if Bool.random(using: &random), !bytes.isEmpty {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                bench.session.receive(.text(bytes), on: WebSocketID(UInt64.random(in: 1...4, using: &random)), now: bench.now)
                _ = bench.outputs()
                if Int.random(in: 0..<10, using: &random) == 0 { _ = bench.pass(.seconds(6)) }
            }
        }
    }
}
