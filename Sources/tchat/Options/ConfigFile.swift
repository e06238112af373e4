import ArgumentParser
import Glibc
import TOMLKit

/// What is written in `--config FILE`: TOML with a key for each option of `serve`, of the same name without the dashes in front.
enum ConfigFile {
    /// What an option's key is given.
    enum Kind: String {
        case text = "a text in quotation marks"
        case whole = "a whole number"
        case number = "a number"
        case flag = "true or false"
        case texts = "a list of texts, such as [\"a\", \"b\"]"
        case duration = "a time such as \"12h\", or seconds"
    }

    static let kinds: [(key: String, kind: Kind)] = [
        ("host", .text), ("port", .whole), ("capacity", .whole), ("max-channels", .whole), ("tls-cert", .text), ("tls-key", .text),
        ("token-secret", .text), ("turn-url", .texts), ("turn-secret", .text), ("turn-lifetime", .duration), ("stun-url", .texts),
        ("trusted-proxy", .texts), ("metrics-from", .texts), ("max-connections", .whole), ("max-address-connections", .whole),
        ("event-rate", .number), ("event-burst", .whole), ("address-event-rate", .number), ("address-event-burst", .whole),
        ("join-rate", .number), ("join-burst", .whole), ("limit-loopback", .flag), ("no-page", .flag), ("log-file", .text),
        ("log-level", .text), ("log-format", .text),
    ]

    static let maximumSize = 1_000_000

    /// - Throws: one sentence that names the file, the line, the key, and what is allowed there.
    static func read(_ path: String) throws(PlainFailure) -> ServeOptions {
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path, limit: maximumSize)
        } catch {
            throw PlainFailure("The configuration \(error.description)")
        }
        guard let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0) else {
            throw PlainFailure("The configuration file \(path) is no text in UTF-8.")
        }
        return try parse(text, name: path)
    }

    /// - Parameter name: the file's, for what is said about it.
    static func parse(_ text: String, name: String) throws(PlainFailure) -> ServeOptions {
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw PlainFailure("\(name), line \(error.source.begin.line): this is no TOML: \(printable(error.description)).")
        } catch {
            throw PlainFailure("\(name): this is no TOML.")
        }
        var all: [String] = []
        for key in table.keys.sorted() {
            func failure(_ what: String) -> PlainFailure { PlainFailure("\(name)\(place(of: key, in: text)): \(what)") }
            guard let kind = kinds.first(where: { $0.key == key })?.kind else {
                throw failure("there is no key \(printable(key)). The keys are \(kinds.map(\.key).joined(separator: ", ")).")
            }
            guard let value = table[key], let words = words(key, kind, value) else { throw failure("\(key) takes \(kind.rawValue).") }
            do {
                _ = try ServeOptions.parse(words)
            } catch {
                throw failure(sentence(error).replacing("--\(key)", with: key))
            }
            all += words
        }
        do {
            return try ServeOptions.parse(all)
        } catch {
            throw PlainFailure("\(name): \(sentence(error))")
        }
    }

    /// The parser's words on one line.
    private static func sentence(_ error: any Error) -> String {
        let text = ServeOptions.message(for: error).replacing(":\n  - ", with: ": ").replacing("\n  - ", with: ", ")
        return printable(text.replacing("\n", with: " "))
    }

    /// A value as it would be typed; nil when it is of another kind.
    private static func words(_ key: String, _ kind: Kind, _ value: any TOMLValueConvertible) -> [String]? {
        func option(_ text: String) -> String { "--\(key)=\(text)" }
        switch kind {
        case .text: return value.string.map { [option($0)] }
        case .whole: return value.int.map { [option("\($0)")] }
        case .number: return (value.int.map(Double.init) ?? value.double).map { [option("\($0)")] }
        case .duration: return (value.int.map { "\($0)" } ?? value.string).map { [option($0)] }
        case .flag: return value.bool.map { $0 ? ["--\(key)"] : [] }
        case .texts:
            // One text stands for a list of one.
            if let text = value.string { return [option(text)] }
            guard let array = value.array else { return nil }
            let texts = array.map(\.string)
            return texts.contains(nil) ? nil : texts.compactMap { $0.map(option) }
        }
    }

    /// TOMLKit does not say where a key stands, so the first line that begins with it is looked for.
    private static func place(of key: String, in text: String) -> String {
        let forms = [key, "\"\(key)\"", "'\(key)'", "[\(key)]", "[[\(key)]]"]
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, line) in lines.enumerated() {
            let start = line.drop { $0 == " " || $0 == "\t" }
            for form in forms where start.hasPrefix(form) {
                guard let next = start.dropFirst(form.count).first(where: { $0 != " " && $0 != "\t" }) else {
                    return ", line \(index + 1)"
                }
                if next == "=" || next == "." || next == "#" || form.hasPrefix("[") { return ", line \(index + 1)" }
            }
        }
        return ""
    }
}
