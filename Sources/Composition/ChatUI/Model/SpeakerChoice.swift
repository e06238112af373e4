import Primitives

/// Who is speaking, of how loud everybody is. Changes at most once a second, so that a cough or a word between moves nothing.
public struct SpeakerChoice: Sendable {
    /// Of full scale in even steps of dB: below lies what a room does by itself.
    public static let threshold = 0.35
    /// How long the one who speaks may be silent, or be outvoiced, before another one, or nobody, takes their place.
    public static let hold = Interval.seconds(1)
    /// Time constant of the smoothing.
    static let smoothing = Interval.milliseconds(250)

    /// Nil: nobody.
    public private(set) var speaker: String?
    private var levels: [String: Double] = [:]
    private var lastLoudest = Instant.zero
    private var lastUpdate: Instant?

    public init() {}

    /// Takes in how loud each is (0...1); who is not named is gone. True: the speaker is another one than before.
    public mutating func hear(_ heard: [(id: String, level: Double)], now: Instant) -> Bool {
        let time = lastUpdate.map { max(0, (now - $0).seconds) } ?? 0
        lastUpdate = now
        // The same curve however often it is called.
        let share = time / (time + Self.smoothing.seconds)
        var smoothed: [String: Double] = [:]
        for (id, level) in heard {
            let level = level.isFinite ? max(0, min(1, level)) : 0
            let former = levels[id] ?? 0
            smoothed[id] = former + (level - former) * share
        }
        levels = smoothed
        let former = speaker
        if let known = speaker, smoothed[known] == nil { speaker = nil }
        // Of two equally loud ones the one who speaks already.
        let loudest = smoothed.filter { $0.value >= Self.threshold }.max { a, b in
            a.value != b.value ? a.value < b.value : b.key == former || (a.key != former && a.key < b.key)
        }
        if let speaker {
            if loudest?.key == speaker { lastLoudest = now }
            if now - lastLoudest >= Self.hold { self.speaker = loudest?.key }
        } else {
            speaker = loudest?.key
        }
        if speaker != former { lastLoudest = now }
        return speaker != former
    }
}
