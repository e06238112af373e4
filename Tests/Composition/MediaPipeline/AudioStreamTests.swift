import AudioCodec
import MediaTypes
import Primitives
import Testing

@testable import MediaPipeline

/// A stream on a virtual clock: a packet every 20 ms, a block pulled every 20 ms.
private final class Playout {
    let stream: AudioStream
    let microphone: TestMicrophone
    var encoder: OpusEncoder
    var now = Instant.zero
    var sequence: UInt16 = 65_530
    var played: [Int16] = []

    init(hertz: Double = 440) throws {
        stream = try AudioStream()
        microphone = TestMicrophone(hertz: hertz, paced: false)
        encoder = try OpusEncoder()
    }

    /// - Parameters: how many packets, and which of them are lost.
    func run(_ packets: Int, isSilent: Bool = false, losing lost: (Int) -> Bool = { _ in false }) throws {
        var block = [Int16](repeating: 0, count: 960)
        for number in 0..<packets {
            _ = try microphone.read(into: &block)
            if isSilent { block = [Int16](repeating: 0, count: 960) }
            let payload = try encoder.encode(block)
            if !lost(number) {
                stream.push(
                    ReceivedAudioPacket(
                        sequenceNumber: sequence, timestamp: UInt32(sequence &- 65_530) * 960, payload: payload, arrival: now))
            }
            sequence &+= 1
            play()
        }
    }

    func play() {
        var mix = [Int32](repeating: 0, count: 960)
        _ = stream.render(into: &mix, now: now)
        played += mix.map { Int16(clamping: $0) }
        now += .milliseconds(20)
    }
}

@Suite struct AudioStreamTests {
    private func rms(_ samples: some Collection<Int16>) -> Double {
        (samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(1, samples.count))).squareRoot()
    }

    @Test func aCleanStreamIsPlayedWholly() throws {
        let playout = try Playout()
        try playout.run(200)
        let meter = ToneMeter()
        meter.add(playout.played)
        #expect(abs(meter.measure().hertz - 440) < 2)
        #expect(playout.stream.statistics.concealedMs == 0)
        #expect(playout.stream.statistics.playedMs > 3800)
        #expect(playout.stream.level > 0.5)
    }

    @Test func lossIsConcealedWithoutHoles() throws {
        let playout = try Playout()
        try playout.run(50)
        let start = playout.played.count
        try playout.run(200) { $0 % 10 == 3 }
        for block in stride(from: start, to: playout.played.count - 960, by: 960) {
            #expect(rms(playout.played[block..<block + 960]) > 1000, "block \((block - start) / 960)")
        }
    }

    @Test func anOutageFadesToTrueSilenceAndSoundReturns() throws {
        let playout = try Playout()
        try playout.run(100)
        let start = playout.played.count
        for _ in 0..<50 { playout.play() }
        let outage = playout.played[start...]
        // Half a second in, nothing is made up any more.
        #expect(outage.dropFirst(24_000).allSatisfy { $0 == 0 })
        #expect(playout.stream.statistics.concealedMs >= 20 && playout.stream.statistics.concealedMs <= 200)
        playout.sequence &+= 50
        try playout.run(100)
        #expect(rms(playout.played.suffix(960)) > 3000)
    }

    @Test func aMutedSenderIsSilentWithin300Milliseconds() throws {
        let playout = try Playout()
        try playout.run(100)
        playout.encoder.reset()
        let start = playout.played.count
        try playout.run(100, isSilent: true)
        #expect(playout.played[(start + 14_400)...].allSatisfy { abs(Int($0)) <= 33 })
        try playout.run(50)
        #expect(rms(playout.played.suffix(960)) > 3000)
    }

    @Test func packetsOfOtherLengthsAndOfNonsenseAreSurvived() throws {
        let playout = try Playout()
        let seed: UInt64 = 51
        var random = RandomSource.seeded(seed)
        for number in 0..<500 {
            let payload = random.bytes(Int(random.next() % 40))
            playout.stream.push(
                ReceivedAudioPacket(
                    sequenceNumber: UInt16(number), timestamp: UInt32(number * 960), payload: payload, arrival: playout.now))
            playout.play()
        }
        #expect(playout.played.count == 500 * 960)
    }

    /// Sound captured at known times and heard 30 ms after it is pulled, next to pictures that are ready so long after their capture.
    /// - Returns: for each tenth of a second, how much later the picture is seen than its sound is heard, by the clocks of the test.
    private func watch(_ stream: AudioStream, seconds: Int, pictureDelay: Interval, from start: Int = 0) throws -> [Interval] {
        var encoder = try OpusEncoder()
        let microphone = TestMicrophone(hertz: 440, paced: false)
        let origin = Interval.seconds(1_000_000)
        var block = [Int16](repeating: 0, count: 960)
        var seen: [Interval] = []
        for tick in start..<start + 100 * seconds {
            let now = Instant.zero + .milliseconds(10 * tick)
            if tick % 2 == 0 {
                _ = try microphone.read(into: &block)
                var packet = ReceivedAudioPacket(
                    sequenceNumber: UInt16(tick / 2), timestamp: UInt32(tick / 2 * 960), payload: try encoder.encode(block), arrival: now)
                packet.captureTime = origin + .milliseconds(10 * tick)
                stream.push(packet)
            }
            var mix = [Int32](repeating: 0, count: 480)
            _ = stream.render(into: &mix, now: now, latency: .milliseconds(30))
            if tick % 3 == 0 {
                let wait = stream.clock.waiting(capture: origin + .milliseconds(10 * tick) - pictureDelay, now: now)
                #expect(wait <= .milliseconds(300))
            }
            if tick % 10 == 9, let lateness = stream.clock.pictureLateness { seen.append(lateness) }
        }
        return seen
    }

    @Test func aPictureWithoutDelayIsEarlyByWhatSoundIsHeld() throws {
        let stream = try AudioStream()
        #expect(stream.clock.pictureLateness == nil)
        let seen = try watch(stream, seconds: 3, pictureDelay: .zero)
        #expect(seen.allSatisfy { (Interval.milliseconds(-85) ... .milliseconds(-45)).contains($0) }, "\(seen)")
        #expect(stream.clock.extraAudioDelay == .zero)
    }

    /// The whole loop: the wish for later sound, the stretching that follows it, and what is heard then.
    @Test func soundWaitsForAPictureThatIsLate() throws {
        let stream = try AudioStream()
        let late = try watch(stream, seconds: 12, pictureDelay: .milliseconds(250))
        #expect(late.prefix(5).allSatisfy { $0 > .milliseconds(150) })
        #expect(late.suffix(10).allSatisfy { (Interval.zero ... .milliseconds(45)).contains($0) }, "\(late.suffix(10))")
        #expect(stream.statistics.concealedSamples == 0 && stream.statistics.insertedSamplesForDeceleration > 4800)
        let early = try watch(stream, seconds: 12, pictureDelay: .milliseconds(100), from: 1200)
        #expect(early.suffix(10).allSatisfy { (Interval.milliseconds(-125) ... .milliseconds(45)).contains($0) }, "\(early.suffix(10))")
        #expect(stream.statistics.removedSamplesForAcceleration > 2400 && stream.statistics.concealedSamples == 0)
    }

    @Test func withoutPacketsThereIsNothing() throws {
        let stream = try AudioStream()
        var mix = [Int32](repeating: 7, count: 960)
        #expect(!stream.render(into: &mix, now: .zero))
        #expect(mix.allSatisfy { $0 == 7 })
        #expect(stream.level == 0)
    }
}
