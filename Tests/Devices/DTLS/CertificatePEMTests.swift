import COpenSSL
import DTLS
import Primitives
import Testing

@Suite struct CertificatePEMTests {
    @Test func comesBackAsItWas() throws {
        let certificate = try DTLSCertificate.generate(validDays: 3650)
        let text = try certificate.pem()
        let again = try DTLSCertificate(pem: text)
        #expect(again.fingerprint == certificate.fingerprint)
        #expect(try again.pem() == text)
        #expect(text.contains("-----BEGIN CERTIFICATE-----") && text.contains("-----BEGIN PRIVATE KEY-----"))
    }

    @Test func theOrderOfTheBlocksAndTheRestDoNotMatter() throws {
        let certificate = try DTLSCertificate.generate()
        let (own, key) = try Self.blocks(certificate)
        #expect(try DTLSCertificate(pem: "a remark\n" + key + "another\n" + own).fingerprint == certificate.fingerprint)
    }

    /// A handshake needs both, the key and the certificate.
    @Test func whatWasReadCanCall() throws {
        let kept = try DTLSCertificate(pem: try DTLSCertificate.generate().pem())
        let other = try DTLSCertificate.generate()
        let pair = try HandshakePair(clientCertificate: kept, serverCertificate: other)
        #expect(pair.client.remoteFingerprint == nil)
        pair.run(for: .seconds(5))
        #expect(pair.clientKeys != nil && pair.serverKeys != nil)
        #expect(pair.server.remoteFingerprint == kept.fingerprint)
        #expect(pair.client.remoteFingerprint == other.fingerprint)
    }

    @Test func refusesWhatIsNotOneCertificateWithItsKey() throws {
        let (own, key) = try Self.blocks(try DTLSCertificate.generate())
        let (_, foreignKey) = try Self.blocks(try DTLSCertificate.generate())
        let encrypted = try Self.encrypted(key)
        for (number, text) in [
            "", "nonsense", own, key, own + foreignKey, own + encrypted, own + key.dropLast(60), key + own.dropLast(60),
            own + String(repeating: "\n", count: 70_000) + key, String(repeating: "\0", count: 1000), own + Self.ed25519Key,
        ].enumerated() {
            #expect(throws: DTLSError.self, "case \(number)") { try DTLSCertificate(pem: text) }
        }
        do {
            _ = try DTLSCertificate(pem: own + foreignKey)
        } catch {
            #expect(error.description == "the certificate cannot be used: the private key belongs to another certificate")
        }
    }

    @Test func brokenTwinsNeverTrap() throws {
        let good = Array(try DTLSCertificate.generate().pem().utf8)
        var random = RandomSource.seeded(1)
        for round in 0..<2000 {
            var changed = good
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                changed[Int.random(in: 0..<changed.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if round.isMultiple(of: 3) { changed.removeLast(Int.random(in: 0..<changed.count, using: &random)) }
            _ = try? DTLSCertificate(pem: String(decoding: changed, as: UTF8.self))
        }
    }

    @Test(arguments: [-5, 1, 3650, Int.max]) func isValidAsLongAsAsked(days: Int) throws {
        let text = try DTLSCertificate.generate(validDays: days).pem()
        let bytes = Array(text.utf8)
        let left: Int32? = bytes.withUnsafeBytes { buffer in
            guard let bio = BIO_new_mem_buf(buffer.baseAddress, Int32(buffer.count)) else { return nil }
            defer { BIO_free(bio) }
            guard let certificate = PEM_read_bio_X509(bio, nil, nil, nil) else { return nil }
            defer { X509_free(certificate) }
            var (wholeDays, seconds): (Int32, Int32) = (0, 0)
            return ASN1_TIME_diff(&wholeDays, &seconds, nil, X509_get0_notAfter(certificate)) == 1 ? wholeDays : nil
        }
        let asked = Int32(max(1, min(days, 36_500)))
        #expect(left == asked || left == asked - 1)
    }

    private static func blocks(_ certificate: DTLSCertificate) throws -> (certificate: String, key: String) {
        let text = try certificate.pem()
        let start = try #require(text.range(of: "-----BEGIN PRIVATE KEY-----"))
        return (String(text[..<start]), String(text[start...]))
    }

    /// The same key, as OpenSSL's command line would keep it under a password.
    private static func encrypted(_ text: String) throws -> String {
        let bytes = Array(text.utf8)
        let key = bytes.withUnsafeBytes { buffer -> OpaquePointer? in
            guard let bio = BIO_new_mem_buf(buffer.baseAddress, Int32(buffer.count)) else { return nil }
            defer { BIO_free(bio) }
            return PEM_read_bio_PrivateKey(bio, nil, nil, nil)
        }
        defer { EVP_PKEY_free(key) }
        let bio = try #require(BIO_new(BIO_s_mem()))
        defer { BIO_free(bio) }
        #expect(PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_128_cbc(), "password", 8, nil, nil) == 1)
        var out = [UInt8](repeating: 0, count: BIO_ctrl_pending(bio))
        _ = BIO_read(bio, &out, Int32(out.count))
        return String(decoding: out, as: UTF8.self)
    }

    /// From RFC 8410 section 10.3: no suite here can use it.
    private static let ed25519Key = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        -----END PRIVATE KEY-----

        """
}

extension String {
    /// Where a part begins.
    fileprivate func range(of part: String) -> Index? { indices.first { self[$0...].hasPrefix(part) } }
}
