import MediaTypes
import Primitives
import Testing

@testable import TestPattern

@Suite struct TestPatternTests {
    private func luma(_ frame: I420Frame, every step: Int) -> [UInt8] {
        stride(from: 0, to: frame.lumaCount, by: step).map { frame.bytes[$0] }
    }

    @Test func noTwoPicturesAreAlike() {
        let pattern = TestPattern(width: 160, height: 120)
        var seen: Set<[UInt8]> = []
        for number in 0..<300 {
            // The same clock, so that it is not the timecode's time alone that differs.
            seen.insert(luma(pattern.picture(number: number, wallClockMilliseconds: 5, time: .zero), every: 7))
        }
        #expect(seen.count == 300)
    }

    @Test func theBallMovesEveryFrame() {
        let pattern = TestPattern(width: 160, height: 120)
        let sky = 0..<Layout.barsTop(120) * 160
        var last = pattern.picture(number: 0, wallClockMilliseconds: 0, time: .zero)
        for number in 1..<250 {
            let next = pattern.picture(number: number, wallClockMilliseconds: 0, time: .zero)
            let changed = sky.count { last.bytes[$0] != next.bytes[$0] }
            #expect(changed > 20, "frame \(number)")
            last = next
        }
    }

    @Test func brightnessStaysTheSame() {
        let pattern = TestPattern(width: 160, height: 120)
        let means = (0..<220).map { number in
            let time = 1_795_000_000_000 + Int64(number) * 33
            let samples = luma(pattern.picture(number: number, wallClockMilliseconds: time, time: .zero), every: 3)
            return samples.reduce(0) { $0 + Int($1) } / samples.count
        }
        #expect((means.max() ?? 0) - (means.min() ?? 0) < 12)
        #expect((means.min() ?? 0) > 70 && (means.max() ?? 255) < 150)
    }

    @Test func theFrameSaysWhenItWasTaken() {
        let time = Instant(microseconds: 42)
        let frame = TestPattern(width: 320, height: 240).picture(number: 1, wallClockMilliseconds: 1, time: time)
        #expect(frame.time == time)
        #expect(frame.bytes.count == I420Frame.byteCount(width: 320, height: 240))
    }

    @Test(arguments: [(1, 1), (16, 16), (17, 31), (16, 2000), (2000, 16), (-5, 0)])
    func oddSizesAreDrawn(size: (Int, Int)) {
        let pattern = TestPattern(width: size.0, height: size.1)
        for number in [0, 1, 37, 106, 107, -1, Int.max, Int.min] {
            let frame = pattern.picture(number: number, wallClockMilliseconds: -1, time: .zero)
            #expect(frame.bytes.count == I420Frame.byteCount(width: pattern.width, height: pattern.height))
        }
    }
}
