import MediaTypes

/// 2x4 dots a cell, lit where the picture is brighter than a pattern fixed to the screen, in the mean colour of the lit ones, on the terminal's own
/// background.
///
/// Differences inside a cell are raised first, which keeps edges. A dot stays as it is until the brightness has passed its threshold by more
/// than `hysteresis`, so that sensor noise costs nothing.
public struct BrailleRenderer: Sendable {
    /// Levels of brightness, of 255.
    public var hysteresis: UInt8
    private var scaler = Scaler()
    private var lit: [UInt8] = []
    /// A row of cells' samples, four lines of two a cell: levels, and where there are colours 0x00RRGGBB.
    private var levels: [UInt8] = []
    private var colors: [UInt32] = []
    /// What the cells are drawn in, or `PictureInk.none`.
    private var inks: [UInt32] = []
    private var last: Geometry?

    private struct Geometry: Equatable {
        var target: CellRegion
        var colored: Bool
    }

    public init(hysteresis: UInt8 = 6) { self.hysteresis = hysteresis }

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
        let geometry = Geometry(target: target, colored: colored)
        let isNew = geometry != last
        if isNew {
            last = geometry
            lit = Array(repeating: 0, count: target.columns * target.rows)
            levels = Array(repeating: 0, count: 8 * target.columns)
            colors = Array(repeating: 0, count: colored ? 8 * target.columns : 0)
            inks = Array(repeating: PictureInk.none, count: colored ? target.columns * target.rows : 0)
        }
        scaler.prepare(
            width: frame.width, height: frame.height, placement: placement, columns: 2 * target.columns, rows: 4 * target.rows,
            mirrored: mirrored, tone: tone)
        grid.separateEdges(target)
        grid.paint(target, foreground: colored ? nil : CellColor.defaultValue)
        let slack = isNew ? 0 : Int32(hysteresis)
        if colored {
            drawColored(frame, into: &grid, target: target, slack: slack)
        } else {
            drawPlain(frame, into: &grid, target: target, slack: slack)
        }
        return target
    }

    private mutating func drawPlain(_ frame: borrowing I420Frame, into grid: inout CellGrid, target: CellRegion, slack: Int32) {
        let (columns, width) = (grid.columns, 2 * target.columns)
        grid.glyphs.withUnsafeMutableBufferPointer { glyphs in
            lit.withUnsafeMutableBufferPointer { lit in
                levels.withUnsafeMutableBufferPointer { levels in
                    guard let first = levels.baseAddress else { return }
                    scaler.scaleLuma(frame) { line, luma in
                        (first + (line & 3) * width).update(from: luma, count: width)
                        guard line & 3 == 3 else { return }
                        let cell = (target.row + line >> 2) * columns + target.column
                        let memory = (line >> 2) * target.columns
                        for x in 0..<target.columns {
                            let dots = Self.dots(of: first + 2 &* x, width: width, column: x, shown: lit[memory &+ x], slack: slack)
                            lit[memory &+ x] = dots
                            glyphs[cell &+ x] = Self.word(dots)
                        }
                    }
                }
            }
        }
    }

    private mutating func drawColored(_ frame: borrowing I420Frame, into grid: inout CellGrid, target: CellRegion, slack: Int32) {
        let (columns, width) = (grid.columns, 2 * target.columns)
        grid.glyphs.withUnsafeMutableBufferPointer { glyphs in
            grid.foregrounds.withUnsafeMutableBufferPointer { foregrounds in
                lit.withUnsafeMutableBufferPointer { lit in
                    inks.withUnsafeMutableBufferPointer { inks in
                        levels.withUnsafeMutableBufferPointer { levels in
                            colors.withUnsafeMutableBufferPointer { colors in
                                guard let first = levels.baseAddress, let color = colors.baseAddress else { return }
                                func finish(_ row: Int) {
                                    // The brightest channel, because the colour will be brought up until that is full.
                                    for i in 0..<4 &* width {
                                        let brightest = max(color[i] >> 16, max(color[i] >> 8 & 255, color[i] & 255))
                                        first[i] = UInt8(truncatingIfNeeded: brightest)
                                    }
                                    let cell = (target.row + row) * columns + target.column
                                    for x in 0..<target.columns {
                                        let memory = row &* target.columns &+ x
                                        let dots = Self.dots(of: first + 2 &* x, width: width, column: x, shown: lit[memory], slack: slack)
                                        lit[memory] = dots
                                        glyphs[cell &+ x] = Self.word(dots)
                                        if dots != 0 {
                                            let mean = Self.mean(of: color + 2 &* x, width: width, lit: dots)
                                            inks[memory] = PictureInk.brightened(mean, shown: inks[memory])
                                        }
                                        foregrounds[cell &+ x] = inks[memory] == PictureInk.none ? CellColor.defaultValue : inks[memory]
                                    }
                                }
                                // A line is whole when the next one is asked for.
                                scaler.scaleColor(frame) { line in
                                    if line > 0 && line & 3 == 0 { finish((line >> 2) - 1) }
                                    return color + (line & 3) * width
                                }
                                finish(target.rows - 1)
                            }
                        }
                    }
                }
            }
        }
    }

    /// Bayer's 4x4 matrix, a nibble for each place, row by row from the lowest bit on.
    private static let matrix: UInt64 = 0x5d7f_91b3_6e4c_a280
    /// Of the dots row by row, left before right: their bits in the character's number.
    private static let bits: UInt64 = 0x80_40_20_04_10_02_08_01

    /// The dots to light, as the low byte of the character.
    /// - Parameter column: the cell's, from the picture's left.
    @inline(__always)
    private static func dots(of first: UnsafePointer<UInt8>, width: Int, column: Int, shown: UInt8, slack: Int32) -> UInt8 {
        var sum: Int32 = 0
        for row in 0..<4 { sum &+= Int32(first[row &* width]) &+ Int32(first[row &* width &+ 1]) }
        let mean = sum >> 3
        var lit: UInt8 = 0
        for k in 0..<8 {
            let (row, side) = (k >> 1, k & 1)
            let level = Int32(first[row &* width &+ side])
            let bit = UInt8(truncatingIfNeeded: bits >> UInt64(8 &* k))
            let rank = Int32(truncatingIfNeeded: matrix >> UInt64(row << 4 | (column & 1) << 3 | side << 2) & 15)
            let threshold = 16 &* rank &+ 8 &+ (shown & bit == 0 ? slack : -slack)
            if level &+ (level &- mean) > threshold { lit |= bit }
        }
        return lit
    }

    @inline(__always)
    private static func mean(of first: UnsafePointer<UInt32>, width: Int, lit: UInt8) -> UInt32 {
        var (red, green, blue, count): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
        for k in 0..<8 where lit & UInt8(truncatingIfNeeded: bits >> UInt64(8 &* k)) != 0 {
            let rgb = first[(k >> 1) &* width &+ k & 1]
            red &+= rgb >> 16
            green &+= rgb >> 8 & 255
            blue &+= rgb & 255
            count &+= 1
        }
        count = max(1, count)
        return (red / count) << 16 | (green / count) << 8 | blue / count
    }

    /// Without a dot it is a space, which every terminal has.
    @inline(__always)
    private static func word(_ dots: UInt8) -> UInt32 { (dots == 0 ? GlyphWord.space : 0x2800 | UInt32(dots)) | GlyphWord.picture }
}
