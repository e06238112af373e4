import ByteCoding
import Primitives

/// What a packet with a transport-wide number carries.
enum SentKind: UInt8, Sendable { case audio, video, retransmission, padding }

/// What feedback tells of one packet.
struct PacketResult: Sendable {
    var sequence: Int64
    var sent: Instant
    /// On the wire.
    var size: Int
    var kind: SentKind
    /// By the receiver's clock, in microseconds; nil: lost.
    var arrival: Int64?
    /// It was told as lost before.
    var wasLost: Bool
    var probe: Int32
}

/// Packets that are on their way, by transport-wide sequence number.
struct SentPackets: Sendable {
    /// A power of two.
    static let capacity = 4096
    /// Feedback on something older tells nothing.
    static let maximumAge = Interval.seconds(10)

    private enum State: UInt8 { case none, flying, expired, lost, received }
    private struct Entry {
        var sequence: Int64 = -1
        var sent = Instant.zero
        var size: Int32 = 0
        var probe: Int32 = -1
        var kind = SentKind.audio
        var state = State.none
    }

    private var ring = [Entry](repeating: Entry(), count: capacity)
    /// One turn up, so that what is before the first has a number too.
    private(set) var next: Int64 = 65536
    /// Nothing before it is still flying.
    private var tail: Int64 = 65536
    /// Of all but audio, which waits for nothing.
    private(set) var bytesInFlight = 0
    private var referenceTime = SerialUnwrapper<UInt32>()

    private static func slot(_ sequence: Int64) -> Int { Int(truncatingIfNeeded: sequence) & (capacity - 1) }

    /// Notes a packet that leaves now, and gives its number.
    mutating func add(size: Int, kind: SentKind, probe: Int32, now: Instant) -> UInt16 {
        let slot = Self.slot(next)
        if ring[slot].state == .flying { landed(ring[slot]) }
        ring[slot] = Entry(sequence: next, sent: now, size: Int32(clamping: size), probe: probe, kind: kind, state: .flying)
        if kind != .audio { bytesInFlight += size }
        defer { next += 1 }
        return UInt16(truncatingIfNeeded: next)
    }

    private mutating func landed(_ entry: Entry) { if entry.kind != .audio { bytesInFlight -= Int(entry.size) } }

    /// What was sent before is not waited for any more, so that it cannot hold up what follows.
    mutating func expire(before time: Instant) {
        tail = max(tail, next - Int64(Self.capacity))
        while tail < next {
            let slot = Self.slot(tail)
            if ring[slot].state == .flying {
                guard ring[slot].sent < time else { return }
                ring[slot].state = .expired
                landed(ring[slot])
            }
            tail += 1
        }
    }

    /// The feedback on what was sent before this number is lost, or will come late: gives how many bytes nothing is known of.
    private mutating func expire(beforeSequence sequence: Int64) -> Int {
        tail = max(tail, next - Int64(Self.capacity))
        var bytes = 0
        while tail < min(sequence, next) {
            let slot = Self.slot(tail)
            if ring[slot].state == .flying {
                ring[slot].state = .expired
                landed(ring[slot])
                bytes += Int(ring[slot].size)
            }
            tail += 1
        }
        return bytes
    }

    /// Appends what is news, in the order in which it was sent; repeated feedback and feedback on what was never sent is none.
    /// - Returns: how many bytes were sent before that feedback should have told of.
    mutating func apply(_ feedback: TransportFeedback, now: Instant, into results: inout [PacketResult]) -> Int {
        // 24 bits in the upper part of 32, so that they wrap as those do.
        let reference = (referenceTime.unwrap(feedback.referenceTime << 8) >> 8) &* 64_000
        let newest = next - 1
        let base = newest + Int64(feedback.baseSequenceNumber.serialDistance(from: UInt16(truncatingIfNeeded: newest)))
        let oldest = max(next - Int64(Self.capacity), 65536)
        let last = min(newest, base + Int64(feedback.statusCount) - 1)
        var arrival = 0
        var sequence = max(base, oldest)
        while sequence <= last {
            let offset = sequence - base
            while arrival < feedback.arrivals.count, Int64(feedback.arrivals[arrival].offset) < offset { arrival += 1 }
            var time: Int64?
            if arrival < feedback.arrivals.count, Int64(feedback.arrivals[arrival].offset) == offset {
                time = reference &+ Int64(feedback.arrivals[arrival].ticks) &* 250
            }
            note(sequence, time, now, into: &results)
            sequence += 1
        }
        return base <= newest ? expire(beforeSequence: base) : 0
    }

    private mutating func note(_ sequence: Int64, _ arrival: Int64?, _ now: Instant, into results: inout [PacketResult]) {
        let slot = Self.slot(sequence)
        let entry = ring[slot]
        guard entry.sequence == sequence, now - entry.sent <= Self.maximumAge else { return }
        switch entry.state {
        case .none, .received: return
        case .lost where arrival == nil: return
        case .flying: landed(entry)
        case .lost, .expired: break
        }
        ring[slot].state = arrival == nil ? .lost : .received
        results.append(
            PacketResult(
                sequence: sequence, sent: entry.sent, size: Int(entry.size), kind: entry.kind, arrival: arrival,
                wasLost: entry.state == .lost, probe: entry.probe))
    }
}
