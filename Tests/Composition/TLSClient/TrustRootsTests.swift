import Testing

@testable import TLSClient

@Suite struct TrustRootsTests {
    @Test func theEnvironmentNamesTheFile() {
        #expect(TrustRoots { $0 == "SSL_CERT_FILE" ? "/a/b.pem" : "no" }.certificateFile == "/a/b.pem")
        #expect(TrustRoots { _ in "" }.certificateFile == nil)
        #expect(TrustRoots { _ in nil }.certificateFile == nil)
    }
}
