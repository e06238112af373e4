import MediaTypes

/// One glyph a cell, as dense as the picture is bright there and of its shape, on the terminal's own background.
///
/// Each cell is measured in 2x4 sub-cells and compared with the glyphs' ink (`GlyphChoice`). What ink a glyph has too much or too little goes to
/// the cells right and below, so that brightness is right over a few cells where no glyph has it. A cell keeps its glyph while it serves
/// nearly as well as the best one, so that sensor noise costs nothing.
public struct ASCIIRenderer: Sendable {
    /// Levels of brightness (of 255) by which the picture has to move past where another glyph becomes better.
    public var hysteresis: UInt8
    private var colorScaler = Scaler()
    private var lumaScaler = Scaler()
    /// Places in the glyphs' order; `GlyphChoice.count`: none yet.
    private var chosen: [UInt8] = []
    /// What the cells are drawn in, or `PictureInk.none`.
    private var colors: [UInt32] = []
    /// A row of cells' samples, four lines of two a cell.
    private var lines: [UInt8] = []
    /// Ink owed by the row above.
    private var owed: [Float] = []
    private var lastTarget: CellRegion?
    private static let glyphs = GlyphChoice()
    /// The shares of the ink owed that go to the right and down, together less than one so that noise does not spread far.
    private static let (toRight, toBelow): (Float, Float) = (0.5, 0.2)
    /// More is not passed on: beyond white and black nothing could pay it.
    private static let mostOwed: Float = 96

    public init(hysteresis: UInt8 = 3) { self.hysteresis = hysteresis }

    /// Draws the picture into `area` of the grid and gives the cells it took; what the fit leaves free is not touched.
    /// - Parameter colored: false: in the terminal's default colour.
    @discardableResult
    public mutating func draw(
        _ frame: borrowing I420Frame, into grid: inout CellGrid, area: CellRegion, fit: FitMode = .contain, cellAspect: Double = 0.5,
        mirrored: Bool = false, tone: PictureTone = .neutral, colored: Bool = true
    ) -> CellRegion {
        let area = area.intersection(grid.bounds)
        let placement = PicturePlacement(width: frame.width, height: frame.height, in: area, fit: fit, cellAspect: cellAspect)
        let target = placement.target
        guard !target.isEmpty else { return target }
        if target != lastTarget {
            lastTarget = target
            chosen = Array(repeating: UInt8(GlyphChoice.count), count: target.columns * target.rows)
            colors = Array(repeating: PictureInk.none, count: target.columns * target.rows)
            lines = Array(repeating: 0, count: 8 * target.columns)
            owed = Array(repeating: 0, count: target.columns)
        }
        lumaScaler.prepare(
            width: frame.width, height: frame.height, placement: placement, columns: 2 * target.columns, rows: 4 * target.rows,
            mirrored: mirrored, tone: tone)
        grid.separateEdges(target)
        if colored {
            colorScaler.prepare(
                width: frame.width, height: frame.height, placement: placement, columns: target.columns, rows: target.rows,
                mirrored: mirrored, tone: tone)
            drawColors(frame, into: &grid, target: target)
        }
        grid.paint(target, foreground: colored ? nil : CellColor.defaultValue)
        drawGlyphs(frame, into: &grid, target: target, colored: colored)
        return target
    }

    private mutating func drawColors(_ frame: borrowing I420Frame, into grid: inout CellGrid, target: CellRegion) {
        let columns = grid.columns
        grid.foregrounds.withUnsafeMutableBufferPointer { foregrounds in
            colors.withUnsafeMutableBufferPointer { colors in
                guard let start = foregrounds.baseAddress, let shown = colors.baseAddress else { return }
                colorScaler.scaleColor(frame) { row in start + ((target.row + row) * columns + target.column) }
                for row in 0..<target.rows {
                    let (first, memory) = (start + ((target.row + row) * columns + target.column), shown + row * target.columns)
                    for x in 0..<target.columns {
                        memory[x] = PictureInk.brightened(first[x], shown: memory[x])
                        first[x] = memory[x]
                    }
                }
            }
        }
    }

    private mutating func drawGlyphs(_ frame: borrowing I420Frame, into grid: inout CellGrid, target: CellRegion, colored: Bool) {
        let (columns, width) = (grid.columns, 2 * target.columns)
        for x in owed.indices { owed[x] = 0 }
        grid.glyphs.withUnsafeMutableBufferPointer { glyphs in
            colors.withUnsafeBufferPointer { colors in
                chosen.withUnsafeMutableBufferPointer { chosen in
                    owed.withUnsafeMutableBufferPointer { owed in
                        lines.withUnsafeMutableBufferPointer { lines in
                            Self.glyphs.withTables { tables in
                                lumaScaler.scaleLuma(frame) { line, luma in
                                    guard let first = lines.baseAddress else { return }
                                    (first + (line & 3) * width).update(from: luma, count: width)
                                    guard line & 3 == 3 else { return }
                                    let cell = (target.row + line >> 2) * columns + target.column
                                    let memory = (line >> 2) * target.columns
                                    Self.drawRow(
                                        of: first, columns: target.columns, slack: Float(hysteresis), tables,
                                        colors: colored ? colors.baseAddress.map { $0 + memory } : nil,
                                        chosen: UnsafeMutableBufferPointer(rebasing: chosen[memory..<memory + target.columns]),
                                        glyphs: UnsafeMutableBufferPointer(rebasing: glyphs[cell..<cell + target.columns]), owed: owed)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// - Parameter colors: what the glyphs will be drawn in: the darker, the more ink for the same brightness; nil: all white.
    private static func drawRow(
        of samples: UnsafePointer<UInt8>, columns: Int, slack: Float, _ tables: borrowing GlyphChoice.Tables,
        colors: UnsafePointer<UInt32>?, chosen: UnsafeMutableBufferPointer<UInt8>, glyphs: UnsafeMutableBufferPointer<UInt32>,
        owed: UnsafeMutableBufferPointer<Float>
    ) {
        let width = 2 * columns
        var fromLeft: Float = 0
        for x in 0..<columns {
            let s = samples + 2 &* x
            let bytes = SIMD8<UInt8>(
                s[0], s[1], s[width], s[width &+ 1], s[2 &* width], s[2 &* width &+ 1], s[3 &* width], s[3 &* width &+ 1])
            var levels = SIMD8<Float>(bytes)
            if let colors { levels *= 255 / Float(max(32, PictureInk.luma(colors[x]))) }
            let mean = levels.sum() / 8
            let wanted = mean + fromLeft + owed[x]
            let place = tables.place(wanted: wanted, shape: levels - mean, shown: Int(chosen[x]), slack: slack)
            chosen[x] = UInt8(truncatingIfNeeded: place)
            glyphs[x] = tables.words[place]
            let owes = max(-mostOwed, min(mostOwed, wanted - tables.ink(place)))
            fromLeft = owes * toRight
            owed[x] = owes * toBelow
        }
    }
}
