import NIOSSL

/// Why TLS failed, in a sentence for a person that says what to do.
public enum TLSFailure {
    /// - Parameters:
    ///   - place: where the connection leads.
    ///   - serverName: what the certificate has to be valid for.
    /// - Returns: nil for an error that is not TLS's.
    public static func explain(_ error: any Error, at place: String, serverName: String?) -> String? {
        switch error {
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return "The certificate of \(place) is not for \(serverName ?? place): it may be somebody else's."
        case let error as NIOSSLExtraError
        where error == .invalidSNIHostname || error == .cannotUseIPAddressInSNI || error == .serverHostnameImpossibleToMatch:
            return "No certificate can be valid for the name \(serverName ?? "that was given")."
        case NIOSSLError.handshakeFailed(let error): return explain(error, at: place)
        case NIOSSLError.noSuchFilesystemObject: return "The file that SSL_CERT_FILE names is not there."
        case NIOSSLError.uncleanShutdown: return "\(place) has closed the connection."
        case NIOSSLError.failedToLoadCertificate: return "The file that SSL_CERT_FILE names holds no certificate."
        case let error as BoringSSLError: return explain(error, at: place)
        case is NIOSSLError, is NIOSSLExtraError: return "No TLS connection to \(place) can be made."
        default: return nil
        }
    }

    private static func explain(_ error: BoringSSLError, at place: String) -> String {
        let stack: NIOBoringSSLErrorStack
        switch error {
        case .sslError(let errors), .unknownError(let errors), .invalidSNIName(let errors), .failedToSetALPN(let errors): stack = errors
        default: stack = []
        }
        if stack.contains(.eofDuringHandshake) { return "\(place) has closed the connection instead of speaking TLS." }
        let text = stack.map(\.description).joined()
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return "The certificate of \(place) is not trusted: no authority that this machine knows has signed it, or its time is over. "
                + "If the server is yours, name its certificate in SSL_CERT_FILE."
        }
        for sign in ["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST"] where text.contains(sign) {
            return "\(place) does not speak TLS."
        }
        if text.contains("PROTOCOL_VERSION") || text.contains("UNSUPPORTED_PROTOCOL") {
            return "\(place) speaks only an old TLS, which is not safe."
        }
        return "No TLS connection to \(place) can be made."
    }
}
