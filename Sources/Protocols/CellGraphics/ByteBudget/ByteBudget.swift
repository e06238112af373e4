import Primitives

/// How much a terminal is sent, when, and how coarse, so that what it shows is never old.
///
/// Kernel, network and terminal hold more than a second of a slow line, and say nothing of it. So either the terminal is asked behind a
/// frame, and its answers tell how far it is (`AnsweringLine`); or, where it does not answer, the line's rate is measured when it blocks,
/// and what it still holds is reckoned (`MuteLine`). Frames that are too long are cut (`EscapeEncoder.limit`), and go on with the newest
/// picture; how long it takes to go over the whole screen decides on thresholds, colours and the frame rate (`QualityLadder`).
public struct ByteBudget: Sendable {
    private enum Line: Sendable {
        case answering(AnsweringLine)
        case mute(MuteLine)
    }

    private var line: Line
    private var ladder = QualityLadder()
    private let isFixed: Bool

    /// - Parameters:
    ///   - bytesPerSecond: set by hand; nil: found.
    ///   - roundTrip: of a question that the terminal answered at once; nil: it does not answer.
    public init(bytesPerSecond: Int? = nil, roundTrip: Interval?) {
        isFixed = bytesPerSecond != nil
        if let bytesPerSecond {
            line = .mute(MuteLine(fixedRate: Double(bytesPerSecond)))
        } else if let roundTrip {
            line = .answering(AnsweringLine(roundTrip: roundTrip))
        } else {
            line = .mute(MuteLine())
        }
    }

    // MARK: - What is to be done

    /// When a frame may be written; nil: once the terminal has answered or is writable.
    public mutating func nextFrame(now: Instant) -> Instant? {
        if case .answering(var answering) = line {
            let next = answering.nextFrame(now: now)
            line = answering.isGivenUp ? .mute(MuteLine()) : .answering(answering)
            return answering.isGivenUp ? now : next
        }
        if case .mute(let mute) = line { return mute.nextFrame(now: now) }
        return now
    }

    /// The most bytes of a frame written now.
    public func limit(now: Instant) -> Int {
        switch line {
        case .answering(let answering): answering.room
        case .mute(let mute): mute.room(now: now)
        }
    }

    /// For `EscapeEncoder.changeThreshold` and `elisionThreshold`, on a terminal of these colours; `colorCap` may leave fewer.
    public func threshold(for mode: ColorMode) -> UInt8 { ladder.threshold(for: mode) }
    /// The most colours.
    public var colorCap: ColorMode { ladder.step.colors }
    /// Between two frames at the least.
    public var frameInterval: Interval { ladder.step.interval }
    /// 0: pictures are as good as they get.
    public var level: Int { ladder.level }

    /// Bytes a second that the terminal takes; nil: more than it has been sent so far.
    public var rate: Double? {
        switch line {
        case .answering(let answering): answering.isLimiting ? answering.rate : nil
        case .mute(let mute): mute.rate
        }
    }

    // MARK: - What has happened

    /// A frame was given to the terminal. True: it should be asked now how far it is (then `asked`).
    /// - Parameter progress: the share of the screen that it brought up to date; 1: all of it.
    public mutating func wrote(_ bytes: Int, progress: Double, now: Instant) -> Bool {
        ladder.note(progress: progress, now: now)
        switch line {
        case .answering(var answering):
            let asks = answering.wrote(bytes, isCut: progress < 1, now: now)
            line = .answering(answering)
            return asks
        case .mute(var mute):
            mute.wrote(bytes, isCut: progress < 1, now: now)
            line = .mute(mute)
            return false
        }
    }

    public mutating func asked(now: Instant) {
        guard case .answering(var answering) = line else { return }
        answering.asked(now: now)
        line = .answering(answering)
    }

    /// The oldest question was answered. A terminal that was thought mute is not.
    public mutating func answered(now: Instant) {
        if case .answering(var answering) = line {
            answering.answered(now: now)
            line = .answering(answering)
        } else if !isFixed {
            line = .answering(AnsweringLine(roundTrip: nil))
        }
    }

    /// How the last frame goes; to be called at every turn as long as some of it is held back, and once when nothing is any more.
    /// - Parameter heldBack: bytes that the kernel has not taken.
    public mutating func note(heldBack: Int, now: Instant) {
        guard case .mute(var mute) = line else { return }
        mute.note(heldBack: heldBack, now: now)
        line = .mute(mute)
    }

    /// The process was stopped, or the terminal is another size: nothing written before counts any more.
    public mutating func forget(now: Instant) {
        switch line {
        case .answering(var answering):
            answering.forget()
            line = .answering(answering)
        case .mute(var mute):
            mute.forget(now: now)
            line = .mute(mute)
        }
        ladder.forget()
    }
}
