import CellGraphics

/// The channels there are, with who is in them.
enum ChannelList {
    /// Where the columns of the list begin.
    private struct Columns {
        var name: Int
        var state: Int
    }

    static func add(_ model: ChatModel, region: CellRegion, to screen: inout ScreenContent) {
        let (lobby, words) = (model.lobby, model.words)
        var pane = PaneContent(region: region)
        pane.runs.append(TextRun(text: words.channels, column: 1, row: 0, style: .heading))
        let isNew = lobby.hasRowForNew
        let shown = (isNew ? [LobbyChannel(name: lobby.typedName, members: 0)] : []) + lobby.shown
        let marked = lobby.selection.map { isNew ? $0 + 1 : $0 } ?? (isNew && lobby.chosen == nil ? 0 : nil)
        func state(_ index: Int) -> String { isNew && index == 0 ? words.newChannel : words.occupancy(shown[index]) }
        let room = region.rows - 1
        guard !shown.isEmpty else {
            for (row, line) in TerminalText.wrap(whyEmpty(lobby, words), columns: region.columns - 3).prefix(room).enumerated() {
                pane.runs.append(TextRun(text: line, column: 3, row: 1 + row, style: .dim))
            }
            return screen.panes.append(pane)
        }
        // The selected one is always in sight.
        let first = max(0, min((marked ?? 0) - room / 2, shown.count - room))
        let seen = first..<min(shown.count, first + room)
        if seen.count < shown.count {
            let part = words.part(first: seen.lowerBound + 1, last: seen.upperBound, of: shown.count)
            let at = region.columns - 1 - TerminalText.width(part)
            if at > 3 + TerminalText.width(words.channels) { pane.runs.append(TextRun(text: part, column: at, row: 0, style: .dim)) }
        }
        let columns = Columns(
            name: min(max(8, shown.map { TerminalText.width($0.name) }.max() ?? 8), max(8, region.columns - 26), 24),
            state: shown.indices.map { TerminalText.width(state($0)) }.max() ?? 0)
        for (row, index) in seen.enumerated() {
            add(
                shown[index], state: state(index), isSelected: index == marked, isFocused: lobby.focus == .channels, row: row + 1, columns,
                to: &pane)
            let line = CellRegion(column: region.column, row: region.row + row + 1, columns: region.columns, rows: 1)
            screen.targets.append(ClickTarget(region: line, action: .channel(shown[index].name)))
        }
        screen.panes.append(pane)
    }

    private static func whyEmpty(_ lobby: LobbyModel, _ words: Words) -> String {
        if !lobby.canList { return words.cannotList }
        switch lobby.signaling {
        case .connected: return lobby.channels.isEmpty && lobby.typed.isEmpty ? words.noChannels : words.noneOfThatName
        // Whole, which the header has no room for.
        case .lost(let why): return words.lost(why)
        case .connecting: return ""
        }
    }

    private static func add(
        _ channel: LobbyChannel, state: String, isSelected: Bool, isFocused: Bool, row: Int, _ columns: Columns, to pane: inout PaneContent
    ) {
        let isQuiet = channel.isFull || channel.isRecent
        let style: TextStyle = isSelected && isFocused ? .accent : isQuiet ? .dim : .plain
        if isSelected { pane.runs.append(TextRun(text: ">", column: 1, row: row, style: isFocused ? .accent : .plain)) }
        pane.runs.append(TextRun(text: channel.name, column: 3, row: row, style: style, limit: columns.name))
        let stateAt = 3 + columns.name + 2
        let room = pane.region.columns - stateAt
        guard room > 0 else { return }
        pane.runs.append(TextRun(text: state, column: stateAt, row: row, style: isQuiet ? .dim : .plain, limit: room))
        let namesAt = stateAt + columns.state + 2
        let names = channel.names.filter { !$0.isEmpty }.joined(separator: ", ")
        let left = pane.region.columns - namesAt - 1
        if left > 2, !names.isEmpty { pane.runs.append(TextRun(text: names, column: namesAt, row: row, style: .dim, limit: left)) }
    }
}
