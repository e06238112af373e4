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
}
