import CLinux
import Glibc
import Primitives

/// Room for the datagrams of one recvmmsg. Used by one thread.
struct ReceiveBatch: ~Copyable {
    /// More than any path's MTU; a longer datagram is dropped.
    private static let slotSize = 2048
    private static let capacity = Int(TCHAT_BATCH)

    private let slots: UnsafeMutableBufferPointer<UInt8>
    private let sources: UnsafeMutableBufferPointer<sockaddr_storage>
    private let lengths: UnsafeMutableBufferPointer<UInt32>

    init() {
        slots = .allocate(capacity: Self.capacity * Self.slotSize)
        slots.initialize(repeating: 0)
        sources = .allocate(capacity: Self.capacity)
        sources.initialize(repeating: sockaddr_storage())
        lengths = .allocate(capacity: Self.capacity)
        lengths.initialize(repeating: 0)
    }

    deinit {
        slots.deallocate()
        sources.deallocate()
        lengths.deallocate()
    }

    /// Hands over what has come in, up to a few batches. The span is only valid within `body`.
    func receive(from descriptor: Int32, _ body: (Span<UInt8>, SocketAddress) -> Void) {
        for _ in 0..<8 {
            let count = tchat_receive_batch(
                descriptor, slots.baseAddress, Self.slotSize, Int32(Self.capacity), lengths.baseAddress, sources.baseAddress)
            guard count > 0 else {
                // An ICMP error of an earlier datagram is reported once, here: it says nothing about what waits.
                if count < 0, errno == ECONNREFUSED || errno == EINTR { continue }
                return
            }
            for index in 0..<Int(count) {
                let length = Int(lengths[index])
                guard length > 0, length <= Self.slotSize, let sources = sources.baseAddress, let source = SocketAddress(sources + index)
                else { continue }
                body(UnsafeBufferPointer(rebasing: slots[index * Self.slotSize..<index * Self.slotSize + length]).span, source)
            }
            if count < Self.capacity { return }
        }
    }
}
