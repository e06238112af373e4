import CLinux
import Glibc

/// What is in a datagram of the routing socket (netlink(7), rtnetlink(7)); all numbers are in the machine's own order.
///
///     0         4      6       8          12      16
///     +---------+------+-------+----------+-------+----------------------+---------
///     | length  | type | flags | sequence | port  | ifinfomsg, ifaddrmsg | the next
///     +---------+------+-------+----------+-------+ or rtmsg, attributes +---------
struct RouteNews {
    private static let headerLength = 16
    private static let linkLimit = 4096
    /// IFF_LOWER_UP, the carrier, is in a header that does not go together with Glibc's.
    private static let stateFlags = UInt32(IFF_UP | IFF_RUNNING) | 0x10000

    /// By interface: which of `stateFlags` were set when it was last heard of.
    private var links: [UInt32: UInt32] = [:]

    /// Whether any message tells of a change that a call has to look into. What cannot be read matters.
    mutating func matters(_ datagram: Span<UInt8>) -> Bool {
        var start = 0
        while start + Self.headerLength <= datagram.count {
            let length = Int(datagram.uint32(start))
            guard length >= Self.headerLength, length <= datagram.count - start else { return true }
            let type = Int(datagram.uint16(start + 4))
            if matters(type: type, datagram.extracting(start + Self.headerLength..<start + length)) { return true }
            // Messages start at multiples of four.
            start += (length + 3) & ~3
        }
        return start < datagram.count
    }

    private mutating func matters(type: Int, _ body: Span<UInt8>) -> Bool {
        switch type {
        case RTM_NEWLINK:
            // ifinfomsg: family, padding, type (2), index (4), flags (4), changed flags (4), the last of which leave out the carrier.
            // A wireless card writes about itself every few seconds; only up, down and the carrier count.
            guard body.count >= 16 else { return true }
            let (index, flags) = (body.uint32(4), body.uint32(8) & Self.stateFlags)
            if links.count >= Self.linkLimit { links.removeAll() }
            return links.updateValue(flags, forKey: index) != flags
        case RTM_DELLINK:
            if body.count >= 16 { links[body.uint32(4)] = nil }
            return true
        case RTM_NEWADDR, RTM_DELADDR:
            // ifaddrmsg: family, prefix length, flags, scope. No candidate comes of link-local addresses.
            guard body.count >= 4 else { return true }
            return body[3] != UInt8(RT_SCOPE_LINK.rawValue)
        case RTM_NEWROUTE, RTM_DELROUTE:
            // rtmsg: family, destination and source length, service, table, protocol, scope, type, flags (4). The local table repeats
            // what addresses tell, and a cloned route is a cache entry.
            guard body.count >= 12 else { return true }
            return body[7] == UInt8(RTN_UNICAST) && body[4] != UInt8(RT_TABLE_LOCAL.rawValue) && body.uint32(8) & UInt32(RTM_F_CLONED) == 0
        case Int(NLMSG_OVERRUN): return true
        default: return false
        }
    }
}

extension Span<UInt8> {
    fileprivate func uint16(_ offset: Int) -> UInt16 {
        withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt16.self) }
    }

    fileprivate func uint32(_ offset: Int) -> UInt32 {
        withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    }
}
