import Logging
import NIOSSL
import TestCertificates
import Testing

@testable import Signaling

@Suite(.ownThread) struct ServerTLSTests {
    private let files: CertificateFiles
    private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws { files = try CertificateFiles() }

    private var tls: TLSFiles { TLSFiles(certificate: files.certificate, key: files.key) }

    private func start() throws -> SignalingServer {
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.tls = tls
        return try SignalingServer.start(configuration, log: log)
    }

    @Test func servesWhatItServesOverTLS() async throws {
        let made = try TestCertificate(names: ["localhost", "*.example.org", "chat.example.org"])
        files.write(made)
        let server = try start()
        for version in [TLSVersion.tlsv12, .tlsv13] {
            let answer = try await TLSRequest.get("/healthz", port: server.port, maximum: version)
            #expect(answer.certificate == made.certificate)
            #expect(answer.text.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.text.hasSuffix("ok\n"))
        }
        await #expect(throws: (any Error).self) { try await TLSRequest.get("/healthz", port: server.port, maximum: .tlsv11) }
        #expect(server.certificateNames == ["localhost", "chat.example.org"])
        server.stop()
    }

    @Test func whoSpeaksNoTLSGetsNothing() throws {
        files.write(try TestCertificate(names: ["localhost"]))
        let server = try start()
        #expect(RawConnection(port: server.port)?.get("/healthz") == nil)
        server.stop()
    }

    @Test func newConnectionsGetTheNewCertificate() async throws {
        let (old, new) = (try TestCertificate(names: ["localhost"]), try TestCertificate(names: ["localhost"]))
        files.write(old)
        let server = try start()
        #expect(try await TLSRequest.get("/healthz", port: server.port).certificate == old.certificate)
        files.write(new)
        #expect(try await TLSRequest.get("/healthz", port: server.port).certificate == old.certificate)
        try server.reloadTLS()
        #expect(try await TLSRequest.get("/healthz", port: server.port).certificate == new.certificate)
        server.stop()
    }

    @Test func aBadFileLeavesTheOldCertificate() async throws {
        let old = try TestCertificate(names: ["localhost"])
        files.write(old)
        let server = try start()
        files.write(certificate: "rubbish", key: nil)
        let error = #expect(throws: SignalingError.self) { try server.reloadTLS() }
        #expect(error?.kind == .badCertificate && error?.description.contains(files.certificate) == true)
        files.write(certificate: try TestCertificate(names: ["localhost"]).pem, key: nil)
        #expect(throws: SignalingError.self) { try server.reloadTLS() }
        let answer = try await TLSRequest.get("/healthz", port: server.port)
        #expect(answer.certificate == old.certificate && answer.text.hasSuffix("ok\n"))
        server.stop()
    }

    @Test func saysWhatIsWrong() throws {
        func description() -> String? { #expect(throws: SignalingError.self) { try ServerTLS(tls) }?.description }
        #expect(description() == "\(files.certificate) cannot be read: No such file or directory.")
        let made = try TestCertificate(names: ["localhost"])
        files.write(certificate: made.pem, key: nil)
        #expect(description() == "\(files.key) cannot be read: No such file or directory.")
        files.write(certificate: nil, key: "rubbish")
        #expect(description() == "\(files.key) holds no private key in PEM form without a passphrase.")
        files.write(certificate: "rubbish", key: made.keyPEM)
        #expect(description() == "\(files.certificate) holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).")
        files.write(certificate: made.pem, key: try TestCertificate(names: ["localhost"]).keyPEM)
        #expect(description() == "The key in \(files.key) does not belong to the certificate in \(files.certificate).")
        files.write(made)
        _ = try ServerTLS(tls)
    }

    @Test func warnsOfACertificateThatIsOverOrSoonWillBe() throws {
        files.write(try TestCertificate(names: ["localhost"], days: -1...90))
        let server = try ServerTLS(tls)
        let now = WallClock.unixTime()
        #expect(server.warning(unixTime: now) == nil)
        #expect(server.warning(unixTime: now + 85 * 86_400)?.contains("expires in") == true)
        #expect(server.warning(unixTime: now + 91 * 86_400)?.contains("has expired") == true)
    }
}
