import Primitives
import TestSupport
import Testing

@testable import SCTP

/// A peer inside DTLS that does not mean well: nothing traps, and what it can make this side hold has an end.
@Suite struct HostileInputTests {
    private let now = Instant.zero + .seconds(3)

    /// One that is up, with a channel of its own, and does nothing by itself.
    private func victim(_ seed: UInt64, window: Int = 4 << 20) throws -> ChannelPair {
        var pair = ChannelPair(seed: seed) { $0.receiveWindow = window }
        try pair.connect()
        _ = try pair.open(DataChannelOptions(label: "chat"))
        return pair
    }

    private func drain(_ transport: inout DataChannelTransport) {
        while transport.poll() != nil {}
    }

    private func expectBounds(_ transport: DataChannelTransport) {
        let association = transport.association
        #expect(association.usedWindow <= (4 << 20) + 262_144 + 2000)
        #expect(association.control.count <= 24 && association.packets.count <= 16)
        #expect(association.received.stretches.count <= 2048)
        #expect(association.outstanding.flightBytes >= 0 && association.outstanding.chunks.count <= Outstanding.limit + 1)
        #expect(transport.channels.count <= 1024 && transport.nameBytes <= 1 << 20)
    }

    private func packet(to transport: DataChannelTransport, _ fill: (inout [UInt8]) -> Void) -> [UInt8] {
        var packet = PacketFormat.begin(from: 5000, to: 5000, tag: transport.association.localTag)
        fill(&packet)
        return resealed(packet)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func randomChunksNeverTrap(seed: UInt64) throws {
        var pair = try victim(seed)
        var random = RandomSource.seeded(seed)
        let types: [UInt8] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 64, 130, 130, 192, 192, 193, 0x7f, 0xc1]
        var up = pair.server
        for round in 0..<600 {
            let bytes = packet(to: up) { packet in
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let type = types[Int.random(in: 0..<types.count, using: &random)]
                    var body = random.bytes(Int.random(in: 0...40, using: &random))
                    // Numbers near the ones in use get further than random ones.
                    if body.count >= 4, Bool.random(using: &random) {
                        let near = [up.association.received.wireCumulative, UInt32(truncatingIfNeeded: up.association.outstanding.nextTSN)]
                        body.set(
                            uint32: near[Int.random(in: 0...1, using: &random)] &+ UInt32.random(in: 0...8, using: &random) &- 3, at: 0)
                    }
                    let start = packet.count
                    packet.appendChunk(type, flags: UInt8.random(in: 0...15, using: &random), body)
                    // A length that is not true.
                    if Int.random(in: 0..<8, using: &random) == 0 {
                        packet.set(uint16: UInt16.random(in: 0...80, using: &random), at: start + 2)
                    }
                }
            }
            let time = now + .milliseconds(round)
            up.handle(bytes.span, now: time)
            if round % 10 == 0 { up.handleTimeout(now: time) }
            drain(&up)
            expectBounds(up)
            // Most soon end in an ABORT or the like: from the beginning.
            if up.isOver { up = pair.server }
        }
        pair.server = up
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func trafficThatIsChangedOnTheWayNeverTraps(seed: UInt64) throws {
        var pair = try victim(seed)
        var random = RandomSource.seeded(seed)
        let chat = try pair.server.open(
            DataChannelOptions(label: "x", isOrdered: false, reliability: .maximumRetransmits(1)), now: pair.now)
        nonisolated(unsafe) var source = random.fork()
        pair.tamper = { _, packet in
            guard Int.random(in: 0..<4, using: &source) == 0 else { return packet }
            var packet = packet
            for _ in 0..<Int.random(in: 1...3, using: &source) {
                let index = Int.random(in: 12..<packet.count, using: &source)
                packet[index] = UInt8(truncatingIfNeeded: source.next())
            }
            if Int.random(in: 0..<6, using: &source) == 0 { packet.removeLast(Int.random(in: 0...packet.count - 12, using: &source)) }
            return resealed(packet)
        }
        for round in 0..<120 {
            let size = Int.random(in: 0...4000, using: &random)
            try? pair.client.send(.binary(random.bytes(size)), on: 0, now: pair.now)
            try? pair.server.send(.binary(random.bytes(size / 3)), on: chat, now: pair.now)
            if round % 20 == 7 { _ = try? pair.client.open(DataChannelOptions(label: "\(round)"), now: pair.now) }
            if round % 20 == 17 { pair.client.close(DataChannelID(round % 8), now: pair.now) }
            pair.run(.milliseconds(30))
            expectBounds(pair.client)
            expectBounds(pair.server)
        }
    }

