import CellGraphics

/// The call: the pictures as large as may be, people and events beside or under them, one line of state at the bottom.
enum CallView {
    static func content(_ model: ChatModel, hasOwnPicture: Bool, shape: PictureShape) -> ScreenContent {
        var screen = ScreenContent()
        screen.shape = shape
        let (area, side, strip) = CallLayout.parts(of: model.size)
        if let side { screen.panes.append(PeopleView.side(model, region: side)) }
        if let strip { screen.panes.append(PeopleView.strip(model, region: strip)) }
        if model.call.isGroup {
            TileView.add(model, in: area, hasOwnPicture: hasOwnPicture, to: &screen)
        } else {
            addPicture(model, area: area, to: &screen)
            addOwn(model, over: area, hasOwnPicture: hasOwnPicture, to: &screen)
        }
        StatusLine.add(model, row: model.size.rows - 1, to: &screen)
        let below = screen.panes.count
        if LogView.isOverlay(model) { screen.panes.append(LogView.overlay(model)) }
        switch model.overlay {
        case .help: screen.panes.append(HelpView.pane(model, in: area))
        case .invite: screen.panes.append(InviteView.pane(model))
        case .words: screen.panes.append(WordsView.pane(model.call, in: area))
        case .statistics: screen.panes.append(DetailsView.pane(model.call, in: area))
        case nil: break
        }
        screen.targets += screen.panes[below...].map { ClickTarget(region: $0.region, action: .nothing) }
        giveWay(to: screen.panes[below...], in: &screen)
        ChatField.add(model, to: &screen)
        return screen
    }

    /// One's own picture is not looked at from behind a pane.
    private static func giveWay(to overlays: ArraySlice<PaneContent>, in screen: inout ScreenContent) {
        guard let index = screen.panes.firstIndex(where: \.yields) else { return }
        let box = screen.panes[index].region
        guard overlays.contains(where: { !$0.region.intersection(box).isEmpty }) else { return }
        screen.panes.remove(at: index)
        screen.own = nil
    }

    /// Of the only other one.
    private static func addPicture(_ model: ChatModel, area: CellRegion, to screen: inout ScreenContent) {
        guard let person = model.call.people.first, person.isSeen else {
            screen.panes.append(sentence(model, region: area))
            return
        }
        screen.pictures.append(PlacedPicture(id: person.id, region: area))
        guard person.connection == .interrupted else { return }
        let name = TerminalText.sanitize(model.call.name(of: person), maximumColumns: 32)
        let text = TerminalText.sanitize(model.words.callNothing(name, for: person.seconds), maximumColumns: area.columns)
        let width = min(area.columns, TerminalText.width(text))
        let line = CellRegion(column: area.column + (area.columns - width) / 2, row: area.row + area.rows / 2, columns: width, rows: 1)
        screen.panes.append(PaneContent(region: line, runs: [TextRun(text: text, column: 0, row: 0, style: .alarm)], isOverlay: true))
    }

    /// One's own picture in its corner of a larger one.
    static func addOwn(_ model: ChatModel, over area: CellRegion, hasOwnPicture: Bool, to screen: inout ScreenContent) {
        guard model.hasCamera, area.columns >= ownColumns, area.rows >= ownRows else { return }
        let shape = screen.shape
        let picture = PicturePlacement(
            width: shape.width, height: shape.height, in: area, fit: model.fit, cellAspect: model.size.cellAspect)
        guard let corner = ownRegion(picture.target, model.corner) else { return }
        var box = PaneContent(region: corner, isOverlay: true, yields: true)
        box.box(title: model.words.chatOwnName)
        if hasOwnPicture && model.isCameraOn {
            let inside = CellRegion(column: corner.column + 1, row: corner.row + 1, columns: corner.columns - 2, rows: corner.rows - 2)
            screen.own = inside
            box.hole = inside
        } else {
            box.centered(model.isCameraOn ? model.words.callNoPicture : model.words.cameraOff, row: corner.rows / 2, style: .dim)
        }
        screen.panes.append(box)
    }

    /// Below that one's own picture would take too much of the other.
    private static let ownColumns = 56
    private static let ownRows = 14

    /// Of a picture as it is drawn, a quarter of its width, a cell away from its edges; none where that would be too small to see anything.
    static func ownRegion(_ picture: CellRegion, _ corner: PictureCorner) -> CellRegion? {
        let inner = max(14, min(40, picture.columns * 22 / 100))
        let columns = inner + 2
        let rows = min(picture.rows / 2, (inner * 3 + 4) / 8 + 2)
        guard corner != .off, rows >= 5, columns <= picture.columns / 2 else { return nil }
        let isRight = corner == .bottomRight || corner == .topRight
        let isBottom = corner == .bottomRight || corner == .bottomLeft
        return CellRegion(
            column: isRight ? picture.endColumn - columns - 1 : picture.column + 1,
            row: isBottom ? picture.endRow - rows - 1 : picture.row + 1, columns: columns, rows: rows)
    }
}
