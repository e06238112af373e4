import JSON
import Primitives
import SocketIO
import Testing

private struct Bench {
    var session: SocketIOClientSession
    var now = Instant(microseconds: 5_000_000)

    init(auth: JSONValue? = nil, seed: UInt64 = 1) {
        var configuration = SocketIOClientConfiguration(auth: auth)
        configuration.passingRefusals = ["busy"]
        session = SocketIOClientSession(configuration: configuration, random: .seeded(seed))
    }

    static func connected() -> Bench {
        var bench = Bench()
        _ = bench.start()
        _ = bench.receive(greeting)
        _ = bench.receive("40{\"sid\":\"S\"}")
        return bench
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
            case .ping(let id): all.append("ping \(id.value)")
            case .disconnected(_, let code, let retry):
                all.append("disconnected" + (code.map { " \($0)" } ?? "") + (retry == nil ? " for good" : ""))
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

    @Test func aRefusalKeepsItsCode() {
        var bench = Bench()
        _ = bench.start()
        _ = bench.receive(greeting)
        let refusal = #"44{"message":"no token","data":{"code":"token-needed"}}"#
        #expect(bench.receive(refusal) == ["close 1", "disconnected token-needed for good"])
        for odd in [#"{"code":7}"#, #"{"code":"\#(String(repeating: "x", count: 65))"}"#, "[]", "null"] {
            var bench = Bench()
            _ = bench.start()
            _ = bench.receive(greeting)
            #expect(bench.receive(#"44{"message":1,"data":\#(odd)}"#) == ["close 1", "disconnected for good"])
        }
    }

    @Test(arguments: [("7", 7.0), ("1e9", 60), ("-3", 1), ("\"x\"", 1)])
    func aRefusalThatPassesIsWaitedFor(_ retryAfter: String, _ seconds: Double) throws {
        var bench = Bench()
        _ = bench.start()
        _ = bench.receive(greeting)
        let refusal = #"44{"message":"full","data":{"code":"busy","retryAfter":\#(retryAfter)}}"#
        #expect(bench.receive(refusal) == ["close 1", "disconnected busy"])
        let delay = try #require(bench.session.nextTimeout) - bench.now
        #expect(delay >= .seconds(seconds) && delay <= .seconds(max(seconds, 5)))
        #expect(bench.pass(delay) == ["open 2"])
    }

    @Test func whoIsSentAwayByAServerThatStopsComesBack() {
        var bench = Bench.connected()
        bench.session.serverStops()
        #expect(bench.receive("41") == ["close 1", "disconnected"])
        #expect(bench.pass(.seconds(5)).first == "open 2")
        // The next server has not said so.
        _ = bench.receive(greeting, on: 2)
        #expect(bench.receive("41", on: 2) == ["close 2", "disconnected for good"])
    }

    @Test func whoAsksForAnAnswerGetsOne() {
        var bench = Bench.connected()
        #expect(bench.receive("4212[\"ask\",1]") == ["event ask 1", "1> 4312[]"])
        #expect(bench.receive("451-13[\"ask\",{\"_placeholder\":true,\"num\":0}]") == ["event ask 1", "1> 4313[]"])
        var early = Bench()
        _ = early.start()
        _ = early.receive(greeting)
        #expect(early.receive("421[\"ask\"]") == [])
        #expect(early.receive("40{\"sid\":\"S\"}") == ["connected S", "event ask 0", "1> 431[]"])
    }

    @Test func attachmentsAreSkipped() {
        var bench = Bench.connected()
        #expect(bench.session.emitAcknowledged("channels", []) == 1)
        _ = bench.outputs()
        #expect(bench.receive("452-[\"b\",{\"_placeholder\":true,\"num\":0}]") == ["event b 1"])
        #expect(bench.receive("461-1[{\"_placeholder\":true,\"num\":0}]") == ["ack 1 1"])
        for bytes in [[], [4], [UInt8](repeating: 4, count: 10_000)] {
            bench.session.receive(.binary(bytes), on: WebSocketID(1), now: bench.now)
            #expect(bench.outputs() == [])
        }
        #expect(bench.receive("2") == ["1> 3"])
    }

    @Test func earlyEventsAreBoundedInSizeToo() {
        var bench = Bench()
        _ = bench.start()
        _ = bench.receive(greeting)
        let long = "42[\"e\",\"" + String(repeating: "x", count: 300_000) + "\"]"
        for _ in 0..<10 { _ = bench.receive(long) }
        #expect(bench.receive("40{\"sid\":\"S\"}").count == 4)
    }

    @Test func afterAChangeOfTheNetworkTheConnectionShowsThatItLives() {
        var bench = Bench.connected()
        bench.session.networkChanged(now: bench.now)
        bench.session.networkChanged(now: bench.now)
        #expect(bench.outputs() == ["ping 1"])
        #expect(bench.pass(.seconds(2)) == [])
        bench.session.receivedPong(on: WebSocketID(1))
        #expect(bench.pass(.seconds(10)) == [])

        bench.session.networkChanged(now: bench.now)
        bench.session.receivedPong(on: WebSocketID(7))
        #expect(bench.outputs() == ["ping 1"])
        // No proof of life: it may have been on its way before.
        #expect(bench.receive("42[\"message\",\"x\"]") == ["event message 1"])
        #expect(bench.pass(.milliseconds(2999)) == [])
        #expect(bench.pass(.milliseconds(1)) == ["close 1", "disconnected", "open 2"])
    }

    @Test func afterAChangeOfTheNetworkNothingWaits() throws {
        var bench = Bench()
        _ = bench.start()
        for attempt: UInt64 in 1...5 {
            bench.session.closedWebSocket(WebSocketID(attempt), reason: "unreachable", now: bench.now)
            _ = bench.pass(try #require(bench.session.nextTimeout) - bench.now)
        }
        bench.session.closedWebSocket(WebSocketID(6), reason: "unreachable", now: bench.now)
        #expect(bench.outputs() == ["disconnected"])
        // At most one attempt a second, and the last change is not forgotten.
        bench.session.networkChanged(now: bench.now)
        #expect(bench.outputs() == [])
        #expect(bench.pass(.seconds(1)) == ["open 7"])
        // An attempt that goes over the old network has three more seconds.
        #expect(bench.pass(.seconds(2)) == [])
        bench.session.networkChanged(now: bench.now)
        #expect(bench.pass(.milliseconds(2999)) == [])
        #expect(bench.pass(.milliseconds(1)) == ["close 7", "disconnected"])
        #expect(bench.pass(.milliseconds(1500)).first == "open 8")
        bench.session.stop()
        _ = bench.outputs()
        bench.session.networkChanged(now: bench.now)
        #expect(bench.outputs() == [] && bench.session.nextTimeout == nil)
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
            #"44{"message":"x","data":{"code":"busy","retryAfter":1e99}}"#, "4299[\"ask\"]", "461-1[{}]",
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
                if Int.random(in: 0..<10, using: &random) == 0 { bench.session.networkChanged(now: bench.now) }
                if Int.random(in: 0..<10, using: &random) == 0 { _ = bench.pass(.seconds(6)) }
            }
        }
    }
}
