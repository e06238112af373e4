import CellGraphics
import Primitives

/// What the terminal said of itself, for `tchat devices` and for choosing how to draw.
public struct TerminalCapabilities: Equatable, Sendable {
    /// TERM.
    public var term = ""
    /// What it calls itself (XTVERSION); empty: it did not say.
    public var name = ""
    public var size = TerminalSize(columns: 0, rows: 0)
    public var colorMode = ColorMode.none
    /// Why that mode, for a person: "COLORTERM", "it says so (XTGETTCAP)", "256 colours in terminfo".
    public var colorReason = ""
    /// DEC mode 2026 (DECRQM); nil: it did not say.
    public var synchronizedOutput: Bool?
    /// Parameters of the primary device attributes; 4 is sixel. Empty: it did not answer.
    public var deviceAttributes: [Int] = []
    /// It shows pictures in kitty's graphics protocol, sent within the stream.
    public var kittyGraphics = false
    /// A cell's width in pixels; 0: not known.
    public var cellWidth = 0
    public var cellHeight = 0
    /// It has kitty's keyboard protocol: keys that come up are told.
    public var keyboardReports = false
    /// It answers status reports (DSR 5), or device attributes, so that it can be told what it has dealt with.
    public var answersQuestions: Bool { answerTime != nil }
    /// From the question to the last answer; nil: it did not answer in time.
    public var answerTime: Interval?

    public init() {}

    public var isLinuxConsole: Bool { term.hasPrefix("linux") }
    public var sixel: Bool { deviceAttributes.contains(4) }

    /// One line a fact.
    public var summary: [String] {
        var lines = ["terminal: \(name.isEmpty ? term : "\(name) (TERM \(term))"), \(size.columns)x\(size.rows) cells"]
        if size.pixelWidth > 0 { lines[0] += ", \(size.pixelWidth)x\(size.pixelHeight) pixels" }
        if cellWidth > 0 { lines[0] += ", a cell \(cellWidth)x\(cellHeight)" }
        lines.append("colours: \(colorMode.rawValue) (\(colorReason))")
        let best = bestRenderMode
        lines.append("pictures: \(best.mode.rawValue) (\(best.reason))")
        let synchronized = synchronizedOutput.map { $0 ? "yes" : "no" } ?? "not said"
        lines.append("synchronized output: \(synchronized); sixel: \(Self.word(sixel)); kitty graphics: \(Self.word(kittyGraphics))")
        lines.append("tells when a key comes up: \(Self.word(keyboardReports))")
        lines.append(
            answerTime.map { "answered in \($0.wholeMilliseconds) ms" }
                ?? "did not answer within \(TerminalQuery.patience.wholeMilliseconds) ms")
        return lines
    }

    private static func word(_ flag: Bool) -> String { flag ? "yes" : "no" }
}

// MARK: - Choosing how to draw
extension TerminalCapabilities {
    /// What `--render auto` picks, and why, for a person.
    ///
    /// Pixels where the terminal says that it takes them; else the finest blocks that it is known to draw itself, since a font without
    /// them would show boxes; else half blocks, which every terminal's font has, the Linux console's too.
    public var bestRenderMode: (mode: RenderMode, reason: String) {
        if colorMode == .none { return (.ascii, "no colours") }
        if kittyGraphics { return (.kitty, "it says that it takes kitty graphics") }
        if sixel, cellWidth > 0, cellHeight > 0 { return (.sixel, "it says that it takes sixels, and a cell's size is known") }
        if let known = blockDrawer { return (.sextant, "\(known) draws them itself") }
        if isLinuxConsole { return (.half, "the console's font has them, and nothing finer") }
        return (.half, "every terminal has them")
    }

    /// The name of a terminal that draws the block characters of Unicode 13 without a font's help; nil: not known to.
    private var blockDrawer: String? {
        let own = name.lowercased()
        // "VTE(6200)" is 0.62.0, the first that does.
        if own.hasPrefix("vte"), let version = Int(own.drop { !$0.isNumber }.prefix { $0.isNumber }), version >= 6200 { return "VTE" }
        for known in ["kitty", "foot", "WezTerm", "ghostty", "contour"] {
            let lower = known.lowercased()
            // TERM counts only where nobody (tmux, screen) stands between.
            if own.hasPrefix(lower) || (own.isEmpty && (term.hasPrefix(lower) || term == "xterm-\(lower)")) { return known }
        }
        return nil
    }
}
