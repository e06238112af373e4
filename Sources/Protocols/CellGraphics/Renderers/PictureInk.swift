/// Colours for glyphs that tell the brightness already.
enum PictureInk {
    /// Up to four times as bright, as far as the hue is kept: the glyph's ink is small, and noise in the dark must not become colour.
    /// - Parameter shown: what was drawn there before, kept where `rgb` is as good as the same: brightened noise would cost bytes.
    @inline(__always)
    static func brightened(_ rgb: UInt32, shown: UInt32) -> UInt32 {
        let (red, green, blue) = (rgb >> 16, rgb >> 8 & 255, rgb & 255)
        let factor = min(1024, 65280 / max(1, max(red, max(green, blue))))
        let (r, g, b) = ((red &* factor) >> 8, (green &* factor) >> 8, (blue &* factor) >> 8)
        @inline(__always) func distance(_ a: UInt32, _ b: UInt32) -> Int32 { abs(Int32(bitPattern: a &- b)) }
        let moved = max(distance(r, shown >> 16), max(distance(g, shown >> 8 & 255), distance(b, shown & 255)))
        return moved <= Int32(bitPattern: (steadiness &* factor) >> 8) ? shown : r << 16 | g << 8 | b
    }

    /// In levels of a channel before it is brightened.
    private static let steadiness: UInt32 = 6
    /// As the colour shown before, where there was none: far from every colour.
    static let none: UInt32 = 0xffff_0000

    /// 0...255 (BT.601).
    @inline(__always)
    static func luma(_ rgb: UInt32) -> UInt32 { ((rgb >> 16) &* 77 &+ (rgb >> 8 & 255) &* 150 &+ (rgb & 255) &* 29) >> 8 }
}

extension CellGrid {
    /// Sets the colours of a region inside the grid: the default background, and a foreground unless nil.
    mutating func paint(_ region: CellRegion, foreground: UInt32?) {
        for row in region.row..<region.endRow {
            for index in row * columns + region.column..<row * columns + region.endColumn {
                if let foreground { foregrounds[index] = foreground }
                backgrounds[index] = CellColor.defaultValue
            }
        }
    }

    /// Before the edges of a region inside the grid are written over.
    mutating func separateEdges(_ region: CellRegion) {
        for row in region.row..<region.endRow {
            separate(column: region.column, row: row)
            separate(column: region.endColumn, row: row)
        }
    }
}
