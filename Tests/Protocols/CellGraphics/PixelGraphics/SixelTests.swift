import MediaTypes
import TestSupport
import Testing

@testable import CellGraphics

@Suite struct SixelTests {
    @Test func stringsAreNoWiderThanTerminalsTake() {
        var screen = PixelScreen(.sixel, columns: 200, rows: 6, cell: (10, 12))
        screen.draw(cameraFrame(width: 400, height: 60))
        screen.show()
        #expect(screen.terminal.sixelStrings > 2)
        #expect(screen.terminal.widestSixel <= SixelEncoder.widest)
    }

    @Test func aFlatPictureIsAFewBytes() {
        var screen = PixelScreen(.sixel)
        screen.draw(I420Frame(width: 64, height: 48, y: 120, u: 90, v: 150, time: .zero))
        #expect(screen.show() < 1200)
    }

    @Test func coloursAreChosenFromThePicture() {
        var palette = SixelPalette()
        // Two thirds of one grey ramp, a third of one red.
        let samples = (0..<9000).map { $0 % 3 == 0 ? UInt32(0xd02010) : UInt32($0 / 36) * 0x010101 }
        palette.adapt(to: samples, limit: 16)
        #expect(palette.colors.count == 16)
        let red = palette.colors[Int(palette.find(SixelPalette.roundedKey(0xd02010)))]
        #expect(Palette.distance(red, 0xd02010) < 100)
        let first = palette.colors
        for _ in 0..<100 { palette.adapt(to: samples, limit: 16) }
        #expect(palette.colors == first)
        // Another picture gets others, in time.
        for _ in 0..<40 { palette.adapt(to: (0..<9000).map { UInt32($0 / 36) }, limit: 16) }
        #expect(palette.colors != first)
        #expect(palette.colors.allSatisfy { $0 < 0x100 })
        palette.adapt(to: [0x123456], limit: 0)
        #expect(!palette.colors.isEmpty)
    }

    /// A soft grey between two of the palette's is mixed of both: its mean is right.
    @Test func ditheringKeepsTheMean() throws {
        var frame = I420Frame(width: 320, height: 176, time: .zero)
        for y in 0..<176 { for x in 0..<320 { frame.bytes[y * 320 + x] = UInt8(40 + x / 2) } }
        var screen = PixelScreen(.sixel)
        screen.draw(frame)
        screen.show()
        var worst = 0.0
        for left in stride(from: 0, to: 320, by: 16) {
            var (seen, wanted) = (0.0, 0.0)
            for y in 0..<16 {
                for x in left..<left + 16 {
                    seen += Double(try #require(screen.terminal.pixel(x, y)) & 255) / 256
                    wanted += Double((Int(frame.bytes[x]) - 16) * 298 / 256) / 256
                }
            }
            worst = max(worst, abs(seen - wanted))
        }
        #expect(worst < 4, "\(worst)")
    }
}
