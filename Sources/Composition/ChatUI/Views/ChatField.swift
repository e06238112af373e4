import CellGraphics

/// Where a line for the chat is typed: at the bottom of the side pane, or over the line of state.
enum ChatField {
    static func add(_ model: ChatModel, to screen: inout ScreenContent) {
        let (columns, rows) = (model.size.columns, model.size.rows)
        let side = CallLayout.parts(of: model.size).side
        let region =
            side.map { CellRegion(column: $0.column, row: $0.endRow - 1, columns: $0.columns, rows: 1) }
            ?? CellRegion(column: 0, row: rows - 2, columns: columns, rows: 1)
        var pane = PaneContent(region: region, isOverlay: side == nil)
        let margin = side == nil ? 1 : 2
        if let draft = model.call.draft {
            let label = side == nil ? model.words.chatSay : "> "
            pane.runs.append(TextRun(text: label, column: margin, row: 0, style: .accent))
            let at = margin + TerminalText.width(label)
            pane.runs += runs(draft, column: at, columns: region.columns - 1 - at)
        } else if side != nil {
            if model.call.isChatOpen, let key = model.keys.key(for: .chat) {
                let text = model.words.chatPlaceholder(key: KeyMap.name(of: key))
                pane.runs.append(TextRun(text: text, column: margin, row: 0, style: .dim, limit: region.columns - 1 - margin))
                screen.targets.append(ClickTarget(region: region, action: .action(.chat)))
            }
        } else {
            return
        }
        screen.panes.append(pane)
    }

    /// So much of the line as there is room for, with the cursor always in it; an ellipsis where it goes on to the left.
    private static func runs(_ draft: CallModel.Draft, column: Int, columns: Int) -> [TextRun] {
        let all = draft.clusters
        let cursor = min(draft.cursor, all.count)
        func width(_ clusters: ArraySlice<TextCluster>) -> Int { clusters.reduce(0) { $0 + $1.width } }
        let under = cursor < all.count ? all[cursor] : TextCluster.blank
        let after = width(all[min(all.count, cursor + 1)...])
        // Some of what follows stays in sight, so that it is seen where the cursor goes.
        let right = min(after, columns / 4)
        var start = 0
        var left = width(all[..<cursor])
        if left + under.width + after + (after == 0 ? 0 : 1) > columns {
            while start < cursor, left + under.width + right > columns - (start > 0 ? 1 : 0) {
                left -= all[start].width
                start += 1
            }
        }
        var runs: [TextRun] = []
        var at = column
        func add(_ text: String, _ style: TextStyle) {
            guard !text.isEmpty, at < column + columns else { return }
            runs.append(TextRun(text: text, column: at, row: 0, style: style, limit: column + columns - at))
            at += TerminalText.width(text)
        }
        if start > 0 { add("…", .dim) }
        add(TerminalText.string(of: all[start..<cursor]), .plain)
        add(under.text, .selected)
        add(TerminalText.string(of: all[min(all.count, cursor + 1)...]), .plain)
        return runs
    }
}

extension TextCluster {
    /// What a cursor behind the last character stands on.
    fileprivate static let blank = TerminalText.clusters(" ")[0]
}
