import CLinux
import Glibc
import Primitives

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

extension EventDescriptor {
    /// Sleeps until it is signalled or the time has come; false: the time has come. The signal stays until `drain`.
    @discardableResult
    public func wait(until deadline: Instant) -> Bool {
        var entry = pollfd(fd: fileDescriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let left = max(.zero, deadline - MonotonicClock.now())
            // Rounded up, so that it does not spin through the last millisecond.
            let count = poll(&entry, 1, Int32(clamping: (left.microseconds &+ 999) / 1000))
            if count >= 0 || errno != EINTR { return count > 0 }
        }
    }
}
