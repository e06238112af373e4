import Glibc
import Primitives
import Synchronization
import Threading

/// A thread of low priority that writes what others hand over, so that a slow disk never holds up a decoder.
///
/// Bounded: what does not fit is dropped and counted.
final class BackgroundWriter<Item: Sendable>: Sendable {
    private let ring: BoundedRing<Item>
    private let thread: Mutex<MediaThread?>

    /// - Parameters:
    ///   - write: called for each item, on the thread; false: writing has failed, and nothing more is wanted.
    ///   - finish: called last, on the thread.
    init?(
        name: String, capacity: Int, write: @escaping @Sendable (Item) -> Bool, finish: @escaping @Sendable () -> Void
    ) {
        let ring = BoundedRing<Item>(capacity: capacity)
        self.ring = ring
        let started = MediaThread.start(name: name) {
            // On Linux the calling thread's alone.
            setpriority(Int32(PRIO_PROCESS.rawValue), 0, 5)
            while let item = ring.wait(until: nil) {
                if !write(item) { ring.close() }
            }
            finish()
        }
        guard let started else { return nil }
        thread = Mutex(started)
    }

    deinit {
        ring.close()
        if let running = thread.withLock({ $0.take() }) { running.detach() }
    }

    /// False: there was no room, or writing is over.
    func put(_ item: Item) -> Bool { ring.push(item) }
    var dropped: Int { ring.dropped }

    /// Returns when all is written.
    func close() {
        ring.close()
        if let running = thread.withLock({ $0.take() }) { running.join() }
    }
}
