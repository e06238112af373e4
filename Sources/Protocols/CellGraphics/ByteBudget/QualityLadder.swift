import Primitives

/// Steps from the best picture to the coarsest: thresholds first, then fewer colours, then fewer frames.
///
/// What counts is how long it takes to go over the whole screen once, which is how old a cell can get: more than 150 ms is a step down, at
/// most every 300 ms; less than 50 ms for some seconds is a step up. A step up that is taken back soon makes the next one wait longer.
struct QualityLadder: Sendable {
    struct Step: Sendable {
        var threshold: UInt8
        var colors: ColorMode
        var interval: Interval

        fileprivate init(_ threshold: UInt8, _ colors: ColorMode, milliseconds: Int) {
            self.threshold = threshold
            self.colors = colors
            interval = .milliseconds(milliseconds)
        }
    }

    static let steps = [
        Step(6, .truecolor, milliseconds: 30), Step(9, .truecolor, milliseconds: 30), Step(13, .truecolor, milliseconds: 30),
        Step(18, .truecolor, milliseconds: 30), Step(26, .truecolor, milliseconds: 30), Step(18, .indexed256, milliseconds: 30),
        Step(26, .indexed256, milliseconds: 30), Step(36, .indexed256, milliseconds: 30), Step(36, .indexed256, milliseconds: 66),
        Step(48, .indexed256, milliseconds: 100),
    ]
    static let slow = Interval.milliseconds(150)
    static let fast = Interval.milliseconds(50)
    private static let pause = Interval.milliseconds(300)
    private static let leastPatience = Interval.seconds(3)
    private static let mostPatience = Interval.seconds(48)
    /// A gap between whole frames is no slow sweep. One within a sweep is: the line had no room for more.
    private static let gap = Interval.seconds(1)

    private(set) var level = 0
    private var patience = leastPatience
    private var sweepStart: Instant?
    private var swept = 0.0
    private var lastFrame: Instant?
    private var lastChange: Instant?
    private var lastRise: Instant?
    /// Since when every sweep has been fast.
    private var fastSince: Instant?

    var step: Step { Self.steps[level] }

    /// On a terminal of these colours. Where they become fewer, that saves enough for a step back; where there never were more, it saves nothing.
    func threshold(for mode: ColorMode) -> UInt8 {
        guard mode != .truecolor else { return step.threshold }
        return Self.steps[...level].reduce(0) { max($0, $1.threshold) }
    }

    mutating func note(progress: Double, now: Instant) {
        if sweepStart == nil, let lastFrame, now - lastFrame > Self.gap { forget() }
        lastFrame = now
        let start = sweepStart ?? now
        sweepStart = start
        swept += progress
        let age = now - start
        if progress >= 1 || swept >= 1 {
            (sweepStart, swept) = (nil, 0)
        } else if age < Self.slow {
            return  // not known yet
        }
        if age >= Self.slow {
            fastSince = nil
            worsen(now)
        } else if age > Self.fast {
            fastSince = nil
        } else {
            let since = fastSince ?? now
            fastSince = since
            if level > 0, now - since >= patience { improve(now) }
        }
    }

    mutating func forget() { (sweepStart, swept, fastSince, lastFrame) = (nil, 0, nil, nil) }

    private mutating func worsen(_ now: Instant) {
        guard level + 1 < Self.steps.count, lastChange.map({ now - $0 >= Self.pause }) ?? true else { return }
        if let lastRise, now - lastRise < .seconds(2) { patience = min(Self.mostPatience, patience + patience) }
        lastRise = nil
        level += 1
        lastChange = now
    }

    private mutating func improve(_ now: Instant) {
        if let lastRise, now - lastRise > .seconds(10) { patience = Self.leastPatience }
        level -= 1
        (lastChange, lastRise, fastSince) = (now, now, nil)
    }
}
