import MediaTypes
import TestSupport
import Testing

@testable import CellGraphics

@Suite struct PictureToneTests {
    @Test func neutralHasNoTable() {
        #expect(PictureTone.neutral.table.isEmpty)
        #expect(PictureTone(brightness: 0, contrast: 0) == .neutral)
    }

    @Test func staysWithinItsScale() {
        var tone = PictureTone(brightness: 100, contrast: -100)
        #expect(tone == PictureTone(brightness: 8, contrast: -8))
        tone.brightness -= 1000
        tone.contrast += 1000
        #expect(tone == PictureTone(brightness: -8, contrast: 8))
    }

    @Test(arguments: PictureTone.range, PictureTone.range)
    func tableRisesWithinLimitedRange(brightness: Int, contrast: Int) throws {
        let table = PictureTone(brightness: brightness, contrast: contrast).table
        try #require(!table.isEmpty || (brightness, contrast) == (0, 0))
        #expect(zip(table, table.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(table.allSatisfy { (16...235).contains($0) })
    }

    @Test func contrastTurnsAboutMiddleGrey() {
        let hard = PictureTone(contrast: 8).table
        let soft = PictureTone(contrast: -8).table
        #expect((hard[126], hard[146], hard[106]) == (126, 166, 86))
        #expect((soft[126], soft[146], soft[106]) == (126, 136, 116))
        #expect(PictureTone(brightness: 3).table[100] == 130)
    }

    /// The tone is laid over what a cell shows, so it is the same as that of a source which had it all along.
    @Test(arguments: [PictureTone(brightness: 4), PictureTone(brightness: -3, contrast: 5), PictureTone(contrast: -8)])
    func everyRendererShowsIt(tone: PictureTone) {
        func flat(_ luma: UInt8) -> I420Frame { I420Frame(width: 64, height: 48, y: luma, u: 120, v: 140, time: .zero) }
        for luma in [UInt8(40), 90, 126, 200] {
            var (toned, expected) = (CellGrid(columns: 16, rows: 6), CellGrid(columns: 16, rows: 6))
            var half = HalfBlockRenderer()
            half.draw(flat(luma), into: &toned, area: toned.bounds, fit: .stretch, tone: tone)
            half.draw(flat(tone.table[Int(luma)]), into: &expected, area: expected.bounds, fit: .stretch)
            #expect(toned[3, 3] == expected[3, 3])
            toned.clear()
            expected.clear()
            var (ascii, other) = (ASCIIRenderer(), ASCIIRenderer())
            ascii.draw(flat(luma), into: &toned, area: toned.bounds, fit: .stretch, tone: tone)
            other.draw(flat(tone.table[Int(luma)]), into: &expected, area: expected.bounds, fit: .stretch)
            #expect(toned[3, 3] == expected[3, 3])
        }
    }

    @Test func aNewToneIsSeenAtOnce() {
        var grid = CellGrid(columns: 16, rows: 6)
        var half = HalfBlockRenderer()
        let frame = syntheticFrame(width: 64, height: 48)
        half.draw(frame, into: &grid, area: grid.bounds)
        let before = grid[8, 3]
        half.draw(frame, into: &grid, area: grid.bounds, tone: PictureTone(brightness: 8))
        #expect(grid[8, 3] != before)
        half.draw(frame, into: &grid, area: grid.bounds)
        #expect(grid[8, 3] == before)
    }
}
