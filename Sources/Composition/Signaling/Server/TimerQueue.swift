import HeapModule
import Primitives

/// Something that wants to be called at a time that may change with all that happens to it.
protocol Timed: AnyObject {
    /// The queue's own.
    var timer: TimerQueue.Place { get set }
    /// Nil: never.
    var nextTimeout: Instant? { get }
    func handleTimeout(now: Instant)
}

/// The timers of all sessions and connections in one queue, so that one of the loop's serves them all.
///
/// A time that moves away costs nothing: the entry stays, and is set anew when it comes up. Times are rounded up to `grain`, so that a
/// crowd wakes the loop a few times only.
struct TimerQueue {
    struct Place {
        fileprivate var key: UInt64 = 0
        /// The time of the entry that counts; others of the same key are left over.
        fileprivate var at = Instant.distantFuture
    }

    private struct Entry: Comparable {
        let at: Instant
        let key: UInt64

        static func < (a: Entry, b: Entry) -> Bool { a.at < b.at }
    }

    private static let grain = Interval.milliseconds(10)

    private var lastKey: UInt64 = 0
    private var owners: [UInt64: any Timed] = [:]
    private var entries = Heap<Entry>()

    var count: Int { owners.count }
    /// When something may be due.
    var next: Instant? { entries.min?.at }

    mutating func add(_ owner: any Timed) {
        lastKey += 1
        owner.timer = Place(key: lastKey)
        owners[lastKey] = owner
        update(owner)
    }

    mutating func remove(_ owner: any Timed) {
        owners[owner.timer.key] = nil
        owner.timer = Place()
        // What a crowd has left behind is given back.
        guard owners.isEmpty else { return }
        owners = [:]
        entries = Heap()
    }

    /// To be called when the owner's time may have come nearer.
    mutating func update(_ owner: some Timed) {
        guard let next = owner.nextTimeout, next < owner.timer.at, owner.timer.key > 0 else { return }
        let rounded = Instant(microseconds: (next.microseconds / Self.grain.microseconds &+ 1) &* Self.grain.microseconds)
        guard rounded < owner.timer.at else { return }
        owner.timer.at = rounded
        entries.insert(Entry(at: rounded, key: owner.timer.key))
    }

    /// The next whose time has come; call it, and `update` it.
    mutating func popDue(now: Instant) -> (any Timed)? {
        while let first = entries.min, first.at <= now {
            entries.removeMin()
            guard let owner = owners[first.key], owner.timer.at == first.at else { continue }
            owner.timer.at = .distantFuture
            guard let next = owner.nextTimeout, next <= now else {
                update(owner)
                continue
            }
            return owner
        }
        return nil
    }
}
