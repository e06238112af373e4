import Primitives
import Testing

@testable import Signaling

@Suite struct ClientAddressTests {
    private let trusted = [AddressRange("127.0.0.0/8"), AddressRange("10.0.0.0/8"), AddressRange("::1")].compactMap { $0 }

    private func address(_ peer: String, _ headers: [String]) throws -> String {
        try clientAddress(peer: #require(IPAddress(peer)), forwardedFor: headers, trusted: trusted).description
    }

    @Test func aStrangersHeaderIsNotBelieved() throws {
        #expect(try address("203.0.113.5", ["198.51.100.1"]) == "203.0.113.5")
        #expect(clientAddress(peer: .loopback4, forwardedFor: ["198.51.100.1"], trusted: []) == .loopback4)
    }

    @Test func aTrustedProxysClientIsTheRightMostStranger() throws {
        #expect(try address("127.0.0.1", ["198.51.100.1"]) == "198.51.100.1")
        #expect(try address("127.0.0.1", ["1.2.3.4, 198.51.100.1, 10.0.0.7"]) == "198.51.100.1")
        #expect(try address("::1", ["9.9.9.9", "198.51.100.1", "10.0.0.7,10.0.0.8"]) == "198.51.100.1")
    }

    @Test func whatIsLeftOfTheRightMostStrangerDoesNotMatter() throws {
        #expect(try address("127.0.0.1", ["rubbish, , 198.51.100.1"]) == "198.51.100.1")
    }

    @Test func withoutAStrangerItIsTheFarthest() throws {
        #expect(try address("127.0.0.1", ["10.1.1.1, 10.2.2.2"]) == "10.1.1.1")
        #expect(try address("127.0.0.1", []) == "127.0.0.1")
    }

    @Test(arguments: [
        "", " ", "unknown", "198.51.100.1 10.0.0.1", "198.51.100.1,", "198.51.100.1:x", "198.51.100.1:99999", "[::1", "[1.2.3.4]",
        "::1%eth0",
    ])
    func aBrokenHeaderIsWorthless(header: String) throws { #expect(try address("127.0.0.1", [header]) == "127.0.0.1") }

    @Test(arguments: [
        ("198.51.100.1:4711", "198.51.100.1"), ("[2001:db8::1]:4711", "2001:db8::1"), ("[2001:db8::1]", "2001:db8::1"),
        (" 2001:db8::1\t", "2001:db8::1"), ("::ffff:198.51.100.1", "198.51.100.1"),
    ])
    func formsOfAnAddress(header: String, expected: String) throws { #expect(try address("127.0.0.1", [header]) == expected) }

    @Test func aChainWithoutEndIsWorthless() throws {
        #expect(try address("127.0.0.1", [Array(repeating: "10.0.0.1", count: 100_000).joined(separator: ",")]) == "127.0.0.1")
    }
}
