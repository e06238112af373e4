import CellGraphics

/// How a run of text looks. Every meaning is in the words too, never in the colour alone.
enum TextStyle: Hashable, Sendable {
    case plain, heading, dim, accent, selected, trouble, alarm
    /// Ink that is light, on dark: a code that a camera reads.
    case code
    /// Of a person, by their number.
    case name(Int)

    /// Apart from each other and from what means something else; bright enough on black, dark enough on white.
    private static let names: [UInt32] = [0x3fa7d6, 0x59a85a, 0xcc8438, 0xb07bd0, 0x3fb0a0, 0xb59a20]

    var foreground: CellColor {
        switch self {
        case .plain, .heading, .dim, .selected: .default
        case .accent: CellColor(rgb: 0x4fa8e0)
        case .trouble: CellColor(rgb: 0xe05050)
        case .alarm, .code: CellColor(rgb: 0xffffff)
        case .name(let number): CellColor(rgb: Self.names[max(0, number) % Self.names.count])
        }
    }

    var background: CellColor {
        switch self {
        case .alarm: CellColor(rgb: 0xc01c28)
        case .code: CellColor(rgb: 0x000000)
        default: .default
        }
    }

    /// Without colours an alarm is told by being reversed.
    func attributes(hasColors: Bool) -> CellAttributes {
        switch self {
        case .plain, .trouble, .code: []
        case .accent: hasColors ? [] : .bold
        case .heading, .name: .bold
        case .selected: .reverse
        case .dim: .dim
        case .alarm: hasColors ? .bold : [.bold, .reverse]
        }
    }
}

/// A piece of text at a place in its pane.
struct TextRun: Equatable, Sendable {
    var text: String
    var column: Int
    var row: Int
    var style = TextStyle.plain
    /// In columns; what is longer ends in an ellipsis.
    var limit = Int.max
}

/// A rectangle of text, as a view wants it; drawn anew only when it differs from what was drawn.
struct PaneContent: Equatable, Sendable {
    var region: CellRegion
    var runs: [TextRun] = []
    /// Lies over a picture, and is stamped again after each.
    var isOverlay = false
    /// Left free by an overlay: a picture of its own is in there.
    var hole: CellRegion?
    /// Goes where another overlay would lie over it.
    var yields = false

    /// A titled box in the middle of `area`, cut to it, to lie over a picture.
    static func overlay(title: String, columns: Int, rows: Int, in area: CellRegion) -> PaneContent {
        let (columns, rows) = (min(area.columns, columns), min(area.rows, rows))
        var pane = PaneContent(
            region: CellRegion(
                column: area.column + (area.columns - columns) / 2, row: area.row + (area.rows - rows) / 2, columns: columns, rows: rows),
            isOverlay: true)
        pane.box(title: title, style: .plain)
        return pane
    }

    /// Texts side by side with a space of `gap`, as many as fit whole; gives the column after the last.
    @discardableResult
    mutating func row(_ row: Int, from column: Int, to end: Int, gap: Int = 2, _ texts: [(String, TextStyle)]) -> Int {
        var at = column
        for (text, style) in texts {
            let start = at == column ? at : at + gap
            let width = TerminalText.width(text)
            guard start + width <= end else { break }
            runs.append(TextRun(text: text, column: start, row: row, style: style))
            at = start + width
        }
        return at
    }

    mutating func centered(_ text: String, row: Int, style: TextStyle = .plain) {
        let width = min(region.columns, TerminalText.width(text))
        runs.append(TextRun(text: text, column: (region.columns - width) / 2, row: row, style: style, limit: region.columns))
    }

    /// A border with a title, inside the pane's edge.
    mutating func box(title: String, style: TextStyle = .dim) {
        let (columns, rows) = (region.columns, region.rows)
        guard columns >= 2, rows >= 2 else { return }
        let label = title.isEmpty ? "" : TerminalText.sanitize(" \(title) ", maximumColumns: max(0, columns - 4))
        let free = columns - 2 - TerminalText.width(label)
        func line(_ count: Int) -> String { String(repeating: "─", count: max(0, count)) }
        runs.append(TextRun(text: "┌" + line(free / 2) + label + line(free - free / 2) + "┐", column: 0, row: 0, style: style))
        for row in 1..<rows - 1 {
            runs.append(TextRun(text: "│", column: 0, row: row, style: style))
            runs.append(TextRun(text: "│", column: columns - 1, row: row, style: style))
        }
        runs.append(TextRun(text: "└" + line(columns - 2) + "┘", column: 0, row: rows - 1, style: style))
    }
}

/// What a screen consists of: panes of text, and where the pictures go.
struct ScreenContent: Equatable, Sendable {
    var panes: [PaneContent] = []
    /// The others', by id.
    var pictures: [PlacedPicture] = []
    /// One's own, mirrored.
    var own: CellRegion?
    /// It is one of several, not laid over another.
    var isOwnTile = false
    /// Of the picture that is large or alone; 4:3 as long as there is none.
    var shape = PictureShape()
    /// The last one of several at a place counts.
    var targets: [ClickTarget] = []
}

struct PlacedPicture: Equatable, Sendable {
    var id: String
    var region: CellRegion
}

/// In samples.
struct PictureShape: Equatable, Sendable {
    var width = 4
    var height = 3
}
