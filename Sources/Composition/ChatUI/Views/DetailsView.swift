import CellGraphics

/// The call in numbers, over the picture.
enum DetailsView {
    static func pane(_ call: CallModel, in area: CellRegion) -> PaneContent {
        let names = call.details.map { TerminalText.width($0.name) }.max() ?? 0
        let values = call.details.map { TerminalText.width($0.value) }.max() ?? 0
        let columns = min(area.columns, max(30, names + values + 6))
        let rows = min(area.rows, max(1, call.details.count) + 2)
        var pane = PaneContent.overlay(title: call.words.callStatistics, columns: columns, rows: rows, in: area)
        if call.details.isEmpty { pane.centered(call.words.callNoConnection, row: 1, style: .dim) }
        for (row, detail) in call.details.prefix(max(0, rows - 2)).enumerated() {
            pane.runs.append(TextRun(text: detail.name, column: 2, row: row + 1, style: .dim, limit: min(names, columns - 4)))
            let at = 2 + names + 2
            pane.runs.append(TextRun(text: detail.value, column: at, row: row + 1, limit: max(0, columns - at - 2)))
        }
        return pane
    }
}
