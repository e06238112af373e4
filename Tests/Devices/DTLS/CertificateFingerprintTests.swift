import DTLS
import Testing

@Suite struct CertificateFingerprintTests {
    private static let hex = (0..<32).map { $0 < 16 ? "0\(String($0, radix: 16))" : String($0, radix: 16) }.joined(separator: ":")

    @Test func caseDoesNotMatter() throws {
        let upper = try #require(CertificateFingerprint(sdp: "SHA-256 " + Self.hex.uppercased()))
        #expect(CertificateFingerprint(sdp: "sha-256 " + Self.hex) == upper)
        #expect(upper.sdp == "sha-256 " + Self.hex.uppercased())
    }

    @Test(arguments: [
        "", "sha-256", "sha-256 00", "sha-256 " + hex + ":00", "sha-256 " + hex + ":", "sha-256 0g",
        "sha-256 " + String(repeating: "00:", count: 5000),
    ])
    func refuses(text: String) {
        #expect(CertificateFingerprint(sdp: text) == nil)
    }

    @Test func twoCertificatesDiffer() throws {
        #expect(try DTLSCertificate.generate().fingerprint != DTLSCertificate.generate().fingerprint)
    }

    /// RFC 2202 section 3, cases 2 and 3.
    @Test(arguments: [
        (Array("Jefe".utf8), Array("what do ya want for nothing?".utf8), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        (Array(repeating: UInt8(0xaa), count: 20), Array(repeating: UInt8(0xdd), count: 50), "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
    ])
    func hmacSHA1(key: [UInt8], message: [UInt8], digest: String) {
        let hex = opensslHMACSHA1(key, message).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(hex == digest)
    }

    /// FIPS 180-4's examples, and the empty message.
    @Test(arguments: [
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ])
    func sha256(message: String, digest: String) {
        let hex = opensslSHA256(Array(message.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(hex == digest)
    }
}
