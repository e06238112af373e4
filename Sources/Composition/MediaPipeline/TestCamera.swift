import MediaTypes
import Primitives
import Synchronization
import TestPattern
import Threading

/// The test pattern as a camera, with the wall clock of each drawing in its timecode.
public final class TestCamera: VideoSource {
    private struct State {
        var number = 0
        var cadence: Cadence
    }

    public let format: VideoFormat
    public let name = "test camera"
    private let pattern: TestPattern
    private let paced: Bool
    private let state: Mutex<State>
    private let stopped = StopSignal()

    /// - Parameters:
    ///   - width: clamped to 16...16384, as `height`; below 160x120 there is no timecode.
    ///   - framesPerSecond: clamped to 1...240.
    ///   - paced: false gives pictures as fast as they are asked for.
    public init(width: Int, height: Int, framesPerSecond: Double, paced: Bool = true) {
        pattern = TestPattern(width: width, height: height)
        let rate = max(1, min(240, framesPerSecond))
        format = VideoFormat(width: pattern.width, height: pattern.height, framesPerSecond: rate)
        self.paced = paced
        state = Mutex(State(cadence: Cadence(unitsPerSecond: rate, tolerance: .seconds(4 / rate))))
    }

    public func next() throws(MediaDeviceError) -> I420Frame? {
        let (number, due) = state.withLock { state in
            defer { state.number += 1 }
            return (state.number, state.cadence.advance(now: MonotonicClock.now()))
        }
        if paced, !stopped.sleep(until: due) { return nil }
        guard !stopped.isStopped else { return nil }
        return pattern.picture(number: number, wallClockMilliseconds: WallClock.milliseconds(), time: MonotonicClock.now())
    }

    public func stop() { stopped.stop() }
}
