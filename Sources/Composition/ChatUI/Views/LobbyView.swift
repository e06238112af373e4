import CellGraphics

/// The lobby: channels at the left, at the right what the others would see and hear.
enum LobbyView {
    static func content(_ model: ChatModel, hasOwnPicture: Bool) -> ScreenContent {
        let (columns, rows) = (model.size.columns, model.size.rows)
        var screen = ScreenContent()
        screen.panes.append(header(model.lobby, columns: columns))
        // The list is as wide as it needs; the picture takes what is left, when that is worth it.
        let hasPreview = columns >= 72 && rows >= 16
        let left = hasPreview ? max(36, min(64, columns * 46 / 100)) : columns
        let notice = TerminalText.wrap(model.lobby.prompt?.notice ?? model.lobby.notice, columns: columns - 2).prefix(3)
        let footerRows = 2 + max(1, notice.count)
        let body = rows - 1 - footerRows
        screen.panes.append(list(model.lobby, region: CellRegion(column: 0, row: 1, columns: left, rows: body)))
        if hasPreview {
            let right = CellRegion(column: left + 1, row: 1, columns: columns - left - 2, rows: body)
            preview(model, region: right, hasOwnPicture: hasOwnPicture, into: &screen)
        }
        screen.panes.append(
            footer(
                model.lobby, notice: Array(notice),
                region: CellRegion(column: 0, row: rows - footerRows, columns: columns, rows: footerRows)))
        return screen
    }

    private static func header(_ lobby: LobbyModel, columns: Int) -> PaneContent {
        var pane = PaneContent(region: CellRegion(column: 0, row: 0, columns: columns, rows: 1))
        pane.runs.append(TextRun(text: "tchat", column: 1, row: 0, style: .heading))
        let (text, style): (String, TextStyle) =
            switch lobby.signaling {
            case .connecting(let place): ("signaling: connecting\(place.isEmpty ? "" : " to \(place)")…", .dim)
            case .connected(let place): ("signaling: \(place)", .dim)
            case .lost(let why): ("signaling: \(why)", .trouble)
            }
        let shown = TerminalText.sanitize(text, maximumColumns: max(0, columns - 9))
        pane.runs.append(TextRun(text: shown, column: columns - 1 - TerminalText.width(shown), row: 0, style: style))
        return pane
    }

    private static func list(_ lobby: LobbyModel, region: CellRegion) -> PaneContent {
        var pane = PaneContent(region: region)
        pane.runs.append(TextRun(text: "Channels", column: 1, row: 0, style: .heading))
        let shown = lobby.shown
        let room = region.rows - 1
        guard !shown.isEmpty else {
            let text: String
            if !lobby.canList {
                text = "This server cannot list channels. Type the name of one."
            } else if case .connected = lobby.signaling {
                text = lobby.channels.isEmpty ? "None yet. Type a name to create one." : "None of that name. Enter creates it."
            } else if case .lost(let why) = lobby.signaling {
                // Whole, which the header has no room for.
                text = why
            } else {
                text = ""
            }
            for (row, line) in TerminalText.wrap(text, columns: region.columns - 3).prefix(room).enumerated() {
                pane.runs.append(TextRun(text: line, column: 3, row: 1 + row, style: .dim))
            }
            return pane
        }
        let nameWidth = min(max(8, shown.map { TerminalText.width($0.name) }.max() ?? 8), max(8, region.columns - 26), 24)
        // The selected one is always in sight.
        let first = max(0, min((lobby.selection ?? 0) - room / 2, shown.count - room))
        let stateWidth = shown.map { TerminalText.width(occupancy($0)) }.max() ?? 0
        for (row, index) in (first..<min(shown.count, first + room)).enumerated() {
            add(
                shown[index], isSelected: index == lobby.selection, row: row + 1, nameWidth: nameWidth, stateWidth: stateWidth, to: &pane)
        }
        return pane
    }

    private static func add(
        _ channel: LobbyChannel, isSelected: Bool, row: Int, nameWidth: Int, stateWidth: Int, to pane: inout PaneContent
    ) {
        if isSelected { pane.runs.append(TextRun(text: ">", column: 1, row: row, style: .accent)) }
        let style: TextStyle = isSelected ? .accent : channel.isFull ? .dim : .plain
        pane.runs.append(TextRun(text: channel.name, column: 3, row: row, style: style, limit: nameWidth))
        let at = 3 + nameWidth + 2
        pane.runs.append(TextRun(text: occupancy(channel), column: at, row: row, style: channel.isFull ? .dim : .plain))
        let namesAt = at + stateWidth + 2
        let names = channel.names.filter { !$0.isEmpty }.joined(separator: ", ")
        let room = pane.region.columns - namesAt
        if room > 3, !names.isEmpty { pane.runs.append(TextRun(text: names, column: namesAt, row: row, style: .dim, limit: room - 1)) }
    }

