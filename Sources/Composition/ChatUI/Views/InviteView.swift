import CellGraphics
import QRCode

/// How others come into this channel: the link, and its QR code where there is room, over everything but the status line.
///
/// In a box, as long as the link fits into one of its rows; a longer one takes rows of the whole screen with nothing beside it, so that
/// marking them with the mouse marks the link alone.
enum InviteView {
    private typealias Line = (String, TextStyle)

    /// Of the text beside a code, at the least.
    private static let narrowest = 26

    static func pane(_ model: ChatModel) -> PaneContent {
        let area = CellRegion(column: 0, row: 0, columns: model.size.columns, rows: model.size.rows - 1)
        let words = model.words
        guard let invitation = model.invitation, model.call.phase != .joining else {
            return box([(words.noLinkYet, .plain)], words, in: area)
        }
        guard !invitation.link.isEmpty else { return box([(words.inviteHow(invitation.reach), .plain)], words, in: area) }
        var lines: [Line] = [(words.inviteCopy, .dim)]
        if invitation.hasToken { lines.append((words.inviteToken, .trouble)) }
        lines.append((words.inviteHow(invitation.reach), .plain))
        let link: Line = (invitation.link, .accent)
        let width = TerminalText.width(invitation.link)
        guard let code = invitation.code else {
            lines.append((words.tooLongForCode, .dim))
            return width <= inner(area) ? box([link] + lines, words, in: area) : open(link, lines, words, in: area)
        }
        for zone in [QRCode.quietZone, QRCode.quietZone / 2] {
            if let pane = boxed(link, lines, code, zone: zone, words, in: area) { return pane }
            if let pane = open(link, lines, code, zone: zone, words, in: area) { return pane }
        }
        lines.append((words.noRoomForCode, .dim))
        return width <= inner(area) ? box([link] + lines, words, in: area) : open(link, lines, words, in: area)
    }

    /// What a box without a code has for a row of text.
    private static func inner(_ area: CellRegion) -> Int { min(72, area.columns - 4) }

    // MARK: - In a box

    /// Beside the code, else under it; nil: one of the two has no room.
    private static func boxed(_ link: Line, _ lines: [Line], _ code: QRCode, zone: Int, _ words: Words, in area: CellRegion) -> PaneContent?
    {
        let (columns, rows) = (code.size + 2 * zone, (code.size + 2 * zone + 1) / 2)
        guard rows + 2 <= area.rows, columns + 4 <= area.columns else { return nil }
        let room = area.columns - columns - 6
        let linkWidth = TerminalText.width(link.0)
        if room >= max(narrowest, linkWidth) {
            let longest = ([link] + lines).map { TerminalText.width($0.0) }.max() ?? 0
            let width = min(room, max(narrowest, linkWidth, min(longest, 44)))
            let wrapped = wrap([link] + lines + [(words.escapeCloses, .dim)], columns: width)
            if wrapped.count <= area.rows - 2 {
                var pane = PaneContent.overlay(
                    title: words.inviteTitle, columns: columns + width + 6, rows: max(rows, wrapped.count) + 2, in: area)
                draw(code, zone: zone, column: 2, row: 1, on: &pane)
                put(wrapped, column: columns + 4, row: 1 + max(0, (rows - wrapped.count) / 2), to: pane.region.rows - 1, on: &pane)
                return pane
            }
        }
        guard linkWidth <= area.columns - 4 else { return nil }
        let wrapped = wrap([link] + lines, columns: area.columns - 4)
        guard rows + 2 + wrapped.count <= area.rows else { return nil }
        let width = max(columns, wrapped.map { TerminalText.width($0.0) }.max() ?? 0)
        var pane = PaneContent.overlay(title: words.inviteTitle, columns: width + 4, rows: rows + wrapped.count + 2, in: area)
        draw(code, zone: zone, column: 2 + (width - columns) / 2, row: 1, on: &pane)
        put(wrapped, column: 2, row: 1 + rows, to: pane.region.rows - 1, on: &pane)
        return pane
    }

    private static func box(_ lines: [Line], _ words: Words, in area: CellRegion) -> PaneContent {
        let wrapped = wrap(lines + [(words.escapeCloses, .dim)], columns: inner(area))
        let width = wrapped.map { TerminalText.width($0.0) }.max() ?? 0
        var pane = PaneContent.overlay(title: words.inviteTitle, columns: width + 4, rows: wrapped.count + 2, in: area)
        put(wrapped, column: 2, row: 1, to: pane.region.rows - 1, on: &pane)
        return pane
    }

    // MARK: - Without borders

