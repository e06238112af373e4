import NIOCore
import Primitives

/// What strangers can make this process hold.
struct StreamLimits: Sendable {
    /// Opened and accepted ones.
    var streams = 128
    /// Accepted ones that nobody has kept; beyond that the oldest goes, since one that is meant to be proves itself at once.
    var unkept = 32
    var unkeptTime = TimeAmount.seconds(10)
    /// Accepted within a second; further ones are closed without a word, so that a flood does not reach the owner.
    var acceptsPerSecond = 50
    var connectTime = TimeAmount.seconds(10)
    /// For what is queued when a stream is closed.
    var flushTime = TimeAmount.seconds(1)
}

/// Counts what was let in during the second that runs.
struct RateLimit {
    let count: Int
    private var start: Instant?
    private var used = 0

    init(perSecond count: Int) { self.count = count }

    mutating func admits(now: Instant) -> Bool {
        if let start, now - start < .seconds(1) {
            used += 1
        } else {
            start = now
            used = 1
        }
        return used <= count
    }
}
