import CallControl
import DTLS
import Testing

@Suite struct VerificationWordsTests {
    @Test func theListFitsAByte() {
        #expect(VerificationWords.list.count == 256)
        #expect(Set(VerificationWords.list).count == 256)
        for word in VerificationWords.list {
            #expect((4...7).contains(word.count) && word.utf8.allSatisfy { (0x61...0x7a).contains($0) }, "\(word)")
        }
    }

    @Test func theFirstFourLettersAreEnough() {
        #expect(Set(VerificationWords.list.map { $0.prefix(4) }).count == 256)
    }

    @Test func noTwoAreOneSlipApart() {
        let list = VerificationWords.list.map { Array($0.utf8) }
        for a in list.indices {
            for b in list.indices.dropFirst(a + 1) where Self.isOneEditApart(list[a], list[b]) {
                Issue.record("\(VerificationWords.list[a]) and \(VerificationWords.list[b])")
            }
        }
    }

    /// Whether one letter changed, added or left out, or two neighbours swapped, make one word the other.
    private static func isOneEditApart(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        let (long, short) = a.count >= b.count ? (a, b) : (b, a)
        guard long.count - short.count <= 1 else { return false }
        var same = 0
        while same < short.count, long[same] == short[same] { same += 1 }
        let rest = long[same...]
        if long.count > short.count { return Array(rest.dropFirst()) == Array(short[same...]) }
        if rest.dropFirst() == short[same...].dropFirst() { return true }
        return rest.count >= 2 && rest[same] == short[same + 1] && rest[same + 1] == short[same]
            && Array(rest.dropFirst(2)) == Array(short[(same + 2)...])
    }

    @Test func wordsAreTheFirstBytes() {
        let list = VerificationWords.list
        #expect(VerificationWords.words(of: [0, 255, 1, 128, 7, 7]) == [list[0], list[255], list[1], list[128]])
        #expect(VerificationWords.words(of: [3]) == [list[3]])
    }

    /// Made with Python's hashlib.
    @Test func hashesAreTheDocumentedOnes() {
        let (client, server) = ([UInt8](0..<32), [UInt8](100..<132))
        let (clientNonce, serverNonce) = ([UInt8](repeating: 0xaa, count: 32), [UInt8](repeating: 0x55, count: 32))
        func commitment(_ nonce: [UInt8], _ byClient: Bool) -> String {
            hex(
                VerificationWords.commitment(
                    nonce: nonce, byDTLSClient: byClient, clientFingerprint: client, serverFingerprint: server, sha256: opensslSHA256))
        }
        #expect(commitment(clientNonce, true) == "1ab5a42d42630c1eea5d74102ae1cd59f18821e9f658d28af563bea1a5141ba2")
        #expect(commitment(serverNonce, false) == "bccc1fcb33f5c852e187d8789ce28e611255e52eb42cfd70a86654f9cb5b771b")
        let words = VerificationWords.words(
            clientNonce: clientNonce, serverNonce: serverNonce, clientFingerprint: client, serverFingerprint: server,
            sha256: opensslSHA256)
        #expect(words == ["eclipse", "pumpkin", "blanket", "panda"])
    }
}

func hex(_ bytes: [UInt8]) -> String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
