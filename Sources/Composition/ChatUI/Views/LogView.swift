import CellGraphics

/// What has happened and what was written, oldest first, down to the newest that there is room for.
enum LogView {
    typealias Row = [(String, TextStyle)]

    /// The lines lie over the picture.
    static func isOverlay(_ model: ChatModel) -> Bool {
        let call = model.call
        if call.log != nil { return CallLayout.log(model, isReadBack: true).isOverlay }
        return CallLayout.isBare(model.size) && (call.draft != nil || call.notice != nil)
    }

    /// All lines there is room for, or the one that has just come.
    static func overlay(_ model: ChatModel) -> PaneContent {
        let call = model.call
        if call.log == nil, call.draft == nil, let notice = call.notice { return self.notice(notice.line, model) }
        let inside = CallLayout.log(model, isReadBack: true).region
        var pane = PaneContent(
            region: CellRegion(column: 0, row: inside.row, columns: model.size.columns, rows: inside.rows), isOverlay: true)
        add(model, in: inside, to: &pane)
        return pane
    }

    /// Over the last row of the picture.
    private static func notice(_ line: CallModel.Line, _ model: ChatModel) -> PaneContent {
        let columns = model.size.columns
        var pane = PaneContent(region: CellRegion(column: 0, row: model.size.rows - 2, columns: columns, rows: 1), isOverlay: true)
        let key = model.keys.key(for: .chat).map(KeyMap.name(of:))
        let hint = line.isChat ? key.map { model.words.chatAnswers(key: $0) } ?? "" : ""
        let end = columns - 1 - (hint.isEmpty ? 0 : TerminalText.width(hint) + 2)
        var at = 1
        for (text, style) in parts(line, isTimed: false) where at < end {
            pane.runs.append(TextRun(text: text, column: at, row: 0, style: style, limit: end - at))
            at += TerminalText.width(text)
        }
        if !hint.isEmpty { pane.runs.append(TextRun(text: hint, column: end + 2, row: 0, style: .dim)) }
        return pane
    }

    /// A region of the screen, within the pane's.
    static func add(_ model: ChatModel, in region: CellRegion, to pane: inout PaneContent) {
        let call = model.call
        let (column, top) = (region.column - pane.region.column, region.row - pane.region.row)
        var room = region.rows
        var skipped = 0
        if let log = call.log {
            room -= 1
            skipped = log.rows + rowCount(call.lines.suffix(call.newer), columns: region.columns)
            let (text, style): Row.Element = call.newer > 0 ? (model.words.chatNew(call.newer), .accent) : ("PgDn ↓", .dim)
            let width = TerminalText.width(text)
            pane.runs.append(
                TextRun(text: text, column: column + max(0, region.columns - width), row: top + room, style: style, limit: region.columns))
        }
        guard room > 0 else { return }
        // From the newest on, no more than are seen.
        var shown: [Row] = []
        for line in call.lines.reversed() where shown.count < room + skipped {
            shown.insert(contentsOf: rows(line, columns: region.columns), at: 0)
        }
        // A window that was made larger may have less to skip.
        shown.removeLast(max(0, min(skipped, shown.count - room)))
        for (offset, row) in shown.suffix(room).enumerated() {
            var at = column
            for (text, style) in row {
                pane.runs.append(TextRun(text: text, column: at, row: top + offset, style: style, limit: column + region.columns - at))
                at += TerminalText.width(text)
            }
        }
    }

    static func rowCount(_ lines: ArraySlice<CallModel.Line>, columns: Int) -> Int {
        lines.reduce(0) { $0 + rows($1, columns: columns).count }
    }

    /// Further rows of a line are indented under its text, as far as there is room for that.
    static func rows(_ line: CallModel.Line, columns: Int) -> [Row] {
        let parts = parts(line, isTimed: true)
        guard let last = parts.last else { return [] }
        let lead = Array(parts.dropLast())
        let indent = line.time.isEmpty ? 0 : columns >= 24 ? 6 : 2
        // As one text, so that a name and what follows are broken like any other words; the name is found again by its length.
        let isShort = line.short != nil && lead.reduce(TerminalText.width(last.0)) { $0 + TerminalText.width($1.0) } > columns
        let body = isShort ? line.short ?? last.0 : last.0
        let name = line.isChat ? lead.last : nil
        let text = (name?.0 ?? "") + body
        let wrapped = TerminalText.wrap(text, columns: max(4, columns - (line.time.isEmpty ? 0 : indent == 2 ? 6 : indent)))
        var nameLeft = name.map { TerminalText.clusters($0.0).count } ?? 0
        return wrapped.enumerated().map { index, text in
            var row: Row = []
            if !line.time.isEmpty { row.append(index == 0 ? (line.time + " ", .dim) : (String(repeating: " ", count: indent), .dim)) }
            let clusters = TerminalText.clusters(text)
            let ofName = min(nameLeft, clusters.count)
            if ofName > 0, let name { row.append((TerminalText.string(of: clusters[..<ofName]), name.1)) }
            // A space that the break took counts too.
            nameLeft -= nameLeft > clusters.count ? ofName + 1 : ofName
            if ofName < clusters.count { row.append((TerminalText.string(of: clusters[ofName...]), last.1)) }
            return row
        }
    }

    /// Time, name and text.
    private static func parts(_ line: CallModel.Line, isTimed: Bool) -> Row {
        var parts: Row = isTimed && !line.time.isEmpty ? [(line.time + " ", .dim)] : []
        if line.isChat { parts.append((line.author + ": ", line.number.map { .name($0) } ?? .heading)) }
        parts.append((line.body, line.isTrouble ? .trouble : line.isChat ? .plain : .dim))
        return parts
    }
}
