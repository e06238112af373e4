import CallControl
import DTLS
import Primitives
import Testing

@Suite struct VerificationExchangeTests {
    /// Starts and deliveries in random order: whoever is quicker, the outcome is the same.
    @Test func everyInterleavingGivesTheSameWordsOnBothEnds() throws {
        for seed: UInt64 in 0..<300 {
            var random = RandomSource.seeded(seed)
            var ends = Ends(seed: seed)
            var waiting = Ends.Side.allCases.shuffled(using: &random)
            while !waiting.isEmpty || !ends.toClient.isEmpty || !ends.toServer.isEmpty {
                switch Int.random(in: 0..<3, using: &random) {
                case 0: if let side = waiting.popLast() { ends.start(side) }
                case 1: _ = ends.deliver(to: .client)
                default: _ = ends.deliver(to: .server)
                }
            }
            let words = try #require(ends.client.words, "seed \(seed)")
            #expect(words.count == 4 && words == ends.server.words, "seed \(seed)")
            #expect(ends.shownByClient == [.words(words)] && ends.shownByServer == [.words(words)], "seed \(seed)")
            #expect(ends.client.nextTimeout == nil && ends.server.nextTimeout == nil)
        }
    }

    @Test func wordsAreOthersInEveryAssociation() {
        var seen: Set<[String]> = []
        for seed: UInt64 in 0..<50 {
            var ends = Ends(seed: seed)
            ends.start(.client)
            ends.start(.server)
            ends.run()
            ends.client.words.map { _ = seen.insert($0) }
        }
        #expect(seen.count == 50)
    }

    /// One person's two terminals share a certificate; the roles tell them apart.
    @Test func twoEndsWithOneCertificateAgree() {
        var ends = Ends(seed: 1, client: fingerprint(1), server: fingerprint(1))
        ends.start(.client)
        ends.start(.server)
        ends.run()
        #expect(ends.client.words != nil && ends.client.words == ends.server.words)
    }

    @Test func nothingIsRevealedBeforeTheOthersCommitment() {
        var end = exchange(fingerprint(1), fingerprint(2), isClient: true, random: .seeded(1))
        #expect(end.sent().isEmpty)
        end.start(now: .zero)
        end.start(now: .zero)
        let sent = end.sent()
        #expect(sent.count == 1)
        guard case .commit(let hash)? = sent.first else {
            Issue.record("\(sent)")
            return
        }
        #expect(hash.count == 32)
        end.handle(.media(microphone: true, camera: true), now: .zero)
        #expect(end.sent().isEmpty && end.state == .committed)
    }

    // MARK: what ends in failure

    /// What a side is told after it has committed, in order, and what becomes of it.
    private static let hash = [UInt8](repeating: 7, count: 32)
    @Test(
        arguments: [
            ([.reveal(nonce: hash)], .revealBeforeCommitment),
            ([.commit(hash: [])], .malformed),
            ([.commit(hash: Array(hash.dropLast()))], .malformed),
            ([.commit(hash: hash + [0])], .malformed),
            ([.commit(hash: hash), .commit(hash: hash)], .secondCommitment),
            ([.commit(hash: hash), .commit(hash: Array(hash.reversed()))], .secondCommitment),
            ([.commit(hash: hash), .reveal(nonce: [])], .malformed),
            ([.commit(hash: hash), .reveal(nonce: hash + hash)], .malformed),
            ([.commit(hash: hash), .reveal(nonce: hash)], .wrongReveal),
        ] as [([ControlMessage], VerificationExchange.Failure)])
    func refuses(messages: [ControlMessage], failure: VerificationExchange.Failure) {
        var end = exchange(fingerprint(1), fingerprint(2), isClient: false, random: .seeded(1))
        end.start(now: .zero)
        for message in messages { end.handle(message, now: .zero) }
        #expect(end.failure == failure && end.nextTimeout == nil)
        #expect(end.poll() == .failed(failure) && end.poll() == nil)
        // And stays so, whatever comes.
        for message in messages + [.commit(hash: Self.hash), .reveal(nonce: Self.hash)] { end.handle(message, now: .zero) }
        end.start(now: .zero)
        end.handleTimeout(now: .distantFuture)
        #expect(end.failure == failure && end.poll() == nil)
    }

