/// Decoded sound between the decoder and the speaker: what is still to be played, and a little of what has been, which stretching and
/// merging look back at. 48 kHz, mono.
public struct PlayoutQueue: Sendable {
    /// 60 ms.
    static let history = 2880
    /// How alike two periods must be to be joined, by how often it was refused lately: noise and music never are, and must not stay late.
    private static let thresholds = [0.9, 0.5, -2]
    private static let refusalsPerStep = 50
    /// 5 ms.
    private static let seam = 240
    /// 2 ms.
    private static let step = 96
    /// What two periods before a loss must have in common to be repeated, over 10 ms.
    private static let even = 0.95
    private static let evenStretch = 480

    /// Decoders append to it.
    public var samples: [Int16] = []
    private var played = 0
    private var refusals = 0

    public init() {}

    /// How many samples are still to be played.
    public var pending: Int { samples.count - played }

    /// Adds the next samples to a mix, as many as it holds or as are there.
    /// - Returns: what was added.
    public mutating func play(into mix: inout [Int32]) -> ArraySlice<Int16> {
        let end = min(samples.count, played + mix.count)
        for i in played..<end { mix[i - played] &+= Int32(samples[i]) }
        let block = samples[played..<end]
        played = end
        return block
    }

    /// Forgets what lies further back than anything looks; not in the middle of a pull.
    public mutating func trim() {
        guard played > 2 * Self.history else { return }
        samples.removeFirst(played - Self.history)
        played = Self.history
    }

    /// Changes the length of what is to be played by one pitch period, where the sound allows it.
    /// - Returns: samples put in; negative: taken out.
    public mutating func stretch(_ stretch: AudioStretch) -> Int {
        let found: (lag: Int, correlation: Double, isQuiet: Bool)?
        let isFast: Bool
        switch stretch {
        case .none: return 0
        case .accelerate(let most, let fast):
            isFast = fast
            found = TimeStretch.period(samples.span, at: played, end: samples.count, most: most, isForward: true)
        case .expand(let most):
            isFast = false
            found = TimeStretch.period(samples.span, at: played, end: samples.count, most: most, isForward: false)
        }
        guard let found else { return 0 }
        let step = min(Self.thresholds.count - 1, refusals / Self.refusalsPerStep + (isFast ? 1 : 0))
        guard found.isQuiet || found.correlation >= Self.thresholds[step] else {
            refusals += 1
            return 0
        }
        refusals = 0
        if case .expand = stretch {
            repeatPeriod(found.lag)
            return found.lag
        }
        removePeriod(found.lag)
        return -found.lag
    }

    /// The first period is faded into the second, which takes its place.
    private mutating func removePeriod(_ lag: Int) {
        for i in 0..<lag {
            samples[played + lag + i] = TimeStretch.crossFade(from: samples[played + i], to: samples[played + lag + i], i, of: lag)
        }
        samples.removeSubrange(played..<played + lag)
    }

    /// The next period is faded into the last one played, and then comes as it is.
    private mutating func repeatPeriod(_ lag: Int) {
        let mixed = (0..<lag).map { i in
            TimeStretch.crossFade(from: samples[played + i], to: samples[played - lag + i], i, of: lag)
        }
        samples.insert(contentsOf: mixed, at: played)
    }

    /// Takes the step out of the beginning of what is to follow the sample before `start`.
    private func smooth(_ next: inout [Int16], after start: Int) {
        let step = 2 * Int(samples[start - 1]) - Int(samples[start - 2]) - Int(next[0])
        for i in 0..<min(Self.step, next.count) { next[i] = Int16(clamping: Int(next[i]) + step * (Self.step - i) / Self.step) }
    }

    /// Puts a repetition of the last pitch period in the place of what a decoder made up at `start`, when the sound before was so even
    /// that this is nearer to what was lost: a tone, or a vowel held.
    public mutating func continueEvenly(from start: Int) {
        guard start >= 2 * TimeStretch.longest, start < samples.count,
            let (lag, _, isQuiet) = TimeStretch.period(
                samples.span, at: start - TimeStretch.longest, end: start, most: TimeStretch.longest, isForward: false),
            !isQuiet,
            TimeStretch.correlate(samples.span, start - Self.evenStretch, start - Self.evenStretch - lag, Self.evenStretch) >= Self.even
        else { return }
        // What the decoder made up goes on from the last sample without a step, which a period of whole samples does not.
        for i in start..<samples.count {
            samples[i] = TimeStretch.crossFade(from: samples[i], to: samples[i - lag], min(i - start, Self.seam), of: Self.seam)
        }
    }

    /// Joins sound decoded at `start` to the made-up or cut sound before it: it is shifted by up to 5 ms to where it fits best, and
    /// cross-faded with that sound's own continuation.
    /// - Returns: samples taken out.
    public mutating func merge(from start: Int) -> Int {
        let reach = Self.seam
        guard start >= 2 * TimeStretch.longest, start <= samples.count, samples.count - start >= 2 * reach,
            let (lag, _, isQuiet) = TimeStretch.period(
                samples.span, at: start - TimeStretch.longest, end: start, most: TimeStretch.longest, isForward: false),
            !isQuiet
        else { return 0 }
        // The continuation, then what was decoded, in one row.
        var row = (0..<reach).map { samples[start - lag + $0 % lag] }
        smooth(&row, after: start)
        row += samples[start..<start + 2 * reach]
        let plain = TimeStretch.correlate(row.span, 0, reach, reach)
        var best = (shift: 0, correlation: plain)
        for shift in 1...reach {
            let correlation = TimeStretch.correlate(row.span, 0, reach + shift, reach)
            if correlation > best.correlation { best = (shift, correlation) }
        }
        // A new sound does not fit anywhere, and fades in where it is.
        let shift = best.correlation > 0.5 && best.correlation > plain + 0.02 ? best.shift : 0
        for i in 0..<reach {
            samples[start + shift + i] = TimeStretch.crossFade(from: row[i], to: samples[start + shift + i], i, of: reach)
        }
        samples.removeSubrange(start..<start + shift)
        return shift
    }
}
