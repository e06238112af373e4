import COpenSSL
import NIOSSL
import Primitives

/// A self-signed certificate made on the spot, and its key, both in DER.
public struct TestCertificate: Sendable {
    public let certificate: [UInt8]
    public let key: [UInt8]

    /// The library did not do what it was asked.
    private struct Failure: Error {}

    private static func need<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw Failure() }
        return value
    }

    private static func check(_ isDone: Bool) throws { if !isDone { throw Failure() } }

    /// - Parameter days: the time for which it is valid, from now.
    public init(names: [String] = [], addresses: [IPAddress] = [], days: ClosedRange<Int> = -1...1) throws {
        let key = try Self.need(tchat_EVP_EC_gen("P-256"))
        defer { EVP_PKEY_free(key) }
        let certificate = try Self.need(X509_new())
        defer { X509_free(certificate) }
        let day = 24 * 60 * 60
        let subject = X509_get_subject_name(certificate)
        try Self.check(X509_set_version(certificate, 2) == 1)
        try Self.check(ASN1_INTEGER_set(X509_get_serialNumber(certificate), Int.random(in: 1..<1 << 40)) == 1)
        try Self.check(tchat_X509_set_validity(certificate, days.lowerBound * day, days.upperBound * day) == 1)
        // Its own name each, so that one in a trust store is not taken for another.
        let name = "test \(UInt64.random(in: 0 ... .max))"
        try Self.check(X509_NAME_add_entry_by_txt(subject, "CN", 0x1001, name, -1, -1, 0) == 1)
        try Self.check(X509_set_issuer_name(certificate, subject) == 1)
        try Self.check(X509_set_pubkey(certificate, key) == 1)
        // GeneralNames (RFC 5280 §4.2.1.6): [2] a name, [7] an address.
        var entries: [UInt8] = []
        for name in names { entries += [0x82, UInt8(name.utf8.count)] + Array(name.utf8) }
        for address in addresses { entries += [0x87, UInt8(address.bytes.count)] + address.bytes }
        try Self.addExtension(NID_subject_alt_name, [0x30, UInt8(entries.count)] + entries, to: certificate)
        try Self.check(X509_sign(certificate, key, EVP_sha256()) > 0)
        self.certificate = Self.der { i2d_X509(certificate, $0) }
        self.key = Self.der { i2d_PrivateKey(key, $0) }
    }

    private static func addExtension(_ kind: Int32, _ value: [UInt8], to certificate: OpaquePointer) throws {
        let octets = ASN1_OCTET_STRING_new()
        defer { ASN1_OCTET_STRING_free(octets) }
        try Self.check(ASN1_OCTET_STRING_set(octets, value, Int32(value.count)) == 1)
        let made = try Self.need(X509_EXTENSION_create_by_NID(nil, kind, 0, octets))
        defer { X509_EXTENSION_free(made) }
        try Self.check(X509_add_ext(certificate, made, -1) == 1)
    }

    private static func der(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(0, Int(encode(nil))))
        bytes.withUnsafeMutableBufferPointer { buffer in
            var end = buffer.baseAddress
            _ = encode(&end)
        }
        return bytes
    }

    /// For SSL_CERT_FILE.
    public var pem: String {
        var text = [UInt8](repeating: 0, count: certificate.count * 2 + 4)
        let count = EVP_EncodeBlock(&text, certificate, Int32(certificate.count))
        var lines = ["-----BEGIN CERTIFICATE-----"]
        var rest = text.prefix(Int(count))
        while !rest.isEmpty {
            lines.append(String(decoding: rest.prefix(64), as: UTF8.self))
            rest = rest.dropFirst(64)
        }
        return (lines + ["-----END CERTIFICATE-----", ""]).joined(separator: "\n")
    }

    public func serverContext() throws -> NIOSSLContext {
        let certificate = try NIOSSLCertificate(bytes: certificate, format: .der)
        let key = try NIOSSLPrivateKey(bytes: key, format: .der)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(certificateChain: [.certificate(certificate)], privateKey: .privateKey(key)))
    }
}
