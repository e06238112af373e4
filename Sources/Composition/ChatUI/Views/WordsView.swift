import CellGraphics

/// Whether anybody sits between us and another: the words to read aloud, and what is remembered of the other side's key. With several
/// others a list of them all, and the same for the one that is chosen.
enum WordsView {
    static func pane(_ call: CallModel, in area: CellRegion) -> PaneContent {
        let columns = min(area.columns, call.isGroup ? 72 : 58)
        let inner = max(4, columns - 4)
        let person = call.selectedPerson
        let most = max(1, area.rows - 2)
        var listed = 0
        var gap = 0
        var details: [(String, TextStyle)] = []
        // What can be done without yields: first rows of the list, then gaps, then what is only remembered.
        for brevity in Brevity.allCases {
            details = self.details(person, in: call, brevity).flatMap { line in
                line.0.isEmpty ? [("", line.1)] : TerminalText.wrap(line.0, columns: inner).map { ($0, line.1) }
            }
            gap = call.isGroup && brevity.hasGaps ? 1 : 0
            let least = brevity == .all ? call.people.count : brevity == .leastList ? 1 : 3
            listed = call.isGroup ? min(call.people.count, max(least, most - details.count - gap)) : 0
            if details.count + gap + listed <= most { break }
        }
        let rows = min(area.rows, listed + gap + details.count + 2)
        var pane = PaneContent.overlay(title: call.words.wordsTitle, columns: columns, rows: rows, in: area)
        var row = 1
        if listed > 0 {
            let index = call.people.firstIndex { $0.id == person?.id } ?? 0
            let first = max(0, min(index - listed / 2, call.people.count - listed))
            for other in call.people[first..<first + listed] where row < rows - 1 {
                add(other, in: call, isSelected: other.id == person?.id, row: row, columns: columns, to: &pane)
                row += 1
            }
            row += gap
        }
        for line in details where row < rows - 1 {
            pane.runs.append(TextRun(text: line.0, column: 2, row: row, style: line.1, limit: inner))
            row += 1
        }
        return pane
    }

    private enum Brevity: CaseIterable {
        case all, shortList, noGaps, noMemories, leastList

        var hasGaps: Bool { self == .all || self == .shortList }
    }

    private static func add(_ person: ChatPerson, in call: CallModel, isSelected: Bool, row: Int, columns: Int, to pane: inout PaneContent)
    {
        if isSelected { pane.runs.append(TextRun(text: ">", column: 1, row: row, style: .accent)) }
        let style: TextStyle = person.isSuspect ? .trouble : isSelected ? .accent : .plain
        let state = TerminalText.sanitize(call.words.wordsState(person), maximumColumns: max(0, columns - 10))
        let stateAt = columns - 2 - TerminalText.width(state)
        let nameWidth = max(4, min(16, stateAt - 4))
        pane.runs.append(
            TextRun(text: "\(person.number) \(call.shortName(of: person))", column: 3, row: row, style: style, limit: nameWidth))
        pane.runs.append(TextRun(text: state, column: stateAt, row: row, style: person.isSuspect ? .trouble : .dim))
        guard case .words(let words) = person.verification else { return }
        let text = words.joined(separator: "-")
        let at = 3 + nameWidth + 1
        if at + TerminalText.width(text) < stateAt { pane.runs.append(TextRun(text: text, column: at, row: row, style: style)) }
    }

    private static func details(_ person: ChatPerson?, in call: CallModel, _ brevity: Brevity) -> [(String, TextStyle)] {
        let words = call.words
        guard let person else { return [(words.wordsNobody, .plain)] }
        let name = TerminalText.sanitize(call.name(of: person), maximumColumns: 32)
        // In a call of two it is plain who is meant.
        let whom = call.isGroup ? name : nil
        let gap: [(String, TextStyle)] = brevity.hasGaps ? [("", .plain)] : []
        var lines: [(String, TextStyle)] = []
        var keys: [String] = call.isGroup ? [words.arrowsChoose] : []
        switch person.verification {
        case .words(let agreed):
            keys.append(words.wordsAgree(call.isGroup ? "Enter" : "y", isBrief: !brevity.hasGaps))
            lines += [(agreed.joined(separator: "  "), .heading)] + gap
            lines.append((brevity == .leastList ? words.wordsReadBriefly : words.wordsRead(whom), .plain))
        case .pending: lines.append((words.wordsPending(whom), .plain))
        case .impossible(let why): lines.append((words.wordsImpossible(whom, why), .plain))
        case .failed(let why): lines.append((words.wordsFailed(whom, why), .trouble))
        }
        if let (text, style) = acquaintance(person, words, name: name, isBrief: brevity == .leastList) {
            // A warning is read before anything else.
            if style == .trouble {
                lines = [(text, style)] + gap + lines
            } else if brevity.hasGaps || brevity == .noGaps {
                lines += gap + [(text, style)]
            }
        }
        if !keys.isEmpty { lines += gap + [((keys + [words.wordsClose]).joined(separator: brevity.hasGaps ? "    " : "  "), .dim)] }
        return lines
    }

    private static func acquaintance(_ person: ChatPerson, _ words: Words, name: String, isBrief: Bool) -> (String, TextStyle)? {
        switch person.acquaintance {
        case .unknown: return nil
        case .firstSeen: return (words.wordsFirstSeen(name), .dim)
        case .known(let since, let isVerified): return (words.wordsKnown(name, since: since, isVerified: isVerified), .dim)
        case .changed(let since):
            return (isBrief ? words.wordsChangedBriefly(since: since) : words.wordsChanged(name, since: since), .trouble)
        }
    }
}
