import Glibc
import NIOCore
import NIOPosix
import Primitives
import TLSClient

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
        default: break
        }
        return TLSFailure.explain(error, at: "\(remote)", serverName: serverName) ?? "The connection to \(remote) has failed."
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
}
