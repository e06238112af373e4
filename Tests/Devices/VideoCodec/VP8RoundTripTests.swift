import MediaTypes
import Primitives
import TestPattern
import TestSupport
import Testing
import VideoCodec

@Suite struct VP8RoundTripTests {
    @Test(arguments: [(320, 240), (160, 120), (161, 121), (175, 33), (16, 16), (1, 1), (2, 3)])
    func aPictureComesBackAlmostTheSame(size: (Int, Int)) throws {
        var encoder = try VP8Encoder(width: size.0, height: size.1, framesPerSecond: 30, bitrateKbps: 4000)
        var decoder = try VP8Decoder()
        for number in 0..<10 {
            let frame = smoothFrame(width: size.0, height: size.1, number: number)
            guard let encoded = try encoder.encode(frame, timestamp: UInt32(number * 3000), forceKeyFrame: false) else {
                // libvpx's estimates, and so its choice of what to leave out, mean nothing for a handful of pixels.
                #expect(size.0 < 16 && number > 0)
                continue
            }
            #expect(encoded.isKeyFrame == (number == 0))
            #expect(encoded.timestamp == UInt32(number * 3000))
            #expect(encoded.time == frame.time)
            let decoded = try #require(try decoder.decode(encoded))
            #expect(decoded.width == size.0 && decoded.height == size.1)
            #expect(decoded.time == frame.time)
            for plane in 0..<3 { #expect(psnr(frame, decoded, plane: plane) > 27, "plane \(plane) of frame \(number)") }
        }
    }

    @Test func timeStampsMayWrapAndStandStill() throws {
        var encoder = try VP8Encoder(width: 64, height: 64, framesPerSecond: 30, bitrateKbps: 200)
        for timestamp: UInt32 in [0xffff_f000, 0xffff_fbb8, 0x770, 0x770, 0x100, 0x8000_0000, 5] {
            _ = try encoder.encode(smoothFrame(width: 64, height: 64, number: 0), timestamp: timestamp)
        }
    }

    @Test func keyFramesComeWhenAskedForAndOnlyThen() throws {
        var encoder = try VP8Encoder(width: 64, height: 64, framesPerSecond: 30, bitrateKbps: 200)
        var random = RandomSource.seeded(3)
        for number in 0..<200 {
            var frame = smoothFrame(width: 64, height: 64, number: number)
            // A scene cut every now and then is no reason.
            if number % 20 == 0 { frame.bytes = random.bytes(frame.bytes.count) }
            // Noise may be too much for the rate, and is left out; not a key frame.
            let encoded = try encoder.encode(frame, timestamp: UInt32(number * 3000), forceKeyFrame: number == 77)
            #expect((encoded?.isKeyFrame ?? false) == (number == 0 || number == 77), "frame \(number)")
        }
    }

    @Test func theDecoderFollowsAChangeOfSize() throws {
        var decoder = try VP8Decoder()
        for (width, height) in [(64, 64), (321, 99), (32, 48), (640, 480)] {
            var encoder = try VP8Encoder(width: width, height: height, framesPerSecond: 30, bitrateKbps: 1000)
            for number in 0..<3 {
                let frame = smoothFrame(width: width, height: height, number: number)
                let encoded = try #require(try encoder.encode(frame, timestamp: UInt32(number * 3000)))
                let decoded = try #require(try decoder.decode(encoded))
                #expect(decoded.width == width && decoded.height == height)
            }
        }
    }

    @Test(arguments: [100, 300])
    func theBitRateIsKept(kbps: Int) throws {
        var encoder = try VP8Encoder(width: 160, height: 120, framesPerSecond: 30, bitrateKbps: kbps)
        let pattern = TestPattern(width: 160, height: 120)
        var bytes = 0
        for number in 0..<300 {
            let frame = pattern.picture(number: number, wallClockMilliseconds: Int64(number) * 33, time: .zero)
            bytes += try encoder.encode(frame, timestamp: UInt32(number * 3000))?.payload.count ?? 0
        }
        #expect(bytes * 8 / 10 < kbps * 1150)
        #expect(bytes * 8 / 10 > kbps * 300)
    }

    @Test func theBitRateCanBeChanged() throws {
        var encoder = try VP8Encoder(width: 160, height: 120, framesPerSecond: 30, bitrateKbps: 400)
        let pattern = TestPattern(width: 160, height: 120)
        var bytes = [0, 0]
        for number in 0..<300 {
            if number == 150 { encoder.setBitrate(60) }
            encoder.setBitrate(0)
            let frame = pattern.picture(number: number, wallClockMilliseconds: Int64(number) * 33, time: .zero)
            bytes[number / 150] += try encoder.encode(frame, timestamp: UInt32(number * 3000))?.payload.count ?? 0
        }
        #expect(bytes[1] * 2 < bytes[0])
        #expect(bytes[1] * 8 / 5 < 75_000)
    }

    @Test func theTimecodeSurvivesTheLowestRate() throws {
        var encoder = try VP8Encoder(width: 160, height: 120, framesPerSecond: 30, bitrateKbps: 100)
        var decoder = try VP8Decoder()
        let pattern = TestPattern(width: 160, height: 120)
        for number in 0..<300 {
            let time = 1_795_000_000_000 + Int64(number) * 33
            let frame = pattern.picture(number: number, wallClockMilliseconds: time, time: .zero)
            let encoded = try #require(try encoder.encode(frame, timestamp: UInt32(number * 3000)))
            let decoded = try #require(try decoder.decode(encoded))
            #expect(Timecode.read(from: decoded) == Timecode(number: number, wallClockMilliseconds: time), "frame \(number)")
        }
    }

    @Test func formatsThatCannotBeAreRefused() throws {
        for (width, height, rate, kbps) in [(0, 10, 30.0, 100), (16384, 10, 30, 100), (10, -1, 30, 100), (10, 10, 0, 100), (10, 10, 30, 0)]
        {
            #expect(throws: VideoCodecError.badFormat) {
                _ = try VP8Encoder(width: width, height: height, framesPerSecond: rate, bitrateKbps: kbps)
            }
        }
        var encoder = try VP8Encoder(width: 16, height: 16, framesPerSecond: 30, bitrateKbps: 100)
        var thrown: VideoCodecError?
        do { _ = try encoder.encode(I420Frame(width: 17, height: 16, time: .zero), timestamp: 0) } catch { thrown = error }
        #expect(thrown == .badFormat)
    }
}

