import Primitives

/// MD5 of a message, 16 bytes; given by whoever owns a cryptographic library.
public typealias MD5 = @Sendable (_ message: [UInt8]) -> [UInt8]

/// How a TURN server is reached (RFC 8656 §3.1). What it relays is UDP in any case.
public enum TURNTransport: Hashable, Sendable {
    case udp
    case tcp
    /// TCP with TLS, whose certificate must be this name's.
    case tls(serverName: String)

    /// Keeps order and repeats what is lost by itself.
    var isStream: Bool { self != .udp }

    /// Its candidates' place among relayed ones (RFC 8445 §5.1.2.2 leaves 0 to 126): a stream holds everything up for one loss.
    var typePreference: UInt8 {
        switch self {
        case .udp: 2
        case .tcp: 1
        case .tls: 0
        }
    }
}

/// A TURN server with the long-term credential for it (RFC 8656, RFC 8489 §9.2).
///
/// A credential of limited lifetime is one too: the user is `EXPIRY:NAME`, the password a signature of it.
public struct TURNServer: Hashable, Sendable {
    public var address: SocketAddress
    public var user: String
    public var password: String
    public var transport: TURNTransport

    public init(address: SocketAddress, user: String, password: String, transport: TURNTransport = .udp) {
        self.address = address
        self.user = user
        self.password = password
        self.transport = transport
    }

    func isSame(as other: TURNServer) -> Bool { address == other.address && transport == other.transport }
}

extension TURNServer: CustomStringConvertible {
    /// Without the credential.
    public var description: String {
        switch transport {
        case .udp: "\(address)"
        case .tcp: "\(address) over TCP"
        case .tls: "\(address) over TLS"
        }
    }
}

/// Why there is no allocation, or none any more.
public enum TURNFailure: Hashable, Sendable, CustomStringConvertible {
    case noAnswer
    /// 401 to the credential itself.
    case wrongCredential
    /// An error response, by its code (RFC 8656 §19).
    case refused(code: Int)
    /// A success response without a usable relayed address.
    case unusableAnswer
    /// There is no stream to it, for this reason.
    case connection(String)

    public var description: String {
        switch self {
        case .noAnswer: "it does not answer"
        case .wrongCredential: "it does not accept the user name or the password"
        case .refused(403): "it forbids this"
        case .refused(437): "it no longer knows the allocation"
        case .refused(440): "it has no addresses of this family"
        case .refused(486): "the user has too many allocations there"
        case .refused(508): "it has no capacity left"
        case .refused(let code): "it refuses with error \(code)"
        case .unusableAnswer: "its answer names no usable address"
        case .connection(let reason): "no connection to it (\(reason))"
        }
    }
}
