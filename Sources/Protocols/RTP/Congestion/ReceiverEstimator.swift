import ByteCoding
import Primitives

/// What can be received, for a sender that leaves the estimate to this side: from the send times that its packets carry.
struct ReceiverEstimator: Sendable {
    static let interval = Interval.seconds(1)
    static let updateInterval = Interval.milliseconds(25)
    /// Told at once when it has fallen by this part.
    static let fall = 0.03

    private var delay = DelayEstimator(rate: 1_000_000, minimum: CongestionController.minimumRate)
    private var unwrapper = SerialUnwrapper<UInt32>()
    private var lastUpdate: Instant?
    private var lastTold: (rate: Double, at: Instant)?
    private(set) var nextTimeout: Instant?

    /// - Parameter sendTime: 24 bits, 6 of seconds and 18 of fraction.
    mutating func add(sendTime: UInt32, size: Int, roundTrip: Interval?, now: Instant) {
        // In the upper bits of 32, so that it wraps as those do.
        let units = unwrapper.unwrap(sendTime << 8) >> 8
        let sent = Instant(microseconds: (units &* 1_000_000) >> 18)
        delay.add(sent: sent, arrival: now.microseconds, size: size, isLimited: false)
        if nextTimeout == nil { nextTimeout = now + Self.interval }
        if let lastUpdate, now - lastUpdate < Self.updateInterval { return }
        lastUpdate = now
        delay.update(probed: nil, roundTrip: roundTrip ?? .milliseconds(200), isLimited: false, now: now)
        if let lastTold, delay.rate < lastTold.rate * (1 - Self.fall) { nextTimeout = now }
    }

    /// The rate to be told now, in bit/s.
    mutating func takeDue(now: Instant) -> Int? {
        guard let due = nextTimeout, now >= due else { return nil }
        // As long as packets come.
        nextTimeout = lastUpdate.map { now - $0 < .seconds(2) } ?? false ? now + Self.interval : nil
        guard delay.acknowledged.rate != nil else { return nil }
        lastTold = (delay.rate, now)
        return Int(delay.rate)
    }
}
