import CellGraphics

/// The keys of a call, over the picture.
enum HelpView {
    private static let keys = [
        ("m", "microphone on, off"), ("v", "camera on, off"), ("r", "blocks or letters"), ("p", "own picture: corner, off"),
        ("t", "write a line; Enter sends, Esc leaves"), ("w", "words: is anybody in between?"), ("i", "statistics"),
        ("q", "hang up, to the lobby"), ("Ctrl-L", "draw the screen anew"), ("Ctrl-C", "quit"), ("?", "close this"),
    ]
    /// Where there is more than one picture.
    private static let groupKeys = [("1-9 ← →", "one picture large"), ("0", "all pictures")]

    static func pane(in area: CellRegion, isGroup: Bool) -> PaneContent {
        let keys = (isGroup ? groupKeys : []) + keys
        let columns = min(area.columns, 50)
        let rows = min(area.rows, keys.count + 2)
        var pane = PaneContent(
            region: CellRegion(
                column: area.column + (area.columns - columns) / 2, row: area.row + (area.rows - rows) / 2, columns: columns, rows: rows),
            isOverlay: true)
        pane.box(title: "keys", style: .plain)
        for (row, key) in keys.enumerated() where row + 1 < rows - 1 {
            pane.runs.append(TextRun(text: key.0, column: 2, row: row + 1, style: .accent))
            pane.runs.append(TextRun(text: key.1, column: 11, row: row + 1, limit: columns - 13))
        }
        return pane
    }
}
