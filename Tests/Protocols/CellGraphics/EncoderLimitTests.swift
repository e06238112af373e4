import MediaTypes
import Primitives
import TestSupport
import Testing

@testable import CellGraphics

/// Frames that are cut, and go on.
@Suite struct EncoderLimitTests {
    private func grid(_ number: Int, columns: Int = 120, rows: Int = 36) -> CellGrid {
        var grid = CellGrid(columns: columns, rows: rows)
        var renderer = HalfBlockRenderer()
        renderer.draw(
            syntheticFrame(width: 320, height: 240, number: number), into: &grid,
            area: CellRegion(column: 0, row: 0, columns: columns, rows: rows - 1), fit: .stretch)
        grid.put("MIC ON 수진 \(number)", column: 0, row: rows - 1)
        return grid
    }

    private func feed(_ encoder: EscapeEncoder, _ terminal: inout VirtualTerminal) {
        terminal.feed(encoder.output.withUnsafeBufferPointer { Array($0) })
    }

    @Test(arguments: ColorMode.allCases, [300, 2000, 9000])
    func framesKeepToTheLimitAndAddUpToTheWhole(mode: ColorMode, limit: Int) {
        var encoder = EscapeEncoder(mode: mode)
        var whole = EscapeEncoder(mode: mode)
        encoder.limit = limit
        var (cut, uncut) = (VirtualTerminal(columns: 120, rows: 36), VirtualTerminal(columns: 120, rows: 36))
        let grid = grid(3)
        whole.encode(grid)
        feed(whole, &uncut)
        var frames = 0
        repeat {
            let count = encoder.encode(grid)
            #expect(count <= limit + 120)
            feed(encoder, &cut)
            frames += 1
            if frames == 2 || limit > 2000 { #expect(cut.text[35].hasPrefix("MIC ON"), "text comes first") }
        } while encoder.progress < 1 && frames < 2000
        #expect(encoder.progress == 1)
        #expect(encoder.encode(grid) == 0)
        #expect(cut.unknown.isEmpty)
        // Lossy elision depends on the way taken, so that the cells of a picture are only near.
        #expect(cut.text[35] == uncut.text[35])
    }

    @Test func noPartOfTheScreenStarves() {
        var encoder = EscapeEncoder()
        encoder.encode(grid(0))
        encoder.limit = 1500
        var last = [Int](repeating: 0, count: 35)
        var oldest = 0
        for number in 1...600 {
            let grid = grid(number * 7)
            let before = encoder.shown
            encoder.encode(grid)
            for row in 0..<35
            where encoder.shown.foregrounds[row * 120..<(row + 1) * 120] != before.foregrounds[row * 120..<(row + 1) * 120] {
                last[row] = number
            }
            if number > 200 { oldest = max(oldest, number - (last.min() ?? 0)) }
        }
        #expect(oldest > 0 && oldest < 150)
    }

    @Test func withoutALimitItIsOneFrame() {
        var encoder = EscapeEncoder()
        #expect(encoder.encode(grid(1)) > 20_000)
        #expect(encoder.progress == 1)
    }

    /// Fewer colours leave what is there; more draw it anew, without clearing.
    @Test func changingColoursKeepsThePicture() {
        var encoder = EscapeEncoder()
        var terminal = VirtualTerminal(columns: 120, rows: 36)
        encoder.encode(grid(1))
        feed(encoder, &terminal)
        encoder.mode = .indexed256
        #expect(encoder.encode(grid(1)) == 0)
        encoder.encode(grid(2))
        feed(encoder, &terminal)
        encoder.mode = .truecolor
        #expect(encoder.encode(grid(2)) > 20_000)
        #expect(!encoder.output.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }.contains("\u{1b}[2J"))
        #expect(terminal.unknown.isEmpty)
    }
}
