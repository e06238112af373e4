import MediaTypes
import Primitives
import TestSupport
import Testing

@testable import CellGraphics

/// A grid with pictures of pixels, and a terminal that shows what is written.
struct PixelScreen {
    var encoder = EscapeEncoder()
    var pixels = PixelLayer()
    var grid: CellGrid
    var terminal: PixelTerminal
    let mode: RenderMode
    /// Of the last frame.
    var bytes: [UInt8] = []

    init(_ mode: RenderMode, columns: Int = 40, rows: Int = 12, cell: (width: Int, height: Int) = (8, 16)) {
        self.mode = mode
        grid = CellGrid(columns: columns, rows: rows)
        terminal = PixelTerminal(columns: columns, rows: rows, cellWidth: cell.width, cellHeight: cell.height)
        pixels.cell = CellPixels(width: cell.width, height: cell.height)
    }

    /// All but the last row.
    var area: CellRegion { CellRegion(column: 0, row: 0, columns: grid.columns, rows: grid.rows - 1) }

    @discardableResult
    mutating func draw(_ frame: I420Frame, number: Int = 1, area: CellRegion? = nil, fit: FitMode = .stretch) -> CellRegion {
        pixels.draw(frame, number: number, mode: mode, into: &grid, area: area ?? self.area, fit: fit)
    }

    /// Brings the terminal up to date; gives the number of bytes.
    @discardableResult
    mutating func show() -> Int {
        let count = encoder.encode(grid, pixels: &pixels)
        bytes = encoder.output.withUnsafeBufferPointer { Array($0) }
        #expect(bytes.count == count)
        terminal.feed(bytes)
        #expect(terminal.problems.isEmpty)
        return count
    }

    /// How near the terminal's pixels are to the picture's, in dB; nil: some cells of the region, which are no text, have no pixels.
    func quality(of frame: I420Frame, in region: CellRegion, whole: CellRegion? = nil) -> Double? {
        let whole = whole ?? region
        let (cellWidth, cellHeight) = (terminal.cellWidth, terminal.cellHeight)
        let (width, height) = (whole.columns * cellWidth, whole.rows * cellHeight)
        var scaler = Scaler()
        scaler.prepare(
            width: frame.width, height: frame.height,
            placement: PicturePlacement(width: frame.width, height: frame.height, in: whole, fit: .stretch), columns: width, rows: height,
            mirrored: false)
        var wanted = [UInt32](repeating: 0, count: width * height)
        wanted.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            scaler.scaleColor(frame) { start + $0 * width }
        }
        var (sum, count) = (0.0, 0)
        for row in region.row..<region.endRow {
            for column in region.column..<region.endColumn where grid[column, row].isPicture {
                for y in row * cellHeight..<(row + 1) * cellHeight {
                    for x in column * cellWidth..<(column + 1) * cellWidth {
                        guard let seen = terminal.pixel(x, y) else { return nil }
                        let want = wanted[(y - whole.row * cellHeight) * width + x - whole.column * cellWidth]
                        for shift in [0, 8, 16] as [UInt32] {
                            let difference = Double(Int(seen >> shift & 255) - Int(want >> shift & 255))
                            sum += difference * difference
                            count += 1
                        }
                    }
                }
            }
        }
        return 10 * log10(255 * 255 / max(1e-9, sum / Double(max(1, count))))
    }
}

private func log10(_ value: Double) -> Double {
    // Without a C library: by halving the exponent's share.
    var (x, result) = (value, 0.0)
    while x >= 10 { (x, result) = (x / 10, result + 1) }
    while x < 1 { (x, result) = (x * 10, result - 1) }
    let z = (x - 1) / (x + 1)
    var (term, sum, n) = (z, 0.0, 1.0)
    while n < 400 {
        sum += term / n
        term *= z * z
        n += 2
    }
    return result + 2 * sum / 2.302585092994046
}

/// Like a camera's: a smooth background and a disc that moves with `n`, with or without noise.
func cameraFrame(_ n: Int = 0, width: Int = 320, height: Int = 176, noise: Int = 0, seed: UInt64 = 1) -> I420Frame {
    var random = RandomSource.seeded(seed)
    var frame = I420Frame(width: width, height: height, y: 90, u: 120, v: 134, time: Instant.zero + .milliseconds(n))
    for y in 0..<height {
        for x in 0..<width {
            let (dx, dy) = (x - width / 4 - n * 8, y - height / 2)
            let isDisc = dx * dx + dy * dy < height * height / 16
            let value = isDisc ? 170 + dx / 4 : 60 + 80 * x / width + 30 * y / height
            let grain = noise > 0 ? Int.random(in: -noise...noise, using: &random) : 0
            frame.bytes[y * width + x] = UInt8(max(16, min(235, value + grain)))
            if isDisc, x % 2 == 0, y % 2 == 0 {
                let at = frame.chromaOffset + y / 2 * frame.chromaWidth + x / 2
                frame.bytes[at] = 105
                frame.bytes[at + frame.chromaCount] = 150
            }
        }
    }
    return frame
}
