import CLinux
import Glibc
import Primitives
import Threading

/// The network thread's one place to sleep.
public struct Poller {
    private var entries: [pollfd] = []

    public init() {}

    /// Returns when a socket or one of the other descriptors has something, the event is signalled, or the time has come.
    /// - Parameter others: what else the thread reads: a multicast socket, a network watch.
    public mutating func wait(on sockets: [DatagramSocket], and others: [Int32] = [], event: EventDescriptor, until deadline: Instant) {
        entries.removeAll(keepingCapacity: true)
        entries.append(pollfd(fd: event.fileDescriptor, events: Int16(POLLIN), revents: 0))
        for socket in sockets { entries.append(pollfd(fd: socket.fileDescriptor, events: Int16(POLLIN), revents: 0)) }
        for other in others { entries.append(pollfd(fd: other, events: Int16(POLLIN), revents: 0)) }
        let count = tchat_poll(&entries, UInt32(entries.count), max(.zero, deadline - MonotonicClock.now()).microseconds)
        // After a signal nothing is known: whoever asks then had better look.
        if count < 0 { entries.removeAll(keepingCapacity: true) }
    }

    /// Whether the descriptor had something, or an error, when `wait` returned; true as well for one that was not waited on.
    /// A socket that has nothing need not be asked, which saves a system call.
    public func mayRead(_ fileDescriptor: Int32) -> Bool {
        for entry in entries where entry.fd == fileDescriptor { return entry.revents != 0 }
        return true
    }
}
