import Glibc

/// The sound by which a person tells whether a speaker works: two soft notes, a fifth apart.
enum TestTone {
    /// In samples at 48 kHz.
    static let length = 38_400
    private static let second = 14_400

    /// The place after a block; nil: it is over.
    static func after(_ place: Int, count: Int) -> Int? { place + count < length ? place + count : nil }

    static func add(to block: inout [Int16], at place: Int) {
        for index in block.indices where place + index < length {
            let at = place + index
            let sample = note(440, at) + (at >= second ? note(659.26, at - second) : 0)
            block[index] = Int16(max(-32768, min(32767, Double(block[index]) + sample * 32767)))
        }
    }

    private static func note(_ hertz: Double, _ at: Int) -> Double {
        let time = Double(at) / 48_000
        return 0.15 * min(1, time / 0.01) * exp(-time / 0.12) * sin(2 * Double.pi * hertz * time)
    }
}
