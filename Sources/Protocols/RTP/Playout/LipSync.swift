import Primitives

/// Keeps picture and sound together: told when sound is heard and when pictures are ready, it says how long a picture has to wait, or how
/// much later the sound should be.
///
/// Within 45 ms of sound ahead of the picture and 125 ms behind it nothing is done (ITU-R BT.1359's thresholds of detectability).
/// Capture times are on the sender's clock, as its sender reports relate them to both media.
public struct LipSync: Sendable {
    /// The sound may be heard so much before the picture of the same moment,
    static let soundAhead = Interval.milliseconds(45)
    /// and so much after it.
    static let soundBehind = Interval.milliseconds(125)
    /// Where a correction leads to, so that it does not come and go at the limit.
    static let aimBehind = Interval.milliseconds(100)
    static let aimAhead = Interval.milliseconds(20)
    public static let longestWait = Interval.milliseconds(300)
    public static let mostExtraDelay = Interval.milliseconds(250)
    /// What a picture's wait changes by at most from one to the next.
    static let waitStep = Interval.milliseconds(5)
    static let extraStep = Interval.milliseconds(10)
    static let extraInterval = Interval.milliseconds(500)
    /// Sound that was heard longer ago says nothing.
    static let staleAfter = Interval.seconds(1)
    /// More than this is two clocks that have nothing to do with each other.
    static let implausible = Interval.seconds(5)
    private static let patience = 5

    /// When it is heard less when it was captured.
    private var sound: Int64?
    private var lastHeard: Instant?
    /// The same of pictures, without their wait.
    private var picture: Int64?
    private var isHolding = false
    private var wait = Interval.zero
    private var strays = 0
    private var nextChange: Instant?
    /// How much later than the network asks for the sound should be played.
    public private(set) var extraAudioDelay = Interval.zero

    public init() {}

    /// How much later pictures are seen than their sound is heard, their wait included; negative: earlier. Nil while it is not known.
    public var pictureLateness: Interval? {
        guard let sound, let picture else { return nil }
        return Interval(microseconds: picture &- sound) + wait
    }

    /// A sample captured at `capture` reaches the ear at `time`, the card's own delay included.
    public mutating func heard(capture: Interval, at time: Instant) {
        let new = time.microseconds &- capture.microseconds
        if let lastHeard, let sound, time - lastHeard < Self.staleAfter, (new &- sound).magnitude < Self.longestWait.microseconds.magnitude
        {
            self.sound = sound + (new &- sound) / 8
        } else {
            sound = new
        }
        lastHeard = time
    }

    /// How long the picture captured at `capture`, which could be shown now, has to wait: 0 to 300 ms.
    public mutating func waiting(capture: Interval, now: Instant) -> Interval {
        guard let sound, let lastHeard, now - lastHeard < Self.staleAfter else {
            rest()
            return wait
        }
        let transit = now.microseconds &- capture.microseconds
        guard (transit &- sound).magnitude < Self.implausible.microseconds.magnitude else {
            rest()
            return wait
        }
        note(transit)
        let lateness = Interval(microseconds: (picture ?? transit) &- sound)
        isHolding = lateness < .zero - (isHolding ? Self.aimBehind : Self.soundBehind)
        let wanted = isHolding ? min(Self.longestWait, .zero - Self.aimBehind - lateness) : .zero
        move(to: wanted)
        changeExtra(lateness, now)
        guard wait > .zero else { return .zero }
        // One that came late has waited already.
        let late = Interval(microseconds: transit &- (picture ?? transit))
        return max(.zero, min(Self.longestWait, wait - late))
    }

    /// Follows within a second; a picture that was held up by a loss does not count, unless more of them do the same.
    private mutating func note(_ transit: Int64) {
        guard let old = picture else {
            picture = transit
            return
        }
        let difference = transit &- old
        if difference.magnitude > 100_000 {
            strays += 1
            guard strays > Self.patience else { return }
            picture = transit
        } else {
            picture = old + difference / 16
        }
        strays = 0
    }

    private mutating func move(to wanted: Interval) {
        wait = wait < wanted ? min(wanted, wait + Self.waitStep) : max(wanted, wait - Self.waitStep)
    }

    private mutating func rest() {
        picture = nil
        isHolding = false
        strays = 0
        move(to: .zero)
        if wait == .zero { extraAudioDelay = .zero }
    }

    /// The sound's own delay follows slowly, so this is slower still. `lateness` sees what has come of it.
    private mutating func changeExtra(_ lateness: Interval, _ now: Instant) {
        guard let at = nextChange else {
            nextChange = now + Self.extraInterval
            return
        }
        guard now >= at else { return }
        nextChange = now + Self.extraInterval
        if lateness > Self.soundAhead || (extraAudioDelay > .zero && lateness > Self.aimAhead + Self.extraStep) {
            extraAudioDelay = min(Self.mostExtraDelay, extraAudioDelay + Self.extraStep)
        } else if lateness < Self.aimAhead - Self.extraStep {
            extraAudioDelay = max(.zero, extraAudioDelay - Self.extraStep)
        }
    }
}
