import Glibc
import NIOSSL
import Primitives
import TLSClient
import TestCertificates
import Testing

@testable import Signaling

/// Whom a client believes over https.
@Suite(.timeLimit(.minutes(2))) struct ClientTLSTests {
    private let recorder = Recorder()

    private func server(_ certificate: TestCertificate) throws -> ScriptedServer {
        try ScriptedServer(tls: try certificate.serverContext(), ScriptedServer.admitting { _, _ in [] })
    }

    /// What the client says of a server on this machine, asked for by that name; nil: it is connected.
    private func refusal(_ host: String, _ server: ScriptedServer, trusting certificate: TestCertificate?) async throws -> String? {
        var file: String?
        if let certificate { file = try temporaryFile(certificate.pem) }
        defer { if let file { unlink(file) } }
        let client = recorder.client(ServerURL(isSecure: true, host: host, port: server.port), trust: TrustRoots(certificateFile: file))
        client.start()
        let reason = await recorder.find { events -> String?? in
            for event in events {
                if case .connected = event { return .some(nil) }
                if case .disconnected(let reason, _) = event { return reason }
            }
            return nil
        }
        client.stop()
        return try #require(reason)
    }

    private func temporaryFile(_ text: String) throws -> String {
        var path = Array("/tmp/tchat-trust-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        try #require(descriptor >= 0)
        let bytes = Array(text.utf8)
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
        return String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test(arguments: ["localhost", "LOCALHOST"]) func theRightNameIsBelieved(_ host: String) async throws {
        let certificate = try TestCertificate(names: ["localhost"])
        #expect(try await refusal(host, server(certificate), trusting: certificate) == nil)
    }

    /// Not even with the address that is connected to: who turns a name to an address of theirs has a certificate for that.
    @Test(arguments: [[], [IPAddress.loopback4, .loopback6]])
    func anotherNameIsNot(_ addresses: [IPAddress]) async throws {
        let certificate = try TestCertificate(names: ["other.test"], addresses: addresses)
        let server = try server(certificate)
        let url = ServerURL(isSecure: true, host: "localhost", port: server.port)
        #expect(
            try await refusal("localhost", server, trusting: certificate)
                == "The certificate of \(url) is not for localhost: it may be somebody else's.")
        #expect(!server.inputs().contains(.request))
    }

    @Test func anAddressHasToBeInTheCertificate() async throws {
        let right = try TestCertificate(addresses: [.loopback4])
        #expect(try await refusal("127.0.0.1", server(right), trusting: right) == nil)
    }

    @Test func anAddressThatIsNotInItIsRefused() async throws {
        let wrong = try TestCertificate(names: ["localhost"], addresses: [.v4(0xc000_0201)])
        #expect(try await refusal("127.0.0.1", server(wrong), trusting: wrong)?.contains("is not for 127.0.0.1") == true)
    }

    @Test func whatNobodyHasSignedIsRefused() async throws {
        let certificate = try TestCertificate(names: ["localhost"])
        let server = try server(certificate)
        #expect(try await refusal("localhost", server, trusting: nil)?.contains("is not trusted") == true)
        #expect(!server.inputs().contains(.request))
    }

    @Test func whatIsOverIsRefused() async throws {
        let certificate = try TestCertificate(names: ["localhost"], days: -9 ... -2)
        #expect(try await refusal("localhost", server(certificate), trusting: certificate)?.contains("its time is over") == true)
    }

    @Test func aServerWithoutTLSIsSaidToBeOne() async throws {
        let server = try ScriptedServer { _, input in input == .connected ? [.raw(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))] : [] }
        #expect(try await refusal("localhost", server, trusting: nil)?.hasSuffix("does not speak TLS.") == true)
    }

    @Test func aTrustFileThatIsNotThereIsNamed() async throws {
        let certificate = try TestCertificate(names: ["localhost"])
        let server = try server(certificate)
        let client = recorder.client(
            ServerURL(isSecure: true, host: "localhost", port: server.port), trust: TrustRoots(certificateFile: "/nowhere/at/all.pem"))
        client.start()
        let end = await recorder.disconnected()
        #expect(end?.reason == "The file that SSL_CERT_FILE names is not there." && end?.willRetry == true)
        client.stop()
    }
}
