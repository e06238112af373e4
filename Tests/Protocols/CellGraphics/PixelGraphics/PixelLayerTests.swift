import MediaTypes
import Primitives
import TestSupport
import Testing

@testable import CellGraphics

private let modes: [RenderMode] = [.sixel, .kitty]

@Suite struct PixelLayerTests {
    @Test(arguments: modes, [(8, 16), (10, 20), (7, 15), (9, 17)])
    func theTerminalShowsThePicture(mode: RenderMode, cell: (Int, Int)) throws {
        var screen = PixelScreen(mode, cell: (cell.0, cell.1))
        for n in 0..<4 {
            let frame = cameraFrame(n)
            screen.draw(frame)
            screen.show()
            let quality = try #require(screen.quality(of: frame, in: screen.area))
            #expect(quality > 31, "frame \(n): \(quality) dB")
        }
    }

    @Test(arguments: modes)
    func aPictureThatStaysCostsNothing(mode: RenderMode) {
        var screen = PixelScreen(mode)
        screen.draw(cameraFrame(0, noise: 5, seed: 1))
        #expect(screen.show() > 1000)
        #expect(screen.show() == 0)
        for seed in UInt64(2)..<6 {
            screen.draw(cameraFrame(0, noise: 5, seed: seed))
            #expect(screen.show() == 0)
        }
    }

    /// Half a cell's mean would hardly show it, and it would stay.
    @Test(arguments: modes)
    func aSmallSpotIsSent(mode: RenderMode) {
        var screen = PixelScreen(mode)
        var frame = cameraFrame()
        screen.draw(frame)
        screen.show()
        for y in 82..<84 { for x in 201..<204 { frame.bytes[y * 320 + x] = 20 } }
        screen.draw(frame)
        let count = screen.show()
        #expect(count > 0 && count < 20_000)
    }

    @Test(arguments: modes)
    func onlyWhatMovesIsSent(mode: RenderMode) {
        var screen = PixelScreen(mode, columns: 80, rows: 24)
        screen.draw(cameraFrame(0, width: 640, height: 368))
        let whole = screen.show()
        screen.draw(cameraFrame(1, width: 640, height: 368))
        let part = screen.show()
        #expect(part > 0 && part * 2 < whole, "\(part) of \(whole)")
    }

