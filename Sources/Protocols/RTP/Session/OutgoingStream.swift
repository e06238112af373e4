import Primitives

/// What one source of this side has sent: its sequence, its counters, and whether the other side knows which medium it is.
struct OutgoingStream: Sendable {
    let ssrc: UInt32
    let clockRate: Int64
    private(set) var nextSequenceNumber: UInt16
    private(set) var packets = 0
    private(set) var octets = 0
    private(set) var lastSent: Instant?
    /// An RTP time and when it was captured.
    private var clock: (timestamp: UInt32, at: Instant)?
    /// A report about this source has come: the MID has done its work (RFC 8843 section 15).
    var isAcknowledged = false

    /// Starts below 2^15, so that an early loss cannot confuse SRTP's guess of the rollover counter.
    init(ssrc: UInt32, clockRate: Int64, random: inout RandomSource) {
        self.ssrc = ssrc
        self.clockRate = clockRate
        nextSequenceNumber = UInt16.random(in: 0..<0x8000, using: &random)
    }

    mutating func takeSequenceNumber() -> UInt16 {
        defer { nextSequenceNumber &+= 1 }
        return nextSequenceNumber
    }

    mutating func sent(payload: Int, now: Instant) {
        packets &+= 1
        octets &+= payload
        lastSent = now
    }

    mutating func captured(timestamp: UInt32, at time: Instant) { clock = (timestamp, time) }

    /// What a sender report says now; nil when this source has sent nothing for a while and so is no sender.
    func senderInfo(now: Instant, ntpOffset: Interval) -> SenderInfo? {
        guard let lastSent, let clock, now - lastSent < .seconds(10) else { return nil }
        let ticks = (now - clock.at).microseconds &* clockRate / 1_000_000
        return SenderInfo(
            ntp: NTPTime(now, offset: ntpOffset), rtpTimestamp: clock.timestamp &+ UInt32(truncatingIfNeeded: ticks),
            packetCount: UInt32(truncatingIfNeeded: packets), octetCount: UInt32(truncatingIfNeeded: octets))
    }
}
