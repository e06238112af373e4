import MediaTypes

/// One glyph a cell, as dense as the picture is bright there, on the terminal's own background.
///
/// A cell keeps its glyph until the brightness has moved by more than `hysteresis` from what chose it, so that sensor noise costs nothing.
public struct ASCIIRenderer: Sendable {
    public var hysteresis: UInt8
    private var colorScaler = Scaler()
    private var lumaScaler = Scaler()
    private var chosen: [UInt8] = []
    private var colors: [UInt32] = []
    private var lastTarget: CellRegion?
    private static let ramp = CoverageRamp()

    public init(hysteresis: UInt8 = 4) { self.hysteresis = hysteresis }

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
        let isNew = target != lastTarget
        if isNew {
            lastTarget = target
            chosen = Array(repeating: 0, count: target.columns * target.rows)
            colors = Array(repeating: 0, count: target.columns * target.rows)
        }
        lumaScaler.prepare(
            width: frame.width, height: frame.height, placement: placement, columns: target.columns, rows: target.rows, mirrored: mirrored,
            tone: tone)
        for row in target.row..<target.endRow {
            grid.separate(column: target.column, row: row)
            grid.separate(column: target.endColumn, row: row)
        }
        drawGlyphs(frame, into: &grid, target: target, all: isNew)
        if colored {
            colorScaler.prepare(
                width: frame.width, height: frame.height, placement: placement, columns: target.columns, rows: target.rows,
                mirrored: mirrored, tone: tone)
            drawColors(frame, into: &grid, target: target)
        } else {
            grid.paint(target, foreground: CellColor.defaultValue)
        }
        return target
    }

    private mutating func drawGlyphs(_ frame: borrowing I420Frame, into grid: inout CellGrid, target: CellRegion, all: Bool) {
        let columns = grid.columns
        let hysteresis = Int32(self.hysteresis)
        grid.glyphs.withUnsafeMutableBufferPointer { glyphs in
            chosen.withUnsafeMutableBufferPointer { chosen in
                Self.ramp.words.withUnsafeBufferPointer { words in
                    lumaScaler.scaleLuma(frame) { row, luma in
                        let cell = (target.row + row) * columns + target.column
                        let memory = row * target.columns
                        for x in 0..<target.columns {
                            let moved = abs(Int32(luma[x]) &- Int32(chosen[memory &+ x]))
                            let isPicture = glyphs[cell &+ x] & GlyphWord.picture != 0
                            if moved <= hysteresis && !all && isPicture { continue }
                            chosen[memory &+ x] = luma[x]
                            glyphs[cell &+ x] = words[Int(luma[x])]
                        }
                    }
                }
            }
        }
    }

    /// The glyph tells the brightness already: up to twice as bright, as far as the hue is kept.
    @inline(__always)
    private static func brightened(_ rgb: UInt32) -> UInt32 {
        let (red, green, blue) = (rgb >> 16, rgb >> 8 & 255, rgb & 255)
        let factor = min(512, 65280 / max(1, max(red, max(green, blue))))
        return (red &* factor >> 8) << 16 | (green &* factor >> 8) << 8 | blue &* factor >> 8
    }

    private mutating func drawColors(_ frame: borrowing I420Frame, into grid: inout CellGrid, target: CellRegion) {
        let columns = grid.columns
        grid.foregrounds.withUnsafeMutableBufferPointer { foregrounds in
            guard let start = foregrounds.baseAddress else { return }
            colorScaler.scaleColor(frame) { row in start + ((target.row + row) * columns + target.column) }
            for row in target.row..<target.endRow {
                let first = start + (row * columns + target.column)
                for x in 0..<target.columns { first[x] = Self.brightened(first[x]) }
            }
        }
        grid.paint(target, foreground: nil)
    }
}

extension CellGrid {
    /// Sets the colours of a region inside the grid: the default background, and a foreground unless nil.
    fileprivate mutating func paint(_ region: CellRegion, foreground: UInt32?) {
        for row in region.row..<region.endRow {
            for index in row * columns + region.column..<row * columns + region.endColumn {
                if let foreground { foregrounds[index] = foreground }
                backgrounds[index] = CellColor.defaultValue
            }
        }
    }
}

/// ASCII glyphs by the share of the cell they ink, which was measured by drawing DejaVu Sans Mono at 64 pixels and counting.
struct CoverageRamp: Sendable {
    private static let glyphs: StaticString = " `.',:\"^;!*r/<?cvxs{nI235SPEUK&gRQ@WM"
    /// In thousandths of the cell.
    private static let coverage: [Int] = [
        0, 23, 27, 32, 43, 55, 64, 69, 70, 85, 95, 105, 109, 116, 124, 130, 137, 145, 152, 156, 163, 171, 179, 187, 193, 199, 208, 213, 220,
        231, 233, 240, 249, 252, 267, 269, 275,
    ]
    /// For each brightness 0...255 the picture word whose coverage, against the densest's, is nearest.
    let words: [UInt32]

    init() {
        let glyphs = Self.glyphs.withUTF8Buffer { Array($0) }
        let densest = Self.coverage.last ?? 1
        words = (0..<256).map { luma in
            let nearest = Self.coverage.indices.min {
                abs(Self.coverage[$0] * 255 - luma * densest) < abs(Self.coverage[$1] * 255 - luma * densest)
            }
            return UInt32(glyphs[nearest ?? 0]) | GlyphWord.picture
        }
    }
}
