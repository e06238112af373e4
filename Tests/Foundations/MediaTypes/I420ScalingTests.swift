import MediaTypes
import TestSupport
import Testing

@Suite struct I420ScalingTests {
    @Test(arguments: [(32, 24), (31, 17), (1, 1), (200, 150), (64, 3)])
    func aFlatPictureStaysFlat(size: (Int, Int)) {
        let scaled = I420Frame(width: 64, height: 48, y: 77, u: 99, v: 111, time: .zero).scaled(width: size.0, height: size.1)
        #expect(scaled.bytes == I420Frame(width: size.0, height: size.1, y: 77, u: 99, v: 111, time: .zero).bytes)
    }

    @Test func aSmallerPixelIsTheMeanOfThoseItCovers() {
        var frame = I420Frame(width: 4, height: 2, time: .zero)
        frame.bytes.replaceSubrange(0..<8, with: [10, 20, 100, 100, 30, 40, 200, 200])
        frame.bytes.replaceSubrange(8..<12, with: [50, 60, 70, 80])
        let scaled = frame.scaled(width: 2, height: 1)
        #expect(scaled.bytes == [25, 150, 55, 75])
    }

    @Test func theSameSizeIsTheSamePicture() {
        let frame = syntheticFrame(width: 20, height: 10)
        #expect(frame.scaled(width: 20, height: 10).bytes == frame.bytes)
    }

    @Test func aPixelThatIsCoveredInPartCountsInPart() {
        var frame = I420Frame(width: 3, height: 1, time: .zero)
        frame.bytes.replaceSubrange(0..<3, with: [0, 90, 30])
        #expect(Array(frame.scaled(width: 2, height: 1).bytes[..<2]) == [30, 50])
        #expect(Array(frame.scaled(width: 6, height: 2).bytes[..<12]) == [0, 0, 90, 90, 30, 30, 0, 0, 90, 90, 30, 30])
    }

    @Test(arguments: [(640, 480, 256, 192), (640, 360, 320, 184), (300, 200, 75, 50), (99, 77, 98, 13), (1000, 4, 1, 1)])
    func theMeanBrightnessStays(sizes: (Int, Int, Int, Int)) {
        let frame = syntheticFrame(width: sizes.0, height: sizes.1)
        let scaled = frame.scaled(width: sizes.2, height: sizes.3)
        #expect(scaled.width == sizes.2 && scaled.height == sizes.3 && scaled.time == frame.time)
        func mean(_ frame: I420Frame) -> Double {
            Double(frame.bytes[..<frame.lumaCount].reduce(0) { $0 + Int($1) }) / Double(frame.lumaCount)
        }
        #expect(abs(mean(frame) - mean(scaled)) < 1)
    }

    @Test func oneScalerServesPicturesOfChangingSizes() {
        var scaler = I420Scaler()
        for (old, new) in [(64, 32), (64, 48), (40, 48), (64, 32), (64, 64)] {
            let frame = syntheticFrame(width: old, height: old)
            #expect(scaler.scale(frame, width: new, height: new).bytes == frame.scaled(width: new, height: new).bytes)
        }
    }
}
