/// How many bytes may be under way (RFC 9260, section 7.2).
struct CongestionWindow: Sendable {
    static let packet = PacketFormat.maximumSize
    static let initial = 10 * packet
    static let minimum = 4 * packet
    static let maximum = 8 << 20
    /// What one SACK may open the window by in slow start: the RFC's L, large since SACKs come in batches.
    static let slowStartLimit = 16 * packet

    private(set) var bytes = initial
    private var slowStartThreshold = Int.max
    private var partialBytes = 0
    /// The last TSN that was out when a loss was noticed; one loss episode halves the window once.
    private(set) var recoveryEnd: Int64?

    var isRecovering: Bool { recoveryEnd != nil }
    var isInSlowStart: Bool { bytes <= slowStartThreshold }

    /// `wasFull`: the window, and not the application, kept the sender from sending more.
    mutating func acknowledged(_ count: Int, upTo cumulative: Int64, wasFull: Bool) {
        if let end = recoveryEnd {
            guard cumulative >= end else { return }
            recoveryEnd = nil
            return
        }
        guard wasFull else { return }
        if isInSlowStart {
            bytes = min(Self.maximum, bytes + min(count, Self.slowStartLimit))
        } else {
            partialBytes += count
            while partialBytes >= bytes {
                partialBytes -= bytes
                bytes = min(Self.maximum, bytes + Self.packet)
            }
        }
    }

    /// True when a loss episode begins with this loss.
    mutating func lost(outstandingUpTo last: Int64) -> Bool {
        guard recoveryEnd == nil else { return false }
        slowStartThreshold = max(bytes / 2, Self.minimum)
        bytes = slowStartThreshold
        partialBytes = 0
        recoveryEnd = last
        return true
    }

    mutating func timedOut() {
        slowStartThreshold = max(bytes / 2, Self.minimum)
        bytes = Self.packet
        partialBytes = 0
        recoveryEnd = nil
    }

    /// After a silence the path may have changed (section 7.2.1).
    mutating func idled() { bytes = min(bytes, max(Self.initial, bytes / 2)) }
}
