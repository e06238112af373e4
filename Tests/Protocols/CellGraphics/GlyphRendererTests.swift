import MediaTypes
import TestSupport
import Testing

@testable import CellGraphics

/// A linear congruence: the same numbers for the same seed.
private struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}

@Suite struct GlyphRendererTests {
    private static let choice = GlyphChoice()

    /// From black on the left to white on the right.
    private func wedge() -> I420Frame {
        var frame = I420Frame(width: 256, height: 32, time: .zero)
        for y in 0..<32 { for x in 0..<256 { frame.bytes[y * 256 + x] = UInt8(16 + x * 219 / 255) } }
        return frame
    }

    /// One half white, the other black.
    private func split(white isWhite: (_ x: Int, _ y: Int) -> Bool) -> I420Frame {
        var frame = I420Frame(width: 16, height: 32, time: .zero)
        for y in 0..<32 { for x in 0..<16 { frame.bytes[y * 16 + x] = isWhite(x, y) ? 235 : 16 } }
        return frame
    }

    private func noisy(_ luma: Int, _ random: inout SeededRandom) -> I420Frame {
        var frame = I420Frame(width: 160, height: 120, time: .zero)
        for i in 0..<160 * 120 { frame.bytes[i] = UInt8(luma + Int(random.next() % 7) - 3) }
        return frame
    }

    /// Mean ink of the glyphs shown in a column of cells.
    private func ink(_ grid: CellGrid, column: Int) -> Float {
        let choice = Self.choice
        let inks = (0..<grid.rows).map { row in choice.inks[choice.words.firstIndex(of: grid.glyphs[row * grid.columns + column]) ?? 0] }
        return inks.reduce(0, +) / Float(grid.rows)
    }

    private func dots(_ grid: CellGrid, column: Int, row: Int) -> UInt32 {
        let scalar = grid[column, row].text.unicodeScalars.first?.value ?? 0
        return scalar == 0x20 ? 0 : scalar ^ 0x2800
    }

    @Test func asciiIsDenserWhereItIsBrighter() {
        var grid = CellGrid(columns: 64, rows: 4)
        var renderer = ASCIIRenderer()
        renderer.draw(wedge(), into: &grid, area: grid.bounds, fit: .stretch, colored: false)
        #expect(grid[0, 0].text == " ")
        #expect(ink(grid, column: 63) > 225)
        #expect(grid[32, 0].foreground == .default)
        #expect(grid[32, 0].isPicture)
        for part in 0..<8 {
            let mean = (part * 8..<part * 8 + 8).reduce(Float(0)) { $0 + ink(grid, column: $1) } / 8
            #expect(abs(mean - Float(part * 32 + 16)) < 12, "part \(part): \(mean)")
        }
    }

    /// The same brightness in a darker colour takes more ink.
    @Test func asciiKeepsTheBrightnessInColour() {
        var grid = CellGrid(columns: 20, rows: 10)
        for luma in [UInt8(40), 90, 150, 220] {
            var renderer = ASCIIRenderer()
            let frame = I420Frame(width: 160, height: 120, y: luma, u: 110, v: 150, time: .zero)
            renderer.draw(frame, into: &grid, area: grid.bounds, fit: .stretch)
            let color = grid[10, 5].foreground
            let mean = (4..<16).reduce(Float(0)) { $0 + ink(grid, column: $1) } / 12
            let shown = mean * Float(PictureInk.luma(color.packed)) / 255
            #expect(abs(shown - Float(luma - 16) * 255 / 219) < 14, "luma \(luma): \(shown)")
        }
    }

    @Test func asciiTakesTheShapeOfAnEdge() {
        func glyph(_ frame: I420Frame) -> String {
            var grid = CellGrid(columns: 1, rows: 1)
            var renderer = ASCIIRenderer()
            renderer.draw(frame, into: &grid, area: grid.bounds, fit: .stretch, colored: false)
            return grid[0, 0].text
        }
        let (top, bottom) = (glyph(split { _, y in y < 8 }), glyph(split { _, y in y >= 24 }))
        let (left, right) = (glyph(split { x, _ in x < 6 }), glyph(split { x, _ in x >= 10 }))
        #expect(top != bottom && left != right, "\(top) \(bottom) \(left) \(right)")
        func subcells(_ text: String, _ chosen: [Int]) -> Int {
            chosen.reduce(0) { $0 + Int(GlyphCoverage.subcells[8 * (Int(text.utf8.first ?? 0x20) - 0x20) + $1]) }
        }
        #expect(subcells(top, [0, 1, 2, 3]) > subcells(top, [4, 5, 6, 7]))
        #expect(subcells(bottom, [4, 5, 6, 7]) > subcells(bottom, [0, 1, 2, 3]))
        #expect(subcells(left, [0, 2, 4, 6]) > subcells(left, [1, 3, 5, 7]))
        #expect(subcells(right, [1, 3, 5, 7]) > subcells(right, [0, 2, 4, 6]))
    }

