import MediaTypes
import Primitives
import TestSupport
import Testing

@testable import CellGraphics

/// The entries that a cell shows, upper half first; nil: not a picture in entries.
private func halves(_ cell: VirtualTerminal.Cell) -> (UInt8, UInt8)? {
    guard case .indexed(let background) = cell.background else { return nil }
    guard case .indexed(let foreground) = cell.foreground else { return cell.text == " " ? (background, background) : nil }
    return halves(of: cell.text, foreground, background)
}

/// Upper half first; nil: no half block.
func halves<Entry>(of glyph: String, _ foreground: Entry, _ background: Entry) -> (Entry, Entry)? {
    switch glyph {
    case " ": (background, background)
    case "▀": (foreground, background)
    case "▄": (background, foreground)
    case "█": (foreground, foreground)
    default: nil
    }
}

/// How much farther off than the nearest entry the worst half is, in OKLab's 1023rds.
private func worstExcess(_ terminal: VirtualTerminal, _ grid: CellGrid, _ dither: OrderedDither) -> Int32 {
    var worst: Int32 = 0
    PaletteTable.withView(.indexed256) { view in
        guard let view else { return }
        for row in 0..<grid.rows {
            for column in 0..<grid.columns {
                guard let shown = halves(terminal[column, row]) else {
                    worst = 1000
                    continue
                }
                let cell = grid[column, row]
                for (half, entry, color) in [(0, shown.0, cell.foreground), (1, shown.1, cell.background)] {
                    let wanted = view.color(dither.applied(to: color.packed, x: column, y: 2 * row + half))
                    while worst < 1000, !view.serves(UInt32(entry), for: wanted, margin: worst) { worst += 1 }
                }
            }
        }
    }
    return worst
}

@Suite struct IndexedPictureTests {
    /// Renders a moving picture and compares the screen with it after every frame.
    private func play(_ encoder: inout EscapeEncoder, frames: Int) -> (bytes: Int, worst: Int32) {
        var grid = CellGrid(columns: 40, rows: 12)
        var terminal = VirtualTerminal(columns: 40, rows: 12)
        var renderer = HalfBlockRenderer()
        let dither = OrderedDither(encoder.mode, isOn: encoder.dithers && encoder.quality != .exact)
        var (bytes, worst) = (0, Int32(0))
        for n in 0..<frames {
            renderer.draw(syntheticFrame(width: 160, height: 120, number: n * 3), into: &grid, area: grid.bounds, fit: .stretch)
            bytes += encoder.encode(grid)
            terminal.feed(encoder.output.withUnsafeBufferPointer { Array($0) })
            worst = max(worst, worstExcess(terminal, grid, dither))
        }
        #expect(terminal.unknown.isEmpty)
        return (bytes, worst)
    }

