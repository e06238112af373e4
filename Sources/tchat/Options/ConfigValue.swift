import ChatUI
import TOMLKit

/// What an option's key is given.
enum ConfigKind: String {
    case text = "a text in quotation marks"
    case whole = "a whole number"
    case number = "a number"
    case textOrWhole = "a text in quotation marks, or a whole number"
    case flag = "true or false"
    /// A flag that can be typed both ways: `--flip`, `--no-flip`.
    case choice = "true, or false"
    case texts = "a list of texts, such as [\"a\", \"b\"]"
    case duration = "a time such as \"12h\", or seconds"
    case bindings = "a table: [keys], and below it lines such as microphone = \"u\""
}

/// Values of a file as they would be typed.
enum ConfigValue {
    /// A value as it would be typed; nil when it is of another kind.
    static func words(in table: TOMLTable, _ key: String, _ kind: ConfigKind) -> [String]? {
        guard let value = table[key] else { return nil }
        func option(_ text: String) -> String { "--\(key)=\(text)" }
        switch kind {
        case .text: return value.string.map { [option($0)] }
        case .whole: return value.int.map { [option("\($0)")] }
        case .number: return (value.int.map(Double.init) ?? value.double).map { [option("\($0)")] }
        case .textOrWhole, .duration: return (value.int.map { "\($0)" } ?? value.string).map { [option($0)] }
        case .flag: return value.bool.map { $0 ? ["--\(key)"] : [] }
        case .choice: return value.bool.map { [$0 ? "--\(key)" : "--no-\(key)"] }
        case .texts: return texts(value).map { $0.map(option) }
        case .bindings: return nil
        }
    }

    /// One text stands for a list of one.
    private static func texts(_ value: any TOMLValueConvertible) -> [String]? {
        if let text = value.string { return [text] }
        guard let array = value.array else { return nil }
        let texts = array.map(\.string)
        return texts.contains(nil) ? nil : texts.compactMap { $0 }
    }

    /// The key map's table: ACTION = KEY, or a list of keys; nil: it is no table.
    static func bindings(
        in file: TOMLTable, _ section: String, name: String, lines: ConfigLines
    ) throws(PlainFailure) -> [String]? {
        guard let table = file[section]?.table else { return nil }
        var all: [KeyBinding] = []
        for action in table.keys.sorted() {
            func failure(_ what: String) -> PlainFailure { PlainFailure("\(name)\(lines.place(of: action, in: section)): \(what)") }
            guard let value = table[action], let keys = texts(value) else {
                throw failure("\(printable(action)) takes a key such as \"u\", or a list of keys; [] for none.")
            }
            do {
                all.append(try KeyBinding(action: action, keys: keys))
            } catch {
                throw failure(error.description)
            }
        }
        do {
            _ = try KeyMap(binding: Dictionary(all.map { ($0.action, $0.keys) }) { $1 })
        } catch {
            let place = error.action.map { lines.place(of: $0.rawValue, in: section) } ?? ""
            throw PlainFailure("\(name)\(place): \(error.description)")
        }
        return all.map { "--key=\($0.argument)" }
    }
}

/// TOMLKit does not say where a key stands, so the first line that begins with it is looked for.
struct ConfigLines {
    private let lines: [Substring]

    init(_ text: String) {
        lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map { $0.drop { $0 == " " || $0 == "\t" } }
    }

    /// ", line 3"; empty where it cannot be said.
    /// - Parameter section: the table that the key is in; nil: none.
    func place(of key: String, in section: String? = nil) -> String {
        guard let section else {
            // Above the first table, or a table's name itself.
            let end = lines.firstIndex { $0.hasPrefix("[") } ?? lines.endIndex
            let found =
                line(of: key, in: 0..<end) ?? lines.indices.first { Self.begins(lines[$0], ["[\(key)]", "[[\(key)]]", "[\(key)."]) }
            return found.map { ", line \($0 + 1)" } ?? ""
        }
        if let start = lines.firstIndex(where: { Self.begins($0, ["[\(section)]"]) }) {
            let end = lines[(start + 1)...].firstIndex { $0.hasPrefix("[") } ?? lines.endIndex
            if let found = line(of: key, in: (start + 1)..<end) { return ", line \(found + 1)" }
        }
        if let found = line(of: "\(section).\(key)", in: lines.indices) { return ", line \(found + 1)" }
        return place(of: section)
    }

    private func line(of key: String, in range: Range<Int>) -> Int? {
        range.first { index in
            for form in [key, "\"\(key)\"", "'\(key)'"] where lines[index].hasPrefix(form) {
                let next = lines[index].dropFirst(form.count).first { $0 != " " && $0 != "\t" }
                if next == nil || next == "=" || next == "." || next == "#" { return true }
            }
            return false
        }
    }

    private static func begins(_ line: Substring, _ forms: [String]) -> Bool { forms.contains { line.hasPrefix($0) } }
}
