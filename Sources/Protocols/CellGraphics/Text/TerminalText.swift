/// One user-perceived character as a terminal can be trusted with it: a base and at most two marks, in one or two columns.
public struct TextCluster: Equatable, Sendable {
    public let base: Unicode.Scalar
    public let marks: [Unicode.Scalar]
    public let width: Int

    static let space = TextCluster(base: " ", marks: [], width: 1)

    public var text: String {
        var result = String.UnicodeScalarView()
        result.append(base)
        result.append(contentsOf: marks)
        return String(result)
    }
}

/// Text from people, files and the network, made safe for a terminal and measured in its columns.
///
/// Controls, escapes and unassigned or private characters become U+FFFD; line ends, tabs and odd spaces become a space; bidi
/// controls, joiners, variation selectors and everything else without width goes; loose Hangul jamo are composed (Unicode, chapter
/// 3.12); flags become letters.
public enum TerminalText {
    /// Longer input is cut, whatever the columns: marks and removed characters take none.
    static let scalarLimit = 8192

    public static func sanitize(_ text: String, maximumColumns: Int = .max) -> String {
        if isPlain(text), text.utf8.count <= maximumColumns { return text }
        return string(of: truncated(clusters(text), columns: maximumColumns))
    }

    public static func width(_ text: String) -> Int {
        isPlain(text) ? text.utf8.count : clusters(text).reduce(0) { $0 + $1.width }
    }

    public static func string(of clusters: some Sequence<TextCluster>) -> String {
        var result = String.UnicodeScalarView()
        for cluster in clusters {
            result.append(cluster.base)
            result.append(contentsOf: cluster.marks)
        }
        return String(result)
    }

    /// Cut to so many columns, with an ellipsis where something is missing.
    static func truncated(_ clusters: [TextCluster], columns: Int) -> [TextCluster] {
        guard clusters.reduce(0, { $0 + $1.width }) > columns else { return clusters }
        guard columns > 0 else { return [] }
        var result: [TextCluster] = []
        var used = 0
        for cluster in clusters {
            guard used + cluster.width <= columns - 1 else { break }
            result.append(cluster)
            used += cluster.width
        }
        return result + [TextCluster(base: "…", marks: [], width: 1)]
    }

    /// Lines of at most so many columns, broken at spaces where there are any.
    public static func wrap(_ text: String, columns: Int) -> [String] {
        guard columns > 0 else { return [] }
        var lines: [String] = []
        var line: [TextCluster] = []
        var width = 0
        for cluster in clusters(text) {
            if width + cluster.width > columns, !line.isEmpty {
                var rest: [TextCluster] = []
                if cluster.base != " ", let space = line.lastIndex(where: { $0.base == " " }), space > 0 {
                    rest = Array(line[(space + 1)...])
                    line = Array(line[..<space])
                }
                lines.append(string(of: line))
                line = rest
                width = rest.reduce(0) { $0 + $1.width }
                if cluster.base == " " { continue }
            }
            guard cluster.width <= columns else { continue }
            line.append(cluster)
            width += cluster.width
        }
        if !line.isEmpty || lines.isEmpty { lines.append(string(of: line)) }
        return lines
    }

    /// What `put` writes, cell by cell.
    public static func clusters(_ text: String) -> [TextCluster] {
        var result: [TextCluster] = []
        result.reserveCapacity(min(text.utf8.count, scalarLimit))
        for scalar in text.unicodeScalars.prefix(scalarLimit) {
            switch Treatment(of: scalar) {
            case .drop: continue
            case .show(let shown): append(shown, to: &result)
            case .mark:
                guard let last = result.last, last.base != " ", last.marks.count < 2 else { continue }
                result[result.count - 1] = TextCluster(base: last.base, marks: last.marks + [scalar], width: last.width)
            }
        }
        return result
    }

    private static func append(_ scalar: Unicode.Scalar, to result: inout [TextCluster]) {
        if let last = result.last, last.marks.isEmpty, let syllable = composedHangul(last.base, scalar) {
            result[result.count - 1] = TextCluster(base: syllable, marks: [], width: 2)
        } else if (0x1160...0x11ff).contains(scalar.value) {
            return  // a vowel or final consonant with nothing to join has no width of its own
        } else {
            result.append(TextCluster(base: scalar, marks: [], width: CharacterWidth.columns(scalar)))
        }
    }

    /// L + V, or LV + T, by the arithmetic of Unicode 3.12.
    private static func composedHangul(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        let a = first.value
        let b = second.value
        if (0x1100...0x1112).contains(a), (0x1161...0x1175).contains(b) {
            return Unicode.Scalar(0xac00 + ((a - 0x1100) * 21 + (b - 0x1161)) * 28)
        }
        if (0xac00...0xd7a3).contains(a), (a - 0xac00) % 28 == 0, (0x11a8...0x11c2).contains(b) {
            return Unicode.Scalar(a + (b - 0x11a7))
        }
        return nil
    }

    private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f } }
}

/// What becomes of a scalar on its way to the terminal.
private enum Treatment {
    case show(Unicode.Scalar)
    case mark
    case drop

    init(of scalar: Unicode.Scalar) {
        let value = scalar.value
        if value >= 0x20 && value < 0x7f {
            self = .show(scalar)
            return
        }
        switch value {
        case 0x09, 0x0a, 0x0d, 0x115f, 0x1160, 0x3164, 0xffa0: self = .show(" ")  // and the Hangul fillers, which look like nothing
        case 0x1f1e6...0x1f1ff: self = .show(Unicode.Scalar(0x41 + value - 0x1f1e6) ?? "?")
        case 0x1f3fb...0x1f3ff, 0xfe00...0xfe0f, 0xe0000...0xe0fff: self = .drop
        default:
            switch scalar.properties.generalCategory {
            case .control, .surrogate, .privateUse, .unassigned: self = .show("\u{fffd}")
            case .format: self = .drop
            case .lineSeparator, .paragraphSeparator, .spaceSeparator: self = .show(" ")
            case .nonspacingMark: self = .mark
            case .enclosingMark: self = .drop
            default: self = .show(scalar)
            }
        }
    }
}
