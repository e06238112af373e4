import MediaTypes
import Primitives
import Testing

@testable import TestPattern

@Suite struct TimecodeTests {
    static let sizes = [(160, 120), (161, 121), (176, 144), (320, 180), (640, 480), (1280, 720), (240, 427)]

    @Test(arguments: sizes)
    func aPictureTellsItsNumberAndTime(size: (Int, Int)) {
        let pattern = TestPattern(width: size.0, height: size.1)
        for (number, time) in [(0, 0), (1, 1_795_000_000_000), (1799, 1_795_000_059_967), (0x3f_ffff, 0x3ff_ffff_ffff)] as [(Int, Int64)] {
            let picture = pattern.picture(number: number, wallClockMilliseconds: time, time: .zero)
            #expect(Timecode.read(from: picture) == Timecode(number: number, wallClockMilliseconds: time))
        }
    }

    @Test func numbersBeyondTheFieldWrap() {
        let picture = TestPattern(width: 160, height: 120).picture(number: 0x40_0005, wallClockMilliseconds: 7, time: .zero)
        #expect(Timecode.read(from: picture)?.number == 5)
    }

    @Test(arguments: [(160, 120), (320, 240), (400, 300), (1000, 750)])
    func aScaledPictureReadsTheSame(size: (Int, Int)) {
        let picture = TestPattern(width: 640, height: 480).picture(number: 77, wallClockMilliseconds: 1_795_000_000_123, time: .zero)
        let scaled = picture.scaled(width: size.0, height: size.1)
        #expect(Timecode.read(from: scaled) == Timecode(number: 77, wallClockMilliseconds: 1_795_000_000_123))
    }

    @Test func oneWrongBlockIsNoticed() {
        let picture = TestPattern(width: 160, height: 120).picture(number: 1234, wallClockMilliseconds: 1_795_000_000_123, time: .zero)
        for block in 0..<80 {
            var damaged = picture
            for y in 0..<8 {
                for x in 0..<4 {
                    let i = (104 + block / 40 * 8 + y) * 160 + block % 40 * 4 + x
                    damaged.bytes[i] = damaged.bytes[i] == Timecode.dark ? Timecode.bright : Timecode.dark
                }
            }
            #expect(Timecode.read(from: damaged) == nil, "block \(block)")
        }
    }

    @Test func otherPicturesHaveNone() {
        #expect(Timecode.read(from: I420Frame(width: 640, height: 480, time: .zero)) == nil)
        #expect(Timecode.read(from: I420Frame(width: 159, height: 120, time: .zero)) == nil)
        #expect(Timecode.read(from: I420Frame(width: 1, height: 1, time: .zero)) == nil)
        var random = RandomSource.seeded(1)
        var noise = I420Frame(width: 160, height: 120, time: .zero)
        for round in 0..<20 {
            noise.bytes = random.bytes(noise.bytes.count)
            #expect(Timecode.read(from: noise) == nil, "seed 1, round \(round)")
        }
    }
}
