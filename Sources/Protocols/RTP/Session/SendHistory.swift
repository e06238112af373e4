import Primitives

/// Packets that were sent, kept for as long as the other side may still ask for them.
struct SendHistory: Sendable {
    /// A power of two.
    static let capacity = 2048
    static let minimumAge = Interval.seconds(2)
    /// Between two retransmissions of a packet; under any receiver's own.
    static let minimumSpacing = Interval.milliseconds(5)

    private struct Entry {
        var sequenceNumber: UInt16
        var packet: [UInt8]
        var sent: Instant
        var resent: Instant?
    }

    private var ring = [Entry?](repeating: nil, count: capacity)
    /// The oldest that may still be there.
    private var tail: UInt16?

    mutating func add(_ packet: [UInt8], sequenceNumber: UInt16, now: Instant, roundTrip: Interval?) {
        ring[Self.index(sequenceNumber)] = Entry(sequenceNumber: sequenceNumber, packet: packet, sent: now)
        let age = max(Self.minimumAge, (roundTrip ?? .zero) * 3)
        var oldest = tail ?? sequenceNumber
        if sequenceNumber &- oldest >= UInt16(Self.capacity) { oldest = sequenceNumber &- UInt16(Self.capacity) &+ 1 }
        while oldest != sequenceNumber {
            if let entry = ring[Self.index(oldest)], entry.sequenceNumber == oldest {
                if now - entry.sent <= age { break }
                ring[Self.index(oldest)] = nil
            }
            oldest &+= 1
        }
        tail = oldest
    }

    /// The packet to be sent again; nil when it is gone, or was sent again so lately that this cannot be about that try.
    mutating func take(_ sequenceNumber: UInt16, now: Instant, roundTrip: Interval?) -> [UInt8]? {
        let index = Self.index(sequenceNumber)
        guard let entry = ring[index], entry.sequenceNumber == sequenceNumber else { return nil }
        // The round trip is what the other side says it is: none at all must not make it an amplifier.
        let spacing = max(Self.minimumSpacing, roundTrip.map { $0 * 3 / 4 } ?? .milliseconds(30))
        if let resent = entry.resent, now - resent < spacing { return nil }
        ring[index]?.resent = now
        return entry.packet
    }

    private static func index(_ sequenceNumber: UInt16) -> Int { Int(sequenceNumber) & (capacity - 1) }
}
