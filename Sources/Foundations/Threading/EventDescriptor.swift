import CLinux
import Glibc

/// An eventfd: what wakes a thread that sleeps in `poll`.
public final class EventDescriptor: Sendable {
    public let fileDescriptor: Int32

    /// Nil when the process has no descriptors left.
    public init?() {
        fileDescriptor = tchat_eventfd()
        if fileDescriptor < 0 { return nil }
    }

    deinit { if fileDescriptor >= 0 { close(fileDescriptor) } }

    /// From any thread, and from a signal handler.
    public func signal() {
        var one: UInt64 = 1
        _ = write(fileDescriptor, &one, 8)
    }

    /// Forgets the signals so far.
    public func drain() {
        var count: UInt64 = 0
        _ = read(fileDescriptor, &count, 8)
    }
}
