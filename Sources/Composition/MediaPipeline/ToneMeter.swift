import Glibc
import Synchronization

/// What a sound is mostly made of. Fed as it is played; the work is done only when it is asked.
public final class ToneMeter: Sendable {
    public struct Reading: Sendable, Equatable {
        /// The strongest frequency, in Hz; 0 when nothing was audible.
        public var hertz: Double
        /// Root mean square, full scale 1.
        public var rms: Double

        public init(hertz: Double, rms: Double) {
            self.hertz = hertz
            self.rms = rms
        }
    }

    private struct State {
        var current: [Int16] = []
        /// The newest whole window that was audible.
        var audible: [Int16] = []
    }

    /// A third of a second.
    static let window = 16_384
    private static let audibleRMS = 0.001
    /// Half a turn in as many steps as half a window has samples.
    private static let turn = (0..<window / 2).map { i in
        let angle = 2 * Double.pi * Double(i) / Double(window)
        return (cosine: cos(angle), sine: sin(angle))
    }
    private let state = Mutex(State())

    public init() {}

    public func add(_ samples: [Int16]) {
        state.withLock { state in
            state.current += samples
            while state.current.count >= Self.window {
                let whole = Array(state.current[..<Self.window])
                if Self.rms(whole) >= Self.audibleRMS { state.audible = whole }
                state.current.removeFirst(Self.window)
            }
        }
    }

    /// Of the newest third of a second in which anything was to be heard.
    public func measure() -> Reading {
        let samples = state.withLock { $0.audible }
        guard samples.count == Self.window else { return Reading(hertz: 0, rms: 0) }
        return Reading(hertz: Self.strongest(samples), rms: Self.rms(samples))
    }

    private static func rms(_ samples: [Int16]) -> Double {
        var sum: Int64 = 0
        for sample in samples { sum += Int64(sample) * Int64(sample) }
        return (Double(sum) / Double(max(1, samples.count))).squareRoot() / 32768
    }

    /// The peak of the windowed spectrum, between bins by a parabola through the logarithms.
    private static func strongest(_ samples: [Int16]) -> Double {
        let count = samples.count
        var real = samples.enumerated().map { i, sample in
            // The second half turn is the first with the other sign.
            let cosine = i < count / 2 ? turn[i].cosine : -turn[i - count / 2].cosine
            return Double(sample) * (0.5 - 0.5 * cosine)
        }
        var imaginary = [Double](repeating: 0, count: count)
        real.withUnsafeMutableBufferPointer { real in imaginary.withUnsafeMutableBufferPointer { transform(real, $0) } }
        let power = (0..<count / 2).map { real[$0] * real[$0] + imaginary[$0] * imaginary[$0] + 1e-9 }
        // Below 20 Hz nothing is heard, and a card's offset lies there.
        let first = 20 * count / 48_000 + 1
        guard let peak = (first..<count / 2 - 1).max(by: { power[$0] < power[$1] }) else { return 0 }
        let (left, middle, right) = (log(power[peak - 1]), log(power[peak]), log(power[peak + 1]))
        let curve = left - 2 * middle + right
        let shift = curve < 0 ? 0.5 * (left - right) / curve : 0
        return (Double(peak) + shift) * 48_000 / Double(count)
    }

    /// The discrete Fourier transform of a window in place, decimation in time; the count is a power of two.
    private static func transform(_ real: UnsafeMutableBufferPointer<Double>, _ imaginary: UnsafeMutableBufferPointer<Double>) {
        let count = real.count
        var j = 0
        for i in 1..<count {
            var bit = count >> 1
            while j & bit != 0 {
                j ^= bit
                bit >>= 1
            }
            j |= bit
            if i < j {
                real.swapAt(i, j)
                imaginary.swapAt(i, j)
            }
        }
        var half = 1
        while half < count {
            for k in 0..<half {
                let (c, sine) = turn[k * (count / 2 / half)]
                let s = -sine
                for a in stride(from: k, to: count, by: 2 * half) {
                    let b = a + half
                    let x = real[b] * c - imaginary[b] * s
                    let y = real[b] * s + imaginary[b] * c
                    (real[b], imaginary[b]) = (real[a] - x, imaginary[a] - y)
                    (real[a], imaginary[a]) = (real[a] + x, imaginary[a] + y)
                }
            }
            half *= 2
        }
    }
}
