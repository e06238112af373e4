import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Primitives

/// Why a stream ended, in a sentence for a person.
enum StreamFailure {
    static let noAnswer = "does not answer"

    /// - Parameters:
    ///   - remote: where the stream leads.
    ///   - serverName: the name that its certificate has to be valid for.
    static func explain(_ error: any Error, remote: Primitives.SocketAddress, serverName: String?) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return explain(first.error, remote: remote, serverName: serverName) }
        case let error as IOError: return explain(error.errnoCode, remote)
        case ChannelError.connectTimeout: return "\(remote) \(noAnswer)."
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return "The certificate of \(remote) is not for \(serverName ?? remote.ip.description): it may be somebody else's."
        case let error as NIOSSLExtraError
        where error == .invalidSNIHostname || error == .cannotUseIPAddressInSNI || error == .serverHostnameImpossibleToMatch:
            return "No certificate can be valid for the name \(serverName ?? "that was given")."
        case NIOSSLError.handshakeFailed(let error): return explain(error, remote)
        case NIOSSLError.noSuchFilesystemObject: return "The file that SSL_CERT_FILE names is not there."
        case NIOSSLError.uncleanShutdown: return "\(remote) has closed the connection."
        case let error as BoringSSLError: return explain(error, remote)
        default: break
        }
        return "The connection to \(remote) has failed."
    }

    private static func explain(_ code: CInt, _ remote: Primitives.SocketAddress) -> String {
        switch code {
        case ECONNREFUSED: "\(remote) refuses the connection."
        case ETIMEDOUT: "\(remote) \(noAnswer)."
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EACCES, EPERM: "There is no way to \(remote) at the moment."
        case ECONNRESET, EPIPE, ECONNABORTED: "\(remote) has cut the connection."
        case EADDRNOTAVAIL: "\(remote) cannot be reached from an address that is not this machine's (any more)."
        case EMFILE, ENFILE: "No more connections can be opened; is the limit on open files reached (ulimit -n)?"
        default: "The connection to \(remote) has failed: \(String(cString: strerror(code)))."
        }
    }

    private static func explain(_ error: BoringSSLError, _ remote: Primitives.SocketAddress) -> String {
        let stack: NIOBoringSSLErrorStack
        switch error {
        case .sslError(let errors), .unknownError(let errors), .invalidSNIName(let errors), .failedToSetALPN(let errors): stack = errors
        default: stack = []
        }
        if stack.contains(.eofDuringHandshake) { return "\(remote) has closed the connection instead of speaking TLS." }
        let text = stack.map(\.description).joined()
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return "The certificate of \(remote) is not trusted: no authority that this machine knows has signed it, or its time is over. "
                + "If the server is yours, name its certificate in SSL_CERT_FILE."
        }
        for sign in ["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST"] where text.contains(sign) {
            return "\(remote) does not speak TLS."
        }
        if text.contains("PROTOCOL_VERSION") || text.contains("UNSUPPORTED_PROTOCOL") {
            return "\(remote) speaks only an old TLS, which is not safe."
        }
        return "No TLS connection to \(remote) can be made."
    }
}
