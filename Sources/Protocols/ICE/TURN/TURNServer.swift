import Primitives

/// MD5 of a message, 16 bytes; given by whoever owns a cryptographic library.
public typealias MD5 = @Sendable (_ message: [UInt8]) -> [UInt8]

/// A TURN server reached over UDP, with the long-term credential for it (RFC 8656, RFC 8489 §9.2).
public struct TURNServer: Hashable, Sendable {
    public var address: SocketAddress
    public var user: String
    public var password: String

    public init(address: SocketAddress, user: String, password: String) {
        self.address = address
        self.user = user
        self.password = password
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
        }
    }
}
