import CallControl
import DTLS
import Identity
import Primitives
import Testing

/// Kept certificates, a DTLS handshake with them, words over it, and what is remembered of it.
@Suite struct RecognitionTests {
    /// What one side has after a call: the other's certificate, and the words.
    private struct Call {
        var client: (remote: [UInt8], words: [String])
        var server: (remote: [UInt8], words: [String])
    }

    private func call(_ client: DTLSCertificate, _ server: DTLSCertificate, seed: UInt64) throws -> Call {
        var near = try DTLSTransport(
            role: .client, certificate: client, remoteFingerprints: [server.fingerprint], retransmissionBase: .seconds(1), now: .zero)
        var far = try DTLSTransport(
            role: .server, certificate: server, remoteFingerprints: [client.fingerprint], retransmissionBase: .seconds(1), now: .zero)
        near.start(now: .zero)
        for _ in 0..<10 {
            while let output = near.poll() { if case .transmit(let bytes) = output { far.handle(bytes.span, now: .zero) } }
            while let output = far.poll() { if case .transmit(let bytes) = output { near.handle(bytes.span, now: .zero) } }
        }
        let (shownToNear, shownToFar) = (near.remoteFingerprint, far.remoteFingerprint)
        let seenByClient = try #require(shownToNear)
        let seenByServer = try #require(shownToFar)
        var random = RandomSource.seeded(seed)
        var exchanges = [
            VerificationExchange(
                localFingerprint: client.fingerprint.bytes, remoteFingerprint: seenByClient.bytes, isDTLSClient: true,
                random: random.fork(), sha256: opensslSHA256),
            VerificationExchange(
                localFingerprint: server.fingerprint.bytes, remoteFingerprint: seenByServer.bytes, isDTLSClient: false,
                random: random.fork(), sha256: opensslSHA256),
        ]
        var words: [[String]] = [[], []]
        for side in 0...1 { exchanges[side].start(now: .zero) }
        for side in [0, 1, 0, 1] {
            while let output = exchanges[side].poll() {
                switch output {
                case .send(let message): exchanges[1 - side].handle(message, now: .zero)
                case .words(let shown): words[side] = shown
                case .failed(let failure): Issue.record("\(failure)")
                }
            }
        }
        return Call(client: (seenByClient.bytes, words[0]), server: (seenByServer.bytes, words[1]))
    }

    @Test func whoWasVerifiedIsKnownInTheNextRunAndAnotherOneIsNot() throws {
        let (ada, bob) = (Scratch(), Scratch())
        let today = UTCDay(number: 20_000)
        for run in 0..<3 {
            // Each run loads what the one before has kept.
            let call = try call(
                try IdentityStore(folder: ada.state).load().certificate, try IdentityStore(folder: bob.state).load().certificate,
                seed: UInt64(run))
            #expect(call.client.words.count == 4 && call.client.words == call.server.words)
            var known = KnownPeersFile(folder: bob.state)
            let verdict = known.update { $0.record(name: "Ada", fingerprint: call.server.remote, on: today) }
            #expect(verdict == (run == 0 ? .firstSeen : .known(since: today, lastSeen: today)))
            if run == 0 { known.update { $0.confirm(name: "Ada", fingerprint: call.server.remote, on: today) } }
        }
        // Somebody else of that name, however good the words.
        let eve = Scratch()
        let other = try call(
            try IdentityStore(folder: eve.state).load().certificate, try IdentityStore(folder: bob.state).load().certificate, seed: 9)
        let known = KnownPeersFile(folder: bob.state).peers
        guard case .changed(let previous, today)? = Optional(known.verdict(name: "Ada", fingerprint: other.server.remote)) else {
            Issue.record("\(known.verdict(name: "Ada", fingerprint: other.server.remote))")
            return
        }
        #expect(known.peer(named: "Ada", fingerprint: previous)?.isVerified == true)
    }
}
