import Glibc
import NIOCore
import NIOSSL
import Primitives
import TLSClient
import TestCertificates
import Testing

@testable import StreamSockets

@Suite(.timeLimit(.minutes(1))) struct StreamTLSTests {
    private let log = EventLog()
    private let id = StreamID(7)

    /// A transport that trusts one certificate.
    private func transport(trusting certificate: TestCertificate?, _ limits: StreamLimits = .patient) throws -> StreamTransport {
        let log = log
        guard let certificate else { return StreamTransport(trust: TrustRoots(), limits: limits) { log.record($0) } }
        var path = Array("/tmp/tchat-trust-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        try #require(descriptor >= 0)
        let text = Array(certificate.pem.utf8)
        #expect(write(descriptor, text, text.count) == text.count)
        close(descriptor)
        let file = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let transport = StreamTransport(trust: TrustRoots(certificateFile: file), limits: limits) { log.record($0) }
        // It is read when TLS is first asked for: now.
        transport.connect(StreamID(1), to: Primitives.SocketAddress(.loopback4, port: 1), tls: "localhost")
        #expect(transport.listen(on: .loopback4) != nil)
        unlink(file)
        return transport
    }

    @Test func aCertificateForTheNameIsTrustedAndBytesGoThrough() async throws {
        let certificate = try TestCertificate(names: ["turn.test"])
        let server = try TestServer(tls: try certificate.serverContext())
        let transport = try transport(trusting: certificate)
        transport.connect(id, to: server.address, tls: "turn.test")
        #expect(await log.opened(id) != nil)
        let payload = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        transport.send(id, payload)
        #expect(await log.bytes(payload.count, from: id) == payload)
        server.stop()
        #expect(await log.reasonOfClosing(id) == "\(server.address) has closed the connection.")
    }

    @Test(arguments: [IPAddress.loopback4, .loopback6])
    func anAddressHasToBeInTheCertificate(ip: IPAddress) async throws {
        let right = try TestCertificate(names: ["turn.test"], addresses: [ip])
        let server = try TestServer(on: ip, tls: try right.serverContext())
        let transport = try transport(trusting: right)
        transport.connect(id, to: server.address, tls: ip.description)
        #expect(await log.opened(id) != nil)

        // The certificate is for the address, and not for the one that is named.
        transport.connect(StreamID(8), to: server.address, tls: "192.0.2.1")
        #expect(await log.reasonOfClosing(StreamID(8))?.contains("is not for 192.0.2.1") == true)
    }

    @Test func anAddressThatIsNotInTheCertificateIsRefused() async throws {
        let wrong = try TestCertificate(names: ["turn.test"], addresses: [.v4(0xc000_0201)])
        let server = try TestServer(tls: try wrong.serverContext())
        let transport = try transport(trusting: wrong)
        transport.connect(id, to: server.address, tls: "127.0.0.1")
        #expect(await log.reasonOfClosing(id) == "The certificate of \(server.address) is not for 127.0.0.1: it may be somebody else's.")
    }

    /// With the address among its names, too: DNS may lie about where a name leads.
    @Test(arguments: [[], [IPAddress.loopback4]])
    func aCertificateForAnotherNameIsRefused(addresses: [IPAddress]) async throws {
        let certificate = try TestCertificate(names: ["turn.test"], addresses: addresses)
        let server = try TestServer(tls: try certificate.serverContext())
        let transport = try transport(trusting: certificate)
        transport.connect(id, to: server.address, tls: "other.test")
        #expect(await log.reasonOfClosing(id) == "The certificate of \(server.address) is not for other.test: it may be somebody else's.")
        #expect(!log.all.contains { if case .opened = $0 { true } else { false } })
    }

    @Test func aCertificateThatNobodySignedIsRefused() async throws {
        let certificate = try TestCertificate(names: ["turn.test"])
        let server = try TestServer(tls: try certificate.serverContext())
        let transport = try transport(trusting: nil)
        transport.connect(id, to: server.address, tls: "turn.test")
        #expect(await log.reasonOfClosing(id)?.hasPrefix("The certificate of \(server.address) is not trusted") == true)
        #expect(server.received.isEmpty)
    }

    @Test func aCertificateWhoseTimeIsOverIsRefused() async throws {
        let certificate = try TestCertificate(names: ["turn.test"], days: -9 ... -2)
        let server = try TestServer(tls: try certificate.serverContext())
        let transport = try transport(trusting: certificate)
        transport.connect(id, to: server.address, tls: "turn.test")
        #expect(await log.reasonOfClosing(id)?.contains("its time is over") == true)
    }

    @Test func aServerWithoutTLSIsSaidToBeOne() async throws {
        let server = try TestServer(.says(Array("220 hello\r\n".utf8)))
        let transport = try transport(trusting: nil)
        transport.connect(id, to: server.address, tls: "turn.test")
        #expect(await log.reasonOfClosing(id) == "\(server.address) does not speak TLS.")
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func noiseInsteadOfTLSIsAnError(seed: UInt64) async throws {
        var random = RandomSource.seeded(seed)
        // Every other one looks like the head of a handshake record or of an alert.
        let head: [[UInt8]] = [[], [22, 3, 3, 0, 200], [], [21, 3, 3, 0, 2], [], [22, 3, 1, 0x40, 0]]
        let server = try TestServer(.says(head[Int(seed) % head.count] + random.bytes(20_000)))
        let transport = try transport(trusting: nil)
        transport.connect(id, to: server.address, tls: "turn.test")
        #expect(await log.reasonOfClosing(id) != nil, "seed \(seed)")
    }

    @Test func aServerThatNeverAnswersIsGivenUp() async throws {
        var limits = StreamLimits()
        limits.connectTime = .milliseconds(100)
        let server = try TestServer(.isSilent)
        let transport = try transport(trusting: nil, limits)
        transport.connect(id, to: server.address, tls: "turn.test")
        #expect(await log.reasonOfClosing(id) == "\(server.address) does not answer.")
    }

    @Test(arguments: ["", ".", "turn\u{0}.test", String(repeating: "x", count: 300), "föö.test"])
    func aNameThatIsNoneIsRefused(name: String) async throws {
        let certificate = try TestCertificate(names: ["turn.test"])
        let server = try TestServer(tls: try certificate.serverContext())
        let transport = try transport(trusting: certificate)
        transport.connect(id, to: server.address, tls: name)
        #expect(await log.reasonOfClosing(id) != nil)
    }

    @Test func aTrustFileThatIsNotThereIsNamed() async throws {
        let log = log
        let server = try TestServer()
        let transport = StreamTransport(trust: TrustRoots(certificateFile: "/nowhere/at/all.pem")) { log.record($0) }
        transport.connect(id, to: server.address, tls: "turn.test")
        #expect(await log.reasonOfClosing(id) == "The file that SSL_CERT_FILE names is not there.")
    }

    @Test func aReaderThatStallsIsBoundedUnderTLSToo() async throws {
        let certificate = try TestCertificate(names: ["turn.test"])
        let server = try TestServer(.isSilent, tls: try certificate.serverContext())
        var limits = StreamLimits()
        limits.flushTime = .seconds(30)
        let transport = try transport(trusting: certificate, limits)
        transport.connect(id, to: server.address, tls: "turn.test")
        _ = await log.opened(id)
        let channel = try #require(server.channels.first)
        try await channel.setOption(.autoRead, value: false).get()
        let payload = [UInt8](repeating: 5, count: 1024)
        let count = 32 << 10
        for _ in 0..<count { transport.send(id, payload) }
        #expect(transport.droppedPayloads(id) > 0)
        transport.close(id)
        let received = try await server.readToTheEnd()
        #expect(received.count % 1024 == 0)
        #expect(received.count < count * 1024)
    }
}