    @Test(arguments: modes)
    func textLiesOverPictures(mode: RenderMode) throws {
        var screen = PixelScreen(mode)
        let box = CellRegion(column: 12, row: 3, columns: 9, rows: 5)
        for n in 0..<5 {
            let frame = cameraFrame(n)
            screen.draw(frame)
            if n > 0, n < 4 {
                screen.grid.clear(box)
                screen.grid.put("over \(n)", column: 13, row: 5)
            }
            screen.show()
            if n > 0, n < 4 {
                #expect(screen.terminal.text.text[5].contains("  over \(n)  "))
                // Nothing of the picture is left in the box.
                for row in box.row..<box.endRow {
                    for column in box.column..<box.endColumn { #expect(screen.terminal.pixel(column * 8 + 4, row * 16 + 8) == nil) }
                }
            }
            let quality = try #require(screen.quality(of: frame, in: screen.area))
            #expect(quality > 31, "frame \(n): \(quality) dB")
        }
        // What the box had covered is the picture's again.
        #expect(screen.terminal.text.text[5].allSatisfy { $0 == " " })
    }

    @Test(arguments: modes)
    func aPictureInAnother(mode: RenderMode) throws {
        var screen = PixelScreen(mode)
        let corner = CellRegion(column: 28, row: 6, columns: 10, rows: 4)
        for n in 0..<4 {
            let (large, small) = (cameraFrame(n), cameraFrame(8 - n, width: 160, height: 120))
            screen.draw(large)
            if n < 3 { screen.draw(small, number: 2, area: corner) }
            screen.show()
            if n < 3 {
                let quality = try #require(screen.quality(of: small, in: corner))
                #expect(quality > 30, "frame \(n): \(quality) dB")
            }
            for part in [
                CellRegion(column: 0, row: 0, columns: 28, rows: 11),
                CellRegion(column: 28, row: 0, columns: 12, rows: n < 3 ? 6 : 11),
            ] {
                let quality = try #require(screen.quality(of: large, in: part, whole: screen.area))
                #expect(quality > 29, "frame \(n): \(quality) dB")
            }
        }
    }

    @Test(arguments: modes)
    func aPictureThatGoesLeavesNothing(mode: RenderMode) {
        var screen = PixelScreen(mode)
        screen.draw(cameraFrame())
        screen.show()
        #expect(screen.terminal.pixel(100, 50) != nil)
        screen.grid.clear()
        screen.grid.put("gone", column: 3, row: 3)
        screen.show()
        for y in 0..<screen.terminal.height { for x in 0..<screen.terminal.width { #expect(screen.terminal.pixel(x, y) == nil) } }
        #expect(screen.terminal.placements.isEmpty)
        #expect(screen.terminal.text.text[3].hasPrefix("   gone"))
        #expect(screen.show() == 0)
    }

    @Test(arguments: modes)
    func aRepaintDrawsAll(mode: RenderMode) throws {
        var screen = PixelScreen(mode)
        let frame = cameraFrame(2)
        screen.draw(frame)
        let whole = screen.show()
        screen.terminal = PixelTerminal(columns: 40, rows: 12, cellWidth: 8, cellHeight: 16)
        screen.encoder.repaint()
        let again = screen.show()
        #expect(again * 10 > whole * 9)
        #expect(try #require(screen.quality(of: frame, in: screen.area)) > 31)
        // Rows that are drawn anew take their pixels along.
        screen.pixels.repaint(rows: 3..<4)
        let part = screen.show()
        #expect(part > 0 && part < whole)
        #expect(try #require(screen.quality(of: frame, in: screen.area)) > 31)
    }

    /// Row by row, as it is done all the time: what is there is covered, not blanked first, and each piece is sent once.
    @Test(arguments: modes)
    func rowsDrawnAnewSendEachPieceOnce(mode: RenderMode) throws {
        var screen = PixelScreen(mode)
        let frame = cameraFrame(2)
        screen.draw(frame)
        let whole = screen.show()
        let former = (images: screen.terminal.imagesSent, writes: screen.terminal.text.writes)
        var again = 0
        for row in 0..<12 {
            screen.encoder.repaint(rows: row..<row + 1)
            screen.pixels.repaint(rows: row..<row + 1)
            again += screen.show()
        }
        #expect(again > whole / 2 && again < whole * 5 / 4, "\(again) of \(whole)")
        #expect(screen.terminal.imagesSent == former.images * 2)
        #expect(Array(screen.terminal.text.writes.prefix(40 * 11)) == Array(former.writes.prefix(40 * 11)))
        #expect(try #require(screen.quality(of: frame, in: screen.area)) > 31)
        // More colours for cells are nothing to pixels.
        screen.encoder.mode = .indexed256
        screen.show()
        screen.encoder.mode = .truecolor
        screen.show()
        #expect(Array(screen.terminal.text.writes.prefix(40 * 11)) == Array(former.writes.prefix(40 * 11)))
        #expect(screen.terminal.imagesSent == former.images * 2)
    }

    /// On a line that takes long for it: the former pieces stay until the new ones come, and none is left over.
    @Test(arguments: modes)
    func anotherDetailNeverBlanksThePicture(mode: RenderMode) throws {
        var screen = PixelScreen(mode)
        let frame = cameraFrame(1)
        screen.draw(frame)
        screen.show()
        screen.encoder.limit = 1500
        var total = 0
        for detail in [2, 1, 0, 3] {
            screen.pixels.detail = detail
            screen.draw(frame)
            var frames = 0
            repeat {
                screen.show()
                #expect(try #require(screen.quality(of: frame, in: screen.area)) > 20, "detail \(detail), frame \(frames)")
                frames += 1
            } while screen.encoder.progress < 1 && frames < 200
            #expect(frames < 200)
            total += frames
        }
        #expect(total > 8)
        #expect(try #require(screen.quality(of: frame, in: screen.area)) > 31)
        // Cut short, it goes as a whole nevertheless.
        screen.pixels.detail = 1
        screen.draw(frame)
        screen.show()
        screen.encoder.limit = .max
        screen.grid.clear()
        screen.show()
        #expect(screen.terminal.placements.isEmpty && screen.terminal.pixel(100, 50) == nil)
    }

    /// The terminal scales each image for itself: where they have as many samples a cell, they meet without a step.
    @Test(arguments: [(40, 12), (37, 11), (23, 8)], [320, 333, 90])
    func kittysPiecesMeet(size: (columns: Int, rows: Int), width: Int) {
        var screen = PixelScreen(.kitty, columns: size.columns, rows: size.rows)
        for detail in (0...PixelLayer.finest).reversed() {
            screen.pixels.detail = detail
            screen.draw(cameraFrame(1, width: width, height: width / 2))
            screen.show()
            let pieces = Array(screen.terminal.placements.values)
            for piece in pieces where pieces.reduce(0, { $0 + ($1.row == piece.row ? $1.width : 0) }) >= size.columns {
                #expect(piece.width % piece.columns == 0)
                #expect(piece.width * pieces[0].columns == pieces[0].width * piece.columns)
            }
            for piece in pieces where pieces.reduce(0, { $0 + ($1.column == piece.column ? $1.height : 0) }) >= size.rows {
                #expect(piece.height % piece.rows == 0)
                #expect(piece.height * pieces[0].rows == pieces[0].height * piece.rows)
            }
        }
    }

    /// xterm gives a picture 16 colours unless it is told before the first one, whenever that comes.
    @Test func colourRegistersAreAskedForBeforeTheFirstSixel() throws {
        let registers = Array("\u{1b}[?1;3;256S".utf8)
        func places(_ wanted: [UInt8], in bytes: [UInt8]) -> [Int] {
            bytes.indices.filter { bytes[$0...].starts(with: wanted) }
        }
        var screen = PixelScreen(.sixel)
        screen.grid.put("a lobby", column: 2, row: 2)
        screen.show()
        #expect(places(registers, in: screen.bytes).isEmpty)
        for _ in 0..<2 {
            screen.draw(cameraFrame())
            screen.show()
            let sixel = try #require(places(Array("\u{1b}P".utf8), in: screen.bytes).first)
            #expect(places(registers, in: screen.bytes).count == 1 && places(registers, in: screen.bytes)[0] < sixel)
            screen.draw(cameraFrame(3))
            #expect(screen.show() > 0)
            #expect(places(registers, in: screen.bytes).isEmpty)
            screen.encoder.repaint()
        }
        var other = PixelScreen(.kitty)
        other.draw(cameraFrame())
        other.show()
        #expect(places(registers, in: other.bytes).isEmpty)
    }

    @Test(arguments: modes)
    func anotherPlaceOrModeLeavesNothingBehind(mode: RenderMode) throws {
        var screen = PixelScreen(mode)
        let frame = cameraFrame()
        for (n, area) in [
            CellRegion(column: 0, row: 0, columns: 20, rows: 8), CellRegion(column: 7, row: 2, columns: 25, rows: 9),
            CellRegion(column: 3, row: 1, columns: 20, rows: 8),
        ].enumerated() {
            screen.grid.clear()
            screen.draw(frame, area: area)
            screen.show()
            #expect(try #require(screen.quality(of: frame, in: area)) > 29, "place \(n)")
            for row in 0..<11 {
                for column in 0..<40 {
                    let isInside = !area.intersection(CellRegion(column: column, row: row, columns: 1, rows: 1)).isEmpty
                    #expect((screen.terminal.pixel(column * 8 + 3, row * 16 + 3) != nil) == isInside)
                }
            }
        }
        screen.pixels.draw(frame, number: 1, mode: mode == .kitty ? .sixel : .kitty, into: &screen.grid, area: screen.area, fit: .stretch)
        screen.show()
        #expect(screen.terminal.placements.isEmpty == (mode == .kitty))
        #expect(try #require(screen.quality(of: frame, in: screen.area)) > 29)
        var half = HalfBlockRenderer()
        half.draw(frame, into: &screen.grid, area: screen.area, fit: .stretch)
        screen.show()
        #expect(screen.terminal.placements.isEmpty)
        #expect(screen.terminal.pixel(50, 50) == nil)
    }

    @Test(arguments: modes)
    func lessDetailIsFewerBytes(mode: RenderMode) throws {
        var former = 10_000_000
        for detail in (0...PixelLayer.finest).reversed() {
            var screen = PixelScreen(mode)
            screen.pixels.detail = detail
            let frame = cameraFrame(1, noise: 3)
            screen.draw(frame)
            let count = screen.show()
            #expect(count < former * 9 / 10, "detail \(detail): \(count) of \(former)")
            former = count
            #expect(try #require(screen.quality(of: frame, in: screen.area)) > 20)
        }
    }

    @Test func sixelsNeedTheCellsSizeAndLeaveTheLastRow() {
        var screen = PixelScreen(.sixel)
        screen.pixels.cell = nil
        #expect(screen.draw(cameraFrame()).isEmpty)
        #expect(!screen.pixels.canDraw(.sixel) && screen.pixels.canDraw(.kitty))
        screen.pixels.cell = CellPixels(width: 8, height: 16)
        #expect(screen.draw(cameraFrame(), area: screen.grid.bounds).endRow == 11)
        screen.show()
        #expect(CellPixels(width: 0, height: 3) == nil && CellPixels(width: 8, height: 1000) == nil)
        #expect(CellPixels(columns: 80, rows: 24, pixelWidth: 0, pixelHeight: 0) == nil)
        #expect(CellPixels(columns: 80, rows: 24, pixelWidth: 805, pixelHeight: 480) == CellPixels(width: 10, height: 20))
    }

    @Test(arguments: modes)
    func anySizeOfAnything(mode: RenderMode) {
        let seed = UInt64.random(in: 0..<1000)
        var random = RandomSource.seeded(seed)
        func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        for round in 0..<60 {
            let cell = [(1, 1), (1, 7), (64, 64), (3, 2), (number(1...64), number(1...64))][round % 5]
            let (columns, rows) = (number(1...30), number(1...9))
            var screen = PixelScreen(mode, columns: columns, rows: rows, cell: cell)
            for n in 0..<3 {
                screen.pixels.detail = number(-1...5)
                let area = CellRegion(
                    column: number(-3...columns), row: number(-3...rows), columns: number(0...columns + 4), rows: number(0...rows + 4))
                let frame = syntheticFrame(width: number(1...90), height: number(1...90), number: n)
                screen.pixels.draw(
                    frame, number: number(-1...4), mode: mode, into: &screen.grid, area: area, fit: FitMode.allCases[n], mirrored: n == 1)
                screen.grid.put("수진", column: number(0...columns), row: number(0...rows))
                screen.show()
                if !screen.terminal.problems.isEmpty { Issue.record("seed \(seed), round \(round), cell \(cell)") }
            }
        }
    }

    /// As much as there is room for goes out, the rest with the frames after it; nothing is forgotten, and none waits for ever.
    @Test(arguments: modes)
    func aFrameWithLittleRoomIsCut(mode: RenderMode) throws {
        var screen = PixelScreen(mode)
        screen.grid.put("text that goes before the picture comes", column: 0, row: 4)
        screen.show()
        screen.encoder.limit = 3000
        let small = CellRegion(column: 30, row: 1, columns: 8, rows: 3)
        for n in 0..<60 {
            screen.draw(cameraFrame(n % 7))
            screen.draw(cameraFrame(n % 5), number: 2, area: small)
            // One piece may be longer than the room.
            #expect(screen.show() < 3000 + 14_000)
            if n == 0 { #expect(screen.encoder.progress < 1) }
        }
        var frames = 0
        while frames == 0 || screen.encoder.progress < 1, frames < 200 {
            screen.show()
            frames += 1
        }
        #expect(frames < 200)
        screen.encoder.limit = .max
        screen.show()
        #expect(screen.show() == 0)
        let frame = cameraFrame(59 % 7)
        #expect(try #require(screen.quality(of: frame, in: CellRegion(column: 0, row: 4, columns: 40, rows: 7), whole: screen.area)) > 29)
        #expect(try #require(screen.quality(of: cameraFrame(59 % 5), in: small)) > 28)
    }

    @Test(arguments: modes)
    func aHugeScreenStaysBounded(mode: RenderMode) {
        var encoder = EscapeEncoder()
        var pixels = PixelLayer()
        var grid = CellGrid(columns: 400, rows: 120)
        pixels.cell = CellPixels(width: 32, height: 64)
        pixels.draw(cameraFrame(1, noise: 5), number: 1, mode: mode, into: &grid, area: grid.bounds, fit: .stretch)
        let count = encoder.encode(grid, pixels: &pixels)
        #expect(count > 0 && count < 8_000_000, "\(count)")
    }
}