    @Test(arguments: [false, true])
    func whatIsShownServes(dithers: Bool) {
        var exact = EscapeEncoder(mode: .indexed256)
        (exact.quality, exact.dithers) = (.exact, dithers)
        let right = play(&exact, frames: 12)
        #expect(right.worst == 0)
        var lossy = EscapeEncoder(mode: .indexed256)
        lossy.dithers = dithers
        let near = play(&lossy, frames: 12)
        // The margin of six levels, and six more that a cell may move before it is looked at again.
        #expect(near.worst <= 18 + 40, "\(near.worst)")
        if !dithers { #expect(near.bytes * 4 < right.bytes * 3, "\(near.bytes) of \(right.bytes)") }
    }

    @Test(arguments: [false, true])
    func aStillPictureCostsNothing(dithers: Bool) {
        for mode in [ColorMode.indexed256, .indexed16] {
            var encoder = EscapeEncoder(mode: mode)
            encoder.dithers = dithers
            var grid = CellGrid(columns: 80, rows: 24)
            var renderer = HalfBlockRenderer()
            var frame = syntheticFrame(width: 320, height: 240)
            renderer.draw(frame, into: &grid, area: grid.bounds, fit: .stretch)
            let whole = encoder.encode(grid)
            #expect(encoder.encode(grid) == 0)
            for i in 0..<frame.bytes.count where i % 3 == 0 { frame.bytes[i] = frame.bytes[i] &+ 1 }
            renderer.draw(frame, into: &grid, area: grid.bounds, fit: .stretch)
            #expect(encoder.encode(grid) * 20 < whole)
        }
    }

    /// A colour that goes to and fro over the border between two entries, by more than the change threshold.
    @Test func theBorderBetweenTwoEntriesDoesNotFlicker() throws {
        func entry(_ luma: UInt8) -> UInt32 {
            var found: UInt32 = 0
            PaletteTable.withView(.indexed256) { view in
                if let view { found = view.color(UInt32(luma) * 0x010101).nearest }
            }
            return found
        }
        let border = try #require((UInt8(120)..<180).first { entry($0) != entry($0 + 1) })
        var encoder = EscapeEncoder(mode: .indexed256, changeThreshold: 2, elisionThreshold: 2)
        var grid = CellGrid(columns: 4, rows: 2)
        func show(_ luma: Int) -> Int {
            for index in grid.glyphs.indices {
                grid.glyphs[index] = GlyphWord.halfBlock
                grid.foregrounds[index] = UInt32(luma) * 0x010101
                grid.backgrounds[index] = UInt32(luma) * 0x010101
            }
            return encoder.encode(grid)
        }
        #expect(show(Int(border)) > 0)
        #expect(show(Int(border) + 1) == 0)
        #expect(show(Int(border) - 3) == 0)
        #expect(show(Int(border) + 1) == 0)
        // Far over the border the other entry is sent.
        #expect(show(Int(border) + 25) > 0)
        #expect(show(Int(border) + 1) == 0 || entry(border + 25) != entry(border + 1))
    }

    @Test func ditheringAndQualityTakeEffectAtOnce() {
        var encoder = EscapeEncoder(mode: .indexed256)
        var grid = CellGrid(columns: 20, rows: 6)
        var renderer = HalfBlockRenderer()
        renderer.draw(syntheticFrame(width: 64, height: 48), into: &grid, area: grid.bounds, fit: .stretch)
        encoder.encode(grid)
        encoder.dithers = true
        #expect(encoder.encode(grid) > 0)
        #expect(encoder.encode(grid) == 0)
    }

    /// What 24 bits left on the screen is no entry, and entries may stay when there are fewer of them.
    @Test func fewerColoursTakeOverWhatDiffers() {
        var encoder = EscapeEncoder(mode: .truecolor)
        var grid = CellGrid(columns: 4, rows: 2)
        var terminal = VirtualTerminal(columns: 4, rows: 2)
        func show(_ rgb: UInt32) -> VirtualTerminal.Cell {
            for index in grid.glyphs.indices {
                (grid.glyphs[index], grid.foregrounds[index], grid.backgrounds[index]) = (GlyphWord.halfBlock, rgb, rgb)
            }
            encoder.encode(grid)
            terminal.feed(encoder.output.withUnsafeBufferPointer { Array($0) })
            return terminal[1, 1]
        }
        #expect(show(0xff0000).background == .rgb(255, 0, 0))
        encoder.mode = .indexed256
        #expect(show(0x000000).background == .indexed(16))
        #expect(show(0xff0000).background == .indexed(196))
        encoder.mode = .truecolor
        #expect(show(0x00ff00).background == .rgb(0, 255, 0))
        encoder.mode = .indexed256
        #expect(show(0xff0000).background == .indexed(196))
        encoder.mode = .indexed16
        #expect(show(0x0000ff).background == .indexed(4))
        #expect(show(0xff0000).background == .indexed(9))
    }

    /// Coloured ASCII keeps its pen where that serves.
    @Test func lettersReuseThePen() {
        var grid = CellGrid(columns: 60, rows: 20)
        var renderer = ASCIIRenderer()
        renderer.draw(syntheticFrame(width: 240, height: 160), into: &grid, area: grid.bounds, fit: .stretch)
        var exact = EscapeEncoder(mode: .indexed256)
        exact.quality = .exact
        var lossy = EscapeEncoder(mode: .indexed256, changeThreshold: 10, elisionThreshold: 10)
        #expect(lossy.encode(grid) * 10 < exact.encode(grid) * 9)
        #expect(lossy.encode(grid) == 0)
    }
}
