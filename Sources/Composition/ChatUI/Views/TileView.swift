import CellGraphics

/// Several people at once: their tiles, the names under them, and who has no tile.
enum TileView {
    /// Below that one's own picture would take a tile from somebody.
    private static let ownColumns = 56
    private static let ownRows = 14
    /// Of a tile.
    private static let longWordsFrom = 20

    /// Where everybody's picture and name lie, in the order of `people`; nil: no tile.
    static func grid(_ model: ChatModel, in area: CellRegion) -> (grid: TileGrid, people: [ChatPerson]) {
        let people = model.call.people
        let aspect = model.size.cellAspect
        if let large = model.call.enlarged.flatMap({ model.call.person($0) }) {
            return (
                TileGrid.enlarged(others: people.count - 1, in: area, aspect: aspect), [large] + people.filter { $0.id != large.id }
            )
        }
        let hasOwn = model.hasCamera && area.columns >= ownColumns && area.rows >= ownRows
        return (TileGrid.all(people.count, corner: hasOwn ? model.corner : .off, in: area, aspect: aspect), people)
    }

    static func add(_ model: ChatModel, in area: CellRegion, hasOwnPicture: Bool, to screen: inout ScreenContent) {
        let call = model.call
        let (grid, people) = grid(model, in: area)
        for (person, tile) in zip(people, grid.tiles) {
            let picture = picture(of: tile)
            let isSpeaking = call.speaker == person.id
            screen.targets.append(ClickTarget(region: tile, action: .person(person.id)))
            screen.panes.append(bar(person, in: model, isSpeaking: isSpeaking, under: tile))
            if person.isSeen {
                screen.pictures.append(PlacedPicture(id: person.id, region: picture))
                guard person.connection == .interrupted else { continue }
                let text = TerminalText.sanitize(model.words.tileNothing(for: person.seconds), maximumColumns: picture.columns)
                let width = TerminalText.width(text)
                let line = CellRegion(
                    column: picture.column + (picture.columns - width) / 2, row: picture.row + picture.rows / 2, columns: width, rows: 1)
                screen.panes.append(
                    PaneContent(region: line, runs: [TextRun(text: text, column: 0, row: 0, style: .alarm)], isOverlay: true))
            } else {
                screen.panes.append(state(person, call.words, in: picture))
            }
        }
        if let names = grid.names { screen.panes.append(self.names(people.dropFirst(grid.tiles.count), call, region: names)) }
        if let own = grid.own {
            addOwn(model, tile: own, hasOwnPicture: hasOwnPicture, to: &screen)
        } else if call.enlarged != nil, let large = grid.tiles.first {
            CallView.addOwn(model, over: picture(of: large), hasOwnPicture: hasOwnPicture, to: &screen)
        }
    }

    /// A tile without its name.
    static func picture(of tile: CellRegion) -> CellRegion {
        CellRegion(column: tile.column, row: tile.row, columns: tile.columns, rows: tile.rows - 1)
    }

    private static func addOwn(_ model: ChatModel, tile: CellRegion, hasOwnPicture: Bool, to screen: inout ScreenContent) {
        let picture = picture(of: tile)
        var bar = PaneContent(region: CellRegion(column: tile.column, row: picture.endRow, columns: tile.columns, rows: 1))
        bar.centered(model.words.chatOwnName, row: 0, style: .dim)
        screen.panes.append(bar)
        if hasOwnPicture && model.isCameraOn {
            screen.own = picture
            screen.isOwnTile = true
        } else {
            var pane = PaneContent(region: picture)
            pane.centered(model.isCameraOn ? model.words.callNoPicture : model.words.cameraOff, row: picture.rows / 2, style: .dim)
            screen.panes.append(pane)
        }
    }

