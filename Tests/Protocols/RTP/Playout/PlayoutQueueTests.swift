import Glibc
import Primitives
import Testing

@testable import RTP

@Suite struct PlayoutQueueTests {
    private func tone(_ hertz: Double, count: Int, from phase: Double = 0) -> [Int16] {
        (0..<count).map { Int16(6000 * sin(phase + 2 * Double.pi * hertz * Double($0) / 48_000)) }
    }

    /// A pitch of 130 Hz that falls, with overtones: no two periods are the same.
    private func voice(count: Int) -> [Int16] {
        (0..<count).map { i in
            let time = Double(i) / 48_000
            let phase = 2 * Double.pi * (130 * time - 4 * time * time)
            return Int16(4000 * (sin(phase) + 0.6 * sin(2 * phase + 1) + 0.4 * sin(5 * phase) + 0.2 * sin(9 * phase)))
        }
    }

    private func noise(count: Int, amplitude: Int, seed: UInt64 = 1) -> [Int16] {
        var random = RandomSource.seeded(seed)
        return (0..<count).map { _ in Int16(Int(random.next() % UInt64(2 * amplitude + 1)) - amplitude) }
    }

    private func largestStep(_ samples: [Int16]) -> Int { zip(samples, samples.dropFirst()).map { abs(Int($1) - Int($0)) }.max() ?? 0 }

    /// By the zeros that the tone goes up through.
    private func frequency(_ samples: [Int16]) -> Double {
        let zeros = samples.indices.dropFirst().filter { samples[$0 - 1] < 0 && samples[$0] >= 0 }
        guard let first = zeros.first, let last = zeros.last, last > first else { return 0 }
        return Double(zeros.count - 1) * 48_000 / Double(last - first)
    }

    /// Plays a sound in 20 ms blocks, each stretched when it may be.
    private func played(_ source: [Int16], _ stretch: AudioStretch?) -> (samples: [Int16], changes: [Int]) {
        var queue = PlayoutQueue()
        var (output, changes): ([Int16], [Int]) = ([], [])
        var next = 0
        while true {
            while queue.pending < 1440, next + 960 <= source.count {
                queue.samples += source[next..<next + 960]
                next += 960
            }
            if queue.pending < 960 { break }
            if output.count >= 4800, let stretch {
                let before = queue.pending
                let change = queue.stretch(stretch)
                #expect(queue.pending - before == change)
                changes.append(change)
            }
            guard queue.pending >= 960 else { continue }
            var mix = [Int32](repeating: 0, count: 960)
            let block = queue.play(into: &mix)
            #expect(mix.map { Int16($0) } == Array(block))
            output += block
            queue.trim()
        }
        return (output, changes)
    }

    @Test func withoutStretchingEverySampleIsPlayed() {
        let sound = voice(count: 48_000)
        let result = played(sound, nil)
        #expect(result.samples[...] == sound.prefix(result.samples.count) && result.samples.count > 46_000)
    }

    @Test(arguments: [70.0, 123.4, 440, 443.7, 1000, 3333, 7999.9])
    func aToneIsStretchedWithoutAChangeOfPitchOrAClick(_ hertz: Double) {
        let sound = tone(hertz, count: 96_000)
        for stretch in [AudioStretch.accelerate(most: 720, isFast: false), .expand(most: 720)] {
            let result = played(sound, stretch)
            let changed = result.changes.filter { $0 != 0 }
            #expect(changed.count > result.changes.count * 9 / 10, "\(stretch): \(changed.count) of \(result.changes.count)")
            if case .expand = stretch {
                #expect(changed.allSatisfy { (120...720).contains($0) })
            } else {
                #expect(changed.allSatisfy { (-720 ... -120).contains($0) })
            }
            #expect(abs(frequency(result.samples) / hertz - 1) < 0.004, "\(stretch): \(frequency(result.samples))")
            #expect(largestStep(result.samples) <= largestStep(sound) * 11 / 10 + 2, "\(stretch)")
            // No part of it fades.
            for start in stride(from: 4800, to: result.samples.count - 960, by: 960) {
                // 8 kHz has six samples a period, and its peaks lie between them at times.
                #expect(result.samples[start..<start + 960].map { abs(Int($0)) }.max() ?? 0 > 5150, "\(stretch) at \(start)")
            }
        }
    }

