import Primitives
import Synchronization
import Threading

/// Carries events from the call's threads to the one that talks to the person, and wakes it.
///
/// Bounded: beyond 1024 the oldest goes, for who does not listen for so long wants to know what is, not what was.
public final class CallEventQueue: Sendable {
    private static let most = 1024
    private let events = Mutex<[(event: CallEvent, time: Instant)]>([])
    /// Readable while something waits.
    public let wake: EventDescriptor

    public init(wake: EventDescriptor) { self.wake = wake }

    public func put(_ event: CallEvent) {
        events.withLock { events in
            if events.count >= Self.most { events.removeFirst() }
            events.append((event, MonotonicClock.now()))
        }
        wake.signal()
    }

    public func drain(_ body: (CallEvent) -> Void) { drainTimed { event, _ in body(event) } }

    /// The same with the time of each: none is before that of the one before.
    public func drainTimed(_ body: (CallEvent, Instant) -> Void) {
        wake.drain()
        let taken = events.withLock { events in
            defer { events.removeAll(keepingCapacity: true) }
            return events
        }
        for (event, time) in taken { body(event, time) }
    }
}
