import MediaTypes
import Primitives
import TestPattern
import Testing
import VideoCodec

@Suite struct VP8ReconfigurationTests {
    private static let sizes = [
        (320, 240), (240, 180), (160, 120), (120, 90), (256, 192), (80, 60), (321, 241), (320, 240), (64, 48), (17, 3),
    ]

    /// Down and up, beyond the size it began with, odd sizes: the decoder follows, and only a change costs a key frame.
    @Test func theDecoderFollowsEveryChangeOfSize() throws {
        var encoder = try VP8Encoder(width: 320, height: 240, framesPerSecond: 30, bitrateKbps: 500)
        var decoder = try VP8Decoder()
        var timestamp: UInt32 = 0xffff_0000
        for (round, (width, height)) in Self.sizes.enumerated() {
            try encoder.configure(width: width, height: height, bitrateKbps: 300 + round)
            #expect(encoder.width == width && encoder.height == height && encoder.bitrateKbps == 300 + round)
            for number in 0..<4 {
                let frame = smoothFrame(width: width, height: height, number: number)
                let encoded = try #require(try encoder.encode(frame, timestamp: timestamp))
                timestamp &+= 3000
                #expect(encoded.isKeyFrame == (number == 0), "\(width)x\(height), frame \(number)")
                let decoded = try #require(try decoder.decode(encoded))
                #expect(decoded.width == width && decoded.height == height)
                #expect(psnr(frame, decoded, plane: 0) > 27, "\(width)x\(height), frame \(number)")
            }
        }
    }

    @Test func rateAndFrameRateChangeWithoutAKeyFrame() throws {
        var encoder = try VP8Encoder(width: 160, height: 120, framesPerSecond: 30, bitrateKbps: 40)
        let pattern = TestPattern(width: 160, height: 120)
        var bytes = [0, 0, 0]
        var timestamp: UInt32 = 0
        for (part, rate) in [30.0, 10, 30].enumerated() {
            try encoder.configure(width: 160, height: 120, framesPerSecond: rate)
            for number in 0..<Int(rate) * 2 {
                let frame = pattern.picture(number: number, wallClockMilliseconds: 0, time: .zero)
                guard let encoded = try encoder.encode(frame, timestamp: timestamp) else { continue }
                bytes[part] += encoded.payload.count
                #expect(encoded.isKeyFrame == (part == 0 && number == 0))
                timestamp &+= UInt32(90_000 / rate)
            }
        }
        // Two seconds each at 40 kbit/s.
        for part in bytes { #expect(part > 6000 && part < 11_500) }
    }

    @Test func whatCannotBeLeavesEverythingAsItWas() throws {
        var encoder = try VP8Encoder(width: 64, height: 48, framesPerSecond: 30, bitrateKbps: 200)
        for (width, height, rate, kbps) in [(0, 48, 30.0, 200), (64, 16384, 30, 200), (64, 48, 0, 200), (64, 48, 30, 0), (64, 48, 1000, 1)]
        {
            #expect(throws: VideoCodecError.badFormat) {
                try encoder.configure(width: width, height: height, framesPerSecond: rate, bitrateKbps: kbps)
            }
        }
        #expect(encoder.width == 64 && encoder.height == 48 && encoder.bitrateKbps == 200)
        #expect(try encoder.encode(smoothFrame(width: 64, height: 48, number: 0), timestamp: 0) != nil)
    }

    /// A key frame of a new size that gets lost must not be followed by pictures of the old one.
    @Test func aFrameAfterALostChangeOfSizeIsNoPictureOfTheOldSize() throws {
        var encoder = try VP8Encoder(width: 320, height: 240, framesPerSecond: 30, bitrateKbps: 500)
        var decoder = try VP8Decoder()
        let first = try #require(try encoder.encode(smoothFrame(width: 320, height: 240, number: 0), timestamp: 0))
        #expect(try decoder.decode(first)?.width == 320)
        try encoder.configure(width: 160, height: 120)
        _ = try encoder.encode(smoothFrame(width: 160, height: 120, number: 1), timestamp: 3000)
        let after = try #require(try encoder.encode(smoothFrame(width: 160, height: 120, number: 2), timestamp: 6000))
        #expect(!after.isKeyFrame)
        _ = try? decoder.decode(after)
        let repaired = try #require(
            try encoder.encode(smoothFrame(width: 160, height: 120, number: 3), timestamp: 9000, forceKeyFrame: true))
        #expect(try decoder.decode(repaired)?.width == 160)
    }
}
