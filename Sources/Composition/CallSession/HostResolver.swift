import Glibc
import Primitives

/// Looks names up with the system's resolver, which blocks: only ever called on a thread of its own.
enum HostResolver {
    /// Every address of `host` for UDP, in the resolver's order; none when there is no such name, or no network to ask.
    static func addresses(of host: String, port: UInt16) -> [SocketAddress] {
        if let literal = IPAddress(host) { return [SocketAddress(literal, port: port)] }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = address(entry), !found.contains(SocketAddress(address, port: port)) {
                found.append(SocketAddress(address, port: port))
            }
            next = entry.ai_next
        }
        return Array(found.prefix(4))
    }

    private static func address(_ entry: addrinfo) -> IPAddress? {
        guard let raw = UnsafeRawPointer(entry.ai_addr) else { return nil }
        switch entry.ai_family {
        case AF_INET where Int(entry.ai_addrlen) >= MemoryLayout<sockaddr_in>.size:
            return .v4(UInt32(bigEndian: raw.load(as: sockaddr_in.self).sin_addr.s_addr))
        case AF_INET6 where Int(entry.ai_addrlen) >= MemoryLayout<sockaddr_in6>.size:
            return withUnsafeBytes(of: raw.load(as: sockaddr_in6.self).sin6_addr) { IPAddress(bytes: $0) }
        default: return nil
        }
    }
}
