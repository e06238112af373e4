import Primitives
import RTP
import Synchronization

/// What one person's sound and picture know of each other: the playout thread says what is heard, the decode thread asks when to show.
public final class PlayoutClock: Sendable {
    private let sync = Mutex(LipSync())

    public init() {}

    /// How much later pictures are seen than their sound is heard; negative: earlier. Nil while it is not known.
    public var pictureLateness: Interval? { sync.withLock { $0.pictureLateness } }

    func heard(capture: Interval, at time: Instant) { sync.withLock { $0.heard(capture: capture, at: time) } }
    func waiting(capture: Interval, now: Instant) -> Interval { sync.withLock { $0.waiting(capture: capture, now: now) } }
    var extraAudioDelay: Interval { sync.withLock { $0.extraAudioDelay } }
}
