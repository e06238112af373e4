import ArgumentParser
import TOMLKit

/// A file of options: TOML with a key for each, of the same name without the dashes in front. `serve` has one, and the call another.
struct ConfigFile<Options: ParsableArguments> {
    /// What a file says.
    struct Content {
        var options: Options
        /// By key: as it would be typed.
        var words: [String: [String]] = [:]
    }

    let kinds: [(key: String, kind: ConfigKind)]
    /// More to say of a key that there is not; nil: nothing.
    var hint: @Sendable (String) -> String? = { _ in nil }

    static var maximumSize: Int { 1_000_000 }

    /// - Throws: one sentence that names the file, the line, the key, and what is allowed there.
    func read(_ path: String) throws(PlainFailure) -> Content {
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path, limit: Self.maximumSize)
        } catch {
            throw PlainFailure("The configuration \(error.description)")
        }
        guard let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0) else {
            throw PlainFailure("The configuration file \(path) is no text in UTF-8.")
        }
        return try parse(text, name: path)
    }

    /// - Parameter name: the file's, for what is said about it.
    func parse(_ text: String, name: String) throws(PlainFailure) -> Content {
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw PlainFailure("\(name), line \(error.source.begin.line): this is no TOML: \(printable(error.description)).")
        } catch {
            throw PlainFailure("\(name): this is no TOML.")
        }
        let lines = ConfigLines(text)
        var words: [String: [String]] = [:]
        for key in table.keys.sorted() {
            func failure(_ what: String) -> PlainFailure { PlainFailure("\(name)\(lines.place(of: key)): \(what)") }
            guard let kind = kinds.first(where: { $0.key == key })?.kind else {
                throw failure(
                    "there is no key \(printable(key)). " + (hint(key) ?? "The keys are \(kinds.map(\.key).joined(separator: ", "))."))
            }
            if kind == .bindings, let bindings = try ConfigValue.bindings(in: table, key, name: name, lines: lines) {
                words[key] = bindings
                continue
            }
            guard let typed = ConfigValue.words(in: table, key, kind) else { throw failure("\(key) takes \(kind.rawValue).") }
            words[key] = typed
        }
        let failure: any Error
        do {
            return Content(options: try Options.parse(kinds.flatMap { words[$0.key] ?? [] }), words: words)
        } catch {
            failure = error
        }
        // Which it was: seldom, and slow.
        for (key, typed) in words.sorted(by: { $0.key < $1.key }) {
            do {
                _ = try Options.parse(typed)
            } catch {
                throw PlainFailure("\(name)\(lines.place(of: key)): \(Self.sentence(error).replacing("--\(key)", with: key))")
            }
        }
        throw PlainFailure("\(name): \(Self.sentence(failure))")
    }

    /// The parser's words on one line.
    private static func sentence(_ error: any Error) -> String {
        let text = Options.message(for: error).replacing(":\n  - ", with: ": ").replacing("\n  - ", with: ", ")
        return printable(text.replacing("\n", with: " "))
    }
}
