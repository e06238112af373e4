import MediaTypes

/// Two picture samples a cell, one above the other: the upper half block in the upper one's colour on the lower one's.
public struct HalfBlockRenderer: Sendable {
    private var scaler = Scaler()

    public init() {}

    /// Draws the picture into `area` of the grid and gives the cells it took; what the fit leaves free is not touched.
    @discardableResult
    public mutating func draw(
        _ frame: borrowing I420Frame, into grid: inout CellGrid, area: CellRegion, fit: FitMode = .contain, cellAspect: Double = 0.5,
        mirrored: Bool = false, tone: PictureTone = .neutral
    ) -> CellRegion {
        let area = area.intersection(grid.bounds)
        let placement = PicturePlacement(width: frame.width, height: frame.height, in: area, fit: fit, cellAspect: cellAspect)
        let target = placement.target
        guard !target.isEmpty else { return target }
        scaler.prepare(
            width: frame.width, height: frame.height, placement: placement, columns: target.columns, rows: 2 * target.rows,
            mirrored: mirrored, tone: tone)
        grid.markPicture(target, word: GlyphWord.halfBlock)
        let columns = grid.columns
        grid.foregrounds.withUnsafeMutableBufferPointer { foregrounds in
            grid.backgrounds.withUnsafeMutableBufferPointer { backgrounds in
                guard let upper = foregrounds.baseAddress, let lower = backgrounds.baseAddress else { return }
                scaler.scaleColor(frame) { line in
                    (line & 1 == 0 ? upper : lower) + ((target.row + line >> 1) * columns + target.column)
                }
            }
        }
        return target
    }
}

extension CellGrid {
    /// Makes every glyph of a region inside the grid the same picture word; a row that is so already is only read.
    mutating func markPicture(_ region: CellRegion, word: UInt32) {
        for row in region.row..<region.endRow {
            let start = row * columns + region.column
            if glyphs[start] == word, glyphs[start + region.columns - 1] == word,
                glyphs[start..<start + region.columns].allSatisfy({ $0 == word })
            {
                continue
            }
            separate(column: region.column, row: row)
            separate(column: region.endColumn, row: row)
            for index in start..<start + region.columns { glyphs[index] = word }
        }
    }
}
