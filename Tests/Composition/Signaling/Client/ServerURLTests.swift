import Signaling
import Testing

@Suite struct ServerURLTests {
    @Test(arguments: [
        ("http://127.0.0.1:6125", "http://127.0.0.1:6125", false), ("https://example.org", "https://example.org", true),
        ("ws://h:80/", "http://h", false), ("wss://h:8443/socket.io/?a=1", "https://h:8443", true), ("h", "http://h:6125", false),
        ("HTTP://[::1]:7000/x", "http://[::1]:7000", false), ("[fe80::1]", "http://[fe80::1]:6125", false),
        ("my-host_1.local:1", "http://my-host_1.local:1", false),
    ])
    func reads(_ text: String, _ description: String, _ isSecure: Bool) throws {
        let url = try #require(ServerURL(text))
        #expect(url.description == description && url.isSecure == isSecure)
        #expect(ServerURL(url.description) == url)
    }

    @Test(arguments: [
        "", "http://", "ftp://h", "h:", "h:0", "h:65536", "h:+5", "h:1:2", "a b", "h\n", "http://h\r\nX: y", "[::1", "[]", "[h]",
        "http://user@h", "방",
    ])
    func refuses(_ text: String) { #expect(ServerURL(text) == nil) }
}
