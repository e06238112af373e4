import ByteCoding
import Primitives

/// When packets with a transport-wide sequence number came, and what is to be told of it to their sender.
struct ArrivalRecorder: Sendable {
    /// How far back an arrival is remembered; a power of two.
    static let capacity = 2048
    static let maximumArrivals = 400
    static let maximumStatuses = 1000
    static let firstInterval = Interval.milliseconds(50)
    static let intervals = Interval.milliseconds(50)...Interval.milliseconds(250)
    /// What a feedback packet takes on the wire, and how much of what comes in may be spent on telling of it.
    private static let feedbackBits = 68.0 * 8
    private static let share = 0.05

    private var times = [Int64](repeating: unknown, count: capacity)
    private static let unknown = Int64.min
    private var unwrapper = SerialUnwrapper<UInt16>()
    /// Not reported yet: from here up to `end`.
    private var begin: Int64 = 0
    private var end: Int64?
    private var feedbackCount: UInt8 = 0
    private(set) var nextFeedback: Instant?
    private var receivedBytes = 0
    private var lastFeedback: Instant?

    /// - Parameter size: of the whole packet, in bytes.
    mutating func record(_ sequenceNumber: UInt16, size: Int, now: Instant) {
        receivedBytes &+= size
        let sequence = unwrapper.unwrap(sequenceNumber)
        guard let end else {
            begin = sequence
            restart(at: sequence, now)
            return
        }
        if sequence >= end {
            if sequence - end >= Int64(Self.capacity) {
                begin = sequence
                restart(at: sequence, now)
            } else {
                for skipped in end..<sequence { times[Self.slot(skipped)] = Self.unknown }
                times[Self.slot(sequence)] = now.microseconds
                self.end = sequence + 1
                begin = max(begin, sequence + 1 - Int64(Self.capacity))
            }
        } else if end - sequence < Int64(Self.capacity), times[Self.slot(sequence)] == Self.unknown {
            times[Self.slot(sequence)] = now.microseconds
            // Overtaken, and perhaps told as lost already: told again with all that followed.
            begin = min(begin, sequence)
        }
        if nextFeedback == nil { nextFeedback = now + (lastFeedback == nil ? Self.firstInterval : Self.intervals.lowerBound) }
    }

    private mutating func restart(at sequence: Int64, _ now: Instant) {
        for slot in times.indices { times[slot] = Self.unknown }
        times[Self.slot(sequence)] = now.microseconds
        end = sequence + 1
        if nextFeedback == nil { nextFeedback = now + Self.firstInterval }
    }

    private static func slot(_ sequence: Int64) -> Int { Int(truncatingIfNeeded: sequence) & (capacity - 1) }

    private static func floor(_ value: Int64, _ unit: Int64) -> Int64 { value / unit - (value % unit < 0 ? 1 : 0) }

    /// The feedback that is due now, in as few packets as hold it.
    mutating func takeDue(now: Instant, sender: UInt32, media: UInt32) -> [TransportFeedback] {
        guard let due = nextFeedback, now >= due else { return [] }
        guard let end, begin < end else {
            nextFeedback = nil
            return []
        }
        let elapsed = max(0.02, (now - (lastFeedback ?? now - Self.firstInterval)).seconds)
        let rate = Double(receivedBytes) * 8 / elapsed
        let wanted = Interval(seconds: Self.feedbackBits / max(1, rate * Self.share))
        nextFeedback = now + max(Self.intervals.lowerBound, min(Self.intervals.upperBound, wanted))
        (lastFeedback, receivedBytes) = (now, 0)
        var packets: [TransportFeedback] = []
        while begin < end {
            if let packet = makeFeedback(upTo: end, sender: sender, media: media) { packets.append(packet) }
        }
        return packets
    }

    /// One packet from `begin` on, which moves behind it; nil when nothing came.
    private mutating func makeFeedback(upTo end: Int64, sender: UInt32, media: UInt32) -> TransportFeedback? {
        let first = begin
        var reference: Int64?
        var arrivals: [TransportFeedback.Arrival] = []
        var last: Int32 = 0
        var next = begin
        while next < end, next - first < Int64(Self.maximumStatuses), arrivals.count < Self.maximumArrivals {
            let time = times[Self.slot(next)]
            if time != Self.unknown {
                let start = reference ?? Self.floor(time, 64_000)
                reference = start
                let ticks = (time - start * 64_000) / 250
                guard ticks - Int64(last) == Int64(Int16(truncatingIfNeeded: ticks - Int64(last))) else { break }
                last = Int32(truncatingIfNeeded: ticks)
                arrivals.append(TransportFeedback.Arrival(offset: UInt16(next - first), ticks: last))
            }
            next += 1
        }
        begin = next
        guard let reference, let newest = arrivals.last else { return nil }
        defer { feedbackCount &+= 1 }
        // What is behind the newest arrival is not lost yet.
        let count = newest.offset + 1
        begin = first + Int64(count)
        return TransportFeedback(
            sender: sender, media: media, baseSequenceNumber: UInt16(truncatingIfNeeded: first), statusCount: count,
            referenceTime: UInt32(truncatingIfNeeded: reference) & 0xff_ffff, feedbackCount: feedbackCount, arrivals: arrivals)
    }
}
