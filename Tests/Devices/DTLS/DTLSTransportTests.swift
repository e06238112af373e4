import DTLS
import Primitives
import Testing
import VirtualTimeOfDay

@Suite struct DTLSTransportTests {
    private static let a = try? DTLSCertificate.generate()
    private static let b = try? DTLSCertificate.generate()

    private func pair(
        clientExpects: [CertificateFingerprint]? = nil, serverExpects: [CertificateFingerprint]? = nil,
        clientProfiles: [SRTPProfile] = SRTPProfile.allCases
    ) throws -> HandshakePair {
        try HandshakePair(
            clientCertificate: #require(Self.a), serverCertificate: #require(Self.b), clientExpects: clientExpects,
            serverExpects: serverExpects, clientProfiles: clientProfiles)
    }

    @Test func bothSidesGetTheSameKeysCrosswise() throws {
        let pair = try pair()
        pair.run(for: .seconds(1))
        let client = try #require(pair.clientKeys)
        let server = try #require(pair.serverKeys)
        #expect(client.profile == .aeadAES128GCM)
        #expect(client.localKey == server.remoteKey)
        #expect(client.remoteKey == server.localKey)
        #expect(client.localKey != client.remoteKey)
        #expect(client.localKey.count == client.profile.keyLength + client.profile.saltLength)
    }

    @Test func eachDatagramFitsThePath() throws {
        let pair = try pair()
        pair.run(for: .seconds(1))
        let longest = pair.sent.map(\.bytes.count).max() ?? 0
        #expect(longest > 0 && longest <= 1200)
    }

    @Test func theHandshakeSurvivesTheLossOfAnyOneDatagram() throws {
        let whole = try pair()
        whole.run(for: .seconds(1))
        for lost in 0..<whole.sent.count {
            let pair = try pair()
            pair.run(for: .seconds(20), loses: { $0 == lost })
            let done = pair.clientKeys != nil && pair.clientKeys?.localKey == pair.serverKeys?.remoteKey
            #expect(done, "datagram \(lost) lost")
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func theHandshakeSurvivesAThirdOfAllDatagramsLost(seed: UInt64) throws {
        var random = RandomSource.seeded(seed)
        let pair = try pair()
        pair.run(for: .seconds(29), loses: { _ in random.next() % 3 == 0 })
        let done = pair.clientKeys != nil && pair.serverKeys != nil
        #expect(done, "seed \(seed)")
    }

    @Test func theFirstFlightIsSentAgainAfterDoublingTimes() throws {
        let pair = try pair()
        pair.run(for: .seconds(2), loses: { _ in true })
        let times = pair.sent.filter { $0.side == .client }.map { ($0.at - HandshakePair.start).wholeMilliseconds }
        #expect(times.prefix(6) == [0, 50, 150, 350, 750, 1550])
    }

    @Test func itGivesUpAfterThirtySeconds() throws {
        let pair = try pair()
        pair.run(for: .seconds(40), loses: { _ in true })
        #expect(pair.clientFailure == .timedOut)
    }

    @Test func aClientRefusesACertificateThatWasNotAnnounced() throws {
        let pair = try pair(clientExpects: [try DTLSCertificate.generate().fingerprint])
        pair.run(for: .seconds(5))
        #expect(pair.clientFailure == .wrongFingerprint)
        #expect(pair.clientKeys == nil)
        #expect(pair.serverKeys == nil)
    }

    @Test func aServerRefusesACertificateThatWasNotAnnounced() throws {
        let pair = try pair(serverExpects: [try DTLSCertificate.generate().fingerprint])
        pair.run(for: .seconds(5))
        #expect(pair.serverFailure == .wrongFingerprint)
        #expect(pair.serverKeys == nil)
    }

    /// RFC 8122 section 5.1.
    @Test func oneOfSeveralAnnouncedCertificatesIsEnough() throws {
        let good = try #require(Self.b).fingerprint
        let other = try DTLSCertificate.generate().fingerprint
        let pair = try pair(clientExpects: [other, good])
        pair.run(for: .seconds(5))
        #expect(pair.clientKeys != nil)
    }

    @Test func aCertificateMustMatchByEveryKnownHash() throws {
        let good = try #require(Self.b).fingerprint
        let wrong = CertificateFingerprint(algorithm: "sha-512", bytes: Array(repeating: 7, count: 64))
        let refused = try pair(clientExpects: [good, wrong])
        refused.run(for: .seconds(5))
        #expect(refused.clientFailure == .wrongFingerprint)
        let unknown = CertificateFingerprint(algorithm: "sha3-256", bytes: Array(repeating: 7, count: 32))
        let accepted = try pair(clientExpects: [good, unknown])
        accepted.run(for: .seconds(5))
        #expect(accepted.clientKeys != nil)
    }

    @Test(arguments: SRTPProfile.allCases)
    func theProfileIsOneThatBothOffer(profile: SRTPProfile) throws {
        let pair = try pair(clientProfiles: [profile])
        pair.run(for: .seconds(1))
        #expect(pair.clientKeys?.profile == profile)
        #expect(pair.clientKeys?.localKey == pair.serverKeys?.remoteKey)
    }

    @Test func aFingerprintOfAnUnknownHashIsNoProof() throws {
        let unknown = CertificateFingerprint(algorithm: "md2", bytes: [1, 2, 3])
        #expect(throws: DTLSError.noUsableFingerprint) { _ = try self.pair(clientExpects: [unknown]).now }
    }

    @Test func closingIsHeard() throws {
        let pair = try pair()
        pair.run(for: .seconds(1))
        pair.client.close(now: pair.now)
        pair.run(for: .seconds(1))
        #expect(pair.closed == [.server])
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func damagedDatagramsNeverTrapNorReleaseDifferentKeys(seed: UInt64) throws {
        var random = RandomSource.seeded(seed)
        let pair = try pair()
        pair.run(
            for: .seconds(29),
            tampers: { bytes, _ in
                guard random.next() % 4 == 0, !bytes.isEmpty else { return }
                switch random.next() % 3 {
                case 0: bytes[Int(random.next() % UInt64(bytes.count))] ^= UInt8(truncatingIfNeeded: random.next() | 1)
                case 1: bytes.removeLast(Int(random.next() % UInt64(bytes.count)))
                default: bytes = random.bytes(Int(random.next() % 1500))
                }
            })
        if let client = pair.clientKeys, let server = pair.serverKeys { #expect(client.localKey == server.remoteKey, "seed \(seed)") }
    }
}
