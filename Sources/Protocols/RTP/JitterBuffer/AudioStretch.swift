import Primitives

/// How the sound's length should be changed, so that the delay becomes what it is meant to be.
public enum AudioStretch: Sendable, Equatable {
    case none
    /// Take out at most so many samples; a fast one may be heard.
    case accelerate(most: Int, isFast: Bool)
    /// Put in about so many samples at most.
    case expand(most: Int)
}

/// Decides when to stretch: it follows how far behind the fastest packets sound is played, against the target.
struct AudioStretchDecision: Sendable {
    /// From here on sound is taken out, never more than that, so that it does not fall short afterwards.
    static let surplus = Interval.milliseconds(10)
    static let shortfall = Interval.milliseconds(8)
    static let farSurplus = Interval.milliseconds(80)
    /// Pulls between two changes, 60 ms.
    static let spacing = 6
    /// Packets after one that was late before sound is taken out: more may be on their way as late.
    static let patience = 50
    /// More than the target until then: a queue that fills is ahead of the histogram.
    static let caution = Interval.milliseconds(20)
    private static let longest = Int64(TimeStretch.longest)

    /// Smoothed over about sixteen packets, as pulls come unevenly; microseconds.
    private var delay: Int64?
    private var wait = 0
    private var untilPatient = 0

    mutating func reset() { delay = nil }

    /// - Parameter wasLate: the packet had to be waited for.
    mutating func played(delay new: Interval, wasLate: Bool) {
        untilPatient = wasLate ? Self.patience : max(0, untilPatient - 1)
        // Made-up sound sets everything back by a block; anything else is a thread that woke late.
        guard let old = delay, !wasLate else {
            delay = new.microseconds
            return
        }
        delay = old &+ (new.microseconds &- old) / 16
    }

    /// Once for each 10 ms.
    mutating func decide(target: Interval) -> AudioStretch {
        if wait > 0 { wait -= 1 }
        guard let delay else { return .none }
        let excess = Interval(microseconds: delay) - target - (untilPatient > 0 ? Self.caution : .zero)
        let ticks = excess.microseconds * 6 / 125
        if excess >= Self.surplus {
            let isFast = excess >= max(Self.farSurplus, target)
            guard wait == 0 && untilPatient == 0 || isFast else { return .none }
            return .accelerate(most: Int(min(Self.longest, ticks)), isFast: isFast)
        }
        guard excess <= .zero - Self.shortfall, wait == 0 else { return .none }
        return .expand(most: Int(min(Self.longest, 240 - ticks)))
    }

    /// - Parameter samples: put in, or negative, taken out.
    mutating func stretched(by samples: Int, wasAsked: Bool) {
        guard samples != 0 else { return }
        if wasAsked { wait = Self.spacing }
        if let delay { self.delay = delay &+ Int64(samples) &* 125 / 6 }
    }
}
