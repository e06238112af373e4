@testable import MediaPipeline
import Primitives

/// A camera of 30 pictures a second in simulated time, and what the adaptation makes of it.
struct AdaptationSimulation {
    struct Change: Equatable {
        var seconds: Double
        var size: PictureSize
    }

    var adaptation: VideoAdaptation
    var source = PictureSize(width: 640, height: 480)
    var now = Instant(microseconds: 5_000_000)
    var decision: VideoAdaptation.Decision?
    private(set) var changes: [Change] = []
    /// What the encoder would say for a decision.
    var quantizer: (VideoAdaptation.Decision) -> Int? = { _ in 60 }
    var encodeTime: (VideoAdaptation.Decision) -> Interval = { _ in .milliseconds(2) }
    private var divider = FrameRateDivider()
    private let start = Instant(microseconds: 5_000_000)

    init(width: Int = 640, height: Int = 480, framesPerSecond: Double = 30, bitrate: Int = 1_000_000) {
        adaptation = VideoAdaptation(
            limits: VideoAdaptation.Limits(
                size: PictureSize(width: width, height: height), framesPerSecond: framesPerSecond, bitrate: bitrate))
    }

    var seconds: Double { (now - start).seconds }

    /// `target` gives bits a second for the time since the beginning.
    mutating func run(_ length: Double, target: (Double) -> Int) {
        run(length) { simulation in simulation.adaptation.setTargetBitrate(target(simulation.seconds)) }
    }

    mutating func run(_ length: Double, each: (inout AdaptationSimulation) -> Void = { _ in }) {
        let end = now + .seconds(length)
        while now < end {
            each(&self)
            let new = adaptation.decide(source: source, now: now)
            if let decision, decision.size != new.size { changes.append(Change(seconds: seconds, size: new.size)) }
            decision = new
            if new.framesPerSecond >= 30 || divider.takes(now, framesPerSecond: new.framesPerSecond) {
                adaptation.encoded(quantizer: quantizer(new), time: encodeTime(new))
            }
            now += .microseconds(33_333)
        }
    }
}
