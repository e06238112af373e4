/// Randomness handed to a protocol: the system's in the program, a seeded sequence in a test.
public struct RandomSource: RandomNumberGenerator, Sendable {
    /// xoshiro256**'s state; nil: the system's generator.
    private var state: (UInt64, UInt64, UInt64, UInt64)?

    /// Cryptographically secure.
    public static var system: RandomSource { RandomSource(state: nil) }

    /// The same sequence for the same seed (xoshiro256**, seeded by SplitMix64). For tests: not secure.
    public static func seeded(_ seed: UInt64) -> RandomSource {
        var mixer = seed
        func next() -> UInt64 {
            mixer &+= 0x9e37_79b9_7f4a_7c15
            var z = mixer
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
        return RandomSource(state: (next(), next(), next(), next()))
    }

    private init(state: (UInt64, UInt64, UInt64, UInt64)?) { self.state = state }

    public mutating func next() -> UInt64 {
        guard var s = state else {
            var system = SystemRandomNumberGenerator()
            return system.next()
        }
        let result = rotate(s.1 &* 5, 7) &* 9
        let t = s.1 << 17
        s.2 ^= s.0
        s.3 ^= s.1
        s.1 ^= s.2
        s.0 ^= s.3
        s.2 ^= t
        s.3 = rotate(s.3, 45)
        state = s
        return result
    }

    /// A source of its own for a part: independent of what this one gives later.
    public mutating func fork() -> RandomSource { state == nil ? .system : .seeded(next()) }

    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 56) }
    }

    /// `count` characters out of an alphabet of ASCII letters, each equally likely.
    public mutating func string(_ count: Int, from alphabet: StaticString) -> String {
        let letters = alphabet.withUTF8Buffer { Array($0) }
        return String(decoding: (0..<count).map { _ in letters[Int.random(in: 0..<letters.count, using: &self)] }, as: UTF8.self)
    }
}

private func rotate(_ x: UInt64, _ by: UInt64) -> UInt64 { (x << by) | (x >> (64 - by)) }
