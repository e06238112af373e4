import CellGraphics
import Terminal

/// Where the parts of a call lie on a screen.
public enum CallLayout {
    /// Of the other side's picture.
    public static func pictureArea(of size: TerminalSize) -> CellRegion { parts(of: size).picture }

    /// People and events lie beside the picture on a wide screen, under it on a tall one, and nowhere on a small one.
    static func parts(of size: TerminalSize) -> (picture: CellRegion, side: CellRegion?, strip: CellRegion?) {
        let (columns, rows) = (size.columns, max(1, size.rows))
        var area = CellRegion(column: 0, row: 0, columns: columns, rows: rows - 1)
        if columns >= 100, rows >= 16 {
            let width = max(26, min(40, columns / 4))
            area.columns -= width
            return (area, CellRegion(column: area.columns, row: 0, columns: width, rows: rows - 1), nil)
        }
        guard rows >= 20 else { return (area, nil, nil) }
        area.rows -= 3
        return (area, nil, CellRegion(column: 0, row: area.rows, columns: columns, rows: 3))
    }
}
