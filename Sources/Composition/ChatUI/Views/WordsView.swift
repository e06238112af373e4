import CellGraphics

/// Whether anybody sits between the two: the words to read aloud, and what is remembered of the other side's key.
enum WordsView {
    static func pane(_ call: CallModel, in area: CellRegion) -> PaneContent {
        let columns = min(area.columns, 58)
        var lines: [(String, TextStyle)] = []
        switch call.verification {
        case .words(let words):
            lines += [(words.joined(separator: "  "), .heading), ("", .plain)]
            lines.append(("Read them aloud to each other. The same on both ends: nobody sits between you. Different: hang up.", .plain))
        case .pending: lines.append(("The words are being agreed on.", .plain))
        case .impossible(let why): lines.append(("It cannot be verified that nobody sits between you: \(why).", .plain))
        case .failed(let why): lines.append(("Somebody may sit between you: \(why). Hang up, and do not trust this call.", .trouble))
        }
        if let (text, style) = acquaintance(call) { lines += [("", .plain), (text, style)] }
        if case .words = call.verification { lines += [("", .plain), ("y they are the same    Esc close", .dim)] }
        let wrapped = lines.flatMap { line in
            line.0.isEmpty ? [("", line.1)] : TerminalText.wrap(line.0, columns: max(4, columns - 4)).map { ($0, line.1) }
        }
        let rows = min(area.rows, wrapped.count + 2)
        var pane = PaneContent(
            region: CellRegion(
                column: area.column + (area.columns - columns) / 2, row: area.row + (area.rows - rows) / 2, columns: columns, rows: rows),
            isOverlay: true)
        pane.box(title: "words", style: .plain)
        for (row, line) in wrapped.prefix(max(0, rows - 2)).enumerated() {
            pane.runs.append(TextRun(text: line.0, column: 2, row: row + 1, style: line.1, limit: columns - 4))
        }
        return pane
    }

    private static func acquaintance(_ call: CallModel) -> (String, TextStyle)? {
        let name = TerminalText.sanitize(call.otherName, maximumColumns: 32)
        switch call.acquaintance {
        case .unknown: return nil
        case .firstSeen: return ("This is the first call with \(name) on this machine.", .dim)
        case .known(let since, let isVerified):
            return ("\(name) has had this key since \(since)" + (isVerified ? ", and its words were compared." : "."), .dim)
        case .changed(let since):
            return (
                "THE KEY HAS CHANGED. Until now \(name) had another one, known since \(since). It may be a new machine, or somebody else: "
                    + "compare the words before you say anything.", .trouble
            )
        }
    }
}
