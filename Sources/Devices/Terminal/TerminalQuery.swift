import CellGraphics
import Primitives

/// The questions asked at the start, and the reading of their answers.
///
/// First what every parser of control sequences passes over when it does not know it. Control strings (XTGETTCAP, kitty graphics) come
/// second, and only to a terminal that gave its name: older ones print them, and GNU screen passes them on raw.
struct TerminalQuery {
    static let patience = Interval.milliseconds(200)
    private(set) var name = ""
    private(set) var hasTruecolor = false
    private(set) var synchronizedOutput: Bool?
    private(set) var deviceAttributes: [Int] = []
    private(set) var kittyGraphics = false
    private(set) var keyboardReports = false
    /// Pixels; 0: not told.
    private(set) var cell = (width: 0, height: 0)
    private(set) var answersStatus = false

    static let attributes = "\u{1b}[c"
    static let status = "\u{1b}[5n"
    static let cellSize = "\u{1b}[16t"

    /// XTVERSION, DECRQM 2026, a cell's size, kitty's keyboard, DSR 5, and last DA1, which every terminal answers: its answer ends the wait.
    /// Consoles and old terminals may print what they do not know, and get the last alone.
    static func first(term: String) -> String {
        isPlain(term) ? attributes : "\u{1b}[>0q\u{1b}[?2026$p" + cellSize + "\u{1b}[?u" + status + attributes
    }

    /// XTGETTCAP "RGB", a picture of one pixel that is not to be shown, and DA1; nil: nothing more is asked.
    var second: String? {
        let own = name.lowercased()
        guard !own.isEmpty, !["tmux", "screen", "gnu screen", "zellij"].contains(where: own.hasPrefix) else { return nil }
        return "\u{1b}P+q524742\u{1b}\\\u{1b}_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\u{1b}\\" + Self.attributes
    }

    static func isPlain(_ term: String) -> Bool {
        ["linux", "ansi", "cons", "eterm", "sun", "wy", "vt52", "vt1", "vt2", "vt3", "vt4", "vt5"].contains(where: term.hasPrefix)
    }

    /// Whether a title can be set, saved and put back there (OSC 2, XTWINOPS 22 and 23): by name, since older terminals print it.
    static func hasTitle(_ term: String) -> Bool {
        [
            "xterm", "screen", "tmux", "rxvt", "alacritty", "foot", "kitty", "wezterm", "ghostty", "konsole", "contour", "st", "vte",
            "gnome",
            "mlterm", "iterm", "putty", "mintty",
        ].contains(where: term.hasPrefix)
    }

    /// True when it is the last one's answer.
    mutating func take(_ answer: [UInt8]) -> Bool {
        let text = String(decoding: answer.dropFirst(2), as: UTF8.self)
        if answer.starts(with: Array("\u{1b}P".utf8)) {
            if text.hasPrefix(">|") { name = TerminalText.sanitize(String(text.dropFirst(2)), maximumColumns: 40) }
            if text.hasPrefix("1+r") { hasTruecolor = true }
            return false
        }
        if answer.starts(with: Array("\u{1b}_".utf8)) {
            if text.hasPrefix("Gi=31;OK") { kittyGraphics = true }
            return false
        }
        if text.hasPrefix("?2026;"), text.hasSuffix("$y"), let value = text.dropFirst(6).first {
            synchronizedOutput = value != "0" && value != "4"
        }
        if text == "0n" || text == "3n" { answersStatus = true }
        if text.hasPrefix("?"), text.hasSuffix("u") { keyboardReports = true }
        if let size = Self.cellSize(text) { cell = size }
        guard text.hasPrefix("?"), text.hasSuffix("c") else { return false }
        deviceAttributes = text.dropFirst().dropLast().split(separator: ";").prefix(64).compactMap { Int($0) }
        return true
    }

    /// Out of "6;HEIGHT;WIDTHt"; nil: it is something else, or cannot be.
    static func cellSize(_ text: String) -> (width: Int, height: Int)? {
        guard text.hasPrefix("6;"), text.hasSuffix("t") else { return nil }
        let numbers = text.dropLast().split(separator: ";").compactMap { Int($0) }
        guard numbers.count == 3, (2...200).contains(numbers[1]), (2...200).contains(numbers[2]) else { return nil }
        return (numbers[2], numbers[1])
    }

    private static let truecolorNames = [
        "kitty", "foot", "wezterm", "ghostty", "alacritty", "iterm2", "contour", "konsole", "mlterm", "vte",
    ]

    /// COLORTERM is not forwarded by ssh, so that the terminal's own word counts as much.
    /// - Parameter isWindowsTerminal: WT_SESSION is set, and no multiplexer's variable.
    func colors(term: String, colorTerm: String, noColor: Bool, terminfoColors: Int, isWindowsTerminal: Bool) -> (ColorMode, String) {
        if noColor { return (.none, "NO_COLOR is set") }
        let own = name.lowercased()
        if colorTerm == "truecolor" || colorTerm == "24bit" {
            guard term.hasPrefix("screen"), !own.hasPrefix("tmux") else { return (.truecolor, "COLORTERM") }
            // It is that of the terminal around GNU screen, which makes nonsense of 24 bits.
            return (.indexed256, "COLORTERM is not GNU screen's own")
        }
        if isWindowsTerminal, !["screen", "tmux"].contains(where: term.hasPrefix) { return (.truecolor, "WT_SESSION: Windows Terminal") }
        if hasTruecolor { return (.truecolor, "it says so (XTGETTCAP)") }
        if term.hasSuffix("-direct") { return (.truecolor, "TERM") }
        if Self.truecolorNames.contains(where: own.hasPrefix) { return (.truecolor, "known to have them") }
        if terminfoColors >= 256 || term.contains("256") { return (.indexed256, "256 in its description") }
        if terminfoColors >= 8 { return (.indexed16, "\(terminfoColors) in its description") }
        return (.none, "none in its description")
    }
}
