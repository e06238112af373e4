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
        var pane = PaneContent(
            region: CellRegion(
                column: area.column + (area.columns - columns) / 2, row: area.row + (area.rows - rows) / 2, columns: columns, rows: rows),
            isOverlay: true)
        pane.box(title: "words", style: .plain)
        var row = 1
        if listed > 0 {
            let index = call.people.firstIndex { $0.id == person?.id } ?? 0
            let first = max(0, min(index - listed / 2, call.people.count - listed))
            for other in call.people[first..<first + listed] where row < rows - 1 {
                add(other, isSelected: other.id == person?.id, row: row, columns: columns, to: &pane)
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

    private static func add(_ person: ChatPerson, isSelected: Bool, row: Int, columns: Int, to pane: inout PaneContent) {
        if isSelected { pane.runs.append(TextRun(text: ">", column: 1, row: row, style: .accent)) }
        let style: TextStyle = person.isSuspect ? .trouble : isSelected ? .accent : .plain
        let state = state(person)
        let stateAt = columns - 2 - TerminalText.width(state)
        let nameWidth = max(4, min(16, stateAt - 4))
        pane.runs.append(
            TextRun(text: "\(person.number) \(person.shortName)", column: 3, row: row, style: style, limit: nameWidth))
        pane.runs.append(TextRun(text: state, column: stateAt, row: row, style: person.isSuspect ? .trouble : .dim))
        guard case .words(let words) = person.verification else { return }
        let text = words.joined(separator: "-")
        let at = 3 + nameWidth + 1
        if at + TerminalText.width(text) < stateAt { pane.runs.append(TextRun(text: text, column: at, row: row, style: style)) }
    }

    /// In a word or two.
    private static func state(_ person: ChatPerson) -> String {
        if case .failed = person.verification { return "NOT SECURE" }
        switch person.acquaintance {
        case .changed: return "KEY CHANGED"
        case .known(_, isVerified: true): return "verified"
        default: break
        }
        switch person.verification {
        case .impossible: return "not verifiable"
        case .pending: return person.connection == .connected ? "being agreed on" : "no connection"
        default: break
        }
        switch person.acquaintance {
        case .firstSeen: return "first seen"
        case .known(let since, _): return "known since \(TerminalText.sanitize(since, maximumColumns: 10))"
        default: return "not compared"
        }
    }

    private static func details(_ person: ChatPerson?, in call: CallModel, _ brevity: Brevity) -> [(String, TextStyle)] {
        guard let person else { return [("Nobody else is there.", .plain)] }
        let name = TerminalText.sanitize(call.name(of: person), maximumColumns: 32)
        let you = call.isGroup ? "you and \(name)" : "you"
        let gap: [(String, TextStyle)] = brevity.hasGaps ? [("", .plain)] : []
        let agreed = brevity.hasGaps ? "they are the same" : "the same"
        var lines: [(String, TextStyle)] = []
        var keys: [String] = call.isGroup ? ["↑↓ choose"] : []
        switch person.verification {
        case .words(let words):
            keys.append((call.isGroup ? "Enter " : "y ") + agreed)
            let ask = call.isGroup ? "Read them aloud to \(name), and hear theirs." : "Read them aloud to each other."
            lines += [(words.joined(separator: "  "), .heading)] + gap
            let brief = "Compare them aloud; when they differ, hang up."
            let whole = "\(ask) The same on both ends: nobody sits between you. Different: hang up."
            lines.append((brevity == .leastList ? brief : whole, .plain))
        case .pending: lines.append(("The words \(call.isGroup ? "with \(name) " : "")are being agreed on.", .plain))
        case .impossible(let why): lines.append(("It cannot be verified that nobody sits between \(you): \(why).", .plain))
        case .failed(let why): lines.append(("Somebody may sit between \(you): \(why). Hang up, and do not trust this call.", .trouble))
        }
        if let (text, style) = acquaintance(person, name: name, isBrief: brevity == .leastList) {
            // A warning is read before anything else.
            if style == .trouble {
                lines = [(text, style)] + gap + lines
            } else if brevity.hasGaps || brevity == .noGaps {
                lines += gap + [(text, style)]
            }
        }
        if !keys.isEmpty { lines += gap + [((keys + ["Esc close"]).joined(separator: brevity.hasGaps ? "    " : "  "), .dim)] }
        return lines
    }

    private static func acquaintance(_ person: ChatPerson, name: String, isBrief: Bool) -> (String, TextStyle)? {
        switch person.acquaintance {
        case .unknown: return nil
        case .firstSeen: return ("This is the first call with \(name) on this machine.", .dim)
        case .known(let since, let isVerified):
            return ("\(name) has had this key since \(since)" + (isVerified ? ", and its words were compared." : "."), .dim)
        case .changed(let since) where isBrief:
            return ("THE KEY HAS CHANGED since \(since): a new machine, or somebody else.", .trouble)
        case .changed(let since):
            return (
                "THE KEY HAS CHANGED. Until now \(name) had another one, known since \(since). It may be a new machine, or somebody else: "
                    + "compare the words before you say anything.", .trouble
            )
        }
    }
}
