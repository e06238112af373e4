import CellGraphics
import QRCode

/// How others come into this channel: the link, and its QR code where there is room, over everything but the status line.
enum InviteView {
    /// Of the text beside a code, at the least.
    private static let narrowest = 26

    static func pane(_ model: ChatModel) -> PaneContent {
        let area = CellRegion(column: 0, row: 0, columns: model.size.columns, rows: model.size.rows - 1)
        let words = model.words
        guard let invitation = model.invitation, model.call.phase != .joining else {
            return text([(words.noLinkYet, .plain), (words.escapeCloses, .dim)], model, in: area)
        }
        var lines: [(String, TextStyle)] = [(invitation.link, .accent), (words.inviteHow(invitation.reach), .plain)]
        if invitation.hasToken { lines.append((words.inviteToken, .trouble)) }
        let end: [(String, TextStyle)] = [(words.escapeCloses, .dim)]
        guard let code = invitation.code else { return text(lines + [(words.tooLongForCode, .dim)] + end, model, in: area) }
        for zone in [QRCode.quietZone, QRCode.quietZone / 2] {
            let (columns, rows) = (code.size + 2 * zone, (code.size + 2 * zone + 1) / 2)
            guard rows + 2 <= area.rows, columns + 4 <= area.columns else { continue }
            let room = area.columns - columns - 6
            // Beside the code, else under it.
            if room >= narrowest {
                let longest = lines.map { TerminalText.width($0.0) }.max() ?? 0
                let width = min(room, max(narrowest, min(longest, 44)))
                let wrapped = wrap(lines + end, columns: width)
                guard wrapped.count <= area.rows - 2 else { continue }
                var pane = PaneContent.overlay(
                    title: words.inviteTitle, columns: columns + width + 6, rows: max(rows, wrapped.count) + 2, in: area)
                draw(code, zone: zone, column: 2, row: 1, on: &pane)
                put(wrapped, column: columns + 4, row: 1 + max(0, (rows - wrapped.count) / 2), on: &pane)
                return pane
            }
            let wrapped = wrap(lines, columns: area.columns - 4)
            guard rows + 2 + wrapped.count <= area.rows else { continue }
            let width = max(columns, wrapped.map { TerminalText.width($0.0) }.max() ?? 0)
            var pane = PaneContent.overlay(title: words.inviteTitle, columns: width + 4, rows: rows + wrapped.count + 2, in: area)
            draw(code, zone: zone, column: 2 + (width - columns) / 2, row: 1, on: &pane)
            put(wrapped, column: 2, row: 1 + rows, on: &pane)
            return pane
        }
        return text(lines + [(words.noRoomForCode, .dim)] + end, model, in: area)
    }

    /// Light modules are ink, so that a code is seen on a dark terminal without colours too.
    private static func draw(_ code: QRCode, zone: Int, column: Int, row: Int, on pane: inout PaneContent) {
        let size = code.size + 2 * zone
        for y in stride(from: 0, to: size, by: 2) {
            let text = String(
                (0..<size).map { x -> Character in
                    switch (code[x - zone, y - zone], code[x - zone, y + 1 - zone]) {
                    case (false, false): "█"
                    case (false, true): "▀"
                    case (true, false): "▄"
                    case (true, true): " "
                    }
                })
            pane.runs.append(TextRun(text: text, column: column, row: row + y / 2, style: .code))
        }
    }

    private static func wrap(_ lines: [(String, TextStyle)], columns: Int) -> [(String, TextStyle)] {
        lines.flatMap { line in TerminalText.wrap(line.0, columns: columns).map { ($0, line.1) } }
    }

    private static func put(_ lines: [(String, TextStyle)], column: Int, row: Int, on pane: inout PaneContent) {
        for (offset, line) in lines.enumerated() where row + offset + 1 < pane.region.rows {
            pane.runs.append(
                TextRun(text: line.0, column: column, row: row + offset, style: line.1, limit: pane.region.columns - column - 1))
        }
    }

    private static func text(_ lines: [(String, TextStyle)], _ model: ChatModel, in area: CellRegion) -> PaneContent {
        let wrapped = wrap(lines, columns: min(72, area.columns - 4))
        let width = wrapped.map { TerminalText.width($0.0) }.max() ?? 0
        var pane = PaneContent.overlay(title: model.words.inviteTitle, columns: width + 4, rows: wrapped.count + 2, in: area)
        put(wrapped, column: 2, row: 1, on: &pane)
        return pane
    }
}
