import Glibc
import NIOSSL

/// Whom a TLS client believes: the file's authorities, or, without one, the system's.
///
/// BoringSSL does not look at SSL_CERT_FILE as OpenSSL does.
public struct TrustRoots: Sendable {
    public var certificateFile: String?

    public init(certificateFile: String? = nil) { self.certificateFile = certificateFile }

    /// As SSL_CERT_FILE says.
    public static var environment: TrustRoots { TrustRoots { getenv($0).map { String(cString: $0) } } }

    init(environment value: (String) -> String?) { certificateFile = value("SSL_CERT_FILE").flatMap { $0.isEmpty ? nil : $0 } }

    func makeContext() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        configuration.shutdownTimeout = .seconds(1)
        if let certificateFile { configuration.trustRoots = .file(certificateFile) }
        return try NIOSSLContext(configuration: configuration)
    }
}
