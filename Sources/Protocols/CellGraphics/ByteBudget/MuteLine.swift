import Primitives

/// A terminal that tells nothing. As long as the kernel takes everything, it is sent everything; once it blocks, its rate is what it takes
/// between two times that it is full. With a rate, what is still on the line is reckoned, and frames are kept to what seven tenths of the rate make in 80 ms,
/// after the line has had time to empty.
///
/// A rate that has gone up shows only when the line is filled, which takes time on screen; so it is tried seldom, and each time that was
/// in vain more seldom.
struct MuteLine: Sendable {
    static let target = Interval.milliseconds(80)
    static let leastWindow = 1024
    static let firstStep = 16 << 10
    /// So much less than the measured rate is used that a rate measured a quarter too high lets the line run empty all the same.
    private static let share = 0.7
    /// A line that has just become full still moves bytes from one of its buffers to the next, which looks like a faster one.
    private static let settling = Interval.milliseconds(30)
    /// So long between two times that it was full, at the least, for a rate to be read off: it takes bytes in bursts.
    private static let leastBlock = Interval.milliseconds(100)
    /// What such a line takes at once, in bytes.
    private static let burst = 1024
    /// More than is reckoned to be on the line may be there.
    private static let doubt = Interval.milliseconds(600)
    private static let leastStretch = Interval.milliseconds(300)
    /// However full the line is thought to be, a little goes out this often.
    private static let longestWait = Interval.seconds(2)
    /// Taking nothing for so long, it was stopped rather than slow.
    private static let stall = Interval.seconds(1)
    private static let firstTrial = Interval.seconds(30)
    /// After a rate that may have come of a stop.
    private static let doubtfulTrial = Interval.seconds(3)
    private static let lastTrial = Interval.seconds(480)

    /// Bytes a second; nil: it has not blocked.
    private(set) var rate: Double?
    private let isFixed: Bool
    /// The most bytes of a frame while nothing is known.
    private var step = firstStep
    private var level = 0.0
    private var levelAt = Instant.zero
    private var lastWritten = Instant.zero
    private var history = SentHistory()
    private var heldBack = 0
    private var block: Block?
    /// When more was last wanted than was let through, without a block since.
    private var shortSince: Instant?
    private var trialPause = firstTrial
    private var trial: (end: Instant, former: Double)?
    /// Bytes that it has taken, in all.
    private var taken = 0
    /// A time before at which it was full.
    private var full: (time: Instant, taken: Int)?

    private struct Block: Sendable {
        var start: Instant
        /// From when on it counts, and how many bytes had been taken by then: at a time that it was full, as at the last one.
        var from: (time: Instant, taken: Int)?
        /// The last time that it took some and blocked again.
        var last: (time: Instant, taken: Int)
        var isDoubtful = false
    }

    init(fixedRate: Double? = nil) {
        rate = fixedRate
        isFixed = fixedRate != nil
    }

    private var drain: Double { (rate ?? 0) * (isFixed ? 1 : Self.share) }
    private var window: Double { max(Double(Self.leastWindow), drain * Self.target.seconds) }
    private func level(now: Instant) -> Double { max(0, level - drain * max(0, (now - levelAt).seconds)) }

    func nextFrame(now: Instant) -> Instant {
        guard rate != nil else { return now }
        let excess = level(now: now) - window / 2
        guard excess > 0 else { return now }
        let wait = Interval.seconds(min(1e6, excess / max(1, drain))) + .microseconds(1)
        return isFixed ? now + wait : min(now + wait, max(now, lastWritten + Self.longestWait))
    }

    func room(now: Instant) -> Int {
        guard rate != nil else { return step }
        return max(Self.leastWindow / 2, Int(window - level(now: now)))
    }

    mutating func wrote(_ bytes: Int, isCut: Bool, now: Instant) {
        level = level(now: now) + Double(bytes)
        (levelAt, lastWritten) = (now, now)
        if rate == nil {
            // It took the last one, or this is the first.
            if isCut, step < 1 << 24 { step *= 2 }
        } else if !isFixed {
            tryMore(isCut, now)
        }
        guard !isFixed else { return }
        taken += bytes
        history.add(bytes, at: now)
    }

