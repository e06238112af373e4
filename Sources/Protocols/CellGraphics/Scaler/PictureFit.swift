/// How a picture is fitted into an area of another shape.
public enum FitMode: String, Sendable, CaseIterable {
    /// All of it, with the rest of the area left free.
    case contain
    /// The whole area, with the picture's edges cut off.
    case cover
    /// The whole area, out of shape.
    case stretch
}

/// Which part of a picture goes to which cells.
public struct PicturePlacement: Hashable, Sendable {
    /// Where, in whole cells of the grid.
    public var target: CellRegion
    /// Which part of the picture, in sixteenths of a luma sample.
    public var sourceX: Int
    public var sourceY: Int
    public var sourceWidth: Int
    public var sourceHeight: Int

    /// - Parameter cellAspect: a cell's width over its height; 0.5 where the terminal does not say.
    public init(width: Int, height: Int, in area: CellRegion, fit: FitMode, cellAspect: Double = 0.5) {
        let width = max(1, min(16384, width))
        let height = max(1, min(16384, height))
        let aspect = cellAspect.isFinite ? max(0.1, min(10, cellAspect)) : 0.5
        target = area
        (sourceX, sourceY, sourceWidth, sourceHeight) = (0, 0, width * 16, height * 16)
        guard !area.isEmpty, fit != .stretch else { return }
        // The picture's shape and the area's, both counted in cells.
        let wanted = Double(width) / Double(height) / aspect
        let given = Double(area.columns) / Double(area.rows)
        switch fit {
        case .stretch: break
        case .contain:
            if wanted > given {
                let rows = max(1, min(area.rows, Int((Double(area.columns) / wanted).rounded())))
                target = CellRegion(column: area.column, row: area.row + (area.rows - rows) / 2, columns: area.columns, rows: rows)
            } else {
                let columns = max(1, min(area.columns, Int((Double(area.rows) * wanted).rounded())))
                target = CellRegion(column: area.column + (area.columns - columns) / 2, row: area.row, columns: columns, rows: area.rows)
            }
        case .cover:
            if wanted > given {
                sourceWidth = max(16, min(width * 16, Int(Double(height * 16) * given * aspect)))
                sourceX = (width * 16 - sourceWidth) / 2
            } else {
                sourceHeight = max(16, min(height * 16, Int(Double(width * 16) / (given * aspect))))
                sourceY = (height * 16 - sourceHeight) / 2
            }
        }
    }
}
