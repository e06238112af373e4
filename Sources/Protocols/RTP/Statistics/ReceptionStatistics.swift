import ByteCoding
import Primitives

/// What a receiver counts of one source (RFC 3550 appendices A.1, A.3 and A.8).
struct ReceptionStatistics: Sendable {
    enum Verdict: Equatable {
        /// Belongs to the stream, at this place on a line that does not wrap.
        case accepted(Int64)
        /// The source jumped: this is the second packet of its new sequence, so what was known before is void.
        case restarted(Int64)
        /// Far from everything so far, and alone with it.
        case rejected
    }

    /// Beyond these a packet does not count as loss or reordering.
    private static let maximumDropout = 3000
    private static let maximumMisorder = 1000

    let clockRate: Int64
    private var highest: Int64?
    private var base: Int64 = 0
    private var suspect: UInt16?
    private(set) var received = 0
    private var expectedBefore = 0
    private var receivedBefore = 0
    private var transit: Int64?
    /// In 1/16 of a timestamp unit.
    private var scaledJitter: Int64 = 0
    private(set) var fractionLost = 0.0
    private var lastReport: (middle: UInt32, arrival: Instant)?
    /// The last sender report: what its NTP time is in RTP time.
    private(set) var senderClock: (ntp: NTPTime, timestamp: UInt32)?

    init(clockRate: Int64) { self.clockRate = clockRate }

    private var expected: Int { highest.map { Int($0 - base) + 1 } ?? 0 }
    var lost: Int { expected - received }
    var jitter: Interval { Interval(microseconds: (scaledJitter / 16) &* 1_000_000 / clockRate) }

    mutating func receive(sequenceNumber: UInt16, timestamp: UInt32, now: Instant) -> Verdict {
        let before = highest
        let verdict = place(sequenceNumber)
        guard verdict != .rejected else { return verdict }
        received += 1
        // What was sent again, or was overtaken, says nothing about how evenly packets travel.
        if highest != before { updateJitter(timestamp, now) }
        return verdict
    }

    /// Where a packet lies that came again and does not count as received; nil unless something newer has come already.
    func position(ofRetransmitted sequenceNumber: UInt16) -> Int64? {
        guard let highest else { return nil }
        let distance = sequenceNumber.serialDistance(from: UInt16(truncatingIfNeeded: highest))
        return distance < 0 && distance > -Self.maximumMisorder ? highest &+ Int64(distance) : nil
    }

    private mutating func place(_ sequenceNumber: UInt16) -> Verdict {
        guard let highest else {
            start(sequenceNumber)
            return .accepted(base)
        }
        let distance = sequenceNumber.serialDistance(from: UInt16(truncatingIfNeeded: highest))
        guard distance < Self.maximumDropout, distance > -Self.maximumMisorder else {
            guard suspect == sequenceNumber else {
                suspect = sequenceNumber &+ 1
                return .rejected
            }
            let (clock, report) = (senderClock, lastReport)
            self = ReceptionStatistics(clockRate: clockRate)
            (senderClock, lastReport) = (clock, report)
            start(sequenceNumber)
            return .restarted(base)
        }
        suspect = nil
        let position = highest &+ Int64(distance)
        self.highest = max(highest, position)
        base = min(base, position)
        return .accepted(position)
    }

    private mutating func start(_ sequenceNumber: UInt16) {
        // One turn up, so that packets older than the first have a place too.
        base = Int64(sequenceNumber) + 65536
        highest = base
    }

    private mutating func updateJitter(_ timestamp: UInt32, _ now: Instant) {
        // Only differences count, so arrival may wrap like the timestamp does.
        let arrival = (now.microseconds / 1_000_000) &* clockRate &+ (now.microseconds % 1_000_000) &* clockRate / 1_000_000
        let transit = Int64(UInt32(truncatingIfNeeded: arrival) &- timestamp)
        if let last = self.transit {
            let difference = abs(Int64(UInt32(truncatingIfNeeded: transit).serialDistance(from: UInt32(truncatingIfNeeded: last))))
            // More than ten seconds is a new time line, not jitter.
            if difference < clockRate * 10 { scaledJitter += difference - (scaledJitter + 8) / 16 }
        }
        self.transit = transit
    }

    /// When the sender's clock said that `timestamp` was captured, as its last report relates the two; nil without one.
    func senderTime(of timestamp: UInt32) -> NTPTime? {
        guard let senderClock else { return nil }
        let ticks = Int64(timestamp.serialDistance(from: senderClock.timestamp))
        // Whole seconds and the rest apart, so that nothing overflows.
        let fraction = ((ticks % clockRate) << 32) / clockRate
        let units = ((ticks / clockRate) << 32) &+ fraction
        return NTPTime(value: senderClock.ntp.value &+ UInt64(bitPattern: units))
    }

    mutating func receive(_ info: SenderInfo, now: Instant) {
        lastReport = (info.ntp.middle, now)
        senderClock = (info.ntp, info.rtpTimestamp)
    }

    /// The block for the next report, and the start of a new interval for the fraction lost; nil while nothing has come.
    mutating func makeBlock(ssrc: UInt32, now: Instant) -> ReportBlock? {
        guard let highest else { return nil }
        let expectedNow = expected - expectedBefore
        let lostNow = expectedNow - (received - receivedBefore)
        (expectedBefore, receivedBefore) = (expected, received)
        let fraction = expectedNow > 0 && lostNow > 0 ? min(255, lostNow * 256 / expectedNow) : 0
        fractionLost = Double(fraction) / 256
        let delay = lastReport.map { max(0, (now - $0.arrival).microseconds) &* 65536 / 1_000_000 } ?? 0
        return ReportBlock(
            ssrc: ssrc, fractionLost: UInt8(fraction), cumulativeLost: Int32(max(-0x80_0000, min(0x7f_ffff, lost))),
            extendedHighestSequence: UInt32(truncatingIfNeeded: highest - 65536), jitter: UInt32(truncatingIfNeeded: scaledJitter / 16),
            lastSenderReport: lastReport?.middle ?? 0, delaySinceLastSenderReport: UInt32(truncatingIfNeeded: delay))
    }
}
