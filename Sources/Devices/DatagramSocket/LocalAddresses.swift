import Glibc
import Primitives

/// The addresses of this machine's interfaces that are up and have a carrier, each once. What came and went between two calls is the
/// difference of the two.
///
/// Without link-local ones, which need a zone. Loopback is there when asked for, or when there is nothing else. IPv6 addresses that are
/// not usable yet or any more are left out, and so are lasting ones beside a temporary one of the same network (RFC 8445 §5.1.1.1).
public func localAddresses(includingLoopback: Bool) -> [IPAddress] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return [.loopback4] }
    defer { freeifaddrs(list) }
    let flags = IPv6AddressFlags.ofThisMachine()
    var entries: [InterfaceAddress] = []
    var next = list
    while let entry = next?.pointee {
        next = entry.ifa_next
        guard isUsable(entry.ifa_flags), let address = entry.ifa_addr, let ip = ipAddress(address) else { continue }
        entries.append(InterfaceAddress(ip: ip, interface: if_nametoindex(entry.ifa_name), flags: flags[ip] ?? []))
    }
    return choose(from: entries, includingLoopback: includingLoopback)
}

/// Up, with a carrier: a cable that is not plugged in leaves its addresses where they are. The kernel takes up to a second to call such an
/// interface running.
func isUsable(_ interfaceFlags: UInt32) -> Bool {
    let lowerUp: UInt32 = 0x10000  // IFF_LOWER_UP
    return interfaceFlags & UInt32(IFF_UP) != 0 && interfaceFlags & (UInt32(IFF_RUNNING) | lowerUp) != 0
}

/// An address of an interface that is usable.
struct InterfaceAddress {
    var ip: IPAddress
    var interface: UInt32
    var flags: IPv6AddressFlags = []
}

/// The kernel's IFA_F_* (linux/if_addr.h).
struct IPv6AddressFlags: OptionSet {
    let rawValue: UInt32
    /// Made for a while, against being followed from network to network (RFC 8981).
    static let temporary = IPv6AddressFlags(rawValue: 0x01)
    static let optimistic = IPv6AddressFlags(rawValue: 0x04)
    static let duplicate = IPv6AddressFlags(rawValue: 0x08)
    /// Not for new connections any more (RFC 4862).
    static let deprecated = IPv6AddressFlags(rawValue: 0x20)
    /// Not known yet to be nobody else's.
    static let tentative = IPv6AddressFlags(rawValue: 0x40)
}

func choose(from entries: [InterfaceAddress], includingLoopback: Bool) -> [IPAddress] {
    var found: [IPAddress] = []
    for entry in entries {
        let ip = entry.ip
        guard !ip.isLinkLocal, !ip.isUnspecified, !ip.isMulticast, !ip.isHistoric, !found.contains(ip) else { continue }
        if !entry.flags.isDisjoint(with: [.duplicate, .deprecated]) { continue }
        if entry.flags.contains(.tentative), !entry.flags.contains(.optimistic) { continue }
        if !entry.flags.contains(.temporary), entries.contains(where: { $0.isTemporaryTwin(of: entry) }) { continue }
        found.append(ip)
    }
    let others = found.filter { !$0.isLoopback }
    if includingLoopback { return found.isEmpty ? [.loopback4] : others + found.filter(\.isLoopback) }
    if others.isEmpty { return found.isEmpty ? [.loopback4] : found }
    return others
}

extension InterfaceAddress {
    /// A usable temporary address on the same interface with the same first 64 bits.
    fileprivate func isTemporaryTwin(of other: InterfaceAddress) -> Bool {
        guard case .v6(let network, _) = ip, case .v6(let otherNetwork, _) = other.ip else { return false }
        return network == otherNetwork && interface == other.interface && flags.contains(.temporary)
            && flags.isDisjoint(with: [.duplicate, .deprecated, .tentative])
    }
}

extension IPAddress {
    /// IPv4-compatible, IPv4-mapped or site-local: no host candidates (RFC 8445 §5.1.1.1).
    fileprivate var isHistoric: Bool {
        guard case .v6(let high, let low) = self else { return false }
        return high == 0 && (low >> 32 == 0 && low > 1 || low >> 32 == 0xffff) || high >> 54 == 0x3fb
    }
}

extension IPv6AddressFlags {
    /// getifaddrs leaves them out; /proc/net/if_inet6 has them. An address that is not in there has none.
    static func ofThisMachine() -> [IPAddress: IPv6AddressFlags] {
        guard let file = fopen("/proc/net/if_inet6", "re") else { return [:] }
        defer { fclose(file) }
        var found: [IPAddress: IPv6AddressFlags] = [:]
        var line = [CChar](repeating: 0, count: 256)
        while found.count < 1024, fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if let (ip, flags) = parse(text) { found[ip] = flags }
        }
        return found
    }

    /// `fe8000000000000000fc00fffe000001 04 40 20 80     eth0`: address, interface, prefix, scope and flags in hexadecimal.
    static func parse(_ line: String) -> (IPAddress, IPv6AddressFlags)? {
        let fields = line.split(whereSeparator: \.isWhitespace)
        guard fields.count >= 5, fields[0].utf8.count == 32, let flags = UInt32(fields[4], radix: 16),
            let high = UInt64(fields[0].prefix(16), radix: 16), let low = UInt64(fields[0].suffix(16), radix: 16)
        else { return nil }
        return (.v6(high, low), IPv6AddressFlags(rawValue: flags))
    }
}

private func ipAddress(_ address: UnsafePointer<sockaddr>) -> IPAddress? {
    let raw = UnsafeRawPointer(address)
    switch Int32(address.pointee.sa_family) {
    case AF_INET: return .v4(UInt32(bigEndian: raw.load(as: sockaddr_in.self).sin_addr.s_addr))
    case AF_INET6: return withUnsafeBytes(of: raw.load(as: sockaddr_in6.self).sin6_addr) { IPAddress(bytes: $0) }
    default: return nil
    }
}