    @Test func aVoiceIsStretchedByItsPitchPeriod() {
        let sound = voice(count: 96_000)
        for stretch in [AudioStretch.accelerate(most: 720, isFast: false), .expand(most: 720)] {
            let result = played(sound, stretch)
            let changed = result.changes.filter { $0 != 0 }
            #expect(changed.count * 2 > result.changes.count)
            // 130 Hz falling to 114: 7.7 to 8.8 ms.
            #expect(changed.allSatisfy { (360...430).contains(abs($0)) }, "\(changed)")
            #expect(largestStep(result.samples) <= largestStep(sound) * 5 / 4)
        }
    }

    @Test func noMoreThanAskedForIsTaken() {
        for most in [0, 119, 120, 250, 500] {
            let result = played(tone(440, count: 24_000), .accelerate(most: most, isFast: false))
            #expect(result.changes.allSatisfy { -$0 <= most })
            #expect(most >= 120 || result.changes.allSatisfy { $0 == 0 })
        }
    }

    @Test func noiseIsLeftAloneAtFirstAndStretchedInTheEnd() {
        let result = played(noise(count: 192_000, amplitude: 8000), .accelerate(most: 720, isFast: false))
        #expect(result.changes.prefix(20).allSatisfy { $0 == 0 })
        #expect(result.changes.contains { $0 < 0 })
    }

    @Test func quietSoundIsStretchedWhateverItIs() {
        for sound in [noise(count: 48_000, amplitude: 60), [Int16](repeating: 0, count: 48_000)] {
            let result = played(sound, .accelerate(most: 720, isFast: false))
            #expect(result.changes.dropLast(3).allSatisfy { $0 == -720 })
        }
    }

    @Test(arguments: [0.3, 1.0, 2.0, 3.1, 4.5])
    func madeUpSoundIsJoinedToRealSoundInPhase(_ phase: Double) {
        var queue = PlayoutQueue()
        queue.samples = tone(440, count: 4800)
        // The decoder goes on with the tone in another phase.
        let begin = 2 * Double.pi * 440 * 4800 / 48_000
        queue.samples += tone(440, count: 960, from: begin + phase)
        let taken = queue.merge(from: 4800)
        #expect((1...240).contains(taken) && queue.samples.count == 5760 - taken)
        #expect(largestStep(queue.samples) <= 440)
        #expect(abs(frequency(queue.samples) - 440) < 2)
    }

    @Test func soundThatFitsAlreadyIsLeftAsItIs() {
        var queue = PlayoutQueue()
        queue.samples = tone(440, count: 5760)
        let before = queue.samples
        #expect(queue.merge(from: 4800) == 0)
        #expect(zip(queue.samples, before).allSatisfy { abs(Int($0) - Int($1)) < 400 })
    }

    @Test func anEvenSoundGoesOnAndAnUnevenOneDoesNot() {
        for hertz in [100.0, 440, 443.7, 2500] {
            var queue = PlayoutQueue()
            // What a decoder makes up: it goes on and fades, here within 5 ms.
            queue.samples = tone(hertz, count: 5760)
            for i in 0..<960 { queue.samples[4800 + i] = Int16(Int(queue.samples[4800 + i]) * max(0, 240 - i) / 240) }
            queue.continueEvenly(from: 4800)
            let most = Int(6000 * 2 * Double.pi * hertz / 48_000) + 2
            #expect(largestStep(queue.samples) <= most * 5 / 4, "\(hertz)")
            #expect(abs(frequency(queue.samples) / hertz - 1) < 0.01, "\(hertz)")
        }
        var queue = PlayoutQueue()
        queue.samples = noise(count: 4800, amplitude: 8000) + [Int16](repeating: 5, count: 960)
        queue.continueEvenly(from: 4800)
        #expect(queue.samples.suffix(960).allSatisfy { $0 == 5 })
    }

    @Test(arguments: 1...10) func anythingIsSurvived(_ seed: UInt64) {
        var random = RandomSource.seeded(seed)
        var queue = PlayoutQueue()
        for _ in 0..<200 {
            let count = Int(random.next() % 1500)
            let start = queue.samples.count
            queue.samples += (0..<count).map { _ in Int16(truncatingIfNeeded: random.next() >> (random.next() % 16)) }
            switch random.next() % 5 {
            case 0: _ = queue.stretch(.accelerate(most: Int(random.next() % 2000), isFast: random.next() % 2 == 0))
            case 1: _ = queue.stretch(.expand(most: Int(random.next() % 2000) - 500))
            case 2: _ = queue.merge(from: start)
            case 3: queue.continueEvenly(from: start)
            default: break
            }
            var mix = [Int32](repeating: Int32.max, count: Int(random.next() % 1200))
            _ = queue.play(into: &mix)
            queue.trim()
            #expect(queue.pending >= 0 && queue.samples.count < 200_000)
        }
    }
}
