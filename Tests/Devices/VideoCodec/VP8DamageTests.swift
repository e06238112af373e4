import MediaTypes
import Primitives
import TestSupport
import Testing
import VideoCodec

@Suite struct VP8DamageTests {
    /// A key frame and five that depend on it.
    private func sequence() throws -> [EncodedVideoFrame] {
        var encoder = try VP8Encoder(width: 96, height: 80, framesPerSecond: 30, bitrateKbps: 300)
        return try (0..<6).compactMap { try encoder.encode(smoothFrame(width: 96, height: 80, number: $0), timestamp: UInt32($0 * 3000)) }
    }

    @Test func everyTruncationOfAKeyFrameIsSurvived() throws {
        let frames = try sequence()
        for count in 0..<frames[0].payload.count {
            var decoder = try VP8Decoder()
            var cut = frames[0]
            cut.payload = Array(cut.payload[..<count])
            let picture = try? decoder.decode(cut)
            if count < 10 { #expect(picture == nil, "\(count) bytes") }
        }
    }

    @Test func everyDamagedByteIsSurvivedAndAKeyFrameRepairs() throws {
        let frames = try sequence()
        let seed: UInt64 = 11
        var random = RandomSource.seeded(seed)
        var decoder = try VP8Decoder()
        for round in 0..<300 {
            for var frame in frames {
                for _ in 0..<1 + Int(random.next() % 4) {
                    // The size may not change, or every round would allocate another one.
                    let i = 10 + Int(random.next() % UInt64(max(1, frame.payload.count - 10)))
                    if i < frame.payload.count { frame.payload[i] ^= UInt8(truncatingIfNeeded: 1 + random.next() % 255) }
                }
                if let picture = try? decoder.decode(frame) {
                    #expect(picture.width == 96 && picture.height == 80, "seed \(seed), round \(round)")
                }
            }
            let good = try decoder.decode(frames[0])
            #expect(good?.width == 96, "seed \(seed), round \(round)")
        }
    }

    @Test func randomBytesAreSurvived() throws {
        let seed: UInt64 = 12
        var random = RandomSource.seeded(seed)
        var decoder = try VP8Decoder()
        for _ in 0..<2000 {
            let bytes = random.bytes(Int(random.next() % 200))
            _ = try? decoder.decode(EncodedVideoFrame(payload: bytes, isKeyFrame: false, timestamp: 0, time: .zero))
        }
    }

    @Test func aStreamThatBeginsWithoutAKeyFrameIsRefused() throws {
        var decoder = try VP8Decoder()
        var refused = false
        do { _ = try decoder.decode(try sequence()[1]) } catch { refused = true }
        #expect(refused)
    }

    @Test func aKeyFrameTooLargeIsRefusedBeforeAnythingIsAllocated() throws {
        var decoder = try VP8Decoder()
        var frame = try sequence()[0]
        frame.payload.replaceSubrange(6..<10, with: [0xff, 0x3f, 0xff, 0x3f])
        var thrown: VideoCodecError?
        do { _ = try decoder.decode(frame) } catch { thrown = error }
        #expect(thrown == .tooLarge(width: 16383, height: 16383))
    }
}
