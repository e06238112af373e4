import ByteCoding
import Primitives
import SCTP

/// The other end of an SCTP association: a real one until it is up, which can then say anything in packets that are rightly sealed.
public struct HostileAssociation {
    public var transport: DataChannelTransport
    /// For our side, in their order.
    public var outgoing: [[UInt8]] = []
    private var header: [UInt8] = []
    private var nextTSN: UInt32 = 0

    public init(isDTLSClient: Bool) {
        transport = DataChannelTransport(configuration: .init(isDTLSClient: isDTLSClient), random: .seeded(isDTLSClient ? 5 : 6))
    }

    public mutating func handle(_ packet: [UInt8], now: Instant) { transport.handle(packet.span, now: now) }

    public mutating func drain() {
        var outputs = 0
        while let output = transport.poll() {
            outputs += 1
            if outputs > 100_000 { violated("outputs without end") }
            guard case .transmit(let packet) = output, packet.count >= 16 else { continue }
            header = Array(packet[..<12])
            // INIT and INIT ACK carry the first TSN, which DATA counts on from.
            if packet[12] == 1 || packet[12] == 2, packet.count >= 32 { nextTSN = packet.span.uint32(at: 28) }
            if packet[12] == 0, packet.count >= 20 { nextTSN = packet.span.uint32(at: 16) &+ 1 }
            outgoing.append(packet)
        }
    }

    /// These chunks under the association's tag and a right checksum.
    public func packet(_ chunks: [UInt8]) -> [UInt8]? {
        guard header.count == 12 else { return nil }
        var packet = header + chunks.prefix(1160)
        packet.replaceSubrange(8..<12, with: [0, 0, 0, 0])
        let checksum = Self.checksum(packet)
        packet.replaceSubrange(8..<12, with: (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (8 * $0)) })
        return packet
    }

    /// A whole unordered message.
    public mutating func message(_ payload: [UInt8], stream: UInt16, payloadType: UInt32) -> [UInt8]? {
        let content = payload.prefix(1100)
        var chunk: [UInt8] = [0, 7]
        chunk.append(uint16: UInt16(content.count + 16))
        chunk.append(uint32: nextTSN)
        chunk.append(uint16: stream)
        chunk.append(uint16: 0)
        chunk.append(uint32: payloadType)
        chunk += content
        chunk += [UInt8](repeating: 0, count: (4 - content.count % 4) % 4)
        nextTSN &+= 1
        return packet(chunk)
    }

    /// CRC-32C, bit by bit.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = ~0
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
        }
        return ~value
    }
}

/// Two associations that have come up, ours and a hostile one.
public struct HostileLink {
    public var clock = SimulatedClock()
    public var ours = DataChannelTransport(configuration: .init(isDTLSClient: false), random: .seeded(4))
    public var theirs = HostileAssociation(isDTLSClient: true)
    public private(set) var isUp = false
    public private(set) var opened: [DataChannelID] = []
    /// Packets of theirs, to be said again.
    public private(set) var heard: [[UInt8]] = []

    public init() {
        ours.start(now: clock.now)
        theirs.transport.start(now: clock.now)
        exchange()
        run(for: .milliseconds(200))
        if !isUp { violated("no association") }
    }

    public mutating func receive(_ packet: [UInt8]?) {
        guard let packet else { return }
        ours.handle(packet.span, now: clock.now)
        exchange()
    }

    public mutating func exchange() {
        var rounds = 0
        repeat {
            rounds += 1
            if rounds > 10_000 { violated("a conversation without end") }
            var packets: [[UInt8]] = []
            var outputs = 0
            while let output = ours.poll() {
                outputs += 1
                if outputs > 100_000 { violated("outputs without end") }
                switch output {
                case .transmit(let packet):
                    if packet.count > 1191 { violated("a packet of \(packet.count) bytes") }
                    packets.append(packet)
                case .event(.associationUp): isUp = true
                case .event(.opened(let id, _, _)): if opened.count < 64 { opened.append(id) }
                default: break
                }
            }
            for packet in packets { theirs.handle(packet, now: clock.now) }
            theirs.drain()
            let answers = theirs.outgoing
            theirs.outgoing = []
            for packet in answers {
                if heard.count < 32 { heard.append(packet) } else { heard[packet.count % 32] = packet }
                ours.handle(packet.span, now: clock.now)
            }
            if packets.isEmpty, answers.isEmpty { return }
        } while true
    }

    public mutating func run(for time: Interval) {
        let end = clock.now + time
        var repeats = 0
        while true {
            let next = min(ours.nextTimeout ?? end, theirs.transport.nextTimeout ?? end, end)
            repeats = next <= clock.now ? repeats + 1 : 0
            if repeats > 2000 { violated("a time-out that stays due") }
            if next > clock.now { clock.advance(by: next - clock.now) }
            if let due = ours.nextTimeout, due <= clock.now { ours.handleTimeout(now: clock.now) }
            if let due = theirs.transport.nextTimeout, due <= clock.now { theirs.transport.handleTimeout(now: clock.now) }
            exchange()
            if clock.now >= end { return }
        }
    }
}
