/// Writes Prometheus's text exposition format, version 0.0.4: families with HELP and TYPE, then their samples.
struct MetricsWriter {
    enum Kind: String { case counter, gauge, histogram }

    /// The samples of one family.
    struct Family {
        fileprivate let name: String
        fileprivate var lines = ""

        /// A whole number.
        mutating func sample(_ value: Int, _ labels: [(String, String)] = [], suffix: String = "") {
            sample(text: String(value), labels, suffix: suffix)
        }

        /// - Parameter text: a number in Go's notation.
        mutating func sample(text: String, _ labels: [(String, String)] = [], suffix: String = "") {
            lines += name + suffix
            if !labels.isEmpty {
                lines += "{" + labels.map { "\($0)=\"\(MetricsWriter.escaped($1))\"" }.joined(separator: ",") + "}"
            }
            lines += " \(text)\n"
        }
    }

    private(set) var bytes: [UInt8] = []

    mutating func family(_ name: String, _ kind: Kind, _ help: String, _ body: (inout Family) -> Void) {
        var family = Family(name: name)
        body(&family)
        bytes += Array("# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n\(family.lines)".utf8)
    }

    mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: Int) { family(name, kind, help) { $0.sample(value) } }

    /// A label's value: backslash, quotation mark and line feed are escaped.
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    /// Microseconds as seconds, exactly, without an exponent.
    static func seconds(_ microseconds: Int64) -> String {
        let whole = microseconds / 1_000_000
        var part = String(1_000_000 + microseconds % 1_000_000).dropFirst()
        while part.last == "0" { part.removeLast() }
        return part.isEmpty ? "\(whole)" : "\(whole).\(part)"
    }
}
