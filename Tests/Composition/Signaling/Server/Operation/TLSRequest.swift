import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Primitives
import Synchronization
import TestCertificates
import Testing

/// One request over TLS to a port of this machine, whatever certificate is shown there.
enum TLSRequest {
    struct Answer: Sendable {
        /// DER.
        var certificate: [UInt8]
        var text: String
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let done: EventLoopPromise<String>
        private let target: String
        private var text = ""

        init(target: String, done: EventLoopPromise<String>) {
            self.target = target
            self.done = done
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .handshakeCompleted? = event as? TLSUserEvent {
                let request = "GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                context.writeAndFlush(NIOAny(context.channel.allocator.buffer(string: request)), promise: nil)
            }
            context.fireUserInboundEventTriggered(event)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { text += String(buffer: unwrapInboundIn(data)) }
        func channelInactive(context: ChannelHandlerContext) { done.succeed(text) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            if text.isEmpty { done.fail(error) } else { done.succeed(text) }
            context.close(promise: nil)
        }
    }

    static func get(_ target: String, port: Int, maximum: TLSVersion = .tlsv13) async throws -> Answer {
        let seen = Mutex<[UInt8]>([])
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv1
        configuration.maximumTLSVersion = maximum
        let tls = try NIOSSLContext(configuration: configuration)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let done = loop.makePromise(of: String.self)
        let connected = ClientBootstrap(group: loop).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let handler = try NIOSSLClientHandler(context: tls, serverHostname: "localhost") { chain, result in
                    let certificate = (try? chain.first?.toDERBytes()) ?? []
                    seen.withLock { $0 = certificate }
                    result.succeed(.certificateVerified)
                }
                try channel.pipeline.syncOperations.addHandlers([handler, Collector(target: target, done: done)])
            }
        }.connect(host: "127.0.0.1", port: port)
        connected.cascadeFailure(to: done)
        let text = try await done.futureResult.get()
        return Answer(certificate: seen.withLock { $0 }, text: text)
    }
}

/// A certificate and its key as files, gone afterwards.
final class CertificateFiles {
    let folder: String
    var certificate: String { folder + "/cert.pem" }
    var key: String { folder + "/key.pem" }

    init() throws {
        var template = Array("/tmp/tchat-tls-XXXXXX".utf8CString)
        folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        unlink(certificate)
        unlink(key)
        rmdir(folder)
    }

    /// Writes both; nil leaves that file as it is.
    func write(certificate pem: String?, key keyPEM: String?) {
        for (path, text) in [(certificate, pem), (key, keyPEM)] {
            guard let text, let file = fopen(path, "w") else { continue }
            fputs(text, file)
            fclose(file)
        }
    }

    func write(_ made: TestCertificate) { write(certificate: made.pem, key: made.keyPEM) }
}