/// Waves without edges, which move; every plane has its own.
func smoothFrame(width: Int, height: Int, number: Int) -> I420Frame {
    var frame = I420Frame(width: width, height: height, time: Instant(microseconds: Int64(number) * 33_333))
    func wave(_ i: Int, _ period: Int, _ low: Int, _ high: Int) -> UInt8 {
        let place = (i % period + period) % period
        return UInt8(low + (place < period / 2 ? place : period - place) * (high - low) * 2 / period)
    }
    for y in 0..<height { for x in 0..<width { frame.bytes[y * width + x] = wave(x + y / 2 + number * 2, 128, 40, 200) } }
    for y in 0..<frame.chromaHeight {
        for x in 0..<frame.chromaWidth {
            let i = frame.chromaOffset + y * frame.chromaWidth + x
            frame.bytes[i] = wave(x + number, 160, 90, 160)
            frame.bytes[i + frame.chromaCount] = wave(y - number, 160, 100, 150)
        }
    }
    return frame
}

/// Peak signal to noise in dB, of the luma (0), U (1) or V (2).
func psnr(_ a: I420Frame, _ b: I420Frame, plane: Int) -> Double {
    let range =
        plane == 0 ? 0..<a.lumaCount : a.chromaOffset + (plane - 1) * a.chromaCount..<a.chromaOffset + plane * a.chromaCount
    let error = range.reduce(0) { $0 + (Int(a.bytes[$1]) - Int(b.bytes[$1])) * (Int(a.bytes[$1]) - Int(b.bytes[$1])) }
    guard error > 0 else { return 100 }
    // log10 would need the C library: one decibel is a factor of 1.2589.
    var ratio = 255.0 * 255 * Double(range.count) / Double(error)
    var decibels = 0.0
    while ratio > 1.2589 {
        ratio /= 1.2589
        decibels += 1
    }
    return decibels
}
