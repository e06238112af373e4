import Primitives

/// Compares how far apart groups of packets left and came: what was sent within 5 ms, or came in one burst, is one group.
struct PacketGroups: Sendable {
    static let length = Interval.milliseconds(5)
    /// What waits somewhere and comes in one go is one group, up to this long.
    static let maximumBurst: Int64 = 100_000

    /// Both in milliseconds, and the newer group's last arrival in microseconds.
    struct Deltas {
        var sent: Double
        var arrived: Double
        var arrival: Int64
    }

    private struct Group {
        var firstSent: Instant
        var lastSent: Instant
        var firstArrival: Int64
        var lastArrival: Int64
    }

    private var current: Group?
    private var previous: Group?

    /// In order of sending; gives something when a packet has closed a group, and with it a pair.
    mutating func add(sent: Instant, arrival: Int64) -> Deltas? {
        guard let group = current else {
            current = Group(firstSent: sent, lastSent: sent, firstArrival: arrival, lastArrival: arrival)
            return nil
        }
        // Sent before the group began: late, and says nothing.
        guard sent >= group.firstSent else { return nil }
        if belongs(sent, arrival, to: group) {
            current?.lastSent = max(group.lastSent, sent)
            current?.lastArrival = max(group.lastArrival, arrival)
            return nil
        }
        defer {
            previous = group
            current = Group(firstSent: sent, lastSent: sent, firstArrival: arrival, lastArrival: arrival)
        }
        guard let previous else { return nil }
        let arrived = group.lastArrival &- previous.lastArrival
        // Groups that came in the wrong order, or with a clock that jumped.
        guard arrived >= 0, arrived < 3_000_000 else { return nil }
        return Deltas(
            sent: (group.lastSent - previous.lastSent).milliseconds, arrived: Double(arrived) / 1000, arrival: group.lastArrival)
    }

    private func belongs(_ sent: Instant, _ arrival: Int64, to group: Group) -> Bool {
        if sent - group.firstSent <= Self.length { return true }
        let arrived = arrival &- group.lastArrival
        let travelled = arrived &- (sent - group.lastSent).microseconds
        return arrived >= 0 && arrived <= Self.length.microseconds && travelled < 0 && arrival &- group.firstArrival < Self.maximumBurst
    }
}