    @Test func randomBytesAreDropped() throws {
        let pair = try victim(1)
        var server = pair.server
        var random = RandomSource.seeded(4)
        for count in 0..<300 {
            let bytes = random.bytes(count * 5)
            server.handle(bytes.span, now: now)
            #expect(server.poll() == nil)
        }
    }

    /// The first parts of messages that never end, on every stream there is.
    @Test func beginningsWithoutEndsFillTheWindowAndNoMore() throws {
        let pair = try victim(2, window: 400_000)
        var server = pair.server
        let next = server.association.received.wireCumulative &+ 1
        for number in 0..<1000 {
            let bytes = packet(to: server) { packet in
                DataChunkHeader(
                    flags: .beginning, tsn: next &+ UInt32(number) &+ (number < 500 ? 0 : 1), stream: UInt16(number * 11 % 65_535),
                    sequence: 0,
                    payloadType: 53
                ).append([UInt8](repeating: 1, count: 1160), 0..<1160, to: &packet)
            }
            server.handle(bytes.span, now: now)
            drain(&server)
        }
        expectBounds(server)
        #expect(server.association.usedWindow > 390_000 && server.association.usedWindow <= 400_000 + 262_144 + 2000)
    }

    @Test func oneMessageWithoutEndIsForgotten() throws {
        let pair = try victim(3)
        var server = pair.server
        let next = server.association.received.wireCumulative &+ 1
        for number in 0..<400 {
            let bytes = packet(to: server) { packet in
                DataChunkHeader(
                    flags: number == 0 ? .beginning : [], tsn: next &+ UInt32(number), stream: 0, sequence: 1, payloadType: 53
                ).append([UInt8](repeating: 1, count: 1160), 0..<1160, to: &packet)
            }
            server.handle(bytes.span, now: now)
            drain(&server)
            #expect(server.association.usedWindow <= 262_144 + 2000)
        }
    }

    /// Every other TSN, one byte each: bookkeeping counts as well.
    @Test func gapsHaveAnEnd() throws {
        let pair = try victim(4)
        var server = pair.server
        let next = server.association.received.wireCumulative &+ 1
        for number in 1..<500 {
            let bytes = packet(to: server) { packet in
                DataChunkHeader(flags: [], tsn: next &+ UInt32(number * 2), stream: 0, sequence: 9, payloadType: 53)
                    .append([1], 0..<1, to: &packet)
            }
            server.handle(bytes.span, now: now)
            drain(&server)
        }
        expectBounds(server)
    }

    @Test func floodsOfQuestionsGetFewAnswers() throws {
        let pair = try victim(5)
        var server = pair.server
        for number in 0..<500 {
            let bytes = packet(to: server) { packet in
                for _ in 0..<20 { packet.appendChunk(ChunkType.heartbeat, [0, 1, 0, 40] + [UInt8](repeating: 7, count: 36)) }
                var reset: [UInt8] = []
                ReconfigurationParameter.outgoingReset(
                    request: UInt32(number), response: 0, lastTSN: 0, streams: (0..<50).map { UInt16($0) }
                ).append(to: &reset)
                packet.appendChunk(ChunkType.reconfiguration, reset)
                packet.appendChunk(0xff, [])
            }
            server.handle(bytes.span, now: now)
        }
        expectBounds(server)
    }

    @Test(arguments: [10, 30_000])
    func thereIsAnEndToChannelsAndTheirNames(nameSize: Int) throws {
        var pair = ChannelPair(seed: 6)
        try pair.connect()
        // A client that does not know this side's limits.
        var options = DataChannelOptions(label: String(repeating: "x", count: nameSize))
        options.protocolName = "y"
        for id in 0..<(nameSize == 10 ? 1100 : 60) {
            pair.client.association.send(
                OutgoingMessage(bytes: DCEPMessage.open(options).encoded, stream: UInt16(id), payloadType: 50, isOrdered: true),
                now: pair.now)
        }
        pair.run(.seconds(20))
        expectBounds(pair.server)
        #expect(pair.server.channels.count == (nameSize == 10 ? 1024 : 34))
    }
}
