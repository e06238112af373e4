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
    /// From the question to the last answer; nil: it did not answer in time.
    public var answerTime: Interval?

    /// One line a fact.
    public var summary: [String] {
        var lines = ["terminal: \(name.isEmpty ? term : "\(name) (TERM \(term))"), \(size.columns)x\(size.rows) cells"]
        if size.pixelWidth > 0 { lines[0] += ", \(size.pixelWidth)x\(size.pixelHeight) pixels" }
        lines.append("colours: \(colorMode.rawValue) (\(colorReason))")
        let synchronized = synchronizedOutput.map { $0 ? "yes" : "no" } ?? "not said"
        lines.append("synchronized output: \(synchronized); sixel: \(deviceAttributes.contains(4) ? "yes" : "no")")
        lines.append(
            answerTime.map { "answered in \($0.wholeMilliseconds) ms" }
                ?? "did not answer within \(TerminalQuery.patience.wholeMilliseconds) ms")
        return lines
    }
}

/// The questions asked at the start, and the reading of their answers.
struct TerminalQuery {
    static let patience = Interval.milliseconds(200)
    private(set) var name = ""
    private(set) var hasTruecolor = false
    private(set) var synchronizedOutput: Bool?
    private(set) var deviceAttributes: [Int] = []

    /// XTVERSION, XTGETTCAP "RGB", DECRQM 2026, and last DA1, which every terminal answers: its answer ends the wait.
    /// The Linux console prints what it does not know, and gets the last alone.
    static func question(term: String) -> String {
        term.hasPrefix("linux") ? "\u{1b}[c" : "\u{1b}[>0q\u{1b}P+q524742\u{1b}\\\u{1b}[?2026$p\u{1b}[c"
    }

    /// True when it is the last one's answer.
    mutating func take(_ answer: [UInt8]) -> Bool {
        let text = String(decoding: answer.dropFirst(2), as: UTF8.self)
        if answer.starts(with: Array("\u{1b}P".utf8)) {
            if text.hasPrefix(">|") { name = TerminalText.sanitize(String(text.dropFirst(2)), maximumColumns: 40) }
            if text.hasPrefix("1+r") { hasTruecolor = true }
            return false
        }
        if text.hasPrefix("?2026;"), text.hasSuffix("$y"), let value = text.dropFirst(6).first {
            synchronizedOutput = value != "0" && value != "4"
        }
        guard text.hasPrefix("?"), text.hasSuffix("c") else { return false }
        deviceAttributes = text.dropFirst().dropLast().split(separator: ";").compactMap { Int($0) }
        return true
    }

    private static let truecolorNames = ["kitty", "foot", "wezterm", "ghostty", "alacritty", "iterm2", "contour", "konsole", "mlterm"]

    /// COLORTERM is not forwarded by ssh, so that the terminal's own word counts as much.
    func colors(term: String, colorTerm: String, noColor: Bool, terminfoColors: Int) -> (ColorMode, String) {
        if noColor { return (.none, "NO_COLOR is set") }
        if colorTerm == "truecolor" || colorTerm == "24bit" { return (.truecolor, "COLORTERM") }
        if hasTruecolor { return (.truecolor, "it says so (XTGETTCAP)") }
        if term.hasSuffix("-direct") { return (.truecolor, "TERM") }
        let own = name.lowercased()
        if Self.truecolorNames.contains(where: own.hasPrefix) { return (.truecolor, "known to have them") }
        if terminfoColors >= 256 || term.contains("256") { return (.indexed256, "256 in its description") }
        if terminfoColors >= 8 { return (.indexed16, "\(terminfoColors) in its description") }
        return (.none, "none in its description")
    }
}
