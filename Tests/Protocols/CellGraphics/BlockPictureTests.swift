import MediaTypes
import Primitives
import TestSupport
import Testing

@testable import CellGraphics

/// What each of 2x6 parts of a shown cell is, row by row; nil: not a picture in 24 bits.
private func parts(_ cell: VirtualTerminal.Cell) -> [SIMD3<Int>]? {
    func rgb(_ color: VirtualTerminal.Color) -> SIMD3<Int>? {
        if case .rgb(let r, let g, let b) = color { SIMD3(Int(r), Int(g), Int(b)) } else { nil }
    }
    guard let paper = rgb(cell.background) else { return nil }
    return parts(cell.text, rgb(cell.foreground) ?? paper, paper)
}

private func parts(_ text: String, _ ink: SIMD3<Int>, _ paper: SIMD3<Int>) -> [SIMD3<Int>]? {
    guard let scalar = text.unicodeScalars.first, let mask = BlockGlyph.twelfths(scalar.value) else { return nil }
    return (0..<12).map { mask >> UInt32($0) & 1 == 1 ? ink : paper }
}

/// The largest difference in a channel of any part between the screen and the grid.
private func worst(_ terminal: VirtualTerminal, _ grid: CellGrid) -> Int {
    func color(_ color: CellColor) -> SIMD3<Int> { SIMD3(Int(color.red), Int(color.green), Int(color.blue)) }
    var worst = 0
    for row in 0..<grid.rows {
        for column in 0..<grid.columns {
            let cell = grid[column, row]
            let wanted = parts(cell.text, color(cell.foreground), color(cell.background))
            guard let a = parts(terminal[column, row]), let b = wanted else { return 1000 }
            for (x, y) in zip(a, b) {
                let d = x &- y
                worst = max(worst, abs(d.x), abs(d.y), abs(d.z))
            }
        }
    }
    return worst
}

private func channels(_ rgb: UInt32) -> [Double] { [Double(rgb >> 16 & 255), Double(rgb >> 8 & 255), Double(rgb & 255)] }

/// The squared error of a cell's samples in two colours.
private func error(_ samples: [UInt32], _ split: BlockSplit.Result) -> Double {
    var sum = 0.0
    for (index, sample) in samples.enumerated() {
        let isInk = split.parts >> UInt32(index) & 1 == 1
        for (a, b) in zip(channels(sample), channels(isInk ? split.ink : split.paper)) { sum += (a - b) * (a - b) }
    }
    return sum
}

/// The least there is, with unrounded means.
private func least(_ samples: [UInt32]) -> Double {
    var least = Double.infinity
    for set in 0..<1 << (samples.count - 1) {
        var sum = 0.0
        for side in [0, 1] {
            let chosen = samples.indices.filter { set >> $0 & 1 == side }.map { channels(samples[$0]) }
            for channel in 0..<3 {
                let mean = chosen.reduce(0.0) { $0 + $1[channel] } / Double(max(1, chosen.count))
                for color in chosen { sum += (color[channel] - mean) * (color[channel] - mean) }
            }
        }
        least = min(least, sum)
    }
    return least
}

/// Each part as so many lines of the six.
private func twelfths(_ parts: UInt32, lines: Int) -> UInt32 {
    var result: UInt32 = 0
    for row in 0..<6 {
        for column in 0..<2 {
            let bit = UInt32(row / lines * 2 + column)
            if parts >> bit & 1 == 1 { result |= 1 << UInt32(row * 2 + column) }
        }
    }
    return result
}

@Suite struct BlockPictureTests {
    private enum Kind: CaseIterable { case quadrants, sextants }

    private struct Picture {
        var kind: Kind
        var quadrants = QuadrantRenderer()
        var sextants = SextantRenderer()

        init(_ kind: Kind) { self.kind = kind }

        @discardableResult
        mutating func draw(_ frame: borrowing I420Frame, into grid: inout CellGrid, _ area: CellRegion, _ fit: FitMode = .stretch)
            -> CellRegion
        {
            switch kind {
            case .quadrants: quadrants.draw(frame, into: &grid, area: area, fit: fit)
            case .sextants: sextants.draw(frame, into: &grid, area: area, fit: fit)
            }
        }
    }

