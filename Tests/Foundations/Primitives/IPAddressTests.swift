import Primitives
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("255.255.255.255", "255.255.255.255"), ("::1", "::1"), ("::", "::"),
        ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("fe80::1", "fe80::1"), ("::ffff:192.0.2.1", "::ffff:c000:201"), ("1::", "1::"),
    ])
    func parsesAndPrintsCanonically(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(bytes: address.bytes) == address)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.x", ":", ":::", "1:2:3", "1::2::3", "1:2:3:4:5:6:7:8:9", "12345::",
        "::1%eth0", "1:2:3:4:5:6:7:", "+1::", "[::1]", " 1.2.3.4",
    ])
    func refusesWhatIsNoAddress(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func knowsItsScope() throws {
        #expect(try #require(IPAddress("169.254.3.4")).isLinkLocal)
        #expect(try #require(IPAddress("fe80::1")).isLinkLocal)
        #expect(try #require(IPAddress("febf::1")).isLinkLocal)
        #expect(try !#require(IPAddress("fec0::1")).isLinkLocal)
        #expect(try #require(IPAddress("127.9.9.9")).isLoopback)
        #expect(IPAddress.loopback6.isLoopback)
        #expect(try #require(IPAddress("224.0.0.251")).isMulticast)
    }

    @Test func putsIPv6InBrackets() {
        #expect(SocketAddress(.loopback6, port: 80).description == "[::1]:80")
        #expect(SocketAddress(.loopback4, port: 80).description == "127.0.0.1:80")
    }
}
