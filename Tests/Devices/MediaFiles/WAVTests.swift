import Glibc
import MediaFiles
import MediaTypes
import Primitives
import Testing
import Threading

@Suite struct WAVTests {
    private let scratch = Scratch()

    private func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

    /// A file with a second of a tone on the first channel, and silence on the others.
    private func tone(
        rate: Int = 48_000, channels: Int = 1, bits: Int = 16, float: Bool = false, hertz: Double = 440, extensible: Bool = false
    ) -> [UInt8] {
        var data: [UInt8] = []
        for i in 0..<rate {
            let value = 0.5 * sin(2 * Double.pi * hertz * Double(i) / Double(rate))
            for channel in 0..<channels {
                let sample = channel == 0 ? value : 0
                if float {
                    data += little(Int(Float(sample).bitPattern), 4)
                } else if bits == 8 {
                    data.append(UInt8(128 + sample * 127))
                } else {
                    data += little(Int(sample * Double(1 << (bits - 1))), bits / 8)
                }
            }
        }
        let size = bits / 8 * channels
        let tag = float ? 3 : 1
        var format = little(extensible ? 0xfffe : tag, 2) + little(channels, 2) + little(rate, 4)
        format += little(rate * size, 4) + little(size, 2) + little(bits, 2)
        if extensible { format += little(22, 2) + little(bits, 2) + little(0, 4) + little(tag, 2) + Array(repeating: 0, count: 14) }
        // An odd chunk that nobody knows, with its padding.
        let other = Array("LIST".utf8) + little(3, 4) + [1, 2, 3, 0]
        let body = Array("WAVEfmt ".utf8) + little(format.count, 4) + format + other + Array("data".utf8) + little(data.count, 4) + data
        return Array("RIFF".utf8) + little(body.count, 4) + body
    }

    private func heard(_ bytes: [UInt8], blocks: Int) throws -> [Int16] {
        let reader = try WAVReader(path: scratch.write(bytes, as: "t.wav"), looped: true, paced: false)
        var all: [Int16] = []
        var block = [Int16](repeating: 0, count: 960)
        for _ in 0..<blocks {
            #expect(try reader.read(into: &block))
            all += block
        }
        return all
    }

    /// The amplitude at one frequency.
    private func strength(_ samples: [Int16], at hertz: Double) -> Double {
        var (real, imaginary) = (0.0, 0.0)
        for (i, sample) in samples.enumerated() {
            real += Double(sample) * cos(2 * Double.pi * hertz * Double(i) / 48_000)
            imaginary += Double(sample) * sin(2 * Double.pi * hertz * Double(i) / 48_000)
        }
        return 2 * (real * real + imaginary * imaginary).squareRoot() / Double(samples.count) / 32768
    }

