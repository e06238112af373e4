import CellGraphics

/// The call: the picture as large as may be, people and events beside or under it, one line of state at the bottom.
enum CallView {
    static func content(_ model: ChatModel, hasOwnPicture: Bool) -> ScreenContent {
        let (columns, rows) = (model.size.columns, model.size.rows)
        var screen = ScreenContent()
        let (area, side, strip) = CallLayout.parts(of: model.size)
        if let side { screen.panes.append(sidePane(model.call, region: side)) }
        if let strip { screen.panes.append(self.strip(model.call, region: strip)) }
        pictures(model, area: area, hasOwnPicture: hasOwnPicture, into: &screen)
        screen.panes.append(StatusLine.pane(model, row: rows - 1))
        switch model.overlay {
        case .help: screen.panes.append(HelpView.pane(in: area))
        case .words: screen.panes.append(WordsView.pane(model.call, in: area))
        case .statistics: screen.panes.append(DetailsView.pane(model.call, in: area))
        case nil: break
        }
        if let draft = model.call.draft { screen.panes.append(draftLine(draft, row: rows - 2, columns: columns)) }
        return screen
    }

    private static func pictures(_ model: ChatModel, area: CellRegion, hasOwnPicture: Bool, into screen: inout ScreenContent) {
        if model.call.hasRemotePicture {
            screen.remote = area
            if let text = overPicture(model.call) {
                let width = min(area.columns, TerminalText.width(text) + 2)
                let line = CellRegion(
                    column: area.column + (area.columns - width) / 2, row: area.row + area.rows / 2, columns: width, rows: 1)
                screen.panes.append(
                    PaneContent(region: line, runs: [TextRun(text: " \(text) ", column: 0, row: 0, style: .alarm)], isOverlay: true))
            }
        } else {
            screen.panes.append(sentence(model.call, model.lobby.signaling, region: area))
        }
        guard model.hasCamera, let corner = ownRegion(area, model.corner) else { return }
        var box = PaneContent(region: corner, isOverlay: true)
        box.box(title: "you")
        if hasOwnPicture && model.isCameraOn {
            screen.own = CellRegion(column: corner.column + 1, row: corner.row + 1, columns: corner.columns - 2, rows: corner.rows - 2)
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
            columns: columns,
            rows: rows)
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

    private static func overPicture(_ call: CallModel) -> String? {
        call.phase == .interrupted ? "nothing from \(call.otherName) for \(call.phaseSeconds) s" : nil
    }

    /// In the middle of where the picture will be: what is awaited.
    private static func sentence(_ call: CallModel, _ signaling: SignalingState, region: CellRegion) -> PaneContent {
        var pane = PaneContent(region: region)
        var lines: [(String, TextStyle)] = []
        switch call.phase {
        case .joining:
            lines = [("Joining \(call.channel)…", .plain)]
            if case .lost(let why) = signaling {
                lines += [(TerminalText.sanitize(why, maximumColumns: 300), .trouble), ("it is tried again; q gives up", .dim)]
            }
        case .waiting(nil): lines = [("Waiting in \(call.channel).", .plain), ("The call begins when someone joins.", .dim)]
        case .waiting(let name?): lines = [("\(name) left. Waiting in \(call.channel).", .plain)]
        case .connecting(let what): lines = [("Connecting to \(call.otherName)", .plain), (what, .dim)]
        case .connected: lines = [("Connected to \(call.otherName)", .plain), ("no picture yet", .dim)]
        case .interrupted: lines = [("Nothing from \(call.otherName)", .trouble), ("waiting for the connection to come back", .dim)]
        }
        if call.phaseSeconds > 0 { lines.append(("\(call.phaseSeconds) s", .dim)) }
        let wrapped = lines.flatMap { line in TerminalText.wrap(line.0, columns: region.columns - 2).map { ($0, line.1) } }
        let top = max(0, (region.rows - wrapped.count) / 2)
        for (row, line) in wrapped.prefix(region.rows).enumerated() { pane.centered(line.0, row: top + row, style: line.1) }
        return pane
    }

    private static func sidePane(_ call: CallModel, region: CellRegion) -> PaneContent {
        var pane = PaneContent(region: region)
        let width = region.columns - 3
        pane.runs.append(TextRun(text: call.channel, column: 2, row: 0, style: .heading, limit: width))
        pane.runs.append(TextRun(text: "you", column: 2, row: 1))
        var row = 2
        for person in call.people.prefix(max(1, region.rows / 3)) {
            let name = CallModel.name(person.name)
            pane.runs.append(TextRun(text: name, column: 2, row: row, limit: width))
            let at = 2 + min(width, TerminalText.width(name)) + 2
            if !person.note.isEmpty, at < width {
                pane.runs.append(TextRun(text: person.note, column: at, row: row, style: .trouble, limit: region.columns - 1 - at))
            }
            row += 1
        }
        row += 1
        let lines = call.lines.suffix(region.rows).flatMap { wrapped($0, columns: width) }
        for (offset, line) in lines.suffix(max(0, region.rows - row)).enumerated() {
            pane.runs.append(TextRun(text: line.0, column: 2, row: row + offset, style: line.1, limit: width))
        }
        return pane
    }

    /// The newest events over the status line, where there is no room beside the picture.
    private static func strip(_ call: CallModel, region: CellRegion) -> PaneContent {
        var pane = PaneContent(region: region)
        let names = (["you"] + call.people.map { CallModel.name($0.name) + ($0.note.isEmpty ? "" : " (\($0.note))") }).joined(
            separator: ", ")
        let at = pane.row(0, from: 1, to: region.columns, [(TerminalText.sanitize(call.channel, maximumColumns: 24), .heading)])
        pane.runs.append(TextRun(text: names, column: at + 2, row: 0, limit: max(0, region.columns - at - 3)))
        let lines = call.lines.suffix(4).flatMap { wrapped($0, columns: region.columns - 2) }
        for (offset, line) in lines.suffix(2).enumerated() {
            pane.runs.append(TextRun(text: line.0, column: 1, row: 1 + offset, style: line.1, limit: region.columns - 2))
        }
        return pane
    }

    /// An event with its time, its further lines indented under the text.
    private static func wrapped(_ line: CallModel.Line, columns: Int) -> [(String, TextStyle)] {
        let indent = line.time.isEmpty ? 0 : 6
        return TerminalText.wrap(line.text, columns: max(4, columns - indent)).enumerated().map { index, text in
            let lead = indent == 0 ? "" : index == 0 ? line.time + " " : "      "
            return (lead + text, line.isTrouble ? .trouble : line.isChat ? .plain : .dim)
        }
    }
}
