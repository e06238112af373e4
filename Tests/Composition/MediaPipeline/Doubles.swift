import MediaTypes
import Primitives
import Threading

/// A camera that gives what a test puts in, when it puts it in.
final class FedCamera: VideoSource {
    let format: VideoFormat
    let name = "fed camera"
    private let ring = BoundedRing<I420Frame>(capacity: 16)

    init(width: Int, height: Int) { format = VideoFormat(width: width, height: height, framesPerSecond: 30) }

    func put(_ frame: I420Frame) { ring.push(frame) }
    func next() throws(MediaDeviceError) -> I420Frame? { ring.wait(until: nil) }
    func stop() { ring.close() }
}

/// A microphone that gives what a test puts in.
final class FedMicrophone: AudioSource {
    let name = "fed microphone"
    private let ring = BoundedRing<[Int16]>(capacity: 16)

    func put(_ samples: [Int16]) { ring.push(samples) }
    func read(into samples: inout [Int16]) throws(MediaDeviceError) -> Bool {
        guard let block = ring.wait(until: nil) else { return false }
        samples = block
        return true
    }
    func stop() { ring.close() }
}

/// A speaker that plays a block when a test allows it, and fails when told.
final class SteppedSpeaker: AudioSink {
    let name = "stepped speaker"
    private let steps = BoundedRing<Bool>(capacity: 4096)
    let played = BoundedRing<[Int16]>(capacity: 4096)

    func allow(_ blocks: Int) { for _ in 0..<blocks { steps.push(true) } }
    func fail() { steps.push(false) }
    func write(_ samples: [Int16]) throws(MediaDeviceError) {
        guard let works = steps.wait(until: nil) else { return }
        guard works else { throw MediaDeviceError(.gone, "The speaker is gone.") }
        played.push(samples)
    }
    func stop() { steps.close() }
}

extension BoundedRing {
    /// The next value, however long it takes; only a broken test waits a minute.
    func next() -> Value? { wait(until: MonotonicClock.now() + .seconds(60)) }
}
