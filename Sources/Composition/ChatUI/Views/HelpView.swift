import CellGraphics

/// The keys of a call, over the picture: those that are bound, by what they are about. All at once, in two columns where they are wide
/// enough; else page by page.
enum HelpView {
    struct Line: Equatable {
        /// Empty: a heading.
        var keys: String
        var text: String
    }

    private enum Layout {
        case columns([Line], [Line])
        case pages([[Line]])
    }

    private static func groups(_ model: ChatModel) -> [(heading: String, lines: [Line])] {
        let words = model.words
        func line(_ actions: ChatAction..., or fixed: [String] = []) -> [Line] {
            let keys = actions.flatMap { model.keys.keys(for: $0) }.map(KeyMap.name(of:)).prefix(4 - fixed.count) + fixed
            guard let first = actions.first, !keys.isEmpty else { return [] }
            return [Line(keys: keys.joined(separator: " "), text: words.help(first))]
        }
        let call =
            line(.microphone) + line(.pushToTalk) + line(.camera) + line(.chat, or: ["Tab", "Enter"]) + line(.words)
            + (model.keys.key(for: .words) == nil ? [] : [Line(keys: model.call.isGroup ? "y Enter" : "y", text: words.helpAgree)])
            + line(.invite) + line(.statistics) + line(.leave)
        let picture =
            line(.ownPicture) + line(.fit) + line(.render) + line(.colors)
            + line(.brighter, .darker, .moreContrast, .lessContrast) + line(.snapshot)
        let people = model.call.isGroup ? [Line(keys: "1-9 ← →", text: words.helpEnlarge)] + line(.showAll) : []
        let screen =
            line(.help) + [
                Line(keys: "PgUp PgDn", text: words.helpScroll), Line(keys: "Esc", text: words.helpClose),
                Line(keys: "Ctrl-L", text: words.helpRedraw), Line(keys: "Ctrl-Z", text: words.helpPause),
                Line(keys: "Ctrl-C", text: words.helpQuit),
            ]
        return [(words.helpCall, call), (words.helpPicture, picture), (words.helpPeople, people), (words.helpScreen, screen)]
            .filter { !$0.1.isEmpty }
    }

    private static func layout(_ model: ChatModel, in area: CellRegion) -> Layout {
        let groups = groups(model)
        let most = max(1, area.rows - 2)
        func column(_ groups: some Sequence<(heading: String, lines: [Line])>) -> [Line] {
            Array(groups.map { [Line(keys: "", text: $0.heading)] + $0.lines }.joined(separator: [Line(keys: "", text: "")]))
        }
        let all = column(groups)
        // Where they are as high as each other.
        let splits = groups.indices.dropFirst().map { (column(groups[..<$0]), column(groups[$0...])) }
        if let (left, right) = splits.min(by: { max($0.0.count, $0.1.count) < max($1.0.count, $1.1.count) }),
            width(left) + gap + width(right) + 4 <= area.columns, max(left.count, right.count) <= most
        {
            return .columns(left, right)
        }
        if all.count <= most { return .pages([all]) }
        let lines = groups.flatMap(\.lines)
        return .pages(stride(from: 0, to: lines.count, by: most).map { Array(lines[$0..<min(lines.count, $0 + most)]) })
    }

    private static let gap = 4

    private static func keyWidth(_ lines: [Line]) -> Int { lines.map { TerminalText.width($0.keys) }.max() ?? 0 }

    private static func width(_ lines: [Line]) -> Int {
        let keys = keyWidth(lines)
        return lines.map { $0.keys.isEmpty ? TerminalText.width($0.text) : keys + 2 + TerminalText.width($0.text) }.max() ?? 0
    }

    static func pageCount(_ model: ChatModel, in area: CellRegion) -> Int {
        if case .pages(let pages) = layout(model, in: area) { pages.count } else { 1 }
    }

    static func pane(_ model: ChatModel, in area: CellRegion) -> PaneContent {
        switch layout(model, in: area) {
        case .columns(let left, let right):
            let width = width(left) + gap + Self.width(right)
            var pane = PaneContent.overlay(
                title: model.words.helpTitle, columns: width + 4, rows: max(left.count, right.count) + 2, in: area)
            add(left, column: 2, to: &pane)
            add(right, column: 2 + Self.width(left) + gap, to: &pane)
            return pane
        case .pages(let pages):
            let page = max(0, min(pages.count - 1, model.helpPage))
            let key = model.keys.key(for: .help).map(KeyMap.name(of:)) ?? "↓"
            let title =
                pages.count > 1 ? model.words.helpTitle(page: page + 1, of: pages.count, key: key) : model.words.helpTitle
            // The pages are as large as each other, so that turning moves nothing.
            let (columns, rows) = (pages.map(width).max() ?? 0, pages.map(\.count).max() ?? 0)
            var pane = PaneContent.overlay(title: title, columns: max(columns, TerminalText.width(title) + 4) + 4, rows: rows + 2, in: area)
            add(pages[page], column: 2, to: &pane)
            return pane
        }
    }

    private static func add(_ lines: [Line], column: Int, to pane: inout PaneContent) {
        let keys = keyWidth(lines)
        for (row, line) in lines.enumerated() where row + 2 < pane.region.rows {
            if line.keys.isEmpty {
                pane.runs.append(TextRun(text: line.text, column: column, row: row + 1, style: .heading))
                continue
            }
            let text = column + keys + 2
            pane.runs.append(TextRun(text: line.keys, column: column, row: row + 1, style: .accent))
            pane.runs.append(TextRun(text: line.text, column: text, row: row + 1, limit: max(0, pane.region.columns - text - 1)))
        }
    }
}
