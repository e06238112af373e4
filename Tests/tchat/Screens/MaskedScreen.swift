import TestSupport

/// A screen as text in which everything that varies from run to run is hidden, so that two of the same state are the same.
///
/// Cells of pictures become `▒`. A time, a port, a measure: each digit becomes `#`. Levels become blanks. Verification words become `~`;
/// where they are lines of their own in a list of events, these go, since nobody knows how many they are. In the line of state at the
/// bottom measures go altogether, with their units and what is remarked of them in brackets. That a connection was interrupted for a
/// moment, as on a machine that is too busy, goes from a list of events.
struct MaskedScreen: Equatable {
    var rows: [String]
    /// Rows that tell nothing, as what stood there has made way for what is masked.
    private var lost: Range<Int> = 0..<0

    /// - Parameters:
    ///   - words: the call's verification words.
    ///   - events: the columns in which events are listed, where these are beside a picture.
    ///   - hasState: the last row is a line of state.
    ///   - lost: rows of events that a moment's interruption has moved.
    init(
        _ screen: VirtualTerminal, words: [String] = [], events: Range<Int>? = nil, hasState: Bool = false, lost: Range<Int> = 0..<0
    ) {
        self.lost = lost
        var cells = (0..<screen.rows).map { row in (0..<screen.columns).map { Self.shown(screen[$0, row]) } }
        if let events { Self.dropInterruptions(&cells, columns: events) }
        if !words.isEmpty {
            for row in cells.indices { Self.hide(words, in: &cells[row]) }
            if let events {
                for row in cells.indices.dropLast() { Self.hide(words, in: &cells[row], columns: events) }
                Self.closeUp(&cells, columns: events)
            }
        }
        for row in cells.indices { Self.hideNumbers(in: &cells[row]) }
        // Whether the words have room depends on which they are.
        rows = cells.map { row in
            Self.trimmed(row.joined()).replacing("words: press w", with: "words: ~").replacing("확인 단어: w 키", with: "확인 단어: ~")
        }
        if hasState, let last = cells.last { rows[rows.count - 1] = Self.state(last.joined()) }
    }

    /// The same, but for what is lost.
    func isAsIn(_ golden: [String]?) -> Bool {
        guard let golden, golden.count == rows.count else { return false }
        return rows.indices.allSatisfy { lost.contains($0) || rows[$0] == golden[$0] }
    }

    // MARK: - Interruptions

    private static let interruptions = ["connection interrupted", "connection is back", "연결이 잠시 끊김", "다시 연결됨"]

    /// A row of the screen tells of one, or the beginning of one that goes on in the next row.
    static func tellsOfInterruption(_ screen: VirtualTerminal) -> Bool {
        screen.text.contains { row in interruptions.contains { row.contains($0) } }
    }

    /// Takes such events out, over however many lines they go, and what is under them up; the last row of the column is the field's.
    private static func dropInterruptions(_ cells: inout [[String]], columns: Range<Int>) {
        let lines = cells.dropLast(2).map { Array($0[columns]) }
        var entries: [[[String]]] = []
        for line in lines {
            let text = line.joined()
            let isContinued = !text.allSatisfy { $0 == " " } && text.hasPrefix("     ")
            if isContinued, !entries.isEmpty { entries[entries.count - 1].append(line) } else { entries.append([line]) }
        }
        let kept = entries.filter { entry in
            let text = entry.map { $0.joined().split(separator: " ").joined(separator: " ") }.joined(separator: " ")
            return !interruptions.contains { text.hasSuffix($0) }
        }
        .flatMap { $0 }
        guard kept.count < lines.count else { return }
        for row in lines.indices {
            cells[row].replaceSubrange(
                columns, with: kept.indices.contains(row) ? kept[row] : Array(repeating: " ", count: columns.count))
        }
    }

    // MARK: - Cells

