import AudioCodec
import Glibc
import Primitives
import Testing

@Suite struct OpusTests {
    /// Twenty milliseconds of a voice-like sound: a falling pitch with overtones, swelling and fading.
    private func voice(_ block: Int) -> [Int16] {
        (0..<960).map { i in
            let time = Double(block * 960 + i) / 48_000
            let phase = 2 * Double.pi * (180 * time - 6 * time * time)
            let swell = 0.6 + 0.4 * sin(2 * Double.pi * 3 * time)
            return Int16(7000 * swell * (sin(phase) + 0.5 * sin(2 * phase) + 0.3 * sin(3 * phase)))
        }
    }

    private func tone(_ block: Int, hertz: Double = 440) -> [Int16] {
        (0..<960).map { Int16(6000 * sin(2 * Double.pi * hertz * Double(block * 960 + $0) / 48_000)) }
    }

    private func rms(_ samples: some Collection<Int16>) -> Double {
        (samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(1, samples.count))).squareRoot()
    }

    /// How much of the sound is at one frequency, 0 to 1.
    private func share(_ samples: [Int16], at hertz: Double) -> Double {
        var (real, imaginary) = (0.0, 0.0)
        for (i, sample) in samples.enumerated() {
            real += Double(sample) * cos(2 * Double.pi * hertz * Double(i) / 48_000)
            imaginary += Double(sample) * sin(2 * Double.pi * hertz * Double(i) / 48_000)
        }
        let amplitude = 2 * (real * real + imaginary * imaginary).squareRoot() / Double(samples.count)
        return amplitude / 2.0.squareRoot() / rms(samples)
    }

    @Test(arguments: [200.0, 440, 1000, 3000])
    func aToneComesBack(hertz: Double) throws {
        var encoder = try OpusEncoder()
        var decoder = try OpusDecoder()
        var heard: [Int16] = []
        for block in 0..<50 {
            let payload = try encoder.encode(tone(block, hertz: hertz))
            #expect(payload.count < 400)
            #expect(try decoder.decode(payload, into: &heard) == 960)
        }
        let steady = Array(heard[24_000...])
        #expect(share(steady, at: hertz) > 0.9)
        #expect(abs(rms(steady) / (6000 / 2.0.squareRoot()) - 1) < 0.25)
    }

    @Test func aLostPacketComesBackFromTheNextOne() throws {
        var encoder = try OpusEncoder(expectedLossPercent: 10)
        let packets = try (0..<60).map { try encoder.encode(voice($0)) }
        // What a decoder gives that loses nothing.
        var whole: [Int16] = []
        var decoder = try OpusDecoder()
        for packet in packets { try decoder.decode(packet, into: &whole) }

        func error(_ mend: (inout OpusDecoder, [UInt8], inout [Int16]) throws -> Int) throws -> Double {
            var decoder = try OpusDecoder()
            var output: [Int16] = []
            var sum = 0.0
            for (i, packet) in packets.enumerated() {
                if i % 6 == 5, i + 1 < packets.count, i > 10 {
                    let count = try mend(&decoder, packets[i + 1], &output)
                    #expect(count == 960)
                    let (a, b) = (output[(i * 960)..<(i + 1) * 960], whole[(i * 960)..<(i + 1) * 960])
                    sum += zip(a, b).reduce(0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
                } else {
                    try decoder.decode(packet, into: &output)
                }
            }
            return sum
        }
        let mended = try error { decoder, next, output in try decoder.decodeFEC(next, into: &output) }
        let guessed = try error { decoder, _, output in try decoder.conceal(into: &output) }
        #expect(mended * 2 < guessed)
    }

    /// Packets with the LBRR flag, of 150 (RFC 6716 section 4.2.3), and bytes in all.
    private func protected(_ encoder: inout OpusEncoder, _ block: (Int) -> [Int16]) throws -> (count: Int, bytes: Int) {
        let packets = try (0..<200).map { try encoder.encode(block($0)) }.dropFirst(50)
        return (packets.count { $0[0] & 0x83 == 0 && $0.count > 1 && $0[1] & 0x40 != 0 }, packets.reduce(0) { $0 + $1.count })
    }

    @Test func theExpectedLossAndTheBitrateChangeInTheCall() throws {
        var encoder = try OpusEncoder(expectedLossPercent: 0)
        #expect(try protected(&encoder, voice).count == 0)
        encoder.setExpectedLoss(10)
        let guarded = try protected(&encoder, voice)
        #expect(guarded.count > 60)
        encoder.setBitrate(16_000)
        #expect(try protected(&encoder, voice).bytes * 3 < guarded.bytes * 2)
        encoder.setBitrate(32_000)
        // A reset forgets sound, not settings.
        encoder.reset()
        #expect(try protected(&encoder, voice).count > 60)
        encoder.setExpectedLoss(0)
        #expect(try protected(&encoder, voice).count == 0)
        // Values from anywhere.
        encoder.setExpectedLoss(.max)
        encoder.setBitrate(.min)
        #expect(try protected(&encoder, voice).bytes > 0)
    }

    /// Why redundancy is not left to the codec: what it does not take for speech has no FEC, whatever is expected.
    @Test func aToneHasNoFEC() throws {
        var encoder = try OpusEncoder(expectedLossPercent: 30)
        #expect(try protected(&encoder) { tone($0) }.count == 0)
    }

    @Test func zerosAreHeardAsSilence() throws {
        var encoder = try OpusEncoder()
        var decoder = try OpusDecoder()
        var heard: [Int16] = []
        for block in 0..<50 { try decoder.decode(try encoder.encode(voice(block)), into: &heard) }
        #expect(rms(heard[24_000...]) > 1000)
        encoder.reset()
        heard.removeAll()
        for _ in 0..<100 { try decoder.decode(try encoder.encode([Int16](repeating: 0, count: 960)), into: &heard) }
        // A tenth of a second for what still rings.
        #expect(heard[4800...].allSatisfy { abs(Int($0)) <= 33 })
    }

    @Test func afterAResetNothingOfTheSoundBeforeIsSent() throws {
        var used = try OpusEncoder()
        for block in 0..<20 { _ = try used.encode(voice(block)) }
        used.reset()
        var fresh = try OpusEncoder()
        let silence = [Int16](repeating: 0, count: 960)
        for _ in 0..<20 { #expect(try used.encode(silence) == fresh.encode(silence)) }
    }

    @Test func lengthsThatOpusHasNotAreRefused() throws {
        var encoder = try OpusEncoder()
        var decoder = try OpusDecoder()
        var output: [Int16] = []
        for count in [0, 1, 480, 959, 961] {
            var thrown = false
            do { _ = try encoder.encode([Int16](repeating: 0, count: count)) } catch { thrown = error == .badLength(count) }
            #expect(thrown)
        }
        for count in [0, -1, 100, 961, 5880, Int.max] {
            var thrown = false
            do { _ = try decoder.conceal(samples: count, into: &output) } catch { thrown = error == .badLength(count) }
            #expect(thrown)
        }
        #expect(output.isEmpty)
    }

    @Test func damagedPacketsAreSurvived() throws {
        let seed: UInt64 = 21
        var random = RandomSource.seeded(seed)
        var encoder = try OpusEncoder()
        var decoder = try OpusDecoder()
        var output: [Int16] = []
        for round in 0..<300 {
            var payload = try encoder.encode(voice(round))
            switch random.next() % 3 {
            case 0: payload = Array(payload[..<(payload.count * Int(random.next() % 100) / 100)])
            case 1: payload[Int(random.next() % UInt64(payload.count))] ^= UInt8(truncatingIfNeeded: random.next())
            default: payload = random.bytes(Int(random.next() % 60))
            }
            output.removeAll(keepingCapacity: true)
            if let count = try? decoder.decode(payload, into: &output) {
                #expect(count == output.count && count <= OpusFormat.mostSamplesPerPacket, "seed \(seed), round \(round)")
            } else {
                #expect(output.isEmpty, "seed \(seed), round \(round)")
            }
            _ = try? decoder.decodeFEC(payload, into: &output)
        }
    }
}
