import Glibc
import Primitives

/// The addresses of this machine's interfaces that are up, each once.
///
/// Without link-local ones, which need a zone. Loopback is there when asked for, or when there is nothing else.
public func localAddresses(includingLoopback: Bool) -> [IPAddress] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return [.loopback4] }
    defer { freeifaddrs(list) }
    var found: [IPAddress] = []
    var next = list
    while let entry = next?.pointee {
        next = entry.ifa_next
        guard entry.ifa_flags & UInt32(IFF_UP) != 0, let address = entry.ifa_addr, let ip = ipAddress(address) else { continue }
        if !ip.isLinkLocal, !ip.isUnspecified, !found.contains(ip) { found.append(ip) }
    }
    let others = found.filter { !$0.isLoopback }
    if includingLoopback { return found.isEmpty ? [.loopback4] : others + found.filter(\.isLoopback) }
    if others.isEmpty { return found.isEmpty ? [.loopback4] : found }
    return others
}

private func ipAddress(_ address: UnsafePointer<sockaddr>) -> IPAddress? {
    let raw = UnsafeRawPointer(address)
    switch Int32(address.pointee.sa_family) {
    case AF_INET: return .v4(UInt32(bigEndian: raw.load(as: sockaddr_in.self).sin_addr.s_addr))
    case AF_INET6: return withUnsafeBytes(of: raw.load(as: sockaddr_in6.self).sin6_addr) { IPAddress(bytes: $0) }
    default: return nil
    }
}
