import NetworkWatch
import Primitives

/// When the machine's addresses may have changed: the kernel says so, or the machine has slept. Told once the news have stopped for a
/// moment, since an interface comes up in many steps.
struct NetworkChanges {
    struct Change: Equatable {
        /// The addresses may be the same then, but no NAT on the way knows them any more.
        var hasSlept = false
    }

    static let settling = Interval.milliseconds(200)
    /// However long the news go on, they are told by then.
    static let longest = Interval.seconds(1)
    static let sleepCheck = Interval.seconds(2)

    private let watch = NetworkWatch()
    private var sleep = SleepWatch()
    private var pending: (change: Change, since: Instant, due: Instant)?
    private var nextSleepCheck = Instant.zero

    /// Nil where the system tells no news.
    var fileDescriptor: Int32? { watch?.fileDescriptor }

    var nextTimeout: Instant? { pending?.due }

    /// What has changed, once, when it is time to look at the addresses.
    /// - Parameter hasNews: the descriptor is readable.
    mutating func look(hasNews: Bool, now: Instant) -> Change? {
        if hasNews, watch?.drain() == true { note(now) }
        if now >= nextSleepCheck {
            nextSleepCheck = now + Self.sleepCheck
            if sleep.slept() != nil {
                note(now)
                pending?.change.hasSlept = true
            }
        }
        guard let pending, now >= pending.due else { return nil }
        self.pending = nil
        return pending.change
    }

    private mutating func note(_ now: Instant) {
        let since = pending?.since ?? now
        pending = (pending?.change ?? Change(), since, min(now + Self.settling, since + Self.longest))
    }
}
