import CellGraphics

/// What the others would see and hear, by which devices, and whether there is a way to them.
enum DevicesView {
    /// Of the devices, the path in two lines, and two lines for what is wrong.
    private static let rowsUnderPicture = 7
    /// A smaller picture says nothing.
    private static let leastPictureRows = 4

    static func add(_ model: ChatModel, region: CellRegion, hasOwnPicture: Bool, to screen: inout ScreenContent) {
        var heading = PaneContent(region: CellRegion(column: region.column, row: region.row, columns: region.columns, rows: 1))
        heading.runs.append(TextRun(text: model.words.beforeYouJoin, column: 0, row: 0, style: .heading))
        screen.panes.append(heading)
        // As large as a 4:3 picture can be there, in cells twice as high as wide.
        let innerRows = min(region.rows - 3 - rowsUnderPicture, (region.columns - 2) * 3 / 8)
        var boxRows = 0
        if innerRows >= leastPictureRows {
            boxRows = innerRows + 2
            let box = CellRegion(
                column: region.column, row: region.row + 1, columns: min(region.columns, innerRows * 8 / 3 + 2), rows: boxRows)
            add(picture: model, region: box, hasOwnPicture: hasOwnPicture, to: &screen)
        }
        let rows = CellRegion(
            column: region.column, row: region.row + 1 + boxRows, columns: region.columns, rows: region.rows - 1 - boxRows)
        add(rows: model, region: rows, to: &screen)
    }

    private static func add(picture model: ChatModel, region: CellRegion, hasOwnPicture: Bool, to screen: inout ScreenContent) {
        var box = PaneContent(region: region)
        box.box(title: "")
        if hasOwnPicture {
            screen.own = CellRegion(column: region.column + 1, row: region.row + 1, columns: region.columns - 2, rows: region.rows - 2)
        } else {
            let words = model.words
            box.centered(
                !model.hasCamera ? words.noCamera : model.isCameraOn ? words.noPictureYet : words.cameraOff, row: region.rows / 2,
                style: .dim)
        }
        screen.panes.append(box)
    }

    private static func add(rows model: ChatModel, region: CellRegion, to screen: inout ScreenContent) {
        let (lobby, words) = (model.lobby, model.words)
        var pane = PaneContent(region: region)
        let labels = DeviceKind.allCases.map(words.label) + [words.pathLabel]
        let at = 2 + (labels.map(TerminalText.width).max() ?? 0) + 2
        for (row, kind) in DeviceKind.allCases.enumerated() {
            let isFocused = lobby.focus == .device(kind)
            if isFocused { pane.runs.append(TextRun(text: ">", column: 0, row: row, style: .accent)) }
            pane.runs.append(TextRun(text: words.label(kind), column: 2, row: row, style: isFocused ? .accent : .dim))
            var column = at
            if kind == .microphone, model.hasMicrophone { column = addMeter(model, column: column, row: row, to: &pane) }
            add(kind, model, isFocused: isFocused, column: column, row: row, to: &pane)
            let line = CellRegion(column: region.column, row: region.row + row, columns: region.columns, rows: 1)
            screen.targets.append(ClickTarget(region: line, action: .device(kind)))
        }
        var row = DeviceKind.allCases.count
        let (text, style) = remark(model)
        let remark = TerminalText.wrap(text, columns: region.columns - 2).prefix(text.isEmpty ? 0 : max(0, region.rows - row - 2))
        let path = lobby.pathTest.map(words.path) ?? lobby.path
        if !path.isEmpty {
            pane.runs.append(TextRun(text: words.pathLabel, column: 2, row: row, style: .dim))
            for line in TerminalText.wrap(path, columns: region.columns - at).prefix(min(4, region.rows - row - remark.count)) {
                pane.runs.append(TextRun(text: line, column: at, row: row, style: isTrouble(lobby.pathTest) ? .trouble : .plain))
                row += 1
            }
        }
        for line in remark {
            pane.runs.append(TextRun(text: line, column: 2, row: row, style: style))
            row += 1
        }
        screen.panes.append(pane)
    }

    /// What is chosen, between arrows where they would change it.
    private static func add(_ kind: DeviceKind, _ model: ChatModel, isFocused: Bool, column: Int, row: Int, to pane: inout PaneContent) {
        let (words, device) = (model.words, model.lobby.devices[kind] ?? DeviceRow())
        let room = pane.region.columns - column
        var text: String
        if let pending = device.pending {
            text = words.opening(words.choice(kind, id: pending, name: device.choices.first { $0.id == pending }?.name ?? ""))
        } else if device.id.isEmpty {
            // Only told in words, as a program without a choice of devices does.
            text = kind == .camera ? model.lobby.camera : kind == .microphone ? model.lobby.microphone : ""
        } else {
            text = words.device(kind, device)
        }
        let isOff =
            switch kind {
            case .camera: model.hasCamera && !model.isCameraOn
            case .microphone: model.hasMicrophone && !model.isMicrophoneOn
            case .speaker: false
            }
        if isOff { text = "\(words.offAtFirst): \(text)" }
        guard room > 6 else { return }
        guard isFocused else {
            pane.runs.append(TextRun(text: text, column: column, row: row, limit: room))
            return
        }
        let count = device.choices.count
        let place = device.choices.firstIndex { $0.id == device.pending ?? device.id }.map { "  \($0 + 1)/\(count)" } ?? ""
        let shown = TerminalText.sanitize(text, maximumColumns: max(1, room - 4 - TerminalText.width(place)))
        pane.row(row, from: column, to: pane.region.columns, gap: 0, [("‹ \(shown) ›", .accent), (place, .dim)])
    }

    /// Eight steps, the loudest of the last moment kept; gives the column after it.
    private static func addMeter(_ model: ChatModel, column: Int, row: Int, to pane: inout PaneContent) -> Int {
        let (level, peak) = (model.microphoneLevel, model.lobby.meter.peak)
        let steps: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
        pane.runs.append(TextRun(text: String(steps[..<max(0, min(8, level))]), column: column, row: row))
        let rest = (level..<8).map { $0 + 1 == peak ? steps[$0] : "·" }
        if !rest.isEmpty { pane.runs.append(TextRun(text: String(rest), column: column + level, row: row, style: .dim)) }
        return column + 9
    }

    /// The worst of what there is to say.
    private static func remark(_ model: ChatModel) -> (String, TextStyle) {
        let (lobby, words) = (model.lobby, model.words)
        if case .device(let kind) = lobby.focus, let device = lobby.devices[kind] {
            let problem = device.problem ?? device.choices.first { $0.id == device.id }?.problem
            if let problem { return (words.problem(problem, with: kind), .trouble) }
        }
        for kind in DeviceKind.allCases {
            if let problem = lobby.devices[kind]?.problem, lobby.notice.isEmpty { return (words.problem(problem, with: kind), .trouble) }
        }
        if model.hasMicrophone, lobby.meter.isSilent { return (words.microphoneSilent, .trouble) }
        return ("", .dim)
    }

    private static func isTrouble(_ result: PathTestResult?) -> Bool {
        switch result {
        case .noAnswer, .relayRefused, .unknownName, .noNetwork: true
        case nil, .running, .localOnly, .direct, .portsChange, .relay, .untried: false
        }
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