    private func failure(_ bytes: some Collection<UInt8>) -> String? {
        do {
            _ = try WAVReader(path: scratch.write(bytes, as: "clip.wav"), looped: true)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func aFileIsOpenedLaterByWhoeverWrites() throws {
        let failures = BoundedRing<MediaDeviceError>(capacity: 4)
        let writer = try WAVWriter(openingLater: scratch.file("later.wav")) { failures.push($0) }
        #expect(access(scratch.file("later.wav"), F_OK) != 0)
        writer.write([1, 2, 3])
        writer.close()
        #expect(scratch.read("later.wav").count == 44 + 6 && failures.pop() == nil)
        let lost = try WAVWriter(openingLater: "/nowhere/a.wav") { failures.push($0) }
        lost.write([1, 2, 3])
        lost.write([1, 2, 3])
        lost.close()
        #expect(failures.pop()?.kind == .notFound && failures.pop() == nil)
    }

    @Test(arguments: [
        (8, false, false), (16, false, false), (24, false, false), (32, false, false), (32, true, false), (24, false, true),
        (32, true, true),
    ])
    func everySampleFormatIsRead(bits: Int, float: Bool, extensible: Bool) throws {
        let samples = try heard(tone(bits: bits, float: float, extensible: extensible), blocks: 50)
        #expect(abs(strength(samples, at: 440) - 0.5) < 0.01)
    }

    @Test(arguments: [8000, 11_025, 44_100, 48_000, 96_000, 192_000])
    func everyRateIsConvertedAndLoopedWithoutASeam(rate: Int) throws {
        let samples = try heard(tone(rate: rate), blocks: 150)
        #expect(abs(strength(samples, at: 440) - 0.5) < 0.03)
    }

    @Test func channelsAreMixed() throws {
        #expect(abs(strength(try heard(tone(channels: 2), blocks: 50), at: 440) - 0.25) < 0.01)
        #expect(abs(strength(try heard(tone(channels: 5), blocks: 50), at: 440) - 0.1) < 0.01)
    }

    @Test func aFileThatIsNotLoopedEnds() throws {
        let reader = try WAVReader(path: scratch.write(tone(), as: "o.wav"), looped: false, paced: false)
        var block = [Int16](repeating: 0, count: 9000)
        for i in 0..<6 { #expect(try reader.read(into: &block), "block \(i)") }
        #expect(block[3000...].allSatisfy { $0 == 0 })
        #expect(try !reader.read(into: &block))
    }

    @Test func whatIsWrittenIsRead() throws {
        let writer = try WAVWriter(path: scratch.file("w.wav"))
        var samples: [Int16] = []
        for block in 0..<30 {
            let part = (0..<960).map { Int16(truncatingIfNeeded: (block * 960 + $0) &* 7919) }
            samples += part
            #expect(writer.write(part))
        }
        writer.close()
        #expect(writer.failure == nil)
        let file = scratch.read("w.wav")
        #expect(file.count == 44 + samples.count * 2)
        #expect(Array(file[40..<44]) == little(samples.count * 2, 4) && Array(file[4..<8]) == little(file.count - 8, 4))
        let reader = try WAVReader(path: scratch.file("w.wav"), looped: false, paced: false)
        var back = [Int16](repeating: 0, count: samples.count)
        #expect(try reader.read(into: &back))
        #expect(back == samples)
    }

    @Test func theHeaderIsRightWhileItIsWritten() throws {
        let writer = try WAVWriter(path: scratch.file("k.wav"))
        for _ in 0..<20 { writer.write([Int16](repeating: 5, count: 960)) }
        // As many as were handed over in whole tenths of a second arrive without a close.
        while scratch.read("k.wav").count < 44 + 38_400 { sched_yield() }
        while Array(scratch.read("k.wav")[40..<44]) != little(38_400, 4) { sched_yield() }
        writer.close()
    }

    @Test func everyTruncationIsRefused() {
        let whole = Array(tone()[..<400])
        for count in 0..<whole.count { #expect(failure(whole[..<count]) != nil, "\(count) bytes") }
    }

    @Test func whatIsWrongIsExplained() {
        let whole = tone()
        #expect(failure(whole[..<5000]) == "clip.wav: its data of 96000 bytes is cut short at byte 5000.")
        #expect(failure(Array("OggS".utf8) + whole[4...]) == "clip.wav: it does not begin with RIFF and WAVE, so it is no WAV file.")
        #expect(failure(whole[..<20]) == "clip.wav: its format chunk is cut short at byte 20.")
        #expect(failure(whole[..<36]) == "clip.wav: it has no data chunk before byte 36.")
        var other = whole
        other[20] = 85
        #expect(
            failure(other)
                == "clip.wav: its samples are of type 85 with 16 bits; only PCM of 8, 16, 24 or 32 bits and 32-bit float can be used.")
        other = whole
        other[22] = 0
        #expect(failure(other) == "clip.wav: it has 0 channels.")
        other = whole
        other.replaceSubrange(24..<28, with: [0, 0, 0, 0])
        #expect(failure(other) == "clip.wav: it has 0 samples a second.")
    }

    @Test func aSizeLeftOpenMeansToTheEnd() throws {
        var bytes = tone()
        let size = 48
        bytes.replaceSubrange(size + 4..<size + 8, with: [0xff, 0xff, 0xff, 0xff])
        #expect(Array(bytes[size..<size + 4]) == Array("data".utf8))
        #expect(abs(strength(try heard(bytes, blocks: 50), at: 440) - 0.5) < 0.01)
    }

    @Test func damagedHeadersAreSurvived() {
        let seed: UInt64 = 41
        var random = RandomSource.seeded(seed)
        let whole = Array(tone(rate: 8000)[..<200])
        for _ in 0..<500 {
            var bytes = whole
            for _ in 0..<3 { bytes[Int(random.next() % 60)] = UInt8(truncatingIfNeeded: random.next()) }
            bytes.replaceSubrange(52..<56, with: [0xff, 0xff, 0xff, 0xff])
            guard let reader = try? WAVReader(path: scratch.write(bytes, as: "d.wav"), looped: true, paced: false) else { continue }
            var block = [Int16](repeating: 0, count: 960)
            for _ in 0..<3 { _ = try? reader.read(into: &block) }
        }
    }
}
