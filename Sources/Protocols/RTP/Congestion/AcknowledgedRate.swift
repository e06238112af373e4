/// The rate at which packets arrive, measured over windows of their arrival times and smoothed the more the better it is known.
struct AcknowledgedRate: Sendable {
    private static let firstWindow: Int64 = 500_000
    private static let window: Int64 = 150_000

    /// kbit/s.
    private var estimate: Double?
    private var variance = 50.0
    private var bytes = 0
    private var windowStart: Int64?
    private var last: Int64 = 0

    /// bit/s; nil until half a second of packets has come.
    var rate: Double? { estimate.map { $0 * 1000 } }

    /// Bytes that arrived, though nobody told when.
    mutating func add(unreported size: Int) { if windowStart != nil { bytes += size } }

    /// - Parameter arrival: by the receiver's clock, in microseconds.
    mutating func add(size: Int, arrival: Int64, isLimited: Bool) {
        let length = estimate == nil ? Self.firstWindow : Self.window
        guard let start = windowStart, arrival >= start - length, arrival - last < 2_000_000 else {
            (windowStart, bytes, last) = (arrival, size, arrival)
            return
        }
        last = max(last, arrival)
        let elapsed = arrival - start
        guard elapsed >= length else {
            bytes += size
            return
        }
        let sample = Double(bytes) * 8 / (Double(elapsed) / 1000)
        (windowStart, bytes) = (arrival, size)
        guard let before = estimate else {
            estimate = sample
            return
        }
        // What differs much is believed little at first; a lower rate of who sends little is no news of the link.
        let scale = isLimited && sample < before ? 40.0 : 10.0
        let doubt = scale * abs(before - sample) / max(1, before)
        let sampleVariance = doubt * doubt
        let predicted = variance + 5
        estimate = max(0, (sampleVariance * before + predicted * sample) / (sampleVariance + predicted))
        variance = sampleVariance * predicted / (sampleVariance + predicted)
    }
}
