import Primitives
import Testing

@testable import DatagramSocket

@Suite struct LocalAddressesTests {
    private func entry(_ text: String, on interface: UInt32 = 2, _ flags: IPv6AddressFlags = []) throws -> InterfaceAddress {
        InterfaceAddress(ip: try #require(IPAddress(text)), interface: interface, flags: flags)
    }

    private func chosen(_ entries: [InterfaceAddress], includingLoopback: Bool = false) -> [String] {
        choose(from: entries, includingLoopback: includingLoopback).map(\.description)
    }

    @Test func linkLocalAndHistoricAddressesAreNoCandidates() throws {
        let entries = try [
            "192.0.2.2", "169.254.10.1", "fe80::1", "febf::1", "fd00::2", "fec0::1", "::ffff:192.0.2.9", "::192.0.2.9", "0.0.0.0", "::",
            "2001:db8::5",
        ].map { try entry($0) }
        #expect(chosen(entries) == ["192.0.2.2", "fd00::2", "2001:db8::5"])
    }

    @Test func loopbackComesWhenAskedForOrWhenThereIsNothingElse() throws {
        let loopback = [try entry("127.0.0.1", on: 1), try entry("::1", on: 1)]
        let other = [try entry("192.0.2.2")]
        #expect(chosen(loopback + other) == ["192.0.2.2"])
        #expect(chosen(loopback + other, includingLoopback: true) == ["192.0.2.2", "127.0.0.1", "::1"])
        #expect(chosen(loopback) == ["127.0.0.1", "::1"])
        #expect(chosen(loopback + [try entry("fe80::1")]) == ["127.0.0.1", "::1"])
        #expect(chosen([]) == ["127.0.0.1"])
    }

    @Test func anAddressIsListedOnce() throws {
        #expect(chosen([try entry("192.0.2.2"), try entry("192.0.2.2", on: 3)]) == ["192.0.2.2"])
    }

    @Test func addressesThatCannotBeUsedAreLeftOut() throws {
        let entries = [
            try entry("2001:db8::1", .deprecated), try entry("2001:db8::2", .tentative),
            try entry("2001:db8::3", [.tentative, .duplicate]),
            try entry("2001:db8::4", [.tentative, .optimistic]), try entry("2001:db8::5"),
        ]
        #expect(chosen(entries) == ["2001:db8::4", "2001:db8::5"])
    }

    @Test func aTemporaryAddressStandsForTheLastingOneOfItsNetwork() throws {
        let lasting = try entry("2001:db8:0:1:fc:ff:fe00:1")
        let temporary = try entry("2001:db8:0:1:1234:5678:9abc:def0", .temporary)
        #expect(chosen([lasting, temporary]) == [temporary.ip.description])
        // Another network, another interface, or a temporary one whose time is over: the lasting one stays.
        let elsewhere = try entry("2001:db8:0:2::9")
        #expect(chosen([elsewhere, temporary]) == [elsewhere.ip.description, temporary.ip.description])
        let onCable = InterfaceAddress(ip: lasting.ip, interface: 3)
        #expect(chosen([onCable, temporary]) == [onCable.ip.description, temporary.ip.description])
        let old = InterfaceAddress(ip: temporary.ip, interface: 2, flags: [.temporary, .deprecated])
        #expect(chosen([lasting, old]) == [lasting.ip.description])
    }

    @Test func theKernelsTableOfFlagsIsRead() throws {
        let line = "20010db8000000001234567890abcdef 04 40 00 21     eth0\n"
        let (ip, flags) = try #require(IPv6AddressFlags.parse(line))
        #expect(ip == IPAddress("2001:db8::1234:5678:90ab:cdef"))
        #expect(flags == [.temporary, .deprecated])
        for broken in ["", "\n", "20010db8 04 40 00 21 eth0", String(repeating: "g", count: 32) + " 04 40 00 21 eth0", "é", line + line] {
            let found = IPv6AddressFlags.parse(broken)
            #expect(found == nil || broken.hasPrefix(line))
        }
        #expect(IPv6AddressFlags.parse(line.replacing(" 21 ", with: " zz ")) == nil)
    }

    @Test func anInterfaceThatIsDownOrHasNoCarrierHasNothingToOffer() {
        let (up, running, lowerUp): (UInt32, UInt32, UInt32) = (0x1, 0x40, 0x10000)
        #expect(isUsable(up | running | lowerUp) && isUsable(up | lowerUp))
        #expect(!isUsable(up) && !isUsable(running | lowerUp) && !isUsable(0))
    }

    @Test func everyAddressOfThisMachineCanBeBound() {
        for address in localAddresses(includingLoopback: true) {
            #expect(throws: Never.self) { try DatagramSocket(binding: address) }
        }
    }
}
