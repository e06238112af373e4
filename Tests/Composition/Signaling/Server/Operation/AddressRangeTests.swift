import Primitives
import Testing

@testable import Signaling

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3/8", "10.9.9.9", true),
        ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.6", false), ("0.0.0.0/0", "203.0.113.9", true),
        ("192.0.2.128/25", "192.0.2.127", false), ("192.0.2.128/25", "192.0.2.255", true),
        ("fd00::/8", "fd12:3456::1", true), ("fd00::/8", "fe80::1", false), ("::1", "::1", true), ("::1", "::2", false),
        ("2001:db8::/65", "2001:db8::7fff:ffff:ffff:ffff", true), ("2001:db8::/65", "2001:db8::8000:0:0:0", false),
        ("::/0", "2001:db8::1", true), ("2001:db8::/64", "2001:db8::ffff:1", true), ("2001:db8::/64", "2001:db8:0:1::1", false),
        ("0.0.0.0/0", "::1", false), ("::/0", "10.0.0.1", false),
    ])
    func contains(range: String, address: String, isInside: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(#require(IPAddress(address))) == isInside)
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "::/129", "::/0x8", "10.0.0/8", "host",
        "10.0.0.0/9999",
        "[::1]/128",
    ])
    func isNone(text: String) { #expect(AddressRange(text) == nil) }

    @Test func writesItselfWithoutWhatIsNotShared() {
        #expect(AddressRange("10.1.2.3/8")?.description == "10.0.0.0/8")
        #expect(AddressRange("2001:db8::5/32")?.description == "2001:db8::/32")
        #expect(AddressRange("127.0.0.1")?.description == "127.0.0.1/32")
    }

    @Test func anAddressOfIPv4IsItselfWhereverItCameIn() throws {
        #expect(try #require(IPAddress("::ffff:192.0.2.1")).unmapped == IPAddress("192.0.2.1"))
        #expect(try #require(IPAddress("::fffe:192.0.2.1")).unmapped == IPAddress("::fffe:192.0.2.1"))
        #expect(try #require(IPAddress("::1")).unmapped == .loopback6)
    }
}
