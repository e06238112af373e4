import COpenSSL

/// What stands between OpenSSL and the datagrams: one write is one datagram, and a read gives the one that was handed in.
///
/// A memory BIO would merge the flights' datagrams into one that no path carries.
final class DatagramEndpoint {
    /// More than a handshake's flights ever are; beyond it the oldest go, as on any network.
    private static let mostOutgoing = 64

    var incoming: [UInt8]?
    private(set) var outgoing: [[UInt8]] = []
    let retransmissionBaseMicroseconds: UInt32
    let fingerprints: [CertificateFingerprint]
    var fingerprintMatched = false
    var fingerprintRefused = false

    init(retransmissionBaseMicroseconds: UInt32, fingerprints: [CertificateFingerprint]) {
        self.retransmissionBaseMicroseconds = retransmissionBaseMicroseconds
        self.fingerprints = fingerprints
    }

    func append(outgoing datagram: [UInt8]) {
        if outgoing.count >= Self.mostOutgoing { outgoing.removeFirst() }
        outgoing.append(datagram)
    }

    func takeOutgoing() -> [[UInt8]] {
        defer { outgoing.removeAll(keepingCapacity: true) }
        return outgoing
    }

    /// By every hash that is known here the certificate must be one of those announced (RFC 8122 section 5.1: a peer with several
    /// certificates announces each of them under the same hashes).
    func check(_ certificate: OpaquePointer) -> Bool {
        let known = Set(fingerprints.map(\.algorithm)).filter { CertificateFingerprint.lengths[$0] != nil }
        fingerprintMatched =
            !known.isEmpty
            && known.allSatisfy { algorithm in
                DTLSCertificate.digest(of: certificate, algorithm).map(fingerprints.contains) ?? false
            }
        fingerprintRefused = !fingerprintMatched
        return fingerprintMatched
    }

    /// A BIO that refers to this endpoint without owning it: the `DTLSTransport` holds both.
    func makeBIO() -> OpaquePointer? {
        guard let method = Self.method.pointer, let bio = BIO_new(method) else { return nil }
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        BIO_set_init(bio, 1)
        return bio
    }

    static func of(_ bio: OpaquePointer?) -> DatagramEndpoint? {
        guard let bio, let data = BIO_get_data(bio) else { return nil }
        return Unmanaged<DatagramEndpoint>.fromOpaque(data).takeUnretainedValue()
    }

    static func of(ssl: OpaquePointer?) -> DatagramEndpoint? {
        guard let ssl, let data = SSL_get_ex_data(ssl, 0) else { return nil }
        return Unmanaged<DatagramEndpoint>.fromOpaque(data).takeUnretainedValue()
    }

    /// One for the process, made once and never freed: BIOs refer to it.
    private struct Method: @unchecked Sendable {
        let pointer: OpaquePointer?
    }

    private static let method: Method = {
        guard let method = BIO_meth_new(BIO_get_new_index() | Int32(BIO_TYPE_SOURCE_SINK), "tchat datagrams") else {
            return Method(pointer: nil)
        }
        BIO_meth_set_write(method) { bio, data, count in
            guard let endpoint = DatagramEndpoint.of(bio), let data, count > 0 else { return -1 }
            endpoint.append(outgoing: Array(UnsafeRawBufferPointer(start: data, count: Int(count))))
            return count
        }
        BIO_meth_set_read(method) { bio, data, count in
            guard let endpoint = DatagramEndpoint.of(bio), let data, count > 0 else { return -1 }
            guard let datagram = endpoint.incoming else {
                tchat_BIO_set_retry_read(bio)
                return -1
            }
            endpoint.incoming = nil
            // As recvfrom does: what the buffer has no room for is lost.
            let taken = min(datagram.count, Int(count))
            datagram.withUnsafeBytes {
                UnsafeMutableRawPointer(data).copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(data), byteCount: taken)
            }
            return Int32(taken)
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return Method(pointer: method)
    }()
}
