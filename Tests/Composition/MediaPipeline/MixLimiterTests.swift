import Glibc
import Testing

@testable import MediaPipeline

@Suite struct MixLimiterTests {
    private static let block = 480

    private func tone(_ hertz: Double, amplitude: Double = 32_767, count: Int) -> [Int32] {
        (0..<count).map { Int32((amplitude * sin(2 * Double.pi * hertz * Double($0) / 48_000)).rounded()) }
    }

    private func mixed(_ parts: [[Int32]]) -> [Int32] { parts[0].indices.map { i in parts.reduce(0) { $0 + $1[i] } } }

    private func limited(_ mix: [Int32], _ limiter: inout MixLimiter) -> [Int16] {
        stride(from: 0, to: mix.count, by: Self.block).flatMap { limiter.process(Array(mix[$0..<min(mix.count, $0 + Self.block)])) }
    }

    /// What is left of a signal when tones of these frequencies, of any strength and phase, are taken out; as a share of its power.
    private func residue(_ samples: [Int16], without frequencies: [Double]) -> Double {
        var rest = samples.map(Double.init)
        let power = rest.reduce(0) { $0 + $1 * $1 }
        // Whole periods of each: the projections do not disturb each other.
        for hertz in frequencies {
            var (real, imaginary) = (0.0, 0.0)
            for (i, value) in rest.enumerated() {
                let angle = 2 * Double.pi * hertz * Double(i) / 48_000
                real += value * cos(angle)
                imaginary += value * sin(angle)
            }
            (real, imaginary) = (real * 2 / Double(rest.count), imaginary * 2 / Double(rest.count))
            for i in rest.indices {
                let angle = 2 * Double.pi * hertz * Double(i) / 48_000
                rest[i] -= real * cos(angle) + imaginary * sin(angle)
            }
        }
        return rest.reduce(0) { $0 + $1 * $1 } / power
    }

    @Test func oneVoiceGoesThroughBitByBit() {
        var limiter = MixLimiter()
        let voice = tone(440, count: 48_000) + [-32_768, 32_767, 0, -1] + tone(90, amplitude: 100, count: 4800)
        #expect(limited(voice, &limiter) == voice.map { Int16($0) })
    }

    @Test(arguments: [2, 3, 5, 8])
    func fullScaleTonesStayWithinRangeAndAreTones(count: Int) {
        var limiter = MixLimiter()
        let frequencies = [221.0, 331, 409, 503, 661, 787, 1213, 2027].prefix(count)
        let mix = mixed(frequencies.map { tone($0, count: 3 * 48_000) })
        let output = limited(mix, &limiter)
        // Cut samples would all lie at the edge.
        let atEdge = output.count { $0 >= 32_767 || $0 <= -32_767 }
        #expect(atEdge < output.count / 500)
        #expect(output.contains { $0 > 30_000 })
        // The last second, when it has settled: below -40 dB.
        let rest = residue(Array(output.suffix(48_000)), without: Array(frequencies))
        #expect(rest < 1e-4, "\(10 * log10(rest)) dB")
        let cut = mix.suffix(48_000).map { Int16(clamping: $0) }
        #expect(residue(cut, without: Array(frequencies)) > 100 * rest)
    }

    @Test func theOutputIsTheMixTimesAGainThatMovesSmoothly() {
        var limiter = MixLimiter()
        let quiet = tone(300, amplitude: 6000, count: 9600)
        let loud = mixed([tone(300, count: 24_000), tone(470, count: 24_000), tone(1900, count: 24_000)])
        let mix = quiet + loud + quiet
        let output = limited(mix, &limiter)
        let gains = zip(mix, output).filter { abs($0.0) > 4000 }.map { Double($1) / Double($0) }
        #expect(gains.allSatisfy { (0.3...1.001).contains($0) })
        // Quiet again, it is not loud at once: by 6 dB a second, after a third of one.
        #expect(abs((gains.last ?? 0) - (gains.min() ?? 0)) < 0.05)
    }

    @Test func itComesUpAgain() {
        var limiter = MixLimiter()
        _ = limited(mixed([tone(300, count: 4800), tone(400, count: 4800)]), &limiter)
        #expect(limiter.gain < 0.6)
        let quiet = tone(500, amplitude: 8000, count: 96_000)
        _ = limited(quiet, &limiter)
        #expect(limiter.gain == 1)
        #expect(limited(quiet, &limiter) == quiet.map { Int16($0) })
    }

    /// A peak at the very beginning of a block, and any other sums.
    @Test func nothingOverflows() {
        var limiter = MixLimiter()
        let extremes: [Int32] = [64 * 32_767, -64 * 32_768, 40_000, -40_000, 0, 32_768, -32_769]
        for first in extremes {
            for second in extremes {
                let output = limiter.process([first, second] + Array(repeating: 100, count: 478))
                #expect(output.count == 480 && (output[0] >= 0) == (first >= 0) && (output[1] >= 0) == (second >= 0))
            }
        }
        #expect(limiter.process([]) == [])
    }
}
