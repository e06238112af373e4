import Primitives

/// Which packets of one stream are missing, and when to ask for each again.
struct NACKGenerator: Sendable {
    static let tick = Interval.milliseconds(20)
    /// Packets overtake each other; one that is only late should not be asked for.
    static let reorderingGrace = Interval.milliseconds(10)
    static let defaultRoundTrip = Interval.milliseconds(100)
    static let maximumTries = 10
    static let capacity = 1000
    /// With more loss than this, requests get lost often enough to be sent twice.
    static let noticeableLoss = 0.025
    /// On a shorter path the next try comes as soon as a repeat would.
    static let shortestRoundTripToRepeat = Interval.milliseconds(40)
    /// How many packets the loss is told from.
    private static let memory = 256.0

    private struct Entry {
        var sequence: Int64
        var noticed: Instant
        var lastSent: Instant?
        var tries = 0
        /// The last try is to be sent once more, in case it gets lost.
        var isRepeatDue = false
    }

    enum Note: Equatable {
        /// In order, or a repeat, or not missed.
        case none
        /// It was asked for, and came.
        case recovered
        /// More is missing than is worth asking for; the list is empty again.
        case overflow
    }

    /// Ascending by sequence.
    private var entries: [Entry] = []
    private var highest: Int64?
    /// The part of the packets that did not come by themselves, lately.
    private(set) var loss = 0.0
    var isLossy: Bool { loss > Self.noticeableLoss }
    private(set) var nextTick: Instant?

    init() {}

    var isEmpty: Bool { entries.isEmpty }

    /// Takes note of a packet that came.
    mutating func receive(_ sequence: Int64, now: Instant) -> Note {
        guard let highest else {
            self.highest = sequence
            return .none
        }
        guard sequence > highest else { return remove(sequence) ? .recovered : .none }
        self.highest = sequence
        loss -= loss / Self.memory
        let missing = sequence - highest - 1
        guard Int64(entries.count) + missing <= Int64(Self.capacity) else {
            entries.removeAll(keepingCapacity: true)
            nextTick = nil
            return .overflow
        }
        for lost in (highest + 1)..<sequence {
            entries.append(Entry(sequence: lost, noticed: now))
            loss += (1 - loss) / Self.memory
        }
        if !entries.isEmpty, nextTick == nil { nextTick = now + Self.reorderingGrace }
        return .none
    }

    /// Whether it had been asked for.
    private mutating func remove(_ sequence: Int64) -> Bool {
        let index = lowerBound(sequence)
        guard index < entries.count, entries[index].sequence == sequence else { return false }
        let entry = entries.remove(at: index)
        if entries.isEmpty { nextTick = nil }
        if entry.tries == 0 { loss = max(0, loss - 1 / Self.memory) }
        return entry.tries > 0
    }

    private func lowerBound(_ sequence: Int64) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Nothing before `sequence` is needed any more.
    mutating func forget(before sequence: Int64) {
        guard let first = entries.first, first.sequence < sequence else { return }
        entries.removeFirst(lowerBound(sequence))
        if entries.isEmpty { nextTick = nil }
    }

    mutating func forgetAll() {
        entries.removeAll(keepingCapacity: true)
        nextTick = nil
    }

    /// The source began a new sequence.
    mutating func restart() { self = NACKGenerator() }

    /// When the oldest missing packet was noticed, and whether it was asked for as often as it may be and the last try is unanswered.
    func oldest(now: Instant, roundTrip: Interval?) -> (sequence: Int64, noticed: Instant, isExhausted: Bool)? {
        entries.first.map { entry in
            let waited = entry.lastSent.map { now - $0 > Self.retry(roundTrip) } ?? false
            return (entry.sequence, entry.noticed, entry.tries >= Self.maximumTries && waited)
        }
    }

    /// The newest packet that came.
    var newest: Int64? { highest }

    private static func retry(_ roundTrip: Interval?) -> Interval {
        roundTrip.map { max(tick, $0 + .milliseconds(10)) } ?? defaultRoundTrip
    }

    /// The sequence numbers to ask for now, ascending.
    mutating func due(now: Instant, roundTrip: Interval?) -> [UInt16] {
        guard let at = nextTick, now >= at else { return [] }
        nextTick = entries.isEmpty ? nil : now + Self.tick
        let retry = Self.retry(roundTrip)
        var due: [UInt16] = []
        let repeats = isLossy && roundTrip ?? Self.defaultRoundTrip >= Self.shortestRoundTripToRepeat
        for index in entries.indices {
            if entries[index].isRepeatDue {
                entries[index].isRepeatDue = false
                due.append(UInt16(truncatingIfNeeded: entries[index].sequence))
                continue
            }
            if entries[index].tries >= Self.maximumTries { continue }
            if let sent = entries[index].lastSent {
                guard now - sent >= retry else { continue }
            } else if now - entries[index].noticed < Self.reorderingGrace {
                continue
            }
            entries[index].lastSent = now
            entries[index].tries += 1
            entries[index].isRepeatDue = repeats
            due.append(UInt16(truncatingIfNeeded: entries[index].sequence))
        }
        return due
    }
}
