/// Takes made-up sound down to silence over five blocks, and lets real sound in again without a click.
struct Fader {
    private var gain: Float = 0
    private static let fall: Float = 0.25
    /// 5 ms.
    private static let rise: Float = 1 / 240

    var isSilent: Bool { gain == 0 }

    mutating func sound(_ samples: inout [Int16], from start: Int) {
        for i in start..<samples.count {
            guard gain < 1 else { return }
            gain = min(1, gain + Self.rise)
            samples[i] = Int16(Float(samples[i]) * gain)
        }
    }

    mutating func concealment(_ samples: inout [Int16], from start: Int) {
        let end = gain < Self.fall * 1.5 ? 0 : gain - Self.fall
        let step = (gain - end) / Float(max(1, samples.count - start))
        for i in start..<samples.count {
            gain -= step
            samples[i] = Int16(Float(samples[i]) * max(0, gain))
        }
        gain = end
    }
}
