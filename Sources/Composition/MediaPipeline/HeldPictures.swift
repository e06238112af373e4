import MediaTypes
import Primitives

/// Decoded pictures that wait for their sound, in order.
struct HeldPictures {
    /// Half a second at 30 a second; the oldest is shown early when there are more.
    static let capacity = 16

    private var waiting: [(picture: I420Frame, due: Instant)] = []

    /// When the next one is to be shown; nil: none waits.
    var nextDue: Instant? { waiting.first?.due }

    /// None overtakes those before it.
    mutating func add(_ picture: I420Frame, due: Instant) {
        waiting.append((picture, max(due, waiting.last?.due ?? due)))
    }

    /// The next one to show now, if it is time.
    mutating func next(now: Instant) -> I420Frame? {
        guard let first = waiting.first, first.due <= now || waiting.count > Self.capacity else { return nil }
        return waiting.removeFirst().picture
    }
}
