import COpenSSL
import Glibc
import Primitives

/// DTLS 1.2 with the SRTP extension (RFC 6347, 5763, 5764) on OpenSSL: datagrams and a time in, datagrams and keys out.
///
/// The certificate is checked against the announced fingerprints within the handshake, before anything else is released.
/// OpenSSL's retransmission timer reads `gettimeofday`: that clock stays in here.
public struct DTLSTransport: ~Copyable {
    private enum State { case handshaking, connected, over }

    private static let mtu = 1200
    /// Data that nobody polls goes, as on any network.
    private static let mostOutputs = 256
    private static let patience = Interval.seconds(30)
    private static let ciphers = """
        ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:\
        ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES256-GCM-SHA384
        """

    private let role: DTLSRole
    private let context: OpaquePointer
    private let ssl: OpaquePointer
    private let endpoint: DatagramEndpoint
    private let giveUp: Instant
    private var state = State.handshaking
    private var outputs: [DTLSOutput] = []
    private var scratch = [UInt8](repeating: 0, count: 16384)

    /// - Parameters:
    ///   - retransmissionBase: after which the first flight is sent again; doubles up to 3 s.
    ///   - profiles: what can be encrypted with, the best first; not empty.
    public init(
        role: DTLSRole, certificate: DTLSCertificate, remoteFingerprints: [CertificateFingerprint], retransmissionBase: Interval,
        profiles: [SRTPProfile] = SRTPProfile.allCases, now: Instant
    ) throws(DTLSError) {
        guard remoteFingerprints.contains(where: { CertificateFingerprint.lengths[$0.algorithm] != nil }) else {
            throw .noUsableFingerprint
        }
        ERR_clear_error()
        guard let context = SSL_CTX_new(DTLS_method()) else { throw .openSSL(openSSLReason()) }
        let endpoint = DatagramEndpoint(
            retransmissionBaseMicroseconds: UInt32(max(1000, min(3_000_000, retransmissionBase.microseconds))),
            fingerprints: remoteFingerprints)
        guard Self.configure(context, certificate, profiles), let ssl = SSL_new(context) else {
            SSL_CTX_free(context)
            throw .openSSL(openSSLReason())
        }
        guard let bio = endpoint.makeBIO() else {
            SSL_free(ssl)
            SSL_CTX_free(context)
            throw .openSSL(openSSLReason())
        }
        SSL_set_bio(ssl, bio, bio)
        SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(endpoint).toOpaque())
        _ = tchat_SSL_set_mtu(ssl, Self.mtu)
        DTLS_set_timer_cb(ssl) { ssl, last in
            let base = DatagramEndpoint.of(ssl: ssl)?.retransmissionBaseMicroseconds ?? 1_000_000
            return last == 0 ? base : min(last &* 2, 3_000_000)
        }
        if role == .client { SSL_set_connect_state(ssl) } else { SSL_set_accept_state(ssl) }
        self.role = role
        self.context = context
        self.ssl = ssl
        self.endpoint = endpoint
        giveUp = now + Self.patience
    }

    deinit {
        SSL_free(ssl)
        SSL_CTX_free(context)
    }

    private static func configure(_ context: OpaquePointer, _ certificate: DTLSCertificate, _ profiles: [SRTPProfile]) -> Bool {
        SSL_CTX_set_options(context, tchat_SSL_options())
        SSL_CTX_set_session_cache_mode(context)
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        SSL_CTX_set_cert_verify_callback(
            context,
            { store, _ in
                guard let store, let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
                    let endpoint = DatagramEndpoint.of(ssl: OpaquePointer(ssl)), let certificate = X509_STORE_CTX_get0_cert(store)
                else { return 0 }
                if endpoint.check(certificate) { return 1 }
                X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED)
                return 0
            }, nil)
        // 0 is success for the SRTP list alone.
        return tchat_SSL_CTX_set_versions(context, DTLS1_2_VERSION, DTLS1_2_VERSION) == 1
            && SSL_CTX_set_cipher_list(context, ciphers) == 1
            && tchat_SSL_CTX_set_groups(context, "X25519:P-256:P-384") == 1
            && SSL_CTX_use_certificate(context, certificate.certificate) == 1
            && SSL_CTX_use_PrivateKey(context, certificate.key) == 1
            && SSL_CTX_set_tlsext_use_srtp(context, profiles.map(\.name).joined(separator: ":")) == 0
    }

    /// The client's first flight; the server waits for it.
    public mutating func start(now: Instant) {
        if role == .client { handshake(now: now) }
    }

    /// Feeds one datagram, then drains what comes of it. Garbage is ignored, as RFC 6347 section 4.1.2.7 asks.
    public mutating func handle(_ datagram: Span<UInt8>, now: Instant) {
        guard state != .over else { return }
        endpoint.incoming = datagram.withUnsafeBufferPointer { Array($0) }
        if state == .handshaking { handshake(now: now) }
        if state == .connected { read() }
        endpoint.incoming = nil
        collect()
    }

    public mutating func handleTimeout(now: Instant) {
        guard state != .over else { return }
        if state == .handshaking, now >= giveUp {
            end(.failed(.timedOut))
            return
        }
        ERR_clear_error()
        // OpenSSL itself gives up after twelve retransmissions.
        if tchat_DTLSv1_handle_timeout(ssl) < 0, state == .handshaking { end(.failed(.timedOut)) }
        collect()
    }

    /// When `handleTimeout` is due; nil: only a datagram can change anything.
    public func nextTimeout(now: Instant) -> Instant? {
        guard state != .over else { return nil }
        var left = timeval()
        let limit = state == .handshaking ? giveUp : nil
        guard tchat_DTLSv1_get_timeout(ssl, &left) == 1 else { return limit }
        let due = now + Interval(microseconds: Int64(left.tv_sec) * 1_000_000 + Int64(left.tv_usec))
        return limit.map { min($0, due) } ?? due
    }

    /// Encrypts one message as one record in one datagram: at most 1150 bytes or so, to stay under the MTU. Dropped before the handshake
    /// is over, as on any network.
    public mutating func send(_ data: [UInt8]) {
        guard state == .connected, !data.isEmpty, data.count <= 16384 else { return }
        ERR_clear_error()
        _ = SSL_write(ssl, data, Int32(data.count))
        collect()
    }

    /// Says close_notify; nothing is taken in any more.
    public mutating func close(now: Instant) {
        guard state != .over else { return }
        if state == .connected {
            ERR_clear_error()
            SSL_shutdown(ssl)
            collect()
        }
        state = .over
    }

    /// SHA-256 of the certificate that the other side has shown, whatever hash its description used; nil before it has.
    public var remoteFingerprint: CertificateFingerprint? {
        guard let certificate = SSL_get0_peer_certificate(ssl) else { return nil }
        return DTLSCertificate.digest(of: certificate, "sha-256")
    }

    public mutating func poll() -> DTLSOutput? { outputs.isEmpty ? nil : outputs.removeFirst() }

    private mutating func collect() {
        for datagram in endpoint.takeOutgoing() { outputs.append(.transmit(datagram)) }
    }

    private mutating func end(_ output: DTLSOutput) {
        collect()
        state = .over
        outputs.append(output)
    }

    private mutating func handshake(now: Instant) {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        collect()
        if result == 1 {
            guard endpoint.fingerprintMatched else { return end(.failed(.wrongFingerprint)) }
            guard let keys = exportKeys() else { return end(.failed(.noSRTPProfile)) }
            state = .connected
            outputs.append(.connected(keys))
            return
        }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return
        default: end(.failed(endpoint.fingerprintRefused ? .wrongFingerprint : .handshakeFailed(openSSLReason())))
        }
    }

    /// After the handshake: a last flight that was lost is sent again, close_notify is heard.
    private mutating func read() {
        for _ in 0..<16 {
            ERR_clear_error()
            let count = SSL_read(ssl, &scratch, Int32(scratch.count))
            if count > 0 {
                if outputs.count < Self.mostOutputs { outputs.append(.applicationData(Array(scratch.prefix(Int(count))))) }
                continue
            }
            switch SSL_get_error(ssl, count) {
            case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return
            case SSL_ERROR_ZERO_RETURN: return end(.closed)
            default: return end(.failed(.handshakeFailed(openSSLReason())))
            }
        }
    }

    /// RFC 5764 section 4.2: client key, server key, client salt, server salt.
    private func exportKeys() -> SRTPKeys? {
        guard let selected = SSL_get_selected_srtp_profile(ssl), let profile = SRTPProfile(identifier: UInt(selected.pointee.id)) else {
            return nil
        }
        let label = "EXTRACTOR-dtls_srtp"
        let (key, salt) = (profile.keyLength, profile.saltLength)
        var material = [UInt8](repeating: 0, count: 2 * (key + salt))
        guard SSL_export_keying_material(ssl, &material, material.count, label, label.utf8.count, nil, 0, 0) == 1 else { return nil }
        let client = Array(material[0..<key] + material[2 * key..<2 * key + salt])
        let server = Array(material[key..<2 * key] + material[2 * key + salt..<2 * (key + salt)])
        return role == .client
            ? SRTPKeys(profile: profile, localKey: client, remoteKey: server)
            : SRTPKeys(profile: profile, localKey: server, remoteKey: client)
    }
}

/// No resumption: every call has keys of its own. A macro in C.
private func SSL_CTX_set_session_cache_mode(_ context: OpaquePointer) {
    SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
}
