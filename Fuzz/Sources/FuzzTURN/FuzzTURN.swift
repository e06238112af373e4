import DTLS
import FuzzSupport
import ICE
import Primitives

private let server = SocketAddress(.v4(0xcb00_7101), port: 3478)
private let user = "user", password = "pass"

/// A client and the server's answers to it, as the script makes them up: unsigned, signed, late, about other things.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(data, count)
    var clock = SimulatedClock()
    var realm = Array("interop".utf8)
    var lastRequest: STUNMessage?
    var client = TURNClient(
        server: TURNServer(address: server, user: user, password: password), random: .seeded(1), hmacSHA1: opensslHMACSHA1, md5: opensslMD5,
        now: clock.now)

    func drain() {
        var outputs = 0
        while let output = client.poll() {
            outputs += 1
            if outputs > 10_000 { violated("outputs without end") }
            if case .transmit(let payload) = output, let request = try? STUNMessage(parsing: payload.span), request.messageClass == .request
            {
                lastRequest = request
            }
        }
    }

    func hear(_ message: STUNMessage) {
        if let named = message.realm { realm = named }
        _ = client.handle(message, now: clock.now)
    }

    func peer() -> SocketAddress { SocketAddress(.v4(0xc633_6400 | UInt32(input.byte())), port: UInt16(input.byte()) + 1) }

    drain()
    for _ in 0..<64 where !input.isAtEnd {
        switch input.byte() % 8 {
        case 0:
            if let message = try? STUNMessage(parsing: input.block().span) { hear(message) }
        case 1, 2:
            // The body of an answer to what was asked last, signed as the server would.
            let kind = input.byte()
            let body = input.take(Int(input.byte()) * 4)
            let id = lastRequest?.transactionID
            let head: [UInt8] = [0, 1, UInt8(body.count >> 8), UInt8(truncatingIfNeeded: body.count), 0x21, 0x12, 0xa4, 0x42]
            guard let id, let parsed = try? STUNMessage(parsing: (head + [UInt8](repeating: 0, count: 12) + body).span) else { continue }
            let answer = STUNMessage(
                kind & 1 == 0 ? .success : .error, lastRequest?.method ?? .allocate, transactionID: id, attributes: parsed.attributes)
            let key = opensslMD5(Array("\(user):\(String(decoding: realm, as: UTF8.self)):\(password)".utf8))
            let encoded = answer.encoded(integrity: kind & 2 == 0 ? (key, opensslHMACSHA1) : nil)
            if let message = try? STUNMessage(parsing: encoded.span) { hear(message) }
        case 3:
            clock.run(for: .milliseconds(Int(input.uint16()) * 20), next: { _ in client.nextTimeout }) {
                client.handleTimeout(now: $0)
                drain()
            }
        case 4: client.permit(peer().ip, now: clock.now)
        case 5: client.bind(peer(), now: clock.now)
        case 6:
            var payload = input.block()
            let to = peer()
            if !client.wrap(&payload, to: to) { client.hold(payload, for: to) }
        default:
            let datagram = input.block()
            if let inner = client.unwrap(datagram.span), !(0...datagram.count ~= inner.payload.upperBound) { violated("a payload outside") }
            _ = TURNFraming.parseChannelData(datagram.span)
            _ = TURNFraming.parseDataIndication(datagram.span)
        }
        drain()
    }
    client.close()
    drain()
    return 0
}
