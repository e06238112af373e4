import CLinux
import Glibc
import Primitives

/// What became of a datagram that was to be sent.
public enum SendResult: Equatable, Sendable {
    case sent
    /// The socket's buffer is full: the datagram is lost, as on any network.
    case wouldBlock
    /// There is no way to that address at the moment (ENETUNREACH, EPERM, …): worth another try later.
    case unreachable(Int32)
}

public struct SocketError: Error, CustomStringConvertible, Sendable {
    public let code: Int32
    public let description: String

    /// What errno says.
    init(_ what: String) {
        code = errno
        description = "\(what): \(String(cString: strerror(code)))."
    }
}

/// A non-blocking UDP socket bound to one address. Used by one thread.
public final class DatagramSocket {
    /// A key frame or two.
    private static let bufferBytes: Int32 = 1 << 20

    public let fileDescriptor: Int32
    public let localAddress: SocketAddress
    private let incoming = ReceiveBatch()
    private var outgoing = DatagramBatch()

    /// - Parameter port: 0 for any free one.
    public init(binding address: IPAddress, port: UInt16 = 0) throws(SocketError) {
        let descriptor = socket(
            address.isIPv4 ? AF_INET : AF_INET6, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0)
        guard descriptor >= 0 else { throw SocketError("A UDP socket cannot be opened") }
        if !address.isIPv4 {
            var one: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &one, 4)
        }
        var size = Self.bufferBytes
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, 4)
        let status = SocketAddress(address, port: port).withSystemAddress { bind(descriptor, $0, $1) }
        guard status == 0, let bound = Self.boundAddress(descriptor) else {
            let error = SocketError("A UDP socket cannot be bound to \(address)")
            close(descriptor)
            throw error
        }
        fileDescriptor = descriptor
        localAddress = bound
    }

    deinit { close(fileDescriptor) }

    private static func boundAddress(_ descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard status == 0 else { return nil }
        return withUnsafePointer(to: storage) { SocketAddress($0) }
    }

    /// Hands over what has come in, up to a few batches, so that one socket cannot starve the loop. The span is only valid within `body`.
    public func receive(_ body: (Span<UInt8>, SocketAddress) -> Void) { incoming.receive(from: fileDescriptor, body) }

    public func send(_ payload: [UInt8], to destination: SocketAddress) -> SendResult {
        sendDatagram(payload, to: destination, on: fileDescriptor)
    }

    /// Sends many datagrams in few system calls, in order, without an allocation for each. Returns how many the system took; for lack of
    /// room in the socket's buffer, the rest is lost.
    ///
    /// Eight or more neighbours of one size to one address are handed over as one, for the kernel to split (UDP_SEGMENT), where it can.
    /// - Parameter failed: hears, during the call, of each address to which there is no way at the moment, with the errno. It must not use this socket.
    @discardableResult
    public func sendBatch(_ datagrams: [OutgoingDatagram], failed: (SocketAddress, Int32) -> Void) -> Int {
        if datagrams.count == 1, let only = datagrams.first {
            // Nothing to save, and so nothing to copy.
            switch send(only.payload, to: only.destination) {
            case .sent: return 1
            case .wouldBlock: return 0
            case .unreachable(let code):
                failed(only.destination, code)
                return 0
            }
        }
        var sent = 0
        for datagram in datagrams where !outgoing.append(datagram) {
            sent += outgoing.send(on: fileDescriptor, failed: failed)
            // Longer than any datagram can be, if there is still no room.
            if !outgoing.append(datagram) { failed(datagram.destination, EMSGSIZE) }
        }
        return sent + outgoing.send(on: fileDescriptor, failed: failed)
    }
}

/// One datagram, by the call that sends one.
func sendDatagram(_ payload: [UInt8], to destination: SocketAddress, on descriptor: Int32) -> SendResult {
    for _ in 0..<3 {
        let count = destination.withSystemAddress { address, length in
            payload.withUnsafeBytes { sendto(descriptor, $0.baseAddress, $0.count, 0, address, length) }
        }
        if count >= 0 { return .sent }
        switch errno {
        // Once more: the error was an earlier datagram's.
        case EINTR, ECONNREFUSED: continue
        case EAGAIN, ENOBUFS, ENOMEM: return .wouldBlock
        default: return .unreachable(errno)
        }
    }
    return .wouldBlock
}
