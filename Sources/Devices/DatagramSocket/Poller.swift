import CLinux
import Glibc
import Primitives
import Threading

/// The network thread's one place to sleep.
public struct Poller {
    private var entries: [pollfd] = []
    /// By descriptor, where its entry is; -1: nowhere. Descriptors are small numbers, and calls of many have many sockets to ask for.
    private var places: [Int] = []

    public init() {}

    /// Returns when a socket or one of the other descriptors has something, the event is signalled, or the time has come.
    /// - Parameter others: what else the thread reads: a multicast socket, a network watch.
    public mutating func wait(on sockets: [DatagramSocket], and others: [Int32] = [], event: EventDescriptor, until deadline: Instant) {
        forget()
        entries.append(pollfd(fd: event.fileDescriptor, events: Int16(POLLIN), revents: 0))
        for socket in sockets { entries.append(pollfd(fd: socket.fileDescriptor, events: Int16(POLLIN), revents: 0)) }
        for other in others { entries.append(pollfd(fd: other, events: Int16(POLLIN), revents: 0)) }
        for (index, entry) in entries.enumerated() where entry.fd >= 0 {
            while places.count <= Int(entry.fd) { places.append(-1) }
            places[Int(entry.fd)] = index
        }
        let count = tchat_poll(&entries, UInt32(entries.count), max(.zero, deadline - MonotonicClock.now()).microseconds)
        // After a signal nothing is known: whoever asks then had better look.
        if count < 0 { forget() }
    }

    private mutating func forget() {
        for entry in entries where entry.fd >= 0 { places[Int(entry.fd)] = -1 }
        entries.removeAll(keepingCapacity: true)
    }

    /// Whether the descriptor had something, or an error, when `wait` returned; true as well for one that was not waited on.
    /// A socket that has nothing need not be asked, which saves a system call.
    public func mayRead(_ fileDescriptor: Int32) -> Bool {
        guard fileDescriptor >= 0, Int(fileDescriptor) < places.count, places[Int(fileDescriptor)] >= 0 else { return true }
        return entries[places[Int(fileDescriptor)]].revents != 0
    }
}
