import FuzzServerSupport
import FuzzSupport
import Primitives
import SocketIO

/// A payload, a packet and a request's address alone; then a session that speaks the engine only, as the script uses its transports.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(data, count)
    readAlone(input.all)
    let flags = input.byte()
    var configuration = SocketIOServerConfiguration()
    configuration.isEngineOnly = true
    configuration.maximumBuffered = 20_000
    configuration.maximumPayload = 5000
    var clock = SimulatedClock()
    var link = ServerLink(isOverWebSocket: flags & 1 == 1, configuration: configuration, now: clock.now)

    func drain() {
        link.drain { session, output in
            // Said back, as conformance suites expect it.
            if case .message(let packet) = output { session.send(message: packet) }
        }
    }

    drain()
    for _ in 0..<128 where !input.isAtEnd {
        switch input.byte() % 8 {
        case 0:
            clock.run(for: .milliseconds(Int(input.uint16()) * 4), next: { _ in link.session.nextTimeout }) {
                link.session.handleTimeout(now: $0)
                drain()
            }
        // What divides packets is in no text of the application's: JSON escapes it.
        case 1: link.session.send(message: .message(input.block().filter { $0 != 0x1e }[...]))
        case 2: if input.byte() > 200 { link.session.close(reason: "the script") }
        default: link.act(&input, now: clock.now)
        }
        drain()
    }
    // Nobody answers a ping any more: it has to end.
    clock.run(for: .seconds(120), next: { _ in link.session.nextTimeout }) {
        link.session.handleTimeout(now: $0)
        drain()
    }
    if !link.isClosed { violated("a session that outlives its client") }
    return 0
}

private func readAlone(_ bytes: [UInt8]) {
    if let packets = try? EngineIOPayload.decode(bytes) {
        let written = EngineIOPayload.encode(packets)
        guard let again = try? EngineIOPayload.decode(written) else { violated("what was read is written so that it cannot be read") }
        if again != packets { violated("what was read is written differently") }
    }
    if let packet = try? EngineIOPacket(text: bytes[...]), (try? EngineIOPacket(packet.webSocketMessage)) != packet {
        violated("a packet is written differently")
    }
    if let request = EngineIORequest(target: String(decoding: bytes, as: UTF8.self)) {
        for session in [nil, .polling, .webSocket] as [EngineIORequest.Transport?] {
            for (isGET, isUpgrade) in [(true, true), (true, false), (false, false)] {
                let refusal = request.refusal(session: session, isGET: isGET, isUpgrade: isUpgrade)
                if refusal == nil, request.transport == nil { violated("a request without transport is let through") }
                if refusal == nil, request.sessionID == nil, request.version != "4" {
                    violated("a request of another version is let through")
                }
            }
        }
    }
}
