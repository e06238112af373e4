import MediaTypes

/// Four picture samples a cell, 2x2, in the two colours that come nearest to them.
public struct QuadrantRenderer: Sendable {
    /// How many levels of a channel a sample may move by sensor noise alone; 0: each frame is drawn as if it were the first.
    public var noise: UInt8
    public static let usualNoise: UInt8 = 2
    private var picture = BlockPicture()

    public init(noise: UInt8 = usualNoise) { self.noise = noise }

    /// Draws the picture into `area` of the grid and gives the cells it took; what the fit leaves free is not touched.
    @discardableResult
    public mutating func draw(
        _ frame: borrowing I420Frame, into grid: inout CellGrid, area: CellRegion, fit: FitMode = .contain, cellAspect: Double = 0.5,
        mirrored: Bool = false, tone: PictureTone = .neutral
    ) -> CellRegion {
        let area = area.intersection(grid.bounds)
        let placement = PicturePlacement(width: frame.width, height: frame.height, in: area, fit: fit, cellAspect: cellAspect)
        let tolerance = BlockSplit.tolerance(noise: noise)
        picture.draw(frame, into: &grid, placement, lines: 2, mirrored: mirrored, tone: tone) {
            samples, line, count, cells, first, former in
            for x in 0..<count {
                let upper = samples + 2 &* x
                let lower = upper + line
                let split = BlockSplit.quadrants((upper[0], upper[1], lower[0], lower[1]), former: UInt32(former[x]), tolerance: tolerance)
                former[x] = UInt8(truncatingIfNeeded: split.parts)
                cells.set(first &+ x, BlockGlyph.quadrant(split.parts), split.ink, split.paper)
            }
        }
        return placement.target
    }
}

/// Six picture samples a cell, 2x3, in the two colours that come nearest to them. Not every font has the glyphs (Unicode 13).
public struct SextantRenderer: Sendable {
    /// How many levels of a channel a sample may move by sensor noise alone; 0: each frame is drawn as if it were the first.
    public var noise: UInt8
    public static let usualNoise: UInt8 = 1
    private var picture = BlockPicture()

    public init(noise: UInt8 = usualNoise) { self.noise = noise }

    /// Draws the picture into `area` of the grid and gives the cells it took; what the fit leaves free is not touched.
    @discardableResult
    public mutating func draw(
        _ frame: borrowing I420Frame, into grid: inout CellGrid, area: CellRegion, fit: FitMode = .contain, cellAspect: Double = 0.5,
        mirrored: Bool = false, tone: PictureTone = .neutral
    ) -> CellRegion {
        let area = area.intersection(grid.bounds)
        let placement = PicturePlacement(width: frame.width, height: frame.height, in: area, fit: fit, cellAspect: cellAspect)
        let tolerance = BlockSplit.tolerance(noise: noise)
        picture.draw(frame, into: &grid, placement, lines: 3, mirrored: mirrored, tone: tone) {
            samples, line, count, cells, first, former in
            for x in 0..<count {
                let upper = samples + 2 &* x
                let (middle, lower) = (upper + line, upper + 2 &* line)
                let split = BlockSplit.sextants(
                    (upper[0], upper[1], middle[0], middle[1], lower[0], lower[1]), former: UInt32(former[x]), tolerance: tolerance)
                former[x] = UInt8(truncatingIfNeeded: split.parts)
                cells.set(first &+ x, BlockGlyph.sextant(split.parts), split.ink, split.paper)
            }
        }
        return placement.target
    }
}

/// Scales a picture for glyphs of two columns and some lines, and hands out the samples of a row of cells at a time.
struct BlockPicture: Sendable {
    private var scaler = Scaler()
    /// One row of cells: `lines` times two a cell.
    private var samples: [UInt32] = []
    /// Which parts of each cell are ink.
    private var parts: [UInt8] = []
    private var lastTarget: CellRegion?

    /// The grid's arrays while they are drawn into.
    struct Cells {
        let glyphs: UnsafeMutablePointer<UInt32>
        let foregrounds: UnsafeMutablePointer<UInt32>
        let backgrounds: UnsafeMutablePointer<UInt32>

        @inline(__always)
        func set(_ index: Int, _ glyph: UInt32, _ ink: UInt32, _ paper: UInt32) {
            glyphs[index] = glyph | GlyphWord.picture | GlyphWord.blocks
            foregrounds[index] = ink
            backgrounds[index] = paper
        }
    }

    /// - Parameter drawRow: given the samples, the words from one line of them to the next, how many cells, where the first is, and each
    ///   one's parts as they were, to be replaced.
    @inline(__always)
    mutating func draw(
        _ frame: borrowing I420Frame, into grid: inout CellGrid, _ placement: PicturePlacement, lines: Int, mirrored: Bool,
        tone: PictureTone,
        drawRow: (UnsafePointer<UInt32>, Int, Int, Cells, Int, UnsafeMutablePointer<UInt8>) -> Void
    ) {
        let target = placement.target
        guard !target.isEmpty else { return }
        let line = 2 * target.columns
        if target != lastTarget {
            lastTarget = target
            samples = Array(repeating: 0, count: lines * line)
            parts = Array(repeating: 0, count: target.columns * target.rows)
        }
        scaler.prepare(
            width: frame.width, height: frame.height, placement: placement, columns: line, rows: lines * target.rows, mirrored: mirrored,
            tone: tone)
        grid.separateEdges(target)
        let columns = grid.columns
        grid.withMutableCells { cells in
            Self.withPointers(&samples, &parts) { samples, parts in
                // A row of cells is complete when the next one's first line is asked for.
                var complete = -1
                func finish() {
                    guard complete >= 0 else { return }
                    drawRow(
                        UnsafePointer(samples), line, target.columns, cells, (target.row + complete) * columns + target.column,
                        parts + complete * target.columns)
                }
                scaler.scaleColor(frame) { number in
                    let row = number / lines
                    let part = number - row * lines
                    if part == 0 {
                        finish()
                        complete = row
                    }
                    return samples + part * line
                }
                finish()
            }
        }
    }

    @inline(__always)
    private static func withPointers(
        _ samples: inout [UInt32], _ parts: inout [UInt8], _ body: (UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt8>) -> Void
    ) {
        samples.withUnsafeMutableBufferPointer { samples in
            parts.withUnsafeMutableBufferPointer { parts in
                guard let samples = samples.baseAddress, let parts = parts.baseAddress else { return }
                body(samples, parts)
            }
        }
    }
}

extension CellGrid {
    fileprivate mutating func withMutableCells(_ body: (BlockPicture.Cells) -> Void) {
        glyphs.withUnsafeMutableBufferPointer { g in
            foregrounds.withUnsafeMutableBufferPointer { f in
                backgrounds.withUnsafeMutableBufferPointer { b in
                    guard let g = g.baseAddress, let f = f.baseAddress, let b = b.baseAddress else { return }
                    body(BlockPicture.Cells(glyphs: g, foregrounds: f, backgrounds: b))
                }
            }
        }
    }
}