    mutating func note(heldBack left: Int, now: Instant) {
        guard !isFixed else { return }
        let took = heldBack - left
        if heldBack == 0, left > 0 {
            taken -= left
            block = Block(start: now, last: (now, taken))
            history.remove(left)
        } else if took > 0, var current = block {
            history.add(took, at: now)
            taken += took
            if now - current.last.time > Self.stall / 2 { current.isDoubtful = true }
            if now - current.last.time > Self.stall {
                (current.from, current.last) = ((now, taken), (now, taken))
            } else if left > 0 {
                current.last = (now, taken)
                if current.from == nil, now - current.start >= Self.settling { current.from = current.last }
            }
            block = current
        }
        heldBack = left
        if left == 0, let ended = block {
            block = nil
            learn(ended, now)
        }
    }

    private mutating func learn(_ block: Block, _ now: Instant) {
        defer { full = block.isDoubtful ? nil : block.last }
        let from = block.from ?? block.last
        let (time, bytes) = (block.last.time - from.time, block.last.taken - from.taken)
        if time >= Self.leastBlock, bytes >= 2048 {
            // The last burst may have been taken for what comes after.
            rate = Double(bytes - min(Self.burst, bytes / 8)) / time.seconds
        } else if let trial {
            // Taken nearly at once, or more than it bears.
            guard now - block.start >= Self.settling else { return }
            rate = trial.former
        } else if let known = rate {
            // Full again, though it was given less than that: it is slower.
            guard let full, block.last.time - full.time >= Self.leastStretch else { return }
            let sample = Double(block.last.taken - full.taken) / (block.last.time - full.time).seconds
            // Given much less than it was thought to bear, it may have been empty in between.
            guard sample >= known * Self.share * 0.7 else { return }
            rate = min(known, sample)
        } else {
            return  // taken at once
        }
        if block.isDoubtful {
            trialPause = Self.doubtfulTrial
        } else if trialPause < Self.firstTrial {
            trialPause = Self.firstTrial
        } else if trial != nil {
            trialPause = min(Self.lastTrial, trialPause + trialPause)
        }
        (trial, shortSince) = (nil, nil)
        let measured = rate ?? 0
        level = min(history.level(rate: drain, now: now), history.level(rate: measured, now: now) + measured * Self.doubt.seconds)
        levelAt = now
    }

    private mutating func tryMore(_ isCut: Bool, _ now: Instant) {
        if let trial {
            guard now >= trial.end else { return }
            // Had it not been faster, it would have blocked.
            self.trial = nil
            trialPause = Self.doubtfulTrial
            shortSince = nil
        }
        guard isCut else { return }
        let since = shortSince ?? now
        shortSince = since
        guard now - since >= trialPause, let rate else { return }
        trial = (now + .seconds(4), rate)
        self.rate = rate * 2
    }

    mutating func forget(now: Instant) {
        (level, levelAt, heldBack, block, full) = (0, now, 0, nil, nil)
        history = SentHistory()
        guard !isFixed else { return }
        if let trial { rate = trial.former }
        trial = nil
    }
}

/// The last writes, for reckoning afterwards what a line held, once its rate is known.
struct SentHistory: Sendable {
    static let capacity = 256
    /// What is closer together is one entry.
    private static let grain = Interval.milliseconds(20)
    private var entries: [(time: Instant, bytes: Int)] = []
    private var next = 0

    init() { entries.reserveCapacity(Self.capacity) }

    mutating func add(_ bytes: Int, at time: Instant) {
        let newest = (next + entries.count - 1) % max(1, entries.count)
        if let last = entries.isEmpty ? nil : entries[newest].time, time - last < Self.grain {
            entries[newest].bytes += bytes
        } else if entries.count < Self.capacity {
            entries.append((time, bytes))
        } else {
            entries[next] = (time, bytes)
            next = (next + 1) % Self.capacity
        }
    }

    /// The newest was not taken whole.
    mutating func remove(_ bytes: Int) {
        guard !entries.isEmpty else { return }
        let newest = (next + entries.count - 1) % entries.count
        entries[newest].bytes = max(0, entries[newest].bytes - bytes)
    }

    /// Bytes on a line that gives off so many a second.
    func level(rate: Double, now: Instant) -> Double {
        var level = 0.0
        var at: Instant?
        for index in entries.indices {
            let entry = entries[(next + index) % entries.count]
            if let at { level = max(0, level - rate * (entry.time - at).seconds) }
            level += Double(entry.bytes)
            at = entry.time
        }
        return at.map { max(0, level - rate * (now - $0).seconds) } ?? 0
    }
}
