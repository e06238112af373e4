import CellGraphics

/// What a screen shows that is too small for anything else.
enum SmallView {
    static func content(_ model: ChatModel) -> ScreenContent {
        let region = CellRegion(column: 0, row: 0, columns: model.size.columns, rows: model.size.rows)
        var pane = PaneContent(region: region)
        let text = model.words.tooSmall(
            needed: "\(ChatModel.smallestColumns)x\(ChatModel.smallestRows)", found: "\(region.columns)x\(region.rows)")
        for (row, line) in TerminalText.wrap(text, columns: region.columns).prefix(region.rows).enumerated() {
            pane.runs.append(TextRun(text: line, column: 0, row: row))
        }
        return ScreenContent(panes: [pane])
    }
}