    @Test func aRevealBeforeTheStartIsTooEarly() {
        var end = exchange(fingerprint(1), fingerprint(2), isClient: false, random: .seeded(1))
        end.handle(.commit(hash: Self.hash), now: .zero)
        #expect(end.sent().isEmpty)
        end.handle(.reveal(nonce: Self.hash), now: .zero)
        #expect(end.failure == .revealBeforeCommitment)
    }

    @Test(arguments: [[ControlMessage.commit(hash: hash)], [.reveal(nonce: hash)]])
    func whatComesAfterTheWordsTakesThemBack(messages: [ControlMessage]) {
        var ends = Ends(seed: 3)
        ends.start(.client)
        ends.start(.server)
        ends.run()
        for message in messages { ends.client.handle(message, now: .zero) }
        ends.drain()
        #expect(ends.client.words == nil && ends.client.failure != nil)
        #expect(ends.shownByClient.count == 2)
    }

    @Test func everyChangedBitOfEitherMessageFails() {
        for bit in 0..<256 {
            for changesReveal in [false, true] {
                var ends = Ends(seed: 5)
                ends.start(.client)
                ends.start(.server)
                func changed(_ bytes: [UInt8]) -> [UInt8] {
                    var bytes = bytes
                    bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                    return bytes
                }
                if !changesReveal, case .commit(let hash)? = ends.toServer.first { ends.toServer[0] = .commit(hash: changed(hash)) }
                _ = ends.deliver(to: .server)
                _ = ends.deliver(to: .client)
                if changesReveal, case .reveal(let nonce)? = ends.toServer.first { ends.toServer[0] = .reveal(nonce: changed(nonce)) }
                ends.run()
                #expect(ends.server.failure == .wrongReveal, "bit \(bit)")
            }
        }
    }

    @Test func anEndThatHearsNothingGivesUp() throws {
        var end = exchange(fingerprint(1), fingerprint(2), isClient: true, random: .seeded(1))
        end.start(now: .zero)
        let due = try #require(end.nextTimeout)
        end.handleTimeout(now: due - .microseconds(1))
        #expect(end.state == .committed)
        end.handle(.commit(hash: Self.hash), now: .zero)
        #expect(end.state == .revealed && end.nextTimeout == due)
        end.handleTimeout(now: due)
        #expect(end.failure == .noAnswer)
    }

    @Test(arguments: [0, 20, 31, 33, 64]) func otherHashesThanSHA256AreRefused(length: Int) {
        var end = exchange(fingerprint(1), [UInt8](repeating: 1, count: length), isClient: true, random: .seeded(1))
        end.start(now: .zero)
        #expect(end.failure == .noFingerprint && end.sent().isEmpty)
    }

    /// As where OpenSSL refuses a hash.
    @Test func aHashThatFailsGivesNoWords() {
        var end = VerificationExchange(
            localFingerprint: fingerprint(1), remoteFingerprint: fingerprint(2), isDTLSClient: true, random: .seeded(1), sha256: { _ in [] }
        )
        end.start(now: .zero)
        end.handle(.commit(hash: Self.hash), now: .zero)
        end.handle(.reveal(nonce: Self.hash), now: .zero)
        #expect(end.failure == .wrongReveal)
    }

    @Test func randomMessagesNeverGiveWords() {
        for seed: UInt64 in 0..<2000 {
            var random = RandomSource.seeded(seed)
            var end = exchange(fingerprint(1), fingerprint(2), isClient: .random(using: &random), random: random.fork())
            var own: [[UInt8]] = []
            for _ in 0..<8 {
                let bytes = own.randomElement(using: &random) ?? random.bytes([0, 1, 31, 32, 33].randomElement(using: &random) ?? 0)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: end.start(now: .zero)
                case 1: end.handle(.commit(hash: bytes), now: .zero)
                case 2: end.handle(.reveal(nonce: bytes), now: .zero)
                default: end.handleTimeout(now: .zero + .seconds(Int.random(in: 0..<20, using: &random)))
                }
                for message in end.sent() {
                    switch message {
                    case .commit(let hash): own.append(hash)
                    case .reveal(let nonce): own.append(nonce)
                    default: break
                    }
                }
            }
            #expect(end.words == nil, "seed \(seed)")
        }
    }
}