    /// The name under a picture, in its middle, with all that there is to know in words.
    private static func bar(_ person: ChatPerson, in model: ChatModel, isSpeaking: Bool, under tile: CellRegion) -> PaneContent {
        var pane = PaneContent(region: CellRegion(column: tile.column, row: tile.endRow - 1, columns: tile.columns, rows: 1))
        let (call, words) = (model.call, model.words)
        // The longer words where they fit; in narrow tiles the shorter ones for all, so that all say it alike.
        var notes: [(long: String, short: String, style: TextStyle)] = []
        if person.isSuspect {
            let key = model.keys.key(for: .words).map { ": \(KeyMap.name(of: $0))" } ?? ""
            let long = if case .failed = person.verification { words.tileNotSecure(key) } else { words.tileKeyChanged(key) }
            notes.append((long, words.tileKey, .alarm))
        }
        if isSpeaking { notes.append((words.chatSpeaking, "▂▄▆", .accent)) }
        if !person.isMicrophoneOn { notes.append((words.tileMicrophoneOff, words.microphoneMuted, .trouble)) }
        let label = "\(person.number) \(TerminalText.sanitize(call.shortName(of: person), maximumColumns: 64))"
        let width = TerminalText.width(label)
        func room(_ texts: [String], gap: Int) -> Int { tile.columns - texts.reduce(0) { $0 + TerminalText.width($1) + gap } }
        var (texts, gap) = (notes.map(\.long), 2)
        if tile.columns < longWordsFrom || room(texts, gap: gap) < width { (texts, gap) = (notes.map(\.short), 1) }
        // Of a name something stays to be seen.
        while !texts.isEmpty, room(texts, gap: gap) < min(width, 5) { texts.removeLast() }
        let shown = TerminalText.sanitize(label, maximumColumns: max(1, room(texts, gap: gap)))
        var at = max(0, (room(texts, gap: gap) - TerminalText.width(shown)) / 2)
        pane.runs.append(TextRun(text: shown, column: at, row: 0, style: isSpeaking ? .accent : .plain))
        at += TerminalText.width(shown)
        for (text, note) in zip(texts, notes) {
            pane.runs.append(TextRun(text: text, column: at + gap, row: 0, style: note.style))
            at += gap + TerminalText.width(text)
        }
        return pane
    }

    /// Where there is no picture: what is going on.
    private static func state(_ person: ChatPerson, _ words: Words, in region: CellRegion) -> PaneContent {
        var pane = PaneContent(region: region)
        let (text, style) = state(person, words)
        // The seconds go to a line of their own rather than to two.
        let time = words.tileTime(person.seconds)
        let isWhole = TerminalText.width(text) <= region.columns || time.isEmpty
        let first = isWhole ? text : words.tileState(person)
        let lines = (TerminalText.wrap(first, columns: region.columns) + (isWhole ? [] : [time])).prefix(region.rows)
        for (row, line) in lines.enumerated() { pane.centered(line, row: (region.rows - lines.count + 1) / 2 + row, style: style) }
        return pane
    }

    static func state(_ person: ChatPerson, _ words: Words) -> (String, TextStyle) {
        let isTrouble = person.connection == .interrupted || person.connection == .lost
        return (words.tileState(person) + words.tileTime(person.seconds), isTrouble ? .trouble : .dim)
    }

    /// Who has no tile: as many names as fit whole, and how many more there are.
    private static func names(_ people: ArraySlice<ChatPerson>, _ call: CallModel, region: CellRegion) -> PaneContent {
        var pane = PaneContent(region: region)
        let words = call.words
        var at = 1
        for (offset, person) in people.enumerated() {
            var notes = [words.chatNote(microphone: person.isMicrophoneOn, camera: person.isCameraOn)]
            if person.id == call.speaker { notes.insert(words.chatSpeaking, at: 0) }
            if person.isSuspect { notes.insert(words.chatKeyChanged, at: 0) }
            if person.connection != .connected { notes = [state(person, words).0] }
            let note = notes.filter { !$0.isEmpty }.joined(separator: ", ")
            let name = "\(person.number) \(TerminalText.sanitize(call.shortName(of: person), maximumColumns: 20))"
            let left = people.count - offset
            let more = left > 1 ? TerminalText.width(words.chatMore(left - 1)) + 2 : 0
            func fits(_ text: String) -> Bool { at + TerminalText.width(text) + more <= region.columns }
            let full = name + (note.isEmpty ? "" : " (\(note))")
            let text = fits(full) ? full : name
            guard fits(text) else {
                pane.runs.append(TextRun(text: words.chatMore(left), column: at, row: 0, style: .dim))
                break
            }
            let style: TextStyle = person.isSuspect ? .trouble : person.id == call.speaker ? .accent : .plain
            pane.runs.append(TextRun(text: text, column: at, row: 0, style: style))
            at += TerminalText.width(text) + 2
        }
        return pane
    }
}
