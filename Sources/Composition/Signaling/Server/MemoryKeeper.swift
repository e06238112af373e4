import CLinux
import Primitives

/// Gives memory back to the system when a crowd has gone: the allocator keeps what was freed, and would never need it again.
final class MemoryKeeper: Timed {
    /// A crowd smaller than this leaves nothing worth the walk over the heap.
    private static let crowd = 1000
    /// Time for all of it to go.
    private static let delay = Interval.seconds(1)

    var timer = TimerQueue.Place()
    private(set) var nextTimeout: Instant?
    private var most = 0

    /// Tells how many connections there are now. True: `nextTimeout` has changed.
    func count(_ connections: Int, now: Instant) -> Bool {
        most = max(most, connections)
        guard most >= Self.crowd, connections < most / 2 else { return false }
        most = connections
        nextTimeout = now + Self.delay
        return true
    }

    func handleTimeout(now: Instant) {
        nextTimeout = nil
        tchat_trim_memory()
    }
}
