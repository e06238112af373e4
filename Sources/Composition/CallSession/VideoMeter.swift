import MediaTypes
import Primitives
import Synchronization
import TestPattern

/// What the decoded pictures of a call were like: rate, freezes, difference, brightness and, by the test camera's timecode, latency.
///
/// Fed by decode threads, read by whoever reports.
final class VideoMeter: Sendable {
    struct Report: Sendable, Equatable {
        var decoded = 0
        var width = 0
        var height = 0
        /// Between the first and the last decoded frame.
        var framesPerSecond = 0.0
        var distinct = 0
        /// Of the last picture, full range 0 to 255.
        var meanLuma = 0.0
        /// Gaps of more than 250 ms between decoded frames.
        var freezes = 0
        var freezeTime = Interval.zero
        /// Capture to decoded, in ms; nil without a timecode in the picture.
        var latency: (p50: Int, p95: Int)?
        var firstFrame: Instant?
        /// Of this connection.
        var lastFrame: Instant?
        /// Of any.
        var newest: Instant?
        /// Time with decoded video, each gap counted with 250 ms at the most.
        var watched = Interval.zero
        /// The same with the freezes whole.
        fileprivate var span: Interval { watched + freezeTime - VideoMeter.freeze * freezes }

        static func == (a: Report, b: Report) -> Bool {
            a.decoded == b.decoded && a.distinct == b.distinct && a.freezes == b.freezes && a.latency?.p50 == b.latency?.p50
        }
    }

    /// The same over several members: sums, but for the size and the brightness, which are the last picture's, and
    /// the rate, which is that of one of them on average.
    struct Totals: Sendable {
        private var sum = Report()
        private var span = Interval.zero
        private var intervals = 0
        private var latencies = LatencyHistogram()

        mutating func add(_ meter: VideoMeter) {
            let (report, latencies) = meter.state.withLock { ($0.finished, $0.latencies) }
            sum.decoded += report.decoded
            sum.distinct += report.distinct
            sum.freezes += report.freezes
            sum.freezeTime = sum.freezeTime + report.freezeTime
            sum.watched = sum.watched + report.watched
            if let last = report.newest, sum.newest.map({ $0 <= last }) ?? true {
                sum.newest = last
                (sum.width, sum.height, sum.meanLuma) = (report.width, report.height, report.meanLuma)
            }
            span = span + report.span
            intervals += max(0, report.decoded - 1)
            self.latencies.add(latencies)
        }

        var report: Report {
            var report = sum
            report.latency = latencies.percentiles
            report.framesPerSecond = intervals > 0 && span > .zero ? Double(intervals) / span.seconds : 0
            return report
        }
    }

    private struct State {
        var report = Report()
        var seen: Set<UInt64> = []
        var latencies = LatencyHistogram()

        var finished: Report {
            var report = report
            report.distinct = seen.count
            report.latency = latencies.percentiles
            if report.decoded > 1, report.span > .zero { report.framesPerSecond = Double(report.decoded - 1) / report.span.seconds }
            return report
        }
    }

    private static let freeze = Interval.milliseconds(250)
    /// Enough for an hour at 30 pictures a second; beyond it, `distinct` stands still.
    private static let mostSeen = 1 << 17
    private let state = Mutex(State())

    /// `now` and `wallClock` (ms since 1970) are of the moment when the picture came out of the decoder.
    func add(_ frame: I420Frame, now: Instant, wallClock: Int64) {
        let (hash, luma) = Self.fingerprint(frame)
        let timecode = Timecode.read(from: frame)
        state.withLock { state in
            state.report.decoded += 1
            state.report.width = frame.width
            state.report.height = frame.height
            state.report.meanLuma = luma
            if state.report.firstFrame == nil { state.report.firstFrame = now }
            if let last = state.report.lastFrame {
                let gap = now - last
                if gap > Self.freeze {
                    state.report.freezes += 1
                    state.report.freezeTime = state.report.freezeTime + gap
                }
                state.report.watched = state.report.watched + min(gap, Self.freeze)
            }
            state.report.lastFrame = now
            state.report.newest = now
            if state.seen.count < Self.mostSeen { state.seen.insert(hash) }
            if let timecode { state.latencies.add(milliseconds: wallClock - timecode.wallClockMilliseconds) }
        }
    }

    /// The other side is gone: the wait for the next one is no freeze.
    func pause() {
        state.withLock { $0.report.lastFrame = nil }
    }

    var report: Report { state.withLock { $0.finished } }

    /// A hash and the mean luma over every 7th luma byte.
    private static func fingerprint(_ frame: I420Frame) -> (UInt64, Double) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var sum = 0
        var count = 0
        let bytes = frame.bytes.span
        var i = 0
        while i < frame.lumaCount {
            hash = (hash ^ UInt64(bytes[i])) &* 0x100_0000_01b3
            sum += Int(bytes[i])
            count += 1
            i += 7
        }
        return (hash, (Double(sum) / Double(max(count, 1)) - 16) * 255 / 219)
    }
}

/// Counts latencies by the millisecond, up to five seconds.
struct LatencyHistogram: Sendable {
    private var buckets = [UInt32](repeating: 0, count: 5001)
    private var count = 0

    mutating func add(milliseconds: Int64) {
        // Before zero the clocks of two machines differ: that says nothing.
        guard milliseconds >= 0 else { return }
        buckets[Int(min(milliseconds, 5000))] += 1
        count += 1
    }

    mutating func add(_ other: LatencyHistogram) {
        for index in buckets.indices { buckets[index] &+= other.buckets[index] }
        count += other.count
    }

    var percentiles: (p50: Int, p95: Int)? { count == 0 ? nil : (percentile(0.5), percentile(0.95)) }

    private func percentile(_ fraction: Double) -> Int {
        var left = Int((Double(count) * fraction).rounded(.up))
        for (milliseconds, bucket) in buckets.enumerated() {
            left -= Int(bucket)
            if left <= 0 { return milliseconds }
        }
        return buckets.count - 1
    }
}
