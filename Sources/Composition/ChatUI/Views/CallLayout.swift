import CellGraphics
import Terminal

/// Where the parts of a call lie on a screen.
public enum CallLayout {
    /// Of the other side's picture in a call of two.
    public static func pictureArea(of size: TerminalSize) -> CellRegion { parts(of: size).picture }

    /// How large each of the others is to be seen, by id; who has no tile is not named. Empty outside of a call.
    public static func pictureAreas(_ model: ChatModel) -> [String: CellRegion] {
        guard model.screen == .call, !model.isTooSmall else { return [:] }
        let area = pictureArea(of: model.size)
        guard model.call.isGroup else { return Dictionary(uniqueKeysWithValues: model.call.people.map { ($0.id, area) }) }
        let (grid, people) = TileView.grid(model, in: area)
        return Dictionary(uniqueKeysWithValues: zip(people, grid.tiles).map { ($0.id, TileView.picture(of: $1)) })
    }

    /// People and events lie beside the picture on a wide screen, under it on a tall one, and nowhere on a small one.
    static func parts(of size: TerminalSize) -> (picture: CellRegion, side: CellRegion?, strip: CellRegion?) {
        let (columns, rows) = (size.columns, max(1, size.rows))
        var area = CellRegion(column: 0, row: 0, columns: columns, rows: rows - 1)
        if columns >= 100, rows >= 16 {
            let width = max(28, min(40, columns / 4))
            area.columns -= width
            return (area, CellRegion(column: area.columns, row: 0, columns: width, rows: rows - 1), nil)
        }
        guard rows >= 20 else { return (area, nil, nil) }
        area.rows -= 3
        return (area, nil, CellRegion(column: 0, row: area.rows, columns: columns, rows: 3))
    }

    /// Neither people nor events have a place beside the pictures.
    static func isBare(_ size: TerminalSize) -> Bool { size.columns < 100 && size.rows < 20 || size.rows < 16 }

    /// Where the lines of a call are, and whether over the picture. Reading back, or writing where there is no other place for them, takes
    /// some rows from the picture.
    static func log(_ model: ChatModel, isReadBack: Bool) -> (region: CellRegion, isOverlay: Bool) {
        let (_, side, strip) = parts(of: model.size)
        if let side {
            let top = side.row + PeopleView.rows(model.call, in: side)
            return (
                CellRegion(column: side.column + 2, row: top, columns: side.columns - 3, rows: max(1, side.endRow - 1 - top)), false
            )
        }
        let columns = max(1, model.size.columns - 2)
        let end = model.size.rows - 1 - (model.call.draft == nil ? 0 : 1)
        if let strip, !isReadBack { return (CellRegion(column: 1, row: strip.row + 1, columns: columns, rows: end - strip.row - 1), false) }
        let rows = max(1, min(8, model.size.rows / 3, end))
        return (CellRegion(column: 1, row: end - rows, columns: columns, rows: rows), true)
    }
}
