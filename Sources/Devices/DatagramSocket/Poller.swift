import CLinux
import Glibc
import Primitives
import Threading

/// The network thread's one place to sleep.
public struct Poller {
    private var entries: [pollfd] = []

    public init() {}

    /// Returns when a socket has something, the event is signalled, or the time has come.
    public mutating func wait(on sockets: [DatagramSocket], event: EventDescriptor, until deadline: Instant) {
        entries.removeAll(keepingCapacity: true)
        entries.append(pollfd(fd: event.fileDescriptor, events: Int16(POLLIN), revents: 0))
        for socket in sockets { entries.append(pollfd(fd: socket.fileDescriptor, events: Int16(POLLIN), revents: 0)) }
        _ = tchat_poll(&entries, UInt32(entries.count), max(.zero, deadline - MonotonicClock.now()).microseconds)
    }
}
