import NIOCore
import NIOSSL
import Primitives

/// The client's side of TLS (1.2 or newer) for some connections, all on one loop.
///
/// The certificate has to be signed by an authority that is trusted, and be valid for the name that was asked for, or, if that is an
/// address, for this address.
public final class TLSClient {
    private let trust: TrustRoots
    /// Reading the system's certificates takes a while, and only TLS needs them.
    private var context: NIOSSLContext?

    public init(trust: TrustRoots) { self.trust = trust }

    /// For the front of a channel that is to be connected. To the handlers behind them the channel becomes active when the certificate
    /// has been found to be valid; otherwise they get an error for `TLSFailure`.
    /// - Parameters:
    ///   - serverName: a name or an address.
    ///   - remote: the address that is connected to; nil when not known yet.
    /// - Throws: what `TLSFailure` explains: the name can be no server's, or the authorities cannot be read.
    public func handlers(for serverName: String, at remote: IPAddress? = nil) throws -> [any ChannelHandler] {
        let name = serverName.hasSuffix(".") ? String(serverName.dropLast()) : serverName
        let context = try self.context ?? trust.makeContext()
        self.context = context
        guard let address = IPAddress(name) else {
            return [try NIOSSLClientHandler(context: context, serverHostname: name), CertificateGate(name: name)]
        }
        // An address is no server name (RFC 6066 §3); without one, NIOSSL holds the certificate against the address connected to.
        guard remote == nil || address == remote else { throw NIOSSLExtraError.failedToValidateHostname }
        return [try NIOSSLClientHandler(context: context, serverHostname: nil), CertificateGate(name: nil)]
    }
}
