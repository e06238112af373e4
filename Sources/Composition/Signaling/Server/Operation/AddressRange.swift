import NIOCore
import Primitives

/// Addresses that begin with the same bits, written as in RFC 4632: `10.0.0.0/8`, `fd00::/8`, or one address alone.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    /// The first address of the range.
    public let address: IPAddress
    /// Bits that an address of the range shares with the first: 0 to 32 for IPv4, 0 to 128 for IPv6.
    public let bits: Int

    /// What follows the shared bits is taken for zero. Nil when there are more bits than an address has, or fewer than none.
    public init?(_ address: IPAddress, bits: Int) {
        guard bits >= 0, bits <= (address.isIPv4 ? 32 : 128) else { return nil }
        self.address = address.masked(to: bits)
        self.bits = bits
    }

    /// An address, or an address, `/` and a number of bits; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        guard parts.count == 2 else {
            self.init(address, bits: address.isIPv4 ? 32 : 128)
            return
        }
        guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let bits = Int(parts[1])
        else { return nil }
        self.init(address, bits: bits)
    }

    public func contains(_ other: IPAddress) -> Bool {
        address.isIPv4 == other.isIPv4 && other.masked(to: bits) == address
    }

    public var description: String { "\(address)/\(bits)" }
}

extension IPAddress {
    /// The address with all but its first bits zero.
    func masked(to bits: Int) -> IPAddress {
        switch self {
        case .v4(let address): .v4(bits <= 0 ? 0 : address & ~0 << UInt32(max(0, 32 - bits)))
        case .v6(let high, let low):
            .v6(bits <= 0 ? 0 : high & ~0 << UInt64(max(0, 64 - bits)), bits <= 64 ? 0 : low & ~0 << UInt64(max(0, 128 - bits)))
        }
    }

    /// An IPv4 address that came as `::ffff:1.2.3.4`, as a socket for both kinds gives it (RFC 4291 section 2.5.5.2), as itself.
    var unmapped: IPAddress {
        if case .v6(0, let low) = self, low >> 32 == 0xffff { return .v4(UInt32(truncatingIfNeeded: low)) }
        return self
    }

    /// The address of a connection's other end; nil for what is no Internet socket.
    init?(_ address: NIOCore.SocketAddress?) {
        switch address {
        case .v4(let v4)?: self = .v4(UInt32(bigEndian: v4.address.sin_addr.s_addr))
        case .v6(let v6)?:
            guard let ip = withUnsafeBytes(of: v6.address.sin6_addr, { IPAddress(bytes: $0) }) else { return nil }
            self = ip.unmapped
        default: return nil
        }
    }
}
