import CellGraphics

/// Where the pictures of several people lie: tiles side by side, each with a row for the name under the picture, as large as pictures
/// of 4:3 can be. Nothing overlaps, and nothing lies outside the area.
struct TileGrid: Equatable {
    /// In reading order, at most one for each person; the last row of each is the name's.
    var tiles: [CellRegion] = []
    /// One's own picture, with a row for "you".
    var own: CellRegion?
    /// A row for the names of those who have no tile.
    var names: CellRegion?

    /// Below that nobody is to be recognised.
    static let leastColumns = 10
    static let leastRows = 4
    /// Between tiles of a row.
    static let gap = 1

    /// - Parameters:
    ///   - corner: which corner one's own picture keeps to.
    ///   - aspect: a cell's width over its height.
    static func all(_ people: Int, corner: PictureCorner, in area: CellRegion, aspect: Double) -> TileGrid {
        let others = max(0, people)
        for shown in stride(from: others, to: 0, by: -1) {
            var room = area
            if shown < others { room.rows -= 1 }
            // One's own picture takes a place like the others', or one is made for it.
            let candidates = (corner == .off ? [shown] : [shown, shown + 1]).flatMap { places in
                (1...places).compactMap { Packing(shown, places: places, columns: $0, own: corner != .off, in: room, aspect: aspect) }
            }
            guard let best = candidates.max(by: { $0.value < $1.value }) else { continue }
            var grid = best.grid(in: room, corner: corner)
            if shown < others { grid.names = CellRegion(column: area.column, row: room.endRow, columns: area.columns, rows: 1) }
            return grid
        }
        // No room for a single tile: names are all there is.
        return TileGrid(names: CellRegion(column: area.column, row: area.endRow - 1, columns: area.columns, rows: min(1, area.rows)))
    }

    /// One large tile, the first, and the others as small ones under it in one row, or as names where there is no room for that.
    static func enlarged(others: Int, in area: CellRegion, aspect: Double) -> TileGrid {
        var large = area
        guard others > 0 else { return TileGrid(tiles: [large]) }
        let ratio = 4.0 / 3 / aspect
        let most = max(leastRows + 1, area.rows * 22 / 100)
        let columns = min((area.columns + gap) / others - gap, Int((Double(most - 1) * ratio).rounded()))
        let rows = max(leastRows, min(most, Int((Double(columns) / ratio).rounded()) + 1))
        guard area.rows >= 20, columns >= leastColumns else {
            large.rows -= 1
            return TileGrid(
                tiles: [large], names: CellRegion(column: area.column, row: large.endRow, columns: area.columns, rows: 1))
        }
        large.rows -= rows
        let start = area.column + (area.columns - others * (columns + gap) + gap) / 2
        let strip = (0..<others).map { index in
            CellRegion(column: start + index * (columns + gap), row: large.endRow, columns: columns, rows: rows)
        }
        return TileGrid(tiles: [large] + strip)
    }
}

/// One way to put a number of tiles, and one's own picture, into an area.
private struct Packing {
    private enum Own { case none, slot, below(rows: Int), beside(columns: Int) }

    private let count: Int
    private let perRow: Int
    private let tileColumns: Int
    private let tileRows: Int
    private let own: Own
    /// The cells of one picture of 4:3; what is to be large.
    private let pictureCells: Int

    /// Of one's own picture where it has no place like the others'.
    private static let leastOwnRows = 6
    private static let leastOwnColumns = 14

    /// Among equals the one with one's own picture as large as the others'.
    var value: (Int, Int) {
        if case .slot = own { return (pictureCells, 1) }
        return (pictureCells, 0)
    }

    /// Nil: it does not fit.
    /// - Parameter places: of tiles; one more than people where one's own picture is to have one.
    init?(_ people: Int, places: Int, columns perRow: Int, own wantsOwn: Bool, in area: CellRegion, aspect: Double) {
        self.perRow = perRow
        count = people
        let gap = TileGrid.gap
        let rows = (places + perRow - 1) / perRow
        let columns = (area.columns + gap) / perRow - gap
        let height = area.rows / rows
        guard columns >= TileGrid.leastColumns, height >= TileGrid.leastRows else { return nil }
        let ratio = 4.0 / 3 / aspect
        let pictureRows = max(1, min(height - 1, Int((Double(columns) / ratio).rounded())))
        let pictureColumns = max(1, min(columns, Int((Double(height - 1) * ratio).rounded())))
        // Wide enough for 16:9, as far as there is room.
        tileColumns = max(TileGrid.leastColumns, min(columns, Int((Double(pictureRows) * 16 / 9 / aspect).rounded(.up))))
        tileRows = max(TileGrid.leastRows, pictureRows + 1)
        pictureCells = pictureRows * pictureColumns
        let below = area.rows - rows * tileRows
        let beside = area.columns - perRow * (tileColumns + gap)
        if !wantsOwn {
            own = .none
        } else if rows * perRow > people {
            own = .slot
        } else if below >= Self.leastOwnRows {
            own = .below(rows: min(below, max(Self.leastOwnRows, tileRows * 6 / 10)))
        } else if beside >= Self.leastOwnColumns {
            own = .beside(columns: min(beside, max(Self.leastOwnColumns, tileColumns * 6 / 10)))
        } else {
            return nil
        }
    }

    /// Laid out for the lower right corner, and turned over for the others.
    func grid(in area: CellRegion, corner: PictureCorner) -> TileGrid {
        let gap = TileGrid.gap
        var places: [CellRegion] = []
        var ownPlace: CellRegion?
        let slots = count + (isSlot ? 1 : 0)
        let rows = (slots + perRow - 1) / perRow
        let (width, height) = (perRow * (tileColumns + gap) - gap, rows * tileRows)
        var left = area.column + (area.columns - width) / 2
        var top = area.row + (area.rows - height) / 2
        switch own {
        case .none, .slot: break
        case .below(let own):
            top = area.row + (area.rows - height - own) / 2
            let columns = min(width, max(TileGrid.leastColumns, tileColumns * own / tileRows))
            ownPlace = CellRegion(column: left + width - columns, row: top + height, columns: columns, rows: own)
        case .beside(let own):
            left = area.column + (area.columns - width - gap - own) / 2
            let rows = min(height, max(TileGrid.leastRows, tileRows * own / tileColumns))
            ownPlace = CellRegion(column: left + width + gap, row: top + height - rows, columns: own, rows: rows)
        }
        for slot in 0..<slots {
            let (row, column) = (slot / perRow, slot % perRow)
            // A row that is not full lies in the middle.
            let missing = perRow - min(perRow, slots - row * perRow)
            places.append(
                CellRegion(
                    column: left + column * (tileColumns + gap) + missing * (tileColumns + gap) / 2, row: top + row * tileRows,
                    columns: tileColumns, rows: tileRows))
        }
        if isSlot { ownPlace = places.removeLast() }
        let turned = { turn($0, in: area, corner: corner) }
        let tiles = places.map(turned).sorted { ($0.row, $0.column) < ($1.row, $1.column) }
        return TileGrid(tiles: tiles, own: ownPlace.map(turned))
    }

    private var isSlot: Bool { if case .slot = own { true } else { false } }

    private func turn(_ region: CellRegion, in area: CellRegion, corner: PictureCorner) -> CellRegion {
        var region = region
        if corner == .bottomLeft || corner == .topLeft { region.column = area.column + area.endColumn - region.endColumn }
        if corner == .topLeft || corner == .topRight { region.row = area.row + area.endRow - region.endRow }
        return region
    }
}