    private static func occupancy(_ channel: LobbyChannel) -> String {
        let count: String
        if channel.isFull {
            count = "full"
        } else if channel.members == 0 {
            count = "empty"
        } else if channel.members == 1 {
            count = "1 waiting"
        } else {
            count = channel.capacity.map { "\(channel.members) of \($0)" } ?? "\(channel.members) there"
        }
        return channel.isLocked ? count + ", locked" : count
    }

    private static func preview(_ model: ChatModel, region: CellRegion, hasOwnPicture: Bool, into screen: inout ScreenContent) {
        var pane = PaneContent(region: region)
        pane.runs.append(TextRun(text: "Before you join", column: 0, row: 0, style: .heading))
        // As large as a 4:3 picture can be there, in cells twice as high as wide.
        let innerRows = max(1, min(region.rows - 7, (region.columns - 2) * 3 / 8))
        let innerColumns = min(region.columns - 2, innerRows * 8 / 3)
        let boxRows = innerRows + 2
        var box = PaneContent(region: CellRegion(column: region.column, row: region.row + 1, columns: innerColumns + 2, rows: boxRows))
        box.box(title: "")
        let inner = CellRegion(
            column: box.region.column + 1, row: box.region.row + 1, columns: box.region.columns - 2, rows: box.region.rows - 2)
        if hasOwnPicture {
            screen.own = inner
        } else {
            box.centered(!model.hasCamera ? "no camera" : model.isCameraOn ? "no picture yet" : "camera off", row: boxRows / 2, style: .dim)
        }
        let meter = model.hasMicrophone ? "\(Meter.text(model.microphoneLevel, width: 5)) " : ""
        let lines = [
            ("camera", model.lobby.camera), ("mic", model.lobby.microphone.isEmpty ? "" : meter + model.lobby.microphone),
            ("path", model.lobby.path),
        ]
        for (row, line) in lines.enumerated() where !line.1.isEmpty {
            pane.runs.append(TextRun(text: line.0, column: 0, row: boxRows + 1 + row, style: .dim))
            pane.runs.append(TextRun(text: line.1, column: 8, row: boxRows + 1 + row, limit: region.columns - 8))
        }
        screen.panes.append(pane)
        screen.panes.append(box)
    }

    private static func footer(_ lobby: LobbyModel, notice: [String], region: CellRegion) -> PaneContent {
        var pane = PaneContent(region: region)
        for (row, line) in notice.enumerated() { pane.runs.append(TextRun(text: line, column: 1, row: row, style: .trouble)) }
        let row = region.rows - 2
        if let prompt = lobby.prompt {
            ask(prompt, row: row, on: &pane)
            return pane
        }
        let label = "Join or create: "
        pane.runs.append(TextRun(text: label, column: 1, row: row))
        let room = region.columns - 3 - label.utf8.count
        // The end of what is typed stays in sight.
        var clusters = TerminalText.clusters(lobby.typed)[...]
        while clusters.reduce(0, { $0 + $1.width }) > room { clusters = clusters.dropFirst() }
        pane.row(
            row, from: 1 + label.utf8.count, to: region.columns, gap: 0, [(TerminalText.string(of: clusters), .accent), ("▏", .accent)])
        let verb = lobby.choice == nil ? "" : "Enter join"
        pane.row(
            row + 1, from: 1, to: region.columns, gap: 3,
            [
                (verb, .plain), ("↑↓ choose", .dim), (lobby.typed.isEmpty ? "Esc quit" : "Esc clear", .dim),
                ("type to filter, or to name a new channel", .dim),
            ].filter { !$0.0.isEmpty })
        return pane
    }
}

extension LobbyView {
    /// For a channel's password; what is typed shows as dots.
    private static func ask(_ prompt: PasswordPrompt, row: Int, on pane: inout PaneContent) {
        let columns = pane.region.columns
        let label = "Password of \(TerminalText.sanitize(prompt.channel, maximumColumns: max(8, columns - 32))): "
        let at = 1 + TerminalText.width(label)
        pane.runs.append(TextRun(text: label, column: 1, row: row))
        pane.runs.append(TextRun(text: String(prompt.mask.suffix(max(0, columns - at - 2))) + "▏", column: at, row: row, style: .accent))
        pane.row(row + 1, from: 1, to: columns, gap: 3, [("Enter join", .plain), ("Esc back to the list", .dim)])
    }
}

/// A sound level in eighths, as a row of blocks.
enum Meter {
    private static let blocks: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇"]

    /// The lower parts first: each block stands for its share of the range.
    static func text(_ level: Int, width: Int) -> String {
        String((0..<width).map { i in blocks[max(0, min(7, level - (width - 1 - i) * 8 / (width * 2)))] })
    }
}
