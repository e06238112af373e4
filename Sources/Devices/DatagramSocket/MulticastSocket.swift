import CLinux
import Glibc
import Primitives

/// A non-blocking socket for multicast DNS (RFC 6762): hears the link's group and speaks to it on every interface. Used by one thread.
///
/// The port is shared with whatever answers mDNS on this machine. Where another program has it for itself, a free one is taken: then
/// answers come to this socket alone (§6.7), and nothing else is heard.
public final class MulticastSocket {
    public enum Family: Sendable { case ipv4, ipv6 }

    public static let port: UInt16 = 5353
    private static let interfaceLimit = 16

    public let fileDescriptor: Int32
    public let family: Family
    /// It has port 5353, and hears all that is said on the link.
    public let hearsGroup: Bool
    /// 224.0.0.251 or ff02::fb.
    public let group: SocketAddress
    /// By index: where the group was joined, or is only spoken to.
    private var interfaces: Set<UInt32> = []
    private let incoming = ReceiveBatch()

    public init(_ family: Family = .ipv4) throws(SocketError) {
        self.family = family
        group = SocketAddress(family == .ipv4 ? .v4(0xe000_00fb) : .v6(0xff02 << 48, 0xfb), port: Self.port)
        if let descriptor = Self.open(family, port: Self.port) {
            (fileDescriptor, hearsGroup) = (descriptor, true)
        } else if let descriptor = Self.open(family, port: 0) {
            (fileDescriptor, hearsGroup) = (descriptor, false)
        } else {
            throw SocketError("A multicast socket cannot be opened")
        }
        joinInterfaces()
    }

    deinit { close(fileDescriptor) }

    private static func open(_ family: Family, port: UInt16) -> Int32? {
        let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family == .ipv4 ? AF_INET : AF_INET6, type, 0)
        guard descriptor >= 0 else { return nil }
        if port != 0 {
            set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)
        }
        switch family {
        case .ipv4:
            set(descriptor, Int32(IPPROTO_IP), IP_MULTICAST_TTL, 255)
            set(descriptor, Int32(IPPROTO_IP), IP_MULTICAST_LOOP, 1)
            // Not what other programs have joined.
            set(descriptor, Int32(IPPROTO_IP), IP_MULTICAST_ALL, 0)
        case .ipv6:
            set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1)
            set(descriptor, Int32(IPPROTO_IPV6), IPV6_MULTICAST_HOPS, 255)
            set(descriptor, Int32(IPPROTO_IPV6), IPV6_MULTICAST_LOOP, 1)
        }
        let any = SocketAddress(family == .ipv4 ? .any4 : .any6, port: port)
        if any.withSystemAddress({ bind(descriptor, $0, $1) }) == 0 { return descriptor }
        let code = errno
        close(descriptor)
        errno = code
        return nil
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, 4)
    }

    /// Joins the group on interfaces that have come since, and leaves those that are gone: for after a change of the network. Interfaces
    /// that refuse are passed over.
    public func joinInterfaces() {
        let current = Self.currentInterfaces()
        for index in interfaces.subtracting(current) { membership(join: false, on: index) }
        for index in current.subtracting(interfaces) { membership(join: true, on: index) }
        interfaces = current
    }

    private func membership(join: Bool, on index: UInt32) {
        switch group.ip {
        case .v4(let address):
            var request = ip_mreqn(
                imr_multiaddr: in_addr(s_addr: address.bigEndian), imr_address: in_addr(s_addr: 0), imr_ifindex: Int32(bitPattern: index))
            setsockopt(
                fileDescriptor, Int32(IPPROTO_IP), join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &request,
                socklen_t(MemoryLayout<ip_mreqn>.size))
        case .v6:
            var request = ipv6_mreq()
            withUnsafeMutableBytes(of: &request.ipv6mr_multiaddr) { $0.copyBytes(from: group.ip.bytes) }
            request.ipv6mr_interface = index
            setsockopt(
                fileDescriptor, Int32(IPPROTO_IPV6), join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &request,
                socklen_t(MemoryLayout<ipv6_mreq>.size))
        }
    }

    /// Those that are up; loopback is one, for a machine without a network. Tunnels are none: names of this link are not theirs to know.
    private static func currentInterfaces() -> Set<UInt32> {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var found: Set<UInt32> = []
        var next = list
        while let entry = next?.pointee, found.count < interfaceLimit {
            next = entry.ifa_next
            let flags = Int(entry.ifa_flags)
            guard isUsable(entry.ifa_flags), flags & Int(IFF_POINTOPOINT) == 0, flags & (Int(IFF_MULTICAST) | Int(IFF_LOOPBACK)) != 0
            else { continue }
            let index = if_nametoindex(entry.ifa_name)
            if index != 0 { found.insert(index) }
        }
        return found
    }

    /// Says it to the group on every interface. False: none has taken it.
    @discardableResult
    public func sendToGroup(_ payload: [UInt8]) -> Bool {
        var isSent = false
        for index in interfaces {
            switch family {
            case .ipv4:
                var choice = ip_mreqn(
                    imr_multiaddr: in_addr(s_addr: 0), imr_address: in_addr(s_addr: 0), imr_ifindex: Int32(bitPattern: index))
                guard
                    setsockopt(fileDescriptor, Int32(IPPROTO_IP), IP_MULTICAST_IF, &choice, socklen_t(MemoryLayout<ip_mreqn>.size)) == 0
                else { continue }
            case .ipv6:
                var choice = Int32(bitPattern: index)
                guard setsockopt(fileDescriptor, Int32(IPPROTO_IPV6), IPV6_MULTICAST_IF, &choice, 4) == 0 else { continue }
            }
            if sendDatagram(payload, to: group, on: fileDescriptor) == .sent { isSent = true }
        }
        return isSent
    }

    /// To one address alone. A link-local IPv6 address cannot be reached so: its zone is not known.
    public func send(_ payload: [UInt8], to destination: SocketAddress) -> SendResult {
        sendDatagram(payload, to: destination, on: fileDescriptor)
    }

    /// Hands over what has come in, this socket's own words included, up to a few batches. The span is only valid within `body`.
    public func receive(_ body: (Span<UInt8>, SocketAddress) -> Void) { incoming.receive(from: fileDescriptor, body) }
}
