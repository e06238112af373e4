import MediaTypes
import Primitives
import Synchronization
import Threading

/// Where sound goes when there is no speaker: nowhere, at a speaker's pace.
public final class ClockedSink: AudioSink {
    public let name = "none"
    private let cadence = Mutex(Cadence(unitsPerSecond: 48_000, tolerance: .milliseconds(200)))
    private let stopped = StopSignal()

    public init() {}

    public func write(_ samples: [Int16]) throws(MediaDeviceError) {
        let due = cadence.withLock { $0.advance(by: samples.count, now: MonotonicClock.now()) }
        _ = stopped.sleep(until: due)
    }

    public func stop() { stopped.stop() }
}
