import Primitives

/// How many packets' length to wait for the copies of lost packets: while packets are lost, as far as copies ride behind their originals.
struct AudioRedundancyWait: Sendable {
    static let mostPackets = 3
    /// Part of the packets, from which on copies are waited for, and down to which.
    static let begins = 0.006
    static let ends = 0.002
    private static let memory = 1.0 / 256
    /// Copies that have not been seen for so long are not expected.
    private static let patience = Interval.seconds(5)

    private var loss = 0.0
    private var isLossy = false
    /// When copies were last seen that came one, two and three packets after their originals.
    private var seen = [Instant?](repeating: nil, count: mostPackets + 1)

    /// Packets skipped before one that is the newest so far.
    mutating func received(skipping missing: Int64) {
        // No copy reaches over a longer hole, so that an outage is no reason to wait for any.
        for _ in 0..<min(Int64(Self.mostPackets), max(0, missing)) { loss += (1 - loss) * Self.memory }
        loss -= loss * Self.memory
        update()
    }

    /// One that had been taken for lost was only overtaken.
    mutating func foundMissing() {
        loss = max(0, loss - Self.memory)
        update()
    }

    private mutating func update() { isLossy = loss >= (isLossy ? Self.ends : Self.begins) }

    mutating func sawCopy(after packets: Int64, now: Instant) {
        guard (1...Int64(Self.mostPackets)).contains(packets) else { return }
        seen[Int(packets)] = now
    }

    func packets(now: Instant) -> Int {
        guard isLossy else { return 0 }
        return seen.lastIndex { $0.map { now - $0 < Self.patience } ?? false } ?? 0
    }
}
