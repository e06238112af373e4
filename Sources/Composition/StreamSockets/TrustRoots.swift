import NIOSSL

/// Whom a TLS client believes: the file's authorities, or, without one, the system's.
///
/// BoringSSL does not look at SSL_CERT_FILE as OpenSSL does.
struct TrustRoots: Sendable {
    var certificateFile: String?

    func makeContext() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        configuration.shutdownTimeout = .seconds(1)
        if let certificateFile, !certificateFile.isEmpty { configuration.trustRoots = .file(certificateFile) }
        return try NIOSSLContext(configuration: configuration)
    }
}
