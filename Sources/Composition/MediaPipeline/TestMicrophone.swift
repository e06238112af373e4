import Glibc
import MediaTypes
import Primitives
import Synchronization
import Threading

/// Made-up sound as a microphone: one period of samples, again and again, paced by the clock.
public final class TestMicrophone: AudioSource {
    private struct State {
        var position = 0
        var cadence = Cadence(unitsPerSecond: 48_000, tolerance: .milliseconds(200))
    }

    public let name: String
    private let samples: [Int16]
    private let paced: Bool
    private let state = Mutex(State())
    private let stopped = StopSignal()

    private init(name: String, samples: [Int16], paced: Bool) {
        self.name = name
        self.samples = samples.isEmpty ? [0] : samples
        self.paced = paced
    }

    /// A steady tone.
    /// - Parameters:
    ///   - hertz: clamped to 1...20000, and rounded to a tenth, so that ten seconds hold whole periods and the loop has no seam.
    ///   - amplitude: 0 to 1.
    public convenience init(hertz: Double, amplitude: Double = 0.2, paced: Bool = true) {
        let periods = (max(1, min(20_000, hertz.isFinite ? hertz : 440)) * 10).rounded()
        let count = 480_000
        let peak = max(0, min(1, amplitude)) * 32767
        // All the whole ten seconds repeat after this.
        let samples = (0..<count / Self.commonFactor(count, Int(periods))).map { i in
            // The phase by whole numbers first, so that it stays exact.
            Int16(peak * sin(2 * Double.pi * Double(i * Int(periods) % count) / Double(count)))
        }
        self.init(name: "test tone", samples: samples, paced: paced)
    }

    private static func commonFactor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : commonFactor(b, a % b) }

    /// A soft bell of two notes every two and a half seconds: someone pleasant to wait for.
    public static func chime(paced: Bool = true) -> TestMicrophone {
        var mix = [Double](repeating: 0, count: 120_000)
        strike(&mix, at: 0, hertz: 659.26)
        strike(&mix, at: 11_520, hertz: 987.77)
        return TestMicrophone(name: "chime", samples: mix.map { Int16(max(-1, min(1, $0)) * 32767) }, paced: paced)
    }

    /// Three partials that die away, the higher the sooner, from a soft start; what is left at the end wraps to the beginning.
    private static func strike(_ mix: inout [Double], at start: Int, hertz: Double) {
        for (partial, strength, life) in [(1.0, 0.07, 0.5), (2.0, 0.02, 0.3), (3.01, 0.008, 0.15)] {
            for i in 0..<mix.count {
                let time = Double(i) / 48_000
                let attack = min(1, time / 0.008)
                mix[(start + i) % mix.count] += strength * attack * exp(-time / life) * sin(2 * Double.pi * hertz * partial * time)
            }
        }
    }

    public func read(into block: inout [Int16]) throws(MediaDeviceError) -> Bool {
        let count = block.count
        let (position, due) = state.withLock { state in
            defer { state.position = (state.position + count) % samples.count }
            return (state.position, state.cadence.advance(by: count, now: MonotonicClock.now()))
        }
        if paced, !stopped.sleep(until: due) { return false }
        var from = position
        for i in 0..<count {
            block[i] = samples[from]
            from = from + 1 == samples.count ? 0 : from + 1
        }
        return !stopped.isStopped
    }

    public func stop() { stopped.stop() }
}
