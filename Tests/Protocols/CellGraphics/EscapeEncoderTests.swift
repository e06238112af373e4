import MediaTypes
import Primitives
import TestSupport
import Testing

@testable import CellGraphics

extension EscapeEncoder {
    fileprivate mutating func bytes(_ grid: CellGrid) -> [UInt8] {
        encode(grid)
        return output.withUnsafeBufferPointer { Array($0) }
    }
}

private let words = ["a", "Z", " ", "수", "진", "…", "e\u{301}", "👍", "│", "é", "中"]

/// Text at random places, picture cells in between.
private func scribble(on grid: inout CellGrid, _ random: inout RandomSource, edits: Int) {
    for _ in 0..<edits {
        let column = Int.random(in: -2..<grid.columns, using: &random)
        let row = Int.random(in: 0..<grid.rows, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: grid.clear(CellRegion(column: column, row: row, columns: 5, rows: 2), background: randomColor(&random))
        case 1:
            var renderer = HalfBlockRenderer()
            let frame = syntheticFrame(width: 32, height: 24, number: Int.random(in: 0..<100, using: &random))
            renderer.draw(frame, into: &grid, area: CellRegion(column: column, row: row, columns: 9, rows: 3), fit: .stretch)
        default:
            let text = (0..<Int.random(in: 1..<6, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }.joined()
            grid.put(
                text, column: max(0, column), row: row, foreground: randomColor(&random), background: randomColor(&random),
                attributes: CellAttributes(rawValue: UInt8.random(in: 0..<16, using: &random)))
        }
    }
}

private func randomColor(_ random: inout RandomSource) -> CellColor {
    Bool.random(using: &random) ? .default : CellColor(rgb: UInt32.random(in: 0...0xff_ffff, using: &random))
}

private func rgb(_ color: VirtualTerminal.Color) -> (Int, Int, Int)? {
    if case .rgb(let r, let g, let b) = color { (Int(r), Int(g), Int(b)) } else { nil }
}

/// How far the two halves of what is shown are from the grid's cell; nil when it is not a picture of it at all.
private func pictureError(_ seen: VirtualTerminal.Cell, _ cell: Cell) -> Int? {
    guard let background = rgb(seen.background) else { return nil }
    let foreground = rgb(seen.foreground) ?? background
    let halves: ((Int, Int, Int), (Int, Int, Int))
    switch seen.text {
    case " ": halves = (background, background)
    case "▀": halves = (foreground, background)
    case "▄": halves = (background, foreground)
    case "█": halves = (foreground, foreground)
    default: return nil
    }
    func distance(_ a: (Int, Int, Int), _ b: CellColor) -> Int {
        max(abs(a.0 - Int(b.red)), abs(a.1 - Int(b.green)), abs(a.2 - Int(b.blue)))
    }
    return max(distance(halves.0, cell.foreground), distance(halves.1, cell.background))
}

private func mismatch(_ terminal: VirtualTerminal, _ grid: CellGrid, tolerance: Int) -> String? {
    for row in 0..<grid.rows {
        for column in 0..<grid.columns {
            let seen = terminal[column, row]
            let cell = grid[column, row]
            if cell.isPicture {
                guard let error = pictureError(seen, cell), error <= tolerance else {
                    return "picture at \(column),\(row): \(seen) for \(cell)"
                }
                continue
            }
            let isBlank = cell.text == " " && !cell.attributes.contains(.reverse) && !cell.attributes.contains(.underline)
            let same =
                seen.text == cell.text && same(seen.background, cell.background)
                && (isBlank || same(seen.foreground, cell.foreground))
                && (isBlank
                    || (seen.bold, seen.dim, seen.underline, seen.reverse) == (
                        cell.attributes.contains(.bold), cell.attributes.contains(.dim), cell.attributes.contains(.underline),
                        cell.attributes.contains(.reverse)
                    ))
            if !same { return "text at \(column),\(row): \(seen) for \(cell)" }
        }
    }
    return nil
}

private func same(_ seen: VirtualTerminal.Color, _ wanted: CellColor) -> Bool {
    wanted.isDefault ? seen == .standard : seen == .rgb(wanted.red, wanted.green, wanted.blue)
}

@Suite struct EscapeEncoderTests {
    /// The first bytes once went where the empty array lies, which all of the process's empty arrays and dictionaries are beside.
    @Test func aGridWithoutCellsIsWrittenIntoABufferToo() {
        var encoder = EscapeEncoder()
        let count = encoder.encode(CellGrid(columns: 0, rows: 0))
        #expect(count > 0 && encoder.output.count == count)
        let nothing: [Int: Int] = [:]
        #expect(nothing.isEmpty)
    }

    @Test(arguments: [(UInt8(0), UInt64(1)), (0, 2), (0, 3), (6, 4), (6, 5), (20, 6)])
    func showsTheGrid(threshold: UInt8, seed: UInt64) {
        var random = RandomSource.seeded(seed)
        var grid = CellGrid(columns: 37, rows: 11)
        var terminal = VirtualTerminal(columns: 37, rows: 11)
        var encoder = EscapeEncoder(changeThreshold: threshold, elisionThreshold: threshold)
        for step in 0..<60 {
            scribble(on: &grid, &random, edits: 6)
            if step % 17 == 5 { encoder.repaint() }
            if step % 13 == 7 { encoder.repaint(rows: 2..<5) }
            terminal.feed(encoder.bytes(grid))
            let wrong = mismatch(terminal, grid, tolerance: Int(threshold))
            #expect(wrong == nil, "seed \(seed) step \(step)")
            if wrong != nil { return }
        }
        #expect(terminal.unknown.isEmpty)
        #expect(!terminal.hasScrolled)
        #expect(terminal.privateModes[2026] == false)
    }

    @Test func errorsDoNotDrift() {
        var encoder = EscapeEncoder(changeThreshold: 6, elisionThreshold: 6)
        var terminal = VirtualTerminal(columns: 20, rows: 6)
        var grid = CellGrid(columns: 20, rows: 6)
        var renderer = HalfBlockRenderer()
        for n in 0..<120 {
            renderer.draw(I420Frame(width: 40, height: 24, y: UInt8(20 + n), time: .zero), into: &grid, area: grid.bounds, fit: .stretch)
            terminal.feed(encoder.bytes(grid))
            #expect(mismatch(terminal, grid, tolerance: 6) == nil)
        }
    }

    @Test func aStillPictureCostsNothing() {
        var encoder = EscapeEncoder()
        var grid = CellGrid(columns: 80, rows: 24)
        var renderer = HalfBlockRenderer()
        let frame = syntheticFrame(width: 320, height: 240)
        renderer.draw(frame, into: &grid, area: grid.bounds)
        let whole = encoder.encode(grid)
        #expect(encoder.encode(grid) == 0)
        var noisy = frame
        for i in 0..<noisy.bytes.count { noisy.bytes[i] = noisy.bytes[i] &+ (i % 3 == 0 ? 1 : 0) }
        renderer.draw(noisy, into: &grid, area: grid.bounds)
        #expect(encoder.encode(grid) * 5 < whole)
    }

    @Test func elisionSavesBytes() {
        var grid = CellGrid(columns: 80, rows: 24)
        var renderer = HalfBlockRenderer()
        var smooth = I420Frame(width: 640, height: 480, time: .zero)
        for i in 0..<smooth.lumaCount { smooth.bytes[i] = UInt8(40 + (i % 640 + i / 640) / 8) }
        renderer.draw(smooth, into: &grid, area: grid.bounds, fit: .stretch)
        var exact = EscapeEncoder(changeThreshold: 0, elisionThreshold: 0)
        var lossy = EscapeEncoder()
        #expect(lossy.encode(grid) * 3 < exact.encode(grid) * 2)
    }

    @Test func oneSynchronizedBlockAFrame() {
        var encoder = EscapeEncoder()
        var grid = CellGrid(columns: 10, rows: 3)
        var terminal = VirtualTerminal(columns: 10, rows: 3)
        terminal.feed(encoder.bytes(grid))
        grid.put("x", column: 9, row: 2)
        let bytes = encoder.bytes(grid)
        terminal.feed(bytes)
        #expect(terminal.synchronizedFrames == 2)
        #expect(!terminal.hasScrolled)
        #expect(bytes.starts(with: Array("\u{1b}[?2026h".utf8)))
        #expect(bytes.suffix(8) == Array("\u{1b}[?2026l".utf8)[...])
    }

    @Test(arguments: [ColorMode.indexed256, .indexed16, .none])
    func indexedModesShowTheNearestColour(mode: ColorMode) {
        var encoder = EscapeEncoder(mode: mode)
        var grid = CellGrid(columns: 40, rows: 10)
        var terminal = VirtualTerminal(columns: 40, rows: 10)
        var renderer = HalfBlockRenderer()
        for n in 0..<10 {
            renderer.draw(
                syntheticFrame(width: 160, height: 120, number: n * 5), into: &grid,
                area: CellRegion(column: 0, row: 0, columns: 40, rows: 9))
            grid.put("text 수진 \(n)", column: 2, row: 9, foreground: CellColor(rgb: 0xff0000), attributes: .bold)
            terminal.feed(encoder.bytes(grid))
        }
        #expect(terminal.text[9].hasPrefix("  text 수진 9"))
        #expect(terminal[2, 9].bold)
        #expect(terminal[2, 9].foreground == (mode == .none ? .standard : mode == .indexed16 ? .indexed(9) : .indexed(196)))
        #expect(encoder.encode(grid) == 0)
    }

    @Test(arguments: ["\u{1b}[2J\u{1b}[31m", "\u{202e}\u{200b}abc", "\u{9b}5A", "a\u{301}\u{301}\u{301}\u{301}\u{301}", "\r\n\r\n\n"])
    func hostileTextStaysInItsCells(text: String) {
        var encoder = EscapeEncoder()
        var grid = CellGrid(columns: 30, rows: 3)
        var terminal = VirtualTerminal(columns: 30, rows: 3)
        grid.put("first", column: 0, row: 0)
        grid.put(text, column: 5, row: 1, limit: 8)
        grid.put("after", column: 13, row: 1)
        terminal.feed(encoder.bytes(grid))
        #expect(terminal.unknown.isEmpty)
        #expect(terminal.text[0].hasPrefix("first"))
        #expect((13..<18).map { terminal[$0, 1].text }.joined() == "after")
        #expect(terminal.text[2].allSatisfy { $0 == " " })
    }

    @Test func aResizedGridIsDrawnWhole() {
        var encoder = EscapeEncoder()
        var grid = CellGrid(columns: 20, rows: 4)
        grid.put("before", column: 0, row: 0)
        encoder.encode(grid)
        grid = CellGrid(columns: 30, rows: 6)
        grid.put("after", column: 20, row: 5)
        var terminal = VirtualTerminal(columns: 30, rows: 6)
        terminal.feed(encoder.bytes(grid))
        #expect(mismatch(terminal, grid, tolerance: 0) == nil)
    }
}
