import MediaTypes
import Primitives
import TestPattern
import Testing
import VideoCodec

@Suite struct VP8RateTests {
    /// What a link of just the target's rate would hold, in milliseconds, at its fullest; and the rate over all.
    private func run(
        _ encoder: inout VP8Encoder, frames: Range<Int>, keyFrames: Set<Int> = []
    ) throws -> (fullest: Double, kbps: Double, keyFrame: Double, sent: Int) {
        let pattern = TestPattern(width: encoder.width, height: encoder.height)
        var (queue, fullest, bits, largest, sent) = (0.0, 0.0, 0.0, 0.0, 0)
        let rate = Double(encoder.bitrateKbps)
        for number in frames {
            let frame = pattern.picture(number: number, wallClockMilliseconds: Int64(number) * 33, time: .zero)
            queue = max(0, queue - 1000 / encoder.framesPerSecond)
            let step = Int(90_000 / encoder.framesPerSecond)
            guard
                let encoded = try encoder.encode(
                    frame, timestamp: UInt32(truncatingIfNeeded: number * step), forceKeyFrame: keyFrames.contains(number))
            else { continue }
            sent += 1
            let size = Double(encoded.payload.count * 8)
            if encoded.isKeyFrame { largest = max(largest, size / rate) }
            bits += size
            queue += size / rate
            fullest = max(fullest, queue)
        }
        return (fullest, bits / (Double(frames.count) / encoder.framesPerSecond) / 1000, largest, sent)
    }

    @Test(
        arguments: [
            (50, 160, 120, 15.0), (50, 160, 120, 30.0), (100, 240, 180, 30.0), (250, 320, 240, 30.0), (500, 480, 360, 30.0),
            (1000, 640, 480, 30.0),
        ])
    func theRateIsKeptAtEverySizeItIsUsedWith(kbps: Int, width: Int, height: Int, framesPerSecond: Double) throws {
        var encoder = try VP8Encoder(width: width, height: height, framesPerSecond: framesPerSecond, bitrateKbps: kbps)
        let seen = try run(&encoder, frames: 0..<90, keyFrames: [30, 60])
        #expect(seen.kbps < Double(kbps) * 1.1 + 5)
        #expect(seen.kbps > Double(kbps) * 0.5)
        #expect(seen.fullest < 200, "milliseconds")
        #expect(seen.keyFrame < 160, "milliseconds")
        #expect(seen.sent > 80)
    }

    /// Far too few bits for this size: the quantizer ends at its coarsest, and frames are left out rather than queued.
    @Test func framesAreLeftOutWhereTheCoarsestQuantizerIsTooFine() throws {
        var encoder = try VP8Encoder(width: 320, height: 240, framesPerSecond: 30, bitrateKbps: 30)
        let seen = try run(&encoder, frames: 0..<150)
        #expect(encoder.droppedFrames == 150 - seen.sent && encoder.droppedFrames > 10)
        #expect(seen.kbps < 40)
        #expect(encoder.lastQuantizer > 90)
    }

    /// Noise, which no quantizer makes small at first.
    @Test(arguments: [100, 300, 1000])
    func aKeyFrameOfAnyPictureIsBounded(kbps: Int) throws {
        var encoder = try VP8Encoder(width: 160, height: 120, framesPerSecond: 30, bitrateKbps: kbps)
        var random = RandomSource.seeded(5)
        var frame = I420Frame(width: 160, height: 120, time: .zero)
        for number in 0..<40 {
            frame.bytes = random.bytes(frame.bytes.count)
            if number < 20 { frame = I420Frame(width: 160, height: 120, y: 90, time: .zero) }
            guard let encoded = try encoder.encode(frame, timestamp: UInt32(number * 3000), forceKeyFrame: number % 10 == 0) else {
                continue
            }
            // What the coarsest quantizer leaves of such a picture is what it is.
            if encoded.isKeyFrame { #expect(encoded.payload.count * 8 < kbps * 160 || encoder.lastQuantizer >= 118, "frame \(number)") }
        }
    }

    @Test func aFinerRateMeansAFinerQuantizer() throws {
        var encoder = try VP8Encoder(width: 160, height: 120, framesPerSecond: 30, bitrateKbps: 40)
        _ = try run(&encoder, frames: 0..<40)
        let coarse = encoder.lastQuantizer
        encoder.setBitrate(800)
        _ = try run(&encoder, frames: 40..<80)
        #expect(encoder.lastQuantizer < coarse / 2)
    }

    /// A camera thread that is held up gives two pictures at almost the same time; a camera that is off gives none for a while.
    @Test func unevenTimesDoNotCostFrames() throws {
        var encoder = try VP8Encoder(width: 160, height: 120, framesPerSecond: 30, bitrateKbps: 150)
        let pattern = TestPattern(width: 160, height: 120)
        var random = RandomSource.seeded(8)
        var (timestamp, bits): (UInt32, Int) = (0, 0)
        for number in 0..<150 {
            let frame = pattern.picture(number: number, wallClockMilliseconds: 0, time: .zero)
            timestamp = UInt32(number * 3000 + Int(random.next() % 3100)) &+ (number < 75 ? 0 : 900_000)
            bits += (try encoder.encode(frame, timestamp: timestamp)?.payload.count ?? 0) * 8
        }
        #expect(encoder.droppedFrames < 5)
        #expect(bits > 5 * 90_000 && bits < 5 * 170_000)
    }
}
