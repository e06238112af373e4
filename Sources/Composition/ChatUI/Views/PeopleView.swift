import CellGraphics

/// Who is in the channel and what has happened, beside the picture or under it.
enum PeopleView {
    /// What has happened keeps a third at the least.
    private static func mostNamed(in region: CellRegion) -> Int { max(1, region.rows * 2 / 3 - 4) }

    /// Of the channel and the people in it, with the gap after them.
    static func rows(_ call: CallModel, in region: CellRegion) -> Int { 3 + min(call.people.count, mostNamed(in: region)) }

    /// All of it but its last row, which is the field's.
    static func side(_ model: ChatModel, region: CellRegion) -> PaneContent {
        let (call, words) = (model.call, model.words)
        var pane = PaneContent(region: region)
        pane.region.rows -= 1
        let width = region.columns - 3
        pane.runs.append(TextRun(text: call.channel, column: 2, row: 0, style: .heading, limit: width))
        add(
            words.chatOwnName,
            words.chatNote(microphone: !model.hasMicrophone || model.isMicrophoneOn, camera: !model.hasCamera || model.isCameraOn),
            .trouble, row: 1, to: &pane)
        let most = mostNamed(in: region)
        let shown = call.people.count > most ? most - 1 : call.people.count
        for (row, person) in call.people.prefix(shown).enumerated() {
            let (note, style) = note(person, in: call, words)
            add(label(person, in: call), note, style, row: 2 + row, to: &pane)
        }
        if shown < call.people.count {
            pane.runs.append(TextRun(text: words.chatMore(call.people.count - shown), column: 2, row: 2 + shown, style: .dim))
        }
        LogView.add(model, in: CallLayout.log(model, isReadBack: call.log != nil).region, to: &pane)
        return pane
    }

    /// A name gives way to what is to be known of it, as far as something of it stays to be seen.
    private static func add(_ name: String, _ note: String, _ style: TextStyle, row: Int, to pane: inout PaneContent) {
        let width = pane.region.columns - 3
        let noteWidth = note.isEmpty ? 0 : TerminalText.width(note) + 2
        let name = TerminalText.sanitize(name, maximumColumns: max(min(width, 8), width - noteWidth))
        pane.runs.append(TextRun(text: name, column: 2, row: row))
        let at = 2 + TerminalText.width(name) + 2
        guard !note.isEmpty, at < width else { return }
        pane.runs.append(TextRun(text: note, column: at, row: row, style: style, limit: pane.region.columns - 1 - at))
    }

    /// The newest events over the status line, where there is no room beside the picture.
    static func strip(_ model: ChatModel, region: CellRegion) -> PaneContent {
        let (call, words) = (model.call, model.words)
        var pane = PaneContent(region: region)
        let others = call.people.map { person in
            let note = note(person, in: call, words).0
            return label(person, in: call) + (note.isEmpty ? "" : " (\(note))")
        }
        let at = pane.row(0, from: 1, to: region.columns, [(TerminalText.sanitize(call.channel, maximumColumns: 24), .heading)])
        pane.runs.append(
            TextRun(
                text: ([words.chatOwnName] + others).joined(separator: ", "), column: at + 2, row: 0,
                limit: max(0, region.columns - at - 3)))
        if call.log == nil { LogView.add(model, in: CallLayout.log(model, isReadBack: false).region, to: &pane) }
        return pane
    }

    /// No longer than anything has room for.
    private static func label(_ person: ChatPerson, in call: CallModel) -> String {
        TerminalText.sanitize(call.isGroup ? "\(person.number) \(call.shortName(of: person))" : call.name(of: person), maximumColumns: 64)
    }

    /// In a call of two the picture's place tells how the connection stands.
    private static func note(_ person: ChatPerson, in call: CallModel, _ words: Words) -> (String, TextStyle) {
        if call.isGroup, person.connection != .connected { return TileView.state(person, words) }
        let key = call.isGroup && person.isSuspect ? words.chatKeyChanged : ""
        let voice = call.isGroup && call.speaker == person.id ? words.chatSpeaking : ""
        let note = words.chatNote(microphone: person.isMicrophoneOn, camera: person.isCameraOn)
        let style: TextStyle = key.isEmpty && note.isEmpty ? .accent : .trouble
        return ([key, voice, note].filter { !$0.isEmpty }.joined(separator: ", "), style)
    }
}
