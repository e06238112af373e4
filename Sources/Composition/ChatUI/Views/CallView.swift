import CellGraphics

/// The call: the pictures as large as may be, people and events beside or under them, one line of state at the bottom.
enum CallView {
    static func content(_ model: ChatModel, hasOwnPicture: Bool) -> ScreenContent {
        let (columns, rows) = (model.size.columns, model.size.rows)
        var screen = ScreenContent()
        let (area, side, strip) = CallLayout.parts(of: model.size)
        if let side { screen.panes.append(PeopleView.side(model.call, region: side)) }
        if let strip { screen.panes.append(PeopleView.strip(model.call, region: strip)) }
        if model.call.isGroup {
            TileView.add(model, in: area, hasOwnPicture: hasOwnPicture, to: &screen)
        } else {
            addPicture(model, area: area, to: &screen)
            addOwn(model, over: area, hasOwnPicture: hasOwnPicture, to: &screen)
        }
        screen.panes.append(StatusLine.pane(model, row: rows - 1))
        switch model.overlay {
        case .help: screen.panes.append(HelpView.pane(in: area, isGroup: model.call.isGroup))
        case .words: screen.panes.append(WordsView.pane(model.call, in: area))
        case .statistics: screen.panes.append(DetailsView.pane(model.call, in: area))
        case nil: break
        }
        if let draft = model.call.draft { screen.panes.append(draftLine(draft, row: rows - 2, columns: columns)) }
        return screen
    }

    /// Of the only other one.
    private static func addPicture(_ model: ChatModel, area: CellRegion, to screen: inout ScreenContent) {
        guard let person = model.call.people.first, person.isSeen else {
            screen.panes.append(sentence(model.call, model.lobby.signaling, region: area))
            return
        }
        screen.pictures.append(PlacedPicture(id: person.id, region: area))
        guard person.connection == .interrupted else { return }
        let text = " nothing from \(TerminalText.sanitize(model.call.name(of: person), maximumColumns: 32)) for \(person.seconds) s "
        let width = min(area.columns, TerminalText.width(text))
        let line = CellRegion(column: area.column + (area.columns - width) / 2, row: area.row + area.rows / 2, columns: width, rows: 1)
        screen.panes.append(PaneContent(region: line, runs: [TextRun(text: text, column: 0, row: 0, style: .alarm)], isOverlay: true))
    }

    /// One's own picture in its corner of a larger one.
    static func addOwn(_ model: ChatModel, over area: CellRegion, hasOwnPicture: Bool, to screen: inout ScreenContent) {
        guard model.hasCamera, let corner = ownRegion(area, model.corner) else { return }
        var box = PaneContent(region: corner, isOverlay: true)
        box.box(title: "you")
        if hasOwnPicture && model.isCameraOn {
            let inside = CellRegion(column: corner.column + 1, row: corner.row + 1, columns: corner.columns - 2, rows: corner.rows - 2)
            screen.own = inside
            box.hole = inside
        } else {
            box.centered(model.isCameraOn ? "no picture" : "camera off", row: corner.rows / 2, style: .dim)
        }
        screen.panes.append(box)
    }

    /// A quarter of the area's width; none where that would be too small to see anything.
    static func ownRegion(_ area: CellRegion, _ corner: PictureCorner) -> CellRegion? {
        guard corner != .off, area.columns >= 56, area.rows >= 14 else { return nil }
        let inner = max(14, min(40, area.columns * 22 / 100))
        let rows = min(area.rows / 2, (inner * 3 + 4) / 8 + 2)
        let columns = inner + 2
        let isRight = corner == .bottomRight || corner == .topRight
        let isBottom = corner == .bottomRight || corner == .bottomLeft
        return CellRegion(
            column: isRight ? area.endColumn - columns - 1 : area.column + 1, row: isBottom ? area.endRow - rows : area.row,
            columns: columns, rows: rows)
    }

    /// The line that is being typed, right over the state; its end is what is seen of a long one.
    private static func draftLine(_ draft: CallModel.Draft, row: Int, columns: Int) -> PaneContent {
        var pane = PaneContent(region: CellRegion(column: 0, row: row, columns: columns, rows: 1), isOverlay: true)
        let label = " say: "
        var text = Substring(draft.text)
        while TerminalText.width(String(text)) > columns - label.utf8.count - 2, !text.isEmpty { text.removeFirst() }
        let shown = label + text + "▏"
        let fill = String(repeating: " ", count: max(0, columns - TerminalText.width(shown)))
        pane.runs.append(TextRun(text: shown + fill, column: 0, row: 0, style: .selected))
        return pane
    }
}