    /// The link from edge to edge, between two rules, under the code and what is to be said; nil: one of them has no room.
    private static func open(_ link: Line, _ lines: [Line], _ code: QRCode, zone: Int, _ words: Words, in area: CellRegion) -> PaneContent?
    {
        let (columns, rows) = (code.size + 2 * zone, (code.size + 2 * zone + 1) / 2)
        let pieces = pieces(link.0, columns: area.columns)
        let room = area.columns - columns - 4
        if room >= narrowest {
            let texts = wrap(lines + [(words.escapeCloses, .dim)], columns: min(room, 44))
            let top = max(rows, texts.count)
            guard top + 1 + pieces.count <= area.rows else { return nil }
            var pane = open(rows: top + 2 + pieces.count, in: area)
            let left = max(1, (area.columns - columns - 2 - (texts.map { TerminalText.width($0.0) }.max() ?? 0)) / 2)
            draw(code, zone: zone, column: left, row: 0, on: &pane)
            put(texts, column: left + columns + 2, row: (top - texts.count) / 2, to: top, on: &pane)
            add(pieces, link.1, words, row: top, to: &pane)
            return pane
        }
        // Where the link would fit into a box, the code goes rather than that.
        guard TerminalText.width(link.0) > inner(area), columns <= area.columns else { return nil }
        let texts = wrap(lines + [(words.escapeCloses, .dim)], columns: area.columns - 2)
        guard rows + 2 + pieces.count + texts.count <= area.rows else { return nil }
        var pane = open(rows: rows + 2 + pieces.count + texts.count, in: area)
        draw(code, zone: zone, column: (area.columns - columns) / 2, row: 0, on: &pane)
        let end = add(pieces, link.1, words, row: rows, to: &pane)
        put(texts, column: 1, row: end, to: pane.region.rows, on: &pane)
        return pane
    }

    /// Without a code. What has no room is the end of what is to be said, never of the link.
    private static func open(_ link: Line, _ lines: [Line], _ words: Words, in area: CellRegion) -> PaneContent {
        let pieces = pieces(link.0, columns: area.columns)
        let texts = wrap(lines + [(words.escapeCloses, .dim)], columns: area.columns - 2)
        var pane = open(rows: 2 + pieces.count + texts.count, in: area)
        let end = add(pieces, link.1, words, row: 0, to: &pane)
        put(texts, column: 1, row: end, to: pane.region.rows, on: &pane)
        return pane
    }

    private static func open(rows: Int, in area: CellRegion) -> PaneContent {
        let rows = min(area.rows, rows)
        return PaneContent(
            region: CellRegion(column: area.column, row: area.row + (area.rows - rows) / 2, columns: area.columns, rows: rows),
            isOverlay: true)
    }

    /// Gives the row after it.
    @discardableResult private static func add(_ pieces: [String], _ style: TextStyle, _ words: Words, row: Int, to pane: inout PaneContent)
        -> Int
    {
        rule(words.inviteTitle, row: row, on: &pane)
        for (offset, piece) in pieces.enumerated() where row + 1 + offset < pane.region.rows {
            pane.runs.append(TextRun(text: piece, column: 0, row: row + 1 + offset, style: style))
        }
        let end = row + 1 + pieces.count
        if end < pane.region.rows { rule("", row: end, on: &pane) }
        return end + 1
    }

    private static func rule(_ title: String, row: Int, on pane: inout PaneContent) {
        let columns = pane.region.columns
        let label = title.isEmpty ? "" : TerminalText.sanitize(" \(title) ", maximumColumns: columns)
        let free = columns - TerminalText.width(label)
        func line(_ count: Int) -> String { String(repeating: "─", count: max(0, count)) }
        pane.runs.append(TextRun(text: line(free / 2) + label + line(free - free / 2), column: 0, row: row, style: .plain))
    }

    /// Every row but the last is filled to its edge.
    private static func pieces(_ text: String, columns: Int) -> [String] {
        var rows: [[TextCluster]] = [[]]
        var at = 0
        for cluster in TerminalText.clusters(text) {
            if at + cluster.width > max(1, columns) {
                rows.append([])
                at = 0
            }
            rows[rows.count - 1].append(cluster)
            at += cluster.width
        }
        return rows.map { TerminalText.string(of: $0) }
    }

    // MARK: - Parts

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

    private static func wrap(_ lines: [Line], columns: Int) -> [Line] {
        lines.flatMap { line in TerminalText.wrap(line.0, columns: columns).map { ($0, line.1) } }
    }

    /// - Parameter end: the row after the last that may be written on.
    private static func put(_ lines: [Line], column: Int, row: Int, to end: Int, on pane: inout PaneContent) {
        for (offset, line) in lines.enumerated() where row + offset < end {
            pane.runs.append(
                TextRun(text: line.0, column: column, row: row + offset, style: line.1, limit: pane.region.columns - column - 1))
        }
    }
}
