import MediaTypes
import Primitives
import Testing

@Suite struct I420FrameTests {
    @Test(arguments: [(1, 1, 3), (2, 2, 6), (3, 3, 17), (640, 480, 460_800)])
    func countsOddSizesUp(width: Int, height: Int, count: Int) {
        #expect(I420Frame.byteCount(width: width, height: height) == count)
        #expect(I420Frame(width: width, height: height, time: .zero).bytes.count == count)
    }

    @Test func refusesBytesThatDoNotFit() {
        #expect(I420Frame(width: 2, height: 2, bytes: [1, 2, 3], time: .zero) == nil)
        #expect(I420Frame(width: 0, height: 2, bytes: [], time: .zero) == nil)
        #expect(I420Frame(width: 2, height: 2, bytes: Array(repeating: 0, count: 6), time: .zero) != nil)
    }
}
