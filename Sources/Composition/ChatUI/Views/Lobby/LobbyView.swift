import CellGraphics

/// The lobby: channels at the left, at the right what the others would see and hear. On a narrow screen one of the two, by Tab.
enum LobbyView {
    static func content(_ model: ChatModel, hasOwnPicture: Bool) -> ScreenContent {
        let (columns, rows) = (model.size.columns, model.size.rows)
        var screen = ScreenContent()
        screen.panes.append(header(model, columns: columns))
        let notice = TerminalText.wrap(model.lobby.prompt?.notice ?? model.lobby.notice, columns: columns - 2).prefix(3)
        let footerRows = 2 + max(1, notice.count)
        let body = CellRegion(column: 0, row: 1, columns: columns, rows: rows - 1 - footerRows)
        // The list is as wide as it needs; the picture takes what is left, when that is worth it.
        if columns >= 72, rows >= 16 {
            let left = max(36, min(64, columns * 46 / 100))
            ChannelList.add(model, region: CellRegion(column: 0, row: 1, columns: left, rows: body.rows), to: &screen)
            let right = CellRegion(column: left + 1, row: 1, columns: columns - left - 2, rows: body.rows)
            DevicesView.add(model, region: right, hasOwnPicture: hasOwnPicture, to: &screen)
        } else if model.lobby.focus == .channels || model.lobby.prompt != nil {
            ChannelList.add(model, region: body, to: &screen)
        } else {
            let inside = CellRegion(column: 1, row: 1, columns: columns - 2, rows: body.rows)
            DevicesView.add(model, region: inside, hasOwnPicture: hasOwnPicture, to: &screen)
        }
        screen.panes.append(
            footer(
                model, notice: Array(notice),
                region: CellRegion(column: 0, row: rows - footerRows, columns: columns, rows: footerRows)))
        return screen
    }

    private static func header(_ model: ChatModel, columns: Int) -> PaneContent {
        var pane = PaneContent(region: CellRegion(column: 0, row: 0, columns: columns, rows: 1))
        pane.runs.append(TextRun(text: "tchat", column: 1, row: 0, style: .heading))
        let style: TextStyle = model.lobby.signaling.isLost ? .trouble : .dim
        let shown = TerminalText.sanitize(model.words.signaling(model.lobby.signaling), maximumColumns: max(0, columns - 9))
        pane.runs.append(TextRun(text: shown, column: columns - 1 - TerminalText.width(shown), row: 0, style: style))
        return pane
    }

    private static func footer(_ model: ChatModel, notice: [String], region: CellRegion) -> PaneContent {
        let (lobby, words) = (model.lobby, model.words)
        var pane = PaneContent(region: region)
        for (row, line) in notice.enumerated() { pane.runs.append(TextRun(text: line, column: 1, row: row, style: .trouble)) }
        let row = region.rows - 2
        if let prompt = lobby.prompt {
            ask(prompt, words, row: row, on: &pane)
            return pane
        }
        let isTyping = lobby.focus == .channels
        let at = 1 + TerminalText.width(words.joinOrCreate)
        pane.runs.append(TextRun(text: words.joinOrCreate, column: 1, row: row, style: isTyping ? .plain : .dim))
        // The end of what is typed stays in sight.
        var clusters = TerminalText.clusters(lobby.typed)[...]
        while clusters.reduce(0, { $0 + $1.width }) > region.columns - 2 - at { clusters = clusters.dropFirst() }
        let typed = TerminalText.string(of: clusters)
        pane.row(
            row, from: at, to: region.columns, gap: 0,
            isTyping ? [(typed, .accent), ("▏", .accent)] : [(typed, .dim)])
        pane.row(row + 1, from: 1, to: region.columns, gap: 3, hints(model, columns: region.columns).filter { !$0.0.isEmpty })
        return pane
    }

    /// The most needed first: what has no room is left out.
    private static func hints(_ model: ChatModel, columns: Int) -> [(String, TextStyle)] {
        let (lobby, words) = (model.lobby, model.words)
        switch lobby.focus {
        case .channels:
            return [
                enter(lobby.intent, words, columns: columns), (words.arrowsChoose, .dim), (words.tabDevices, .dim),
                (lobby.typed.isEmpty ? words.escapeQuits : words.escapeClears, .dim), (words.typeToFilter, .dim),
            ]
        case .device(let kind):
            let space =
                switch kind {
                case .camera: model.hasCamera ? words.spaceSwitches(isOn: model.isCameraOn) : ""
                case .microphone: model.hasMicrophone ? words.spaceSwitches(isOn: model.isMicrophoneOn) : ""
                case .speaker: words.spacePlaysTone
                }
            return [(words.arrowsChange, .plain), (space, .plain), (words.tabNext, .dim), (words.escapeBack, .dim)]
        }
    }

    /// With the name, so that a new channel is never taken for one that is listed.
    private static func enter(_ intent: LobbyModel.Intent, _ words: Words, columns: Int) -> (String, TextStyle) {
        func short(_ name: String) -> String { TerminalText.sanitize(name, maximumColumns: max(8, min(24, columns - 24))) }
        return switch intent {
        case .nothing: ("", .plain)
        case .join(let name): (words.enterJoins(short(name)), .plain)
        case .create(let name): (words.enterCreates(short(name)), .accent)
        case .joinOrCreate(let name): (words.enterJoinsOrCreates(short(name)), .plain)
        case .closed(let name): (words.closed(short(name)), .trouble)
        }
    }

    /// For a channel's password; what is typed shows as dots.
    private static func ask(_ prompt: PasswordPrompt, _ words: Words, row: Int, on pane: inout PaneContent) {
        let columns = pane.region.columns
        let label = words.password(of: TerminalText.sanitize(prompt.channel, maximumColumns: max(8, columns - 32)))
        let at = 1 + TerminalText.width(label)
        pane.runs.append(TextRun(text: label, column: 1, row: row))
        pane.runs.append(TextRun(text: String(prompt.mask.suffix(max(0, columns - at - 2))) + "▏", column: at, row: row, style: .accent))
        pane.row(row + 1, from: 1, to: columns, gap: 3, [(words.enterJoins, .plain), (words.escapeBack, .dim)])
    }
}
