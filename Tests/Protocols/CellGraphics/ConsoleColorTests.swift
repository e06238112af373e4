import MediaTypes
import Primitives
import TestSupport
import Testing

@testable import CellGraphics

/// Linux's console: eight colours, and bold for a bright foreground.
@Suite struct ConsoleColorTests {
    private func encoder(_ quality: PictureQuality = .lossy) -> EscapeEncoder {
        var encoder = EscapeEncoder(mode: .indexed16)
        encoder.hasConsoleColors = true
        encoder.quality = quality
        return encoder
    }

    /// What a cell's colours are there; nil: none of the console's. A background without a colour is black.
    private func entries(_ cell: VirtualTerminal.Cell) -> (foreground: UInt8, background: UInt8)? {
        func entry(_ color: VirtualTerminal.Color, standard: UInt8) -> UInt8? {
            switch color {
            case .standard: standard
            case .indexed(let number): number < 8 ? number : nil
            case .rgb: nil
            }
        }
        guard let foreground = entry(cell.foreground, standard: 7), let background = entry(cell.background, standard: 0) else { return nil }
        return (cell.bold ? foreground + 8 : foreground, background)
    }

    private func halves(_ cell: VirtualTerminal.Cell) -> (UInt8, UInt8)? {
        entries(cell).flatMap { CellGraphicsTests.halves(of: cell.text, $0.0, $0.1) }
    }

    /// Every cell is as near to the picture as a foreground of sixteen and a background of eight colours can be.
    @Test func picturesUseWhatThereIs() throws {
        var encoder = encoder(.exact)
        var grid = CellGrid(columns: 40, rows: 12)
        var terminal = VirtualTerminal(columns: 40, rows: 12)
        var renderer = HalfBlockRenderer()
        let colors = (0..<16).map { OKLab(rgb: Palette.rgb(UInt8($0))) }
        var brightCells = 0
        for n in 0..<6 {
            let tone = PictureTone(brightness: n % 3 * 3, contrast: 6)
            renderer.draw(syntheticFrame(width: 160, height: 120, number: n * 7), into: &grid, area: grid.bounds, fit: .stretch, tone: tone)
            encoder.encode(grid)
            terminal.feed(encoder.output.withUnsafeBufferPointer { Array($0) })
            #expect(terminal.unknown.isEmpty)
            for row in 0..<12 {
                for column in 0..<40 {
                    let shown = try #require(halves(terminal[column, row]), "\(terminal[column, row])")
                    if shown.0 > 7 || shown.1 > 7 { brightCells += 1 }
                    let cell = grid[column, row]
                    // As the tables know it, by five bits.
                    let wanted = [cell.foreground, cell.background].map { OKLab(rgb: Palette.rgb(key: UInt32(Palette.key($0.packed)))) }
                    func error(_ top: Int, _ bottom: Int) -> Float {
                        wanted[0].squaredDistance(to: colors[top]) + wanted[1].squaredDistance(to: colors[bottom])
                    }
                    var least = Float.infinity
                    for bright in 0..<16 { for dull in 0..<8 { least = min(least, error(bright, dull), error(dull, bright)) } }
                    #expect(error(Int(shown.0), Int(shown.1)).squareRoot() <= least.squareRoot() + 0.01, "frame \(n) at \(column),\(row)")
                }
            }
            #expect(encoder.encode(grid) == 0)
        }
        #expect(brightCells > 50)
    }

    /// A bright colour ends where another one begins, and bold text stays bold in any colour.
    @Test func textKeepsItsBrightness() throws {
        var encoder = encoder()
        var terminal = VirtualTerminal(columns: 40, rows: 4)
        var grid = CellGrid(columns: 40, rows: 4)
        let (white, red, grey) = (CellColor(rgb: 0xffffff), CellColor(rgb: 0xcd0000), CellColor(rgb: 0x7f7f7f))
        grid.put("w", column: 0, row: 0, foreground: white)
        grid.put("r", column: 1, row: 0, foreground: red)
        grid.put("w", column: 2, row: 0, foreground: white)
        grid.put("d", column: 3, row: 0)
        grid.put("b", column: 4, row: 0, foreground: red, attributes: .bold)
        grid.put("c", column: 5, row: 0, foreground: CellColor(rgb: 0x00cdcd), attributes: .bold)
        grid.put("r", column: 6, row: 0, foreground: red)
        grid.put("g", column: 7, row: 0, foreground: white, background: grey)
        encoder.encode(grid)
        terminal.feed(encoder.output.withUnsafeBufferPointer { Array($0) })
        let seen = try (0..<8).map { try #require(entries(terminal[$0, 0])) }
        #expect(seen.map(\.foreground) == [15, 1, 15, 7, 9, 14, 1, 15])
        #expect(seen.allSatisfy { $0.background < 8 })
    }

    @Test(arguments: [RenderMode.half, .quadrant, .sextant, .braille, .ascii])
    func noOtherColoursAreAskedFor(mode: RenderMode) {
        var encoder = encoder()
        encoder.dithers = true
        var grid = CellGrid(columns: 40, rows: 12)
        var terminal = VirtualTerminal(columns: 40, rows: 12)
        var (quadrant, sextant, half) = (QuadrantRenderer(), SextantRenderer(), HalfBlockRenderer())
        var (braille, ascii) = (BrailleRenderer(), ASCIIRenderer())
        for n in 0..<4 {
            let frame = syntheticFrame(width: 160, height: 120, number: n * 9)
            switch mode {
            case .quadrant: quadrant.draw(frame, into: &grid, area: grid.bounds)
            case .sextant: sextant.draw(frame, into: &grid, area: grid.bounds)
            case .braille: braille.draw(frame, into: &grid, area: grid.bounds)
            case .ascii: ascii.draw(frame, into: &grid, area: grid.bounds)
            default: half.draw(frame, into: &grid, area: grid.bounds)
            }
            grid.put("frame \(n)", column: n, row: n, foreground: CellColor(rgb: 0xffffff), background: CellColor(rgb: 0x7f7f7f))
            encoder.encode(grid)
            terminal.feed(encoder.output.withUnsafeBufferPointer { Array($0) })
            #expect(terminal.unknown.isEmpty)
            #expect(terminal.cells.allSatisfy { entries($0) != nil })
        }
    }
}
