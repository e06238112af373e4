import NIOCore
import Primitives

/// What waits to be written to one stream, in whole payloads: one that would wait too long is dropped, and never cut.
///
/// TCP hides loss by delay, and media that is late is worse than media that is lost: so little may wait, and nothing for long.
struct SendQueue {
    static let byteLimit = 256 << 10
    static let patience = Interval.seconds(1)
    /// How much is handed to the system at once, where nothing can be dropped any more.
    static let chunkBytes = 16 << 10

    private var payloads = CircularBuffer<(bytes: [UInt8], time: Instant)>()
    private var waitingBytes = 0
    /// Handed to the connection, and not taken by the system yet.
    private var writtenBytes = 0
    private(set) var droppedCount = 0

    var byteCount: Int { waitingBytes + writtenBytes }
    var isEmpty: Bool { payloads.isEmpty }

    /// False: it is dropped.
    mutating func append(_ bytes: [UInt8], now: Instant) -> Bool {
        if byteCount + bytes.count > Self.byteLimit { dropStale(now: now) }
        guard byteCount + bytes.count <= Self.byteLimit else {
            droppedCount += 1
            return false
        }
        payloads.append((bytes, now))
        waitingBytes += bytes.count
        return true
    }

    /// The next payloads to write, about `chunkBytes`; empty when nothing waits.
    mutating func take(now: Instant) -> [[UInt8]] {
        dropStale(now: now)
        var taken: [[UInt8]] = []
        var count = 0
        while let next = payloads.first, taken.isEmpty || count + next.bytes.count <= Self.chunkBytes {
            taken.append(next.bytes)
            count += next.bytes.count
            payloads.removeFirst()
        }
        waitingBytes -= count
        writtenBytes += count
        return taken
    }

    /// The system has taken what was last handed out.
    mutating func wrote() { writtenBytes = 0 }

    private mutating func dropStale(now: Instant) {
        while let first = payloads.first, now - first.time > Self.patience {
            waitingBytes -= first.bytes.count
            droppedCount += 1
            payloads.removeFirst()
        }
    }
}
