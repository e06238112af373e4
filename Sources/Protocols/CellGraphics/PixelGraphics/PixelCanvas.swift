import MediaTypes

/// A picture's samples for a region of cells, and those that the terminal was sent last.
///
/// There are never more samples than pixels, nor than the picture has: the rest is repetition, which the protocols do cheaper.
struct PixelCanvas: Sendable {
    /// What it was made for; another geometry needs another canvas.
    struct Geometry: Hashable {
        var placement: PicturePlacement
        var cell: CellPixels
        /// What the samples are divided by, in eighths.
        var coarseness: Int
        /// Each cell has as many samples, where there are enough: pieces are scaled by the terminal, each for itself, and would not meet.
        var fillsCells = false
    }

    /// A rectangle of samples; ends are exclusive.
    struct Area {
        var left: Int
        var top: Int
        var right: Int
        var bottom: Int
    }

    let geometry: Geometry
    let width: Int
    let height: Int
    private(set) var samples: [UInt32]
    private var shown: [UInt32]
    private var scaler = Scaler()

    static let mostSamples = 1 << 20
    private static let longestSide = 4096

    init(_ geometry: Geometry) {
        self.geometry = geometry
        let placement = geometry.placement
        func side(_ cells: Int, _ pixels: Int, _ source: Int) -> Int {
            max(1, min(cells * pixels, max(1, source / 16), Self.longestSide) * 8 / max(8, geometry.coarseness))
        }
        var width = side(placement.target.columns, geometry.cell.width, placement.sourceWidth)
        var height = side(placement.target.rows, geometry.cell.height, placement.sourceHeight)
        while width * height > Self.mostSamples { (width, height) = (max(1, width * 3 / 4), max(1, height * 3 / 4)) }
        if geometry.fillsCells {
            width -= width < placement.target.columns ? 0 : width % max(1, placement.target.columns)
            height -= height < placement.target.rows ? 0 : height % max(1, placement.target.rows)
        }
        (self.width, self.height) = (width, height)
        samples = Array(repeating: 0, count: width * height)
        shown = samples
    }

    var region: CellRegion { geometry.placement.target }
    var pixelWidth: Int { region.columns * geometry.cell.width }
    var pixelHeight: Int { region.rows * geometry.cell.height }

    mutating func take(_ frame: borrowing I420Frame, mirrored: Bool, tone: PictureTone) {
        scaler.prepare(
            width: frame.width, height: frame.height, placement: geometry.placement, columns: width, rows: height, mirrored: mirrored,
            tone: tone)
        let width = width
        samples.withUnsafeMutableBufferPointer { samples in
            guard let start = samples.baseAddress else { return }
            scaler.scaleColor(frame) { start + $0 * width }
        }
    }

    /// The samples under some cells, counted from the region's corner; never none.
    func area(of cells: CellRegion) -> Area {
        let left = min(width - 1, cells.column * width / region.columns)
        let top = min(height - 1, cells.row * height / region.rows)
        return Area(
            left: left, top: top, right: max(left + 1, min(width, cells.endColumn * width / region.columns)),
            bottom: max(top + 1, min(height, cells.endRow * height / region.rows)))
    }

    /// Where a sample's pixels begin, from the region's left edge: the first that lies over it. `width` gives the right edge.
    @inline(__always)
    func firstPixel(ofColumn x: Int) -> Int { (x &* pixelWidth &+ width &- 1) / width }

    @inline(__always)
    func column(ofPixel x: Int) -> Int { x &* width / pixelWidth }

    @inline(__always)
    func row(ofPixel y: Int) -> Int { y &* height / pixelHeight }

    /// Whether, in any of the cells, the samples are on average farther from what is shown than the threshold. Means of 4x2 samples are
    /// compared, so that noise is no difference and a movement is. A single one may be eight times as far off.
    func differs(in cells: CellRegion, threshold: UInt8) -> Bool {
        for row in cells.row..<cells.endRow {
            for column in cells.column..<cells.endColumn {
                let area = area(of: CellRegion(column: column, row: row, columns: 1, rows: 1))
                let limit = (area.right - area.left) * (area.bottom - area.top) * 3 * Int(threshold)
                let (sum, worst) = distance(in: area)
                if sum > limit || worst > 64 * Int(threshold) { return true }
            }
        }
        return false
    }

    /// What the sums of a group's samples differ by: the sum over all groups and channels, and the most of one.
    private func distance(in area: Area) -> (sum: Int, worst: Int) {
        samples.withUnsafeBufferPointer { new in
            shown.withUnsafeBufferPointer { old in
                guard let new = new.baseAddress, let old = old.baseAddress else { return (0, 0) }
                var total: Int32 = 0
                var worst: Int32 = 0
                var y = area.top
                while y < area.bottom {
                    let row = y &* width
                    let next = y &+ 1 < area.bottom ? row &+ width : -1
                    var x = area.left
                    while x < area.right {
                        let count = min(4, area.right &- x)
                        var sums = Self.difference(new + (row &+ x), old + (row &+ x), count)
                        if next >= 0 { sums &+= Self.difference(new + (next &+ x), old + (next &+ x), count) }
                        let (blue, green, red) = (abs(Int32(sums.x)), abs(Int32(sums.y)), abs(Int32(sums.z)))
                        total &+= blue &+ green &+ red
                        worst = max(worst, blue, green, red)
                        x &+= 4
                    }
                    y &+= 2
                }
                return (Int(total), Int(worst))
            }
        }
    }

    /// Of each channel, summed over up to four samples.
    @inline(__always)
    private static func difference(_ a: UnsafePointer<UInt32>, _ b: UnsafePointer<UInt32>, _ count: Int) -> SIMD4<Int16> {
        guard count < 4 else {
            let first = SIMD16<Int16>(truncatingIfNeeded: UnsafeRawPointer(a).loadUnaligned(as: SIMD16<UInt8>.self))
            let all = first &- SIMD16<Int16>(truncatingIfNeeded: UnsafeRawPointer(b).loadUnaligned(as: SIMD16<UInt8>.self))
            let half = all.lowHalf &+ all.highHalf
            return half.lowHalf &+ half.highHalf
        }
        var sum = SIMD4<Int16>()
        for i in 0..<count {
            let first = SIMD4<Int16>(truncatingIfNeeded: UnsafeRawPointer(a + i).loadUnaligned(as: SIMD4<UInt8>.self))
            sum &+= first &- SIMD4<Int16>(truncatingIfNeeded: UnsafeRawPointer(b + i).loadUnaligned(as: SIMD4<UInt8>.self))
        }
        return sum
    }

    /// These cells' samples have been sent.
    mutating func markShown(_ cells: CellRegion) {
        let area = area(of: cells)
        for y in area.top..<area.bottom {
            for i in y * width + area.left..<y * width + area.right { shown[i] = samples[i] }
        }
    }
}
