/// A strict reader of Prometheus's text format, version 0.0.4: what a scraper may be picky about is an error here.
struct ExpositionFormat {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    struct Sample: Equatable {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    private(set) var samples: [Sample] = []
    /// The kind of each family.
    private(set) var kinds: [String: String] = [:]
    private var helps: Set<String> = []
    private var finished: Set<String> = []
    private var current: String?

    init(_ bytes: [UInt8]) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Failure(description: "no UTF-8") }
        guard text.hasSuffix("\n") else { throw Failure(description: "the last line has no end") }
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            do {
                if line.hasPrefix("# ") { try comment(line) } else { try sample(line) }
            } catch {
                throw Failure(description: "\(error): \(line)")
            }
        }
        for (name, kind) in kinds where kind == "histogram" { try checkHistogram(name) }
    }

    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    private mutating func comment(_ line: Substring) throws {
        let words = line.split(separator: " ", maxSplits: 3)
        guard words.count == 4, Self.isName(words[2], colons: true) else { throw Failure(description: "no comment of a family") }
        let name = String(words[2])
        if words[1] == "HELP" {
            guard helps.insert(name).inserted else { throw Failure(description: "HELP twice") }
            if let current { finished.insert(current) }
            guard !finished.contains(name) else { throw Failure(description: "a family in two pieces") }
            current = name
        } else {
            guard words[1] == "TYPE", current == name, kinds[name] == nil, !samples.contains(where: { $0.name == name }),
                ["counter", "gauge", "histogram"].contains(String(words[3]))
            else { throw Failure(description: "a TYPE out of place") }
            kinds[name] = String(words[3])
            if words[3] == "counter", !name.hasSuffix("_total") { throw Failure(description: "a counter's name ends in _total") }
        }
    }

    private mutating func sample(_ line: Substring) throws {
        guard let space = line.lastIndex(of: " ") else { throw Failure(description: "no value") }
        let number = line[line.index(after: space)...]
        guard let value = Double(number), number.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2e }) else {
            throw Failure(description: "no plain number")
        }
        var rest = line[..<space]
        let name = rest.prefix { $0 != "{" }
        rest = rest.dropFirst(name.count)
        guard Self.isName(name, colons: true), let current, let kind = kinds[current] else {
            throw Failure(description: "no name or no TYPE")
        }
        let endings = kind == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
        guard endings.contains(where: { current + $0 == name }) else { throw Failure(description: "a sample of another family") }
        var labels: [String: String] = [:]
        if !rest.isEmpty {
            guard rest.removeFirst() == "{", rest.popLast() == "}" else { throw Failure(description: "braces") }
            repeat {
                let label = rest.prefix { $0 != "=" }
                rest = rest.dropFirst(label.count)
                guard Self.isName(label, colons: false), rest.hasPrefix("=\"") else { throw Failure(description: "no label") }
                rest = rest.dropFirst(2)
                let text = try Self.quoted(&rest)
                guard labels.updateValue(text, forKey: String(label)) == nil else { throw Failure(description: "a label twice") }
                guard rest.isEmpty || rest.first == "," else { throw Failure(description: "after a label") }
                if !rest.isEmpty { rest.removeFirst() }
            } while !rest.isEmpty
        }
        guard self.value(String(name), labels) == nil else { throw Failure(description: "a sample twice") }
        samples.append(Sample(name: String(name), labels: labels, value: value))
    }

    /// Up to the closing quotation mark, which is taken too.
    private static func quoted(_ rest: inout Substring) throws -> String {
        var text = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return text
            case "\\":
                switch rest.popFirst() {
                case "n": text.append("\n")
                case "\\": text.append("\\")
                case "\"": text.append("\"")
                default: throw Failure(description: "an unknown escape")
                }
            default: text.append(character)
            }
        }
        throw Failure(description: "a label without an end")
    }

    private func checkHistogram(_ name: String) throws {
        let buckets = samples.filter { $0.name == name + "_bucket" }
        let bounds = buckets.map { $0.labels["le"] == "+Inf" ? .infinity : Double($0.labels["le"] ?? "") ?? .nan }
        let counts = buckets.map(\.value)
        guard bounds.last == .infinity, zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }),
            zip(counts, counts.dropFirst()).allSatisfy({ $0 <= $1 }),
            counts.last == value(name + "_count"), value(name + "_sum") != nil
        else { throw Failure(description: "\(name) is no histogram") }
    }

    private static func isName(_ text: Substring, colons: Bool) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x5f || (colons && $0 == 0x3a)
        }
    }
}
