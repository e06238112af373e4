/// A sentence of the parts below the screen, which speak English, with a star for what differs, such as a name or a file.
///
/// They are the program's own sentences, so a few dozen patterns cover what a person meets; what matches none is told as it came.
struct KnownSentence: Sendable {
    private let parts: [Substring]
    private let korean: String

    /// - Parameter korean: with `$1`, `$2` in place of the stars.
    init(_ english: String, _ korean: String) {
        parts = english.split(separator: "*", omittingEmptySubsequences: false)
        self.korean = korean
    }

    /// Nil: it is another sentence.
    /// - Parameter translate: for what stands in place of the stars.
    func korean(for text: String, translate: (String) -> String) -> String? {
        guard let first = parts.first, let last = parts.last else { return nil }
        guard parts.count > 1 else { return text == first ? korean : nil }
        guard text.hasPrefix(first), text.utf8.count >= first.utf8.count + last.utf8.count, text.hasSuffix(last) else { return nil }
        var rest = text.dropFirst(first.count).dropLast(last.count)
        var found: [String] = []
        for part in parts.dropFirst().dropLast() {
            guard let range = rest.firstRange(of: part) else { return nil }
            found.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        found.append(String(rest))
        // Put together in one pass: what was found may hold a dollar sign itself.
        var out = ""
        var template = korean[...]
        while let sign = template.firstIndex(of: "$") {
            out += template[..<sign]
            let digit = template[template.index(after: sign)...].prefix(1)
            if let number = Int(digit), found.indices.contains(number - 1) { out += translate(found[number - 1]) }
            template = template[sign...].dropFirst(1 + digit.count)
        }
        return out + template
    }
}
