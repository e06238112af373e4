import NIOCore
import NIOSSL
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The server's certificate: TLS 1.2 or later (RFC 8446, RFC 9325) for connections that come, with a certificate that can be changed while it runs.
final class ServerTLS: Sendable {
    private let files: TLSFiles
    private let context: Mutex<NIOSSLContext>

    /// - Throws: a sentence that says which file is wrong, and how.
    init(_ files: TLSFiles) throws(SignalingError) {
        self.files = files
        context = Mutex(try Self.read(files))
    }

    /// Reads the files again. Connections that are open keep what they have; when it throws, new ones do too.
    func reload() throws(SignalingError) {
        let new = try Self.read(files)
        context.withLock { $0 = new }
    }

    /// The first handler of a new connection.
    func makeHandler() -> NIOSSLServerHandler { NIOSSLServerHandler(context: context.withLock { $0 }) }

    /// What is to be known about the certificate: nil unless it is over, or will be within two weeks.
    func warning(unixTime: Int64) -> String? {
        guard let leaf = try? NIOSSLCertificate.fromPEMFile(files.certificate).first else { return nil }
        let days = (Int64(leaf.notValidAfter) - unixTime) / 86_400
        if Int64(leaf.notValidAfter) <= unixTime { return "The certificate in \(files.certificate) has expired: clients will refuse it." }
        return days < 14 ? "The certificate in \(files.certificate) expires in \(days) days: renew it." : nil
    }

    private static func read(_ files: TLSFiles) throws(SignalingError) -> NIOSSLContext {
        for path in [files.certificate, files.key] where access(path, R_OK) != 0 {
            throw SignalingError(.badCertificate, "\(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
        } catch {
            throw SignalingError(.badCertificate, "\(files.certificate) holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).")
        }
        guard !chain.isEmpty else {
            throw SignalingError(.badCertificate, "\(files.certificate) holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).")
        }
        let key: NIOSSLPrivateKey
        do {
            // Without a passphrase: nobody is there to type one.
            key = try NIOSSLPrivateKey(file: files.key, format: .pem) { setPassphrase in setPassphrase([]) }
        } catch {
            throw SignalingError(.badCertificate, "\(files.key) holds no private key in PEM form without a passphrase.")
        }
        do {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            configuration.shutdownTimeout = .seconds(1)
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw SignalingError(.badCertificate, "The key in \(files.key) does not belong to the certificate in \(files.certificate).")
        }
    }
}
