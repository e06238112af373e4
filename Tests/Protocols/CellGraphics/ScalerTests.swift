import MediaTypes
import Primitives
import TestSupport
import Testing

@testable import CellGraphics

/// Area averages by the book: every source sample weighted by the share of it under the target sample.
private func naiveAverage(
    _ plane: (Int, Int) -> UInt8, x: ClosedRange<Double>, y: ClosedRange<Double>, width: Int, height: Int
) -> Double {
    var sum = 0.0
    var area = 0.0
    for row in Int(y.lowerBound)..<min(height, Int(y.upperBound.rounded(.up))) {
        let h = min(y.upperBound, Double(row + 1)) - max(y.lowerBound, Double(row))
        for column in Int(x.lowerBound)..<min(width, Int(x.upperBound.rounded(.up))) {
            let w = min(x.upperBound, Double(column + 1)) - max(x.lowerBound, Double(column))
            sum += Double(plane(column, row)) * w * h
            area += w * h
        }
    }
    return sum / area
}

@Suite struct ScalerTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        var width, height, columns, rows: Int
        var mirrored = false
        var fit = FitMode.stretch
        var testDescription: String { "\(width)x\(height) to \(columns)x\(rows) \(fit)\(mirrored ? " mirrored" : "")" }
    }

    @Test(arguments: [
        Shape(width: 64, height: 48, columns: 16, rows: 12), Shape(width: 64, height: 48, columns: 32, rows: 24),
        Shape(width: 64, height: 48, columns: 64, rows: 24), Shape(width: 65, height: 47, columns: 20, rows: 9),
        Shape(width: 64, height: 48, columns: 23, rows: 11, mirrored: true), Shape(width: 30, height: 900, columns: 7, rows: 3),
        Shape(width: 100, height: 50, columns: 10, rows: 10, fit: .cover), Shape(width: 1, height: 1, columns: 4, rows: 3),
        Shape(width: 64, height: 48, columns: 16, rows: 12, mirrored: true), Shape(width: 5, height: 3, columns: 13, rows: 7),
        Shape(width: 640, height: 30, columns: 80, rows: 3), Shape(width: 640, height: 480, columns: 128, rows: 48, mirrored: true),
        Shape(width: 900, height: 700, columns: 3, rows: 1), Shape(width: 9, height: 600, columns: 3, rows: 1),
    ])
    func agreesWithTheDefinition(shape: Shape) {
        let frame = syntheticFrame(width: shape.width, height: shape.height, number: 3)
        var grid = CellGrid(columns: shape.columns, rows: shape.rows)
        var renderer = HalfBlockRenderer()
        renderer.draw(frame, into: &grid, area: grid.bounds, fit: shape.fit, mirrored: shape.mirrored)
        let placement = PicturePlacement(width: shape.width, height: shape.height, in: grid.bounds, fit: shape.fit)
        var worst = 0
        for row in 0..<2 * shape.rows {
            for column in 0..<shape.columns {
                let x = shape.mirrored ? shape.columns - 1 - column : column
                let (r, g, b) = expected(frame, placement, x, row, shape.columns, 2 * shape.rows)
                let cell = grid[column, row / 2]
                let color = row % 2 == 0 ? cell.foreground : cell.background
                worst = max(worst, abs(Int(color.red) - r), abs(Int(color.green) - g), abs(Int(color.blue) - b))
            }
        }
        // A rounding of chroma by one is two in blue; sixteenths of a sample are the boundaries' precision.
        #expect(worst <= 8, "\(worst)")
    }

    private func expected(_ frame: I420Frame, _ p: PicturePlacement, _ column: Int, _ row: Int, _ columns: Int, _ rows: Int) -> (
        Int, Int, Int
    ) {
        func range(_ start: Int, _ length: Int, _ i: Int, _ n: Int, _ divisor: Double) -> ClosedRange<Double> {
            let a = (Double(start) + Double(length * i) / Double(n)) / 16 / divisor
            return a...(a + Double(length) / Double(n) / 16 / divisor)
        }
        let cw = frame.chromaWidth
        let ch = frame.chromaHeight
        let y = naiveAverage(
            { frame.bytes[$1 * frame.width + $0] }, x: range(p.sourceX, p.sourceWidth, column, columns, 1),
            y: range(p.sourceY, p.sourceHeight, row, rows, 1), width: frame.width, height: frame.height)
        let cx = range(p.sourceX, p.sourceWidth, column, columns, 2)
        let cy = range(p.sourceY, p.sourceHeight, row, rows, 2)
        let u = naiveAverage({ frame.bytes[frame.chromaOffset + $1 * cw + $0] }, x: cx, y: cy, width: cw, height: ch) - 128
        let v =
            naiveAverage({ frame.bytes[frame.chromaOffset + frame.chromaCount + $1 * cw + $0] }, x: cx, y: cy, width: cw, height: ch) - 128
        let c = 255.0 / 219 * (y - 16)
        func clamp(_ value: Double) -> Int { Int(max(0, min(255, value)).rounded()) }
        return (clamp(c + 1.596 * v), clamp(c - 0.392 * u - 0.813 * v), clamp(c + 2.017 * u))
    }

    /// Flat pictures keep their level, whatever weights a size needs: nothing is lost at white and nothing wraps round.
    @Test(arguments: [(64, 48, 16, 6), (640, 480, 240, 67), (16, 16, 40, 20), (2000, 3, 1, 1), (3, 2000, 1, 1), (5000, 6, 7, 3)])
    func flatStaysFlat(width: Int, height: Int, columns: Int, rows: Int) {
        for level in [UInt8(0), 16, 99, 235, 255] {
            let frame = I420Frame(width: width, height: height, y: level, u: level, v: level, time: .zero)
            var scaler = Scaler()
            let area = CellRegion(column: 0, row: 0, columns: columns, rows: rows)
            scaler.prepare(
                width: width, height: height, placement: PicturePlacement(width: width, height: height, in: area, fit: .stretch),
                columns: columns, rows: rows, mirrored: false)
            var words = [UInt32](repeating: 0, count: columns * rows)
            var expected: UInt32 = 0
            withUnsafePointer(to: level) { convertToRGB(y: $0, u: $0, v: $0, into: &expected, count: 1) }
            words.withUnsafeMutableBufferPointer { buffer in
                guard let start = buffer.baseAddress else { return }
                scaler.scaleColor(frame) { start + $0 * columns }
            }
            #expect(words.allSatisfy { $0 == expected }, "level \(level): \(Set(words)) for \(expected)")
        }
    }

    @Test func knownColours() {
        for (y, u, v, rgb) in [(16, 128, 128, 0x000000), (235, 128, 128, 0xffffff), (81, 90, 240, 0xff0000), (41, 240, 110, 0x0000ff)] {
            let frame = I420Frame(width: 64, height: 64, y: UInt8(y), u: UInt8(u), v: UInt8(v), time: .zero)
            var grid = CellGrid(columns: 8, rows: 4)
            var renderer = HalfBlockRenderer()
            renderer.draw(frame, into: &grid, area: grid.bounds)
            let color = grid[4, 2].foreground
            let wanted = CellColor(rgb: UInt32(rgb))
            #expect(
                abs(Int(color.red) - Int(wanted.red)) <= 2 && abs(Int(color.green) - Int(wanted.green)) <= 2
                    && abs(Int(color.blue) - Int(wanted.blue)) <= 2)
        }
    }

    @Test(arguments: [(640, 480, 100, 24), (640, 480, 40, 40), (1280, 720, 80, 24), (320, 180, 200, 60), (1, 1000, 80, 24)])
    func containKeepsTheAspect(width: Int, height: Int, columns: Int, rows: Int) {
        let area = CellRegion(column: 3, row: 2, columns: columns, rows: rows)
        let target = PicturePlacement(width: width, height: height, in: area, fit: .contain).target
        #expect(target.intersection(area) == target)
        #expect(target.columns == columns || target.rows == rows)
        let shown = Double(target.columns) / Double(2 * target.rows)
        let wanted = Double(width) / Double(height)
        #expect(abs(shown / wanted - 1) < 0.08 || target.columns == 1)
    }

    @Test func coverCutsTheLongerSide() {
        let area = CellRegion(column: 0, row: 0, columns: 80, rows: 20)
        let placement = PicturePlacement(width: 640, height: 480, in: area, fit: .cover)
        #expect(placement.target == area)
        #expect(placement.sourceWidth == 640 * 16)
        #expect(placement.sourceHeight == 320 * 16)
        #expect(placement.sourceY == 80 * 16)
    }

    @Test func drawsNothingOutsideTheGrid() {
        var grid = CellGrid(columns: 10, rows: 5)
        var half = HalfBlockRenderer()
        var ascii = ASCIIRenderer()
        let frame = syntheticFrame(width: 64, height: 48)
        for area in [
            CellRegion(column: -5, row: -5, columns: 100, rows: 100), CellRegion(column: 9, row: 4, columns: 5, rows: 5),
            CellRegion(column: 20, row: 20, columns: 5, rows: 5), CellRegion(column: 0, row: 0, columns: 0, rows: 5),
        ] {
            half.draw(frame, into: &grid, area: area, fit: .cover)
            ascii.draw(frame, into: &grid, area: area)
        }
    }
}
