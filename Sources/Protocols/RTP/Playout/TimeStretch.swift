/// Changes of length that keep the pitch: whole pitch periods are taken out or repeated, cross-faded where the sound is most like itself
/// (waveform similarity overlap-add). 48 kHz, mono.
enum TimeStretch {
    /// 2.5 ms, a pitch of 400 Hz; whole multiples serve higher ones.
    static let shortest = 120
    /// 15 ms, a pitch of 67 Hz.
    static let longest = 720
    /// Below this mean square, about -50 dB, a seam is not heard.
    private static let quiet = 10_000.0
    /// To 4 kHz, where periods are looked for first.
    private static let decimation = 12

    /// The shift by which `samples[at...]` resembles itself most, from `shortest` to `longest`.
    /// - Parameters:
    ///   - at: where the earlier of the two stretches begins when `isForward`, else the later one.
    ///   - end: no sample from here on is looked at.
    /// - Returns: the shift and the normalised correlation there (of quiet sound any will do, so it is the longest), or nil when there is not enough sound.
    static func period(
        _ samples: Span<Int16>, at: Int, end: Int, most: Int, isForward: Bool
    ) -> (lag: Int, correlation: Double, isQuiet: Bool)? {
        let room = isForward ? (end - at) / 2 : min(at, end - at)
        let longest = min(most, min(room, Self.longest))
        guard longest >= shortest else { return nil }
        let (first, last) = isForward ? (at, min(end, at + 2 * longest)) : (at - longest, min(end, at + longest))
        // One step of margin behind the longest.
        let thin = (last - first) / decimation
        let coarse = [Int32](unsafeUninitializedCapacity: thin) { buffer, count in
            for i in 0..<thin {
                var sum: Int32 = 0
                for j in 0..<decimation { sum += Int32(samples[first + i * decimation + j]) }
                buffer[i] = sum / Int32(decimation)
            }
            count = thin
        }
        let origin = isForward ? 0 : longest / decimation
        var best = (lag: shortest, correlation: -2.0)
        for lag in (shortest / decimation)...max(shortest / decimation, longest / decimation) {
            let other = isForward ? origin + lag : origin - lag
            guard other >= 0 else { break }
            let length = min(max(lag, 20), thin - max(origin, other))
            guard length > 0 else { break }
            let correlation = correlate(coarse.span, origin, other, length)
            // Of multiples of a steady sound's period the longest does most.
            let isAsGood = correlation > 0.98 && correlation > best.correlation - 0.005
            if correlation > best.correlation || isAsGood { best = (lag * decimation, max(correlation, best.correlation)) }
        }
        // Then to the sample. A high tone is not seen at 4 kHz, but has its period within this reach.
        var fine = (lag: best.lag, correlation: -2.0)
        for lag in max(shortest, best.lag - decimation)...max(shortest, min(longest, best.lag + decimation)) {
            let correlation = correlate(samples, at, isForward ? at + lag : at - lag, lag)
            if correlation > fine.correlation { fine = (lag, correlation) }
        }
        var energy = 0.0
        for i in first..<last { energy += Double(samples[i]) * Double(samples[i]) }
        let isQuiet = energy < quiet * Double(last - first)
        return (isQuiet ? longest : fine.lag, fine.correlation, isQuiet)
    }

    /// Of two stretches, -1...1; 0 when one of them is silent.
    static func correlate<Sample: BinaryInteger>(_ samples: Span<Sample>, _ a: Int, _ b: Int, _ count: Int) -> Double {
        var (cross, first, second): (Int64, Int64, Int64) = (0, 0, 0)
        for i in 0..<count {
            let (x, y) = (Int64(truncatingIfNeeded: samples[a + i]), Int64(truncatingIfNeeded: samples[b + i]))
            cross &+= x &* y
            first &+= x &* x
            second &+= y &* y
        }
        guard first > 0, second > 0 else { return 0 }
        return Double(cross) / (Double(first) * Double(second)).squareRoot()
    }

    /// From one sound into another over `count` samples. Both together are at full strength everywhere, which is right as they are alike.
    static func crossFade(from a: Int16, to b: Int16, _ step: Int, of count: Int) -> Int16 {
        let (step, count) = (Int32(truncatingIfNeeded: step), Int32(truncatingIfNeeded: count))
        return Int16(clamping: (Int32(a) * (count - step) + Int32(b) * step) / max(1, count))
    }
}