    private static func shown(_ cell: VirtualTerminal.Cell) -> String {
        if cell.isPicture { return "▒" }
        return cell.text.count == 1 && "▁▂▃▄▅▆▇".contains(cell.text) ? " " : cell.text
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    // MARK: - Numbers

    private static let units = ["ms", "s", "fps", "kb/s", "kB/s", "MB/s", "Mb/s", "%", "초", "밀리초"]

    private static func hideNumbers(in row: inout [String]) {
        var at = 0
        while at < row.count {
            guard isDigit(row[at]) else {
                at += 1
                continue
            }
            var end = at + 1
            while end < row.count, isDigit(row[end]) || ".:".contains(row[end]) && end + 1 < row.count && isDigit(row[end + 1]) { end += 1 }
            // A clock, an address, a port or a year; or followed by a unit.
            let number = row[at..<end].joined()
            var rest = row[end...].prefix(8).joined()[...]
            if rest.first == " " { rest.removeFirst() }
            let unit = String(rest.prefix { !$0.isWhitespace && !",.;)│".contains($0) })
            if number.contains(where: { ".:".contains($0) }) || number.count >= 4 || units.contains(unit) {
                for index in at..<end where isDigit(row[index]) { row[index] = "#" }
            }
            at = end
        }
    }

    private static func isDigit(_ text: String) -> Bool { text.utf8.count == 1 && (48...57).contains(text.utf8[text.utf8.startIndex]) }

    // MARK: - Words

    /// Of words that stand in a box, all up to its edges. One alone may be anybody's, but for those in a list that break over lines.
    private static func hide(_ words: [String], in row: inout [String], columns: Range<Int>? = nil) {
        var found: [Range<Int>] = []
        for word in words {
            let letters = word.map { String($0) }
            var at = columns?.lowerBound ?? 0
            while at + letters.count <= columns?.upperBound ?? row.count {
                let end = at + letters.count
                let isWhole = (at == 0 || !isLetter(row[at - 1])) && (end == row.count || !isLetter(row[end]))
                if isWhole, Array(row[at..<end]) == letters { found.append(at..<end) }
                at += 1
            }
        }
        guard found.count > (columns == nil ? 2 : 0) else { return }
        for word in found {
            let (start, end) = edges(around: word, in: row)
            for index in start..<end { row[index] = "~" }
        }
        // At the end of a line nothing follows that their lengths could move.
        guard columns == nil, let first = row.firstIndex(of: "~"), let last = row.lastIndex(of: "~"),
            row[last...].dropFirst().allSatisfy({ $0 == " " })
        else { return }
        for index in (first + 1)..<max(first + 1, row.count) { row[index] = " " }
    }

    private static func isLetter(_ text: String) -> Bool { text.first?.isLetter ?? false }

    private static func edges(around word: Range<Int>, in row: [String]) -> (Int, Int) {
        guard let left = row[..<word.lowerBound].lastIndex(of: "│"), let right = row[word.upperBound...].firstIndex(of: "│") else {
            return (word.lowerBound, word.upperBound)
        }
        return (left + 1, right)
    }

    /// Takes lines of hidden words out of a column of events, and what is under them up.
    private static func closeUp(_ cells: inout [[String]], columns: Range<Int>) {
        let lines = cells.dropLast().map { Array($0[columns]) }
        var kept: [[String]] = []
        for var line in lines {
            guard let first = line.firstIndex(of: "~") else {
                kept.append(line)
                continue
            }
            // The event's first line has its time.
            guard line[..<first].contains(where: isDigit) else { continue }
            for index in (first + 1)..<line.count { line[index] = " " }
            kept.append(line)
        }
        while kept.count < lines.count { kept.append(Array(repeating: " ", count: columns.count)) }
        for (row, line) in kept.enumerated() { cells[row].replaceSubrange(columns, with: line) }
    }

    // MARK: - The line of state

    private static let measures: Set<String> = ["ms", "fps", "kb/s", "kB/s", "Mb/s", "MB/s", "%", "tty", "loss", "손실"]

    private static func state(_ text: String) -> String {
        text.split(separator: " ").filter { token in
            !measures.contains(String(token)) && !token.hasPrefix("(") && !token.contains { $0.isNumber || $0 == "#" || $0 == "~" }
        }
        .joined(separator: " ")
    }
}

extension VirtualTerminal.Cell {
    /// One of a picture in half blocks, with colours: no text has such a background but what is bold.
    var isPicture: Bool {
        if case .indexed = background { return !bold && !reverse && text.count == 1 && " ▀▄█".contains(text) }
        if case .rgb = background { return !bold && !reverse && text.count == 1 && " ▀▄█".contains(text) }
        if case .rgb = foreground { return text == "█" }
        return false
    }
}

extension VirtualTerminal {
    /// The picture cells in a region, or of all.
    func pictureCells(columns: Range<Int>? = nil, rows: Range<Int>? = nil) -> Int {
        var count = 0
        for row in rows ?? 0..<self.rows {
            for column in columns ?? 0..<self.columns where self[column, row].isPicture { count += 1 }
        }
        return count
    }
}
