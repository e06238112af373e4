import Primitives

/// Round-trip time out of report blocks (RFC 3550 section 6.4.1), smoothed like TCP's.
struct RoundTrip: Sendable {
    private(set) var smoothed: Interval?
    private(set) var latest: Interval?

    /// `now` is in the clock that this side's sender reports were written in; all three count 1/65536 s.
    mutating func update(now: UInt32, lastSenderReport: UInt32, delay: UInt32) {
        guard lastSenderReport != 0 else { return }
        let units = now &- lastSenderReport &- delay
        // Clock granularity may make it slightly negative; over half a minute is no round trip.
        let sample = units > 0xffff_ff00 ? 0 : Int64(units)
        guard sample < 30 * 65536 else { return }
        let interval = Interval(microseconds: sample * 1_000_000 / 65536)
        latest = interval
        smoothed = smoothed.map { $0 + (interval - $0) / 4 } ?? interval
    }
}
