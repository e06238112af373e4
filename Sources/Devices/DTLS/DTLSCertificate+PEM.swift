import COpenSSL

extension DTLSCertificate {
    /// Far more than a certificate with its key needs.
    public static let maximumPEMBytes = 64 * 1024

    /// The certificate and its unencrypted private key (RFC 7468 sections 5 and 10). Whoever has this text can be this side: keep it from
    /// other eyes.
    public func pem() throws(DTLSError) -> String {
        ERR_clear_error()
        // Memory that OpenSSL clears when it gives it back.
        guard let bio = BIO_new(BIO_s_secmem()) else { throw .openSSL(openSSLReason()) }
        defer { BIO_free(bio) }
        guard PEM_write_bio_X509(bio, certificate) == 1, PEM_write_bio_PrivateKey(bio, key, nil, nil, 0, nil, nil) == 1 else {
            throw .openSSL(openSSLReason())
        }
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(bio))
        let count = BIO_read(bio, &bytes, Int32(bytes.count))
        guard count == bytes.count else { throw .openSSL(openSSLReason()) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What `pem` gave, or another certificate with its key, in either order; the first of each counts. ECDSA or RSA of at least 112 bits of
    /// security, since anything else fits no cipher suite here.
    /// - Throws: `unusableCertificate` with the reason.
    public convenience init(pem text: String) throws(DTLSError) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= Self.maximumPEMBytes else { throw .unusableCertificate("it is empty or larger than 64 KiB") }
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let certificate = read(bytes, { PEM_read_bio_X509($0, nil, refuseToAsk, nil) }) else {
            throw .unusableCertificate("there is no readable certificate in it")
        }
        guard let key = read(bytes, { PEM_read_bio_PrivateKey($0, nil, refuseToAsk, nil) }) else {
            X509_free(certificate)
            throw .unusableCertificate("there is no readable private key in it, or it is encrypted")
        }
        let fingerprint: CertificateFingerprint
        do {
            fingerprint = try Self.checked(certificate, key)
        } catch {
            X509_free(certificate)
            EVP_PKEY_free(key)
            throw error
        }
        self.init(certificate: certificate, key: key, fingerprint: fingerprint)
    }

    private static func checked(_ certificate: OpaquePointer, _ key: OpaquePointer) throws(DTLSError) -> CertificateFingerprint {
        let kind = EVP_PKEY_get_base_id(key)
        guard kind == EVP_PKEY_EC || kind == EVP_PKEY_RSA, EVP_PKEY_get_security_bits(key) >= 112 else {
            throw .unusableCertificate("its key is neither ECDSA nor RSA, or too short")
        }
        guard X509_check_private_key(certificate, key) == 1 else {
            throw .unusableCertificate("the private key belongs to another certificate")
        }
        guard let fingerprint = digest(of: certificate, "sha-256") else { throw .openSSL(openSSLReason()) }
        return fingerprint
    }
}

/// Runs OpenSSL's reader over bytes that it must not keep.
private func read(_ bytes: [UInt8], _ reader: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
    bytes.withUnsafeBytes { buffer in
        guard let bio = BIO_new_mem_buf(buffer.baseAddress, Int32(buffer.count)) else { return nil }
        defer { BIO_free(bio) }
        return reader(bio)
    }
}

/// In place of OpenSSL's own, which would ask for a password on the terminal.
private let refuseToAsk: @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 = { _, _, _, _ in -1
}
