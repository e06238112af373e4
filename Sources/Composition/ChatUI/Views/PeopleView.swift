import CellGraphics

/// Who is in the channel and what has happened, beside the picture or under it.
enum PeopleView {
    static func side(_ call: CallModel, region: CellRegion) -> PaneContent {
        var pane = PaneContent(region: region)
        let width = region.columns - 3
        pane.runs.append(TextRun(text: call.channel, column: 2, row: 0, style: .heading, limit: width))
        pane.runs.append(TextRun(text: "you", column: 2, row: 1))
        var row = 2
        // What has happened keeps a third at the least.
        let most = max(1, region.rows * 2 / 3 - 3)
        let shown = call.people.count > most ? most - 1 : call.people.count
        for person in call.people.prefix(shown) {
            let name = label(person, in: call)
            pane.runs.append(TextRun(text: name, column: 2, row: row, limit: width))
            let at = 2 + min(width, TerminalText.width(name)) + 2
            let (note, style) = note(person, in: call)
            if !note.isEmpty, at < width {
                pane.runs.append(TextRun(text: note, column: at, row: row, style: style, limit: region.columns - 1 - at))
            }
            row += 1
        }
        if shown < call.people.count {
            pane.runs.append(TextRun(text: "\(call.people.count - shown) more", column: 2, row: row, style: .dim))
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
    static func strip(_ call: CallModel, region: CellRegion) -> PaneContent {
        var pane = PaneContent(region: region)
        let others = call.people.map { person in
            let note = note(person, in: call).0
            return label(person, in: call) + (note.isEmpty ? "" : " (\(note))")
        }
        let at = pane.row(0, from: 1, to: region.columns, [(TerminalText.sanitize(call.channel, maximumColumns: 24), .heading)])
        pane.runs.append(
            TextRun(
                text: (["you"] + others).joined(separator: ", "), column: at + 2, row: 0, limit: max(0, region.columns - at - 3)))
        let lines = call.lines.suffix(4).flatMap { wrapped($0, columns: region.columns - 2) }
        for (offset, line) in lines.suffix(2).enumerated() {
            pane.runs.append(TextRun(text: line.0, column: 1, row: 1 + offset, style: line.1, limit: region.columns - 2))
        }
        return pane
    }

    private static func label(_ person: ChatPerson, in call: CallModel) -> String {
        call.isGroup ? "\(person.number) \(person.shortName)" : call.name(of: person)
    }

    /// In a call of two the picture's place tells how the connection stands.
    private static func note(_ person: ChatPerson, in call: CallModel) -> (String, TextStyle) {
        if call.isGroup, person.connection != .connected { return TileView.words(person) }
        let key = call.isGroup && person.isSuspect ? "KEY CHANGED" : ""
        let voice = call.isGroup && call.speaker == person.id ? "speaking" : ""
        let style: TextStyle = key.isEmpty && person.note.isEmpty ? .accent : .trouble
        return ([key, voice, person.note].filter { !$0.isEmpty }.joined(separator: ", "), style)
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
