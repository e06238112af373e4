import FuzzSupport
import JSON
import Primitives
import SocketIO

/// Our client, and a server that says anything.
struct FuzzedClient {
    private var session: SocketIOClientSession
    private var clock = SimulatedClock()
    private var sockets: Set<WebSocketID> = []
    private var newest = WebSocketID(0)
    private var isStopped = false
    private var heard = 0

    init(_ flags: UInt8) {
        session = SocketIOClientSession(configuration: .init(auth: flags & 2 == 2 ? ["name": "us"] : nil), random: .seeded(3))
        session.start(now: clock.now)
        drain()
    }

    mutating func run(_ input: inout FuzzInput) {
        for _ in 0..<128 where !input.isAtEnd {
            switch input.byte() % 12 {
            case 0: pass(.milliseconds(Int(input.uint16()) * 4))
            case 1, 2: session.receive(.text(text(input.block())), on: newest, now: clock.now)
            case 3: session.receive(.binary(input.block()), on: newest, now: clock.now)
            case 4:
                sockets.remove(newest)
                session.closedWebSocket(newest, reason: "the script", now: clock.now)
            case 5: _ = session.emit("event", [.string(String(decoding: input.block(), as: UTF8.self))])
            case 6: _ = session.emitAcknowledged("event", [])
            case 7: if input.byte() > 240 { session.stop() }
            case 8: session.receive(.text(Array("42".utf8) + text(input.block())), on: newest, now: clock.now)
            // What a server says to let us in, which a script would seldom hit upon.
            case 9:
                let greeting =
                    #"0{"sid":"x","upgrades":[],"pingInterval":\#(input.uint16()),"pingTimeout":\#(input.uint16()),"maxPayload":1000000}"#
                session.receive(.text(Array(greeting.utf8)), on: newest, now: clock.now)
            case 10: session.receive(.text(Array(#"40{"sid":"us"}"#.utf8)), on: newest, now: clock.now)
            default: session.receive(.text(text(input.block())), on: WebSocketID(UInt64(input.byte())), now: clock.now)
            }
            drain()
        }
        pass(.seconds(60))
        session.stop()
        drain()
        if session.nextTimeout != nil || session.isConnected { violated("a client that was stopped and goes on") }
    }

    private func text(_ bytes: [UInt8]) -> [UInt8] { Array(String(decoding: bytes, as: UTF8.self).utf8) }

    private mutating func pass(_ time: Interval) {
        var clock = clock
        clock.run(for: time, next: { _ in session.nextTimeout }) {
            session.handleTimeout(now: $0)
            drain()
        }
        self.clock = clock
    }

    private mutating func drain() {
        var outputs = 0
        while let output = session.poll() {
            outputs += 1
            if outputs > 10_000 { violated("outputs without end") }
            switch output {
            case .openWebSocket(let id):
                if id.value <= newest.value { violated("a WebSocket that was there before") }
                newest = id
                sockets.insert(id)
            case .closeWebSocket(let id): sockets.remove(id)
            case .frame(let message, let id):
                if id.value == 0 || id.value > newest.value { violated("a frame for no WebSocket") }
                if message.byteCount == 0 { violated("an empty frame") }
            default: break
            }
        }
    }
}