    @Test func glyphsHoldThroughNoise() {
        var random = SeededRandom(seed: 7)
        var (letters, dots) = (CellGrid(columns: 20, rows: 10), CellGrid(columns: 20, rows: 10))
        var (ascii, braille) = (ASCIIRenderer(), BrailleRenderer())
        ascii.draw(noisy(100, &random), into: &letters, area: letters.bounds, fit: .stretch)
        braille.draw(noisy(100, &random), into: &dots, area: dots.bounds, fit: .stretch)
        let before = (letters.text, dots.text, letters[9, 4].foreground, dots[9, 4].foreground)
        for _ in 0..<5 {
            ascii.draw(noisy(100, &random), into: &letters, area: letters.bounds, fit: .stretch)
            braille.draw(noisy(100, &random), into: &dots, area: dots.bounds, fit: .stretch)
            #expect(letters.text == before.0)
            #expect(dots.text == before.1)
            #expect(letters[9, 4].foreground == before.2)
            #expect(dots[9, 4].foreground == before.3)
        }
        ascii.draw(noisy(150, &random), into: &letters, area: letters.bounds, fit: .stretch)
        braille.draw(noisy(150, &random), into: &dots, area: dots.bounds, fit: .stretch)
        #expect(letters.text != before.0)
        #expect(dots.text != before.1)
    }

    @Test func brailleLightsAsManyDotsAsItIsBright() {
        var grid = CellGrid(columns: 64, rows: 4)
        for colored in [false, true] {
            var renderer = BrailleRenderer()
            renderer.draw(wedge(), into: &grid, area: grid.bounds, fit: .stretch, colored: colored)
            #expect(grid[0, 0].text == " ")
            #expect(grid[63, 0].text == "\u{28ff}")
            #expect(grid[32, 0].isPicture)
            #expect(grid[32, 0].foreground.isDefault == !colored)
            for part in 0..<8 {
                let lit = (part * 8..<part * 8 + 8).reduce(0) { $0 + dots(grid, column: $1, row: 1).nonzeroBitCount }
                #expect(abs(lit - (part * 8 + 4)) <= 4, "part \(part): \(lit) of 64")
            }
        }
    }

    @Test func brailleDotsLieWhereTheLightIs() {
        func mask(_ frame: I420Frame) -> UInt32 {
            var grid = CellGrid(columns: 1, rows: 1)
            var renderer = BrailleRenderer()
            renderer.draw(frame, into: &grid, area: grid.bounds, fit: .stretch)
            return dots(grid, column: 0, row: 0)
        }
        let bits: [(x: Int, y: Int, bit: UInt32)] = [
            (0, 0, 0x01), (0, 1, 0x02), (0, 2, 0x04), (1, 0, 0x08), (1, 1, 0x10), (1, 2, 0x20), (0, 3, 0x40), (1, 3, 0x80),
        ]
        for dot in bits { #expect(mask(split { x, y in x / 8 == dot.x && y / 8 == dot.y }) == dot.bit) }
    }

    /// A cell's dots are in the colour of what they show, not of the dark between them.
    @Test func brailleIsInTheColourOfItsDots() {
        var frame = I420Frame(width: 16, height: 32, time: .zero)
        for y in 0..<32 { for x in 0..<16 { frame.bytes[y * 16 + x] = y < 16 ? 81 : 16 } }
        for y in 0..<16 {
            for x in 0..<8 {
                frame.bytes[frame.chromaOffset + y * 8 + x] = y < 8 ? 90 : 128
                frame.bytes[frame.chromaOffset + frame.chromaCount + y * 8 + x] = y < 8 ? 240 : 128
            }
        }
        var grid = CellGrid(columns: 1, rows: 1)
        var renderer = BrailleRenderer()
        renderer.draw(frame, into: &grid, area: grid.bounds, fit: .stretch)
        let color = grid[0, 0].foreground
        #expect(dots(grid, column: 0, row: 0) == 0x1b)
        #expect(color.red > 245 && color.green < 10 && color.blue < 10)
    }

    @Test func anyFrameAndAreaIsDrawn() {
        let seed = UInt64.random(in: 0...(.max))
        var random = SeededRandom(seed: seed)
        func number(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }
        var (ascii, braille) = (ASCIIRenderer(), BrailleRenderer())
        for _ in 0..<40 {
            let frame = syntheticFrame(width: 1 + number(70), height: 1 + number(70))
            var grid = CellGrid(columns: number(20), rows: number(10))
            let area = CellRegion(column: number(40) - 10, row: number(20) - 5, columns: number(40), rows: number(20))
            let fit: FitMode = [.contain, .cover, .stretch][number(3)]
            let (mirrored, colored) = (number(2) == 0, number(2) == 0)
            let tone = PictureTone(brightness: number(17) - 8, contrast: number(17) - 8)
            let one = ascii.draw(frame, into: &grid, area: area, fit: fit, mirrored: mirrored, tone: tone, colored: colored)
            let other = braille.draw(frame, into: &grid, area: area, fit: fit, mirrored: mirrored, tone: tone, colored: colored)
            #expect(one == other && grid.bounds.intersection(one) == one, "seed \(seed)")
            if !one.isEmpty { #expect(grid[one.column, one.row].isPicture, "seed \(seed)") }
        }
    }

    @Test func mirroredIsTheOtherWayRound() {
        var (plain, turned) = (CellGrid(columns: 32, rows: 4), CellGrid(columns: 32, rows: 4))
        var (one, other) = (BrailleRenderer(), BrailleRenderer())
        one.draw(wedge(), into: &plain, area: plain.bounds, fit: .stretch)
        other.draw(wedge(), into: &turned, area: turned.bounds, fit: .stretch, mirrored: true)
        #expect(plain[0, 0].text == " " && plain[31, 0].text == "\u{28ff}")
        #expect(turned[31, 0].text == " " && turned[0, 0].text == "\u{28ff}")
    }
}