    /// Against every division there is; the means' rounding costs at most a quarter of a level squared for each channel of a sample.
    @Test func theSplitIsTheBest() {
        var random = RandomSource.seeded(11)
        for round in 0..<3000 {
            let range: UInt8 = [255, 40, 6, 1][round % 4]
            let samples = (0..<6).map { _ in
                CellColor(
                    red: .random(in: 0...range, using: &random), green: .random(in: 0...range, using: &random),
                    blue: .random(in: 0...range, using: &random)
                ).packed
            }
            let four = Array(samples.prefix(4))
            let quadrants = BlockSplit.quadrants((four[0], four[1], four[2], four[3]))
            #expect(error(four, quadrants) <= least(four) * 1.0001 + 3.01, "\(four)")
            let sextants = BlockSplit.sextants((samples[0], samples[1], samples[2], samples[3], samples[4], samples[5]))
            #expect(error(samples, sextants) <= least(samples) * 1.0001 + 4.51, "\(samples)")
            #expect(quadrants.parts & 1 == 0 && sextants.parts & 1 == 0)
        }
    }

    @Test func anExtremeCellKeepsItsColours() {
        let (white, black): (UInt32, UInt32) = (0xff_ffff, 0)
        for set in UInt32(0)..<64 {
            let s = (0..<6).map { set >> UInt32($0) & 1 == 1 ? white : black }
            let split = BlockSplit.sextants((s[0], s[1], s[2], s[3], s[4], s[5]))
            #expect(error(s, split) == 0)
            let four = BlockSplit.quadrants((s[0], s[1], s[2], s[3]))
            #expect(error(Array(s.prefix(4)), four) == 0)
        }
    }

    @Test func theGlyphsAreUnicodes() {
        let quadrants = (UInt32(0)..<16).compactMap { Unicode.Scalar(BlockGlyph.quadrant($0)) }.map(String.init).joined()
        #expect(quadrants == " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█")
        var next: UInt32 = 0x1fb00
        for parts in UInt32(0)..<64 {
            let glyph = BlockGlyph.sextant(parts)
            switch parts {
            case 0: #expect(glyph == 0x20)
            case 0b01_0101: #expect(glyph == 0x258c)
            case 0b10_1010: #expect(glyph == 0x2590)
            case 63: #expect(glyph == 0x2588)
            default:
                #expect(glyph == next)
                next += 1
            }
            #expect(BlockGlyph.complement(glyph) == BlockGlyph.sextant(63 - parts))
            let doubled = twelfths(parts, lines: 2)
            #expect(BlockGlyph.twelfths(glyph) == doubled)
        }
        #expect(next == 0x1fb3c)
        for parts in UInt32(0)..<16 {
            let tripled = twelfths(parts, lines: 3)
            #expect(BlockGlyph.twelfths(BlockGlyph.quadrant(parts)) == tripled)
            #expect(BlockGlyph.complement(BlockGlyph.quadrant(parts)) == BlockGlyph.quadrant(15 - parts))
        }
    }

    @Test(arguments: [PictureQuality.exact, .lossy])
    func theScreenShowsTheGrid(quality: PictureQuality) {
        for kind in Kind.allCases {
            var picture = Picture(kind)
            var grid = CellGrid(columns: 40, rows: 12)
            var terminal = VirtualTerminal(columns: 40, rows: 12)
            var encoder = EscapeEncoder()
            encoder.quality = quality
            for number in 0..<20 {
                picture.draw(syntheticFrame(width: 160, height: 120, number: 3 * number), into: &grid, grid.bounds)
                encoder.encode(grid)
                terminal.feed(encoder.output.withUnsafeBufferPointer { Array($0) })
                let off = worst(terminal, grid)
                #expect(quality == .exact ? off == 0 : off <= 6, "\(kind) \(number): \(off)")
            }
            #expect(terminal.unknown.isEmpty)
        }
    }

