import NIOCore
import NIOSSL
import NIOTLS

/// Behind the TLS handler: keeps from the handlers behind it that there is a connection, until it leads to who was asked for.
final class CertificateGate: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Nil: the certificate's name is the TLS handler's business.
    private let name: String?
    private var isOpen = false

    init(name: String?) { self.name = name }

    func channelActive(context: ChannelHandlerContext) {}

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        guard case .handshakeCompleted? = event as? TLSUserEvent, !isOpen else { return }
        if let name {
            let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
            guard let certificate, CertificateName.isValid(certificate, for: name) else {
                context.fireErrorCaught(NIOSSLExtraError.failedToValidateHostname)
                return context.close(promise: nil)
            }
        }
        isOpen = true
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isOpen { context.fireChannelRead(data) }
    }
}
