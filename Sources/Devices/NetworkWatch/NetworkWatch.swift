import CLinux
import Glibc
import Primitives

/// Hears from the kernel when interfaces, addresses or routes of this machine change: a routing socket (rtnetlink(7)). Used by one thread.
///
/// It says that something changed, not what: whoever owns it waits until the news has stopped for a moment, then asks for the addresses
/// anew.
public final class NetworkWatch {
    /// Readable when there may be news.
    public let fileDescriptor: Int32
    private let buffer: UnsafeMutableRawBufferPointer
    private var news = RouteNews()

    /// Nil when the system gives no such socket, as in some sandboxes.
    public init?() {
        let groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE
        fileDescriptor = tchat_route_socket(UInt32(groups))
        // The kernel's own limit for such a message, so that none is cut.
        buffer = .allocate(byteCount: 32 << 10, alignment: 8)
        if fileDescriptor < 0 { return nil }
    }

    deinit {
        if fileDescriptor >= 0 { close(fileDescriptor) }
        buffer.deallocate()
    }

    /// Takes in all news. True: an interface, an address or a route that can matter to a call has come, gone or changed, or so much has
    /// happened that the kernel could not tell it all (ENOBUFS).
    public func drain() -> Bool {
        var isChanged = false
        // More than the socket's buffer holds, in case the news never ends.
        for _ in 0..<1024 {
            var source = sockaddr_nl()
            var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
            let count = withUnsafeMutablePointer(to: &source) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(fileDescriptor, buffer.baseAddress, buffer.count, 0, $0, &length)
                }
            }
            if count > 0 {
                // Any program may write to this socket; the kernel is number 0.
                guard source.nl_pid == 0 else { continue }
                if news.matters(UnsafeRawBufferPointer(rebasing: buffer[..<count]).bindMemory(to: UInt8.self).span) { isChanged = true }
            } else if count < 0, errno == ENOBUFS {
                isChanged = true
            } else if count < 0, errno == EINTR {
                continue
            } else {
                break
            }
        }
        return isChanged
    }
}
