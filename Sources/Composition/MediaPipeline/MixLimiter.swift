/// Keeps a mix of several voices within 16 bits without cutting its peaks off.
///
/// What fits, as one voice always does, goes through untouched. What does not is turned down, before the peak is there as far as the block
/// reaches back, and slowly up again afterwards. No delay is added. Pure.
struct MixLimiter: Sendable {
    /// The ramp down to a peak is no longer than this: 2 ms.
    private static let attack = 96
    /// After a peak the gain stays for 0.3 s: the peaks of a sum of tones are far apart, and a gain that moved between them would be heard.
    private static let hold = 14_400
    /// Up again by about 6 dB a second.
    private static let rise: Float = 1.000_015
    private static let most: Float = 32_767

    /// What the next sample is multiplied with, but for what it brings.
    private(set) var gain: Float = 1
    private var held = 0

    init() {}

    /// One block of sums of samples, in order.
    mutating func process(_ mix: [Int32]) -> [Int16] {
        let peak = mix.reduce(0) { max($0, Self.magnitude($1)) }
        let fitting = peak > Self.most ? Self.most / peak : 1
        if gain == 1, fitting == 1 { return mix.map { Int16(clamping: $0) } }
        // Peaks of about the same height come again.
        if fitting < 1, fitting < gain * 1.05 { held = Self.hold }
        return fitting < gain ? turnDown(mix, to: fitting) : turnUp(mix, noFurtherThan: fitting)
    }

    /// -32768 is as good as 32767.
    private static func magnitude(_ sample: Int32) -> Float { Float(sample >= 0 ? sample : -(sample &+ 1)) }

    private mutating func turnDown(_ mix: [Int32], to target: Float) -> [Int16] {
        let first = mix.firstIndex { Self.magnitude($0) * gain > Self.most } ?? 0
        let start = max(0, first - Self.attack)
        let step = (target - gain) / Float(first - start + 1)
        return mix.enumerated().map { index, sample in
            if index >= first { gain = target } else if index >= start { gain = max(target, gain + step) }
            return Self.scale(sample, gain)
        }
    }

    private mutating func turnUp(_ mix: [Int32], noFurtherThan limit: Float) -> [Int16] {
        mix.map { sample in
            if held > 0 { held -= 1 } else { gain = min(limit, gain * Self.rise) }
            return Self.scale(sample, gain)
        }
    }

    /// Rounding may go one step too far.
    private static func scale(_ sample: Int32, _ gain: Float) -> Int16 { Int16(clamping: Int32((Float(sample) * gain).rounded())) }
}