    @Test func noiseCostsLittle() {
        var random = RandomSource.seeded(5)
        for kind in Kind.allCases {
            for mode in [ColorMode.truecolor, .indexed256] {
                var picture = Picture(kind)
                var grid = CellGrid(columns: 60, rows: 20)
                var encoder = EscapeEncoder(mode: mode)
                let still = syntheticFrame(width: 240, height: 160)
                picture.draw(still, into: &grid, grid.bounds)
                let whole = encoder.encode(grid)
                #expect(encoder.encode(grid) == 0)
                var bytes = 0
                for _ in 0..<10 {
                    var frame = syntheticFrame(width: 240, height: 160)
                    for i in 0..<frame.bytes.count {
                        frame.bytes[i] = UInt8(max(0, min(255, Int(frame.bytes[i]) + Int.random(in: -1...1, using: &random))))
                    }
                    picture.draw(frame, into: &grid, grid.bounds)
                    bytes += encoder.encode(grid)
                }
                #expect(bytes / 10 * 20 < whole, "\(kind) \(mode): \(bytes / 10) of \(whole)")
            }
        }
    }

    /// The same colours in the same places by another glyph are the same picture.
    @Test func aGlyphThatShowsTheSameIsKept() {
        for mode in [ColorMode.truecolor, .indexed256] {
            var encoder = EscapeEncoder(mode: mode)
            var grid = CellGrid(columns: 3, rows: 1)
            func show(_ glyph: UInt32, _ ink: UInt32, _ paper: UInt32) -> Int {
                for index in grid.glyphs.indices {
                    grid.glyphs[index] = glyph | GlyphWord.picture | GlyphWord.blocks
                    (grid.foregrounds[index], grid.backgrounds[index]) = (ink, paper)
                }
                return encoder.encode(grid)
            }
            #expect(show(0x259f, 0xff0000, 0x0000ff) > 0)
            #expect(show(0x2598, 0x0000ff, 0xff0000) == 0)
            #expect(show(0x2598, 0xff0000, 0x0000ff) > 0)
            #expect(show(0x258c, 0x00ff00, 0x00ff00) > 0)
            #expect(show(GlyphWord.space, 0xffffff, 0x00ff00) == 0)
            #expect(show(0x1fb00, 0x00ff00, 0x00ff00) == 0)
            #expect(show(0x1fb00, 0x000000, 0x00ff00) > 0)
            #expect(show(0x2598, 0x000000, 0x00ff00) > 0)
        }
    }

    @Test func everySizeIsDrawnWithinItsArea() {
        var random = RandomSource.seeded(77)
        for kind in Kind.allCases {
            var picture = Picture(kind)
            for _ in 0..<300 {
                let frame = syntheticFrame(
                    width: Int.random(in: 1...90, using: &random), height: Int.random(in: 1...70, using: &random),
                    number: Int.random(in: 0..<50, using: &random))
                var grid = CellGrid(columns: Int.random(in: 0...30, using: &random), rows: Int.random(in: 0...12, using: &random))
                grid.clear(background: CellColor(rgb: 0x123456))
                let area = CellRegion(
                    column: Int.random(in: -3...20, using: &random), row: Int.random(in: -3...9, using: &random),
                    columns: Int.random(in: 0...30, using: &random), rows: Int.random(in: 0...12, using: &random))
                let fit = FitMode.allCases.randomElement(using: &random) ?? .contain
                let taken = picture.draw(frame, into: &grid, area, fit)
                #expect(taken.isEmpty || taken.intersection(area.intersection(grid.bounds)) == taken)
                for row in 0..<grid.rows {
                    for column in 0..<grid.columns {
                        let isInside = !taken.intersection(CellRegion(column: column, row: row, columns: 1, rows: 1)).isEmpty
                        #expect(grid[column, row].isPicture == isInside)
                    }
                }
                var encoder = EscapeEncoder(mode: ColorMode.allCases.randomElement(using: &random) ?? .truecolor)
                encoder.encode(grid)
                #expect(encoder.encode(grid) == 0)
            }
        }
    }
}
