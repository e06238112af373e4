import DTLS
import Primitives
import Testing

/// What a network and other implementations do to the datagrams of a handshake, without damaging what is in them.
@Suite struct DTLSDatagramTests {
    private static let a = try? DTLSCertificate.generate()
    private static let b = try? DTLSCertificate.generate()

    private func pair() throws -> HandshakePair {
        try HandshakePair(clientCertificate: #require(Self.a), serverCertificate: #require(Self.b))
    }

    private func expectSameKeys(_ pair: HandshakePair, _ what: String = "") {
        #expect(pair.clientKeys != nil, "\(what)")
        #expect(pair.clientKeys?.localKey == pair.serverKeys?.remoteKey, "\(what)")
        #expect(pair.clientFailure == nil && pair.serverFailure == nil, "\(what)")
    }

    /// The ClientHello among them, as browsers with post-quantum key shares send it.
    @Test(arguments: [40, 64, 150])
    func everyMessageMayComeInFragments(size: Int) throws {
        let pair = try pair()
        var pieces = 0
        pair.run(
            for: .seconds(1),
            reshapes: { packets in
                packets = packets.flatMap { packet in refragmented(packet.bytes, size: size).map { (packet.to, $0) } }
                pieces += packets.count
            })
        #expect(pieces > 2 * pair.sent.count)
        #expect(pair.sent.filter { $0.side == .client }.count < 10)
        expectSameKeys(pair)
    }

    @Test func severalRecordsMayComeInOneDatagram() throws {
        let pair = try pair()
        pair.run(
            for: .seconds(1),
            reshapes: { packets in
                var merged: [HandshakePair.Packet] = []
                for packet in packets {
                    if let last = merged.indices.last, merged[last].to == packet.to {
                        merged[last].bytes += packet.bytes
                    } else {
                        merged.append(packet)
                    }
                }
                packets = merged
            })
        expectSameKeys(pair)
        // Nobody had to repeat anything.
        #expect(pair.now == HandshakePair.start)
    }

    @Test func everyDatagramMayComeTwice() throws {
        let pair = try pair()
        pair.run(for: .seconds(5), reshapes: { packets in packets = packets.flatMap { [$0, $0] } })
        expectSameKeys(pair)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func datagramsMayComeInAnyOrder(seed: UInt64) throws {
        var random = RandomSource.seeded(seed)
        let pair = try pair()
        pair.run(for: .seconds(25), reshapes: { $0.shuffle(using: &random) })
        expectSameKeys(pair, "seed \(seed)")
    }

    /// Anybody who guesses the port can send these: they must not end a handshake.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func garbageInBetweenChangesNothing(seed: UInt64) throws {
        var random = RandomSource.seeded(seed)
        let pair = try pair()
        pair.run(
            for: .seconds(5),
            reshapes: { packets in
                packets = packets.flatMap { packet in
                    var noise = random.bytes(Int(random.next() % 300))
                    if !noise.isEmpty { noise[0] = 20 + noise[0] % 44 }
                    return [(packet.to, noise), packet, (packet.to, [])]
                }
            })
        expectSameKeys(pair, "seed \(seed)")
    }

    @Test func plaintextAndOldDatagramsAfterTheHandshakeChangeNothing() throws {
        let pair = try pair()
        pair.run(for: .seconds(1))
        let fatalAlert: [UInt8] = [21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, 2, 40]
        let closeNotify: [UInt8] = [21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 98, 0, 2, 1, 0]
        let data: [UInt8] = [23, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 97, 0, 3, 1, 2, 3]
        for bytes in [fatalAlert, closeNotify, data] + pair.sent.map(\.bytes) {
            pair.client.handle(bytes.span, now: pair.now)
            pair.server.handle(bytes.span, now: pair.now)
        }
        pair.run(for: .seconds(5))
        #expect(pair.closed.isEmpty && pair.data.isEmpty)
        #expect(pair.clientFailure == nil && pair.serverFailure == nil)
        pair.server.close(now: pair.now)
        pair.run(for: .seconds(1))
        #expect(pair.closed == [.client])
    }

    /// The server is done with its last flight; the client, which has not got it, asks again.
    @Test func aLostLastFlightIsSentAgainAfterTheHandshake() throws {
        let pair = try pair()
        var lost: [Int] = []
        pair.run(
            for: .seconds(5),
            loses: { number in
                // What the server sends once it has the keys.
                guard lost.isEmpty || pair.now == HandshakePair.start, pair.sent[number].side == .server,
                    pair.sent[number].bytes.first == 20 || pair.sent[number].bytes.dropFirst(3).prefix(2) == [0, 1]
                else { return false }
                lost.append(number)
                return true
            })
        #expect(!lost.isEmpty)
        #expect(pair.now > HandshakePair.start)
        expectSameKeys(pair)
    }
}
