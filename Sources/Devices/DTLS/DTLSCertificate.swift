import COpenSSL

/// A self-signed certificate with its key: what the fingerprint in the SDP stands for. It is made for one run of the program, or kept as
/// PEM, so that others recognize this side; servers that see it can then tell that calls are of the same person.
///
/// The handles are never changed once they are here, and OpenSSL counts references atomically, so threads may share one.
public final class DTLSCertificate: @unchecked Sendable {
    let certificate: OpaquePointer
    let key: OpaquePointer
    /// SHA-256.
    public let fingerprint: CertificateFingerprint

    /// Takes the handles over.
    init(certificate: OpaquePointer, key: OpaquePointer, fingerprint: CertificateFingerprint) {
        self.certificate = certificate
        self.key = key
        self.fingerprint = fingerprint
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(key)
    }

    /// An ECDSA P-256 key of its own, valid from yesterday, for clocks that are behind.
    /// - Parameter validDays: from now, 1 to 36500. Peers compare the fingerprint and do not look at the dates (RFC 8122 section 6.2), but a
    ///   certificate that is kept should be in date all the same.
    public static func generate(validDays: Int = 30) throws(DTLSError) -> DTLSCertificate {
        guard let key = tchat_EVP_EC_gen("P-256") else { throw .openSSL(openSSLReason()) }
        guard let certificate = X509_new() else {
            EVP_PKEY_free(key)
            throw .openSSL(openSSLReason())
        }
        let day = 24 * 60 * 60
        var serial = [UInt8](repeating: 0, count: 8)
        RAND_bytes(&serial, 8)
        let number = Int(serial.reduce(0) { $0 << 8 | UInt64($1) } >> 2)
        // One name for everybody: a certificate should not tell who or what made it (RFC 8827 section 6.5).
        let isComplete =
            X509_set_version(certificate, 2) == 1
            && ASN1_INTEGER_set(X509_get_serialNumber(certificate), number) == 1
            && tchat_X509_set_validity(certificate, -day, max(1, min(validDays, 36_500)) * day) == 1
            && X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", 0x1001, "WebRTC", -1, -1, 0) == 1
            && X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) == 1
            && X509_set_pubkey(certificate, key) == 1
            && X509_sign(certificate, key, EVP_sha256()) > 0
        guard isComplete, let fingerprint = digest(of: certificate, "sha-256") else {
            X509_free(certificate)
            EVP_PKEY_free(key)
            throw .openSSL(openSSLReason())
        }
        return DTLSCertificate(certificate: certificate, key: key, fingerprint: fingerprint)
    }

    /// Nil for a hash that is not known here.
    static func digest(of certificate: OpaquePointer, _ algorithm: String) -> CertificateFingerprint? {
        let type: OpaquePointer? =
            switch algorithm {
            case "sha-1": EVP_sha1()
            case "sha-224": EVP_sha224()
            case "sha-256": EVP_sha256()
            case "sha-384": EVP_sha384()
            case "sha-512": EVP_sha512()
            default: nil
            }
        guard let type else { return nil }
        var bytes = [UInt8](repeating: 0, count: 64)
        var count: UInt32 = 0
        guard X509_digest(certificate, type, &bytes, &count) == 1 else { return nil }
        return CertificateFingerprint(algorithm: algorithm, bytes: Array(bytes.prefix(Int(count))))
    }
}
