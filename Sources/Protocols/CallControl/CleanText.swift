/// Text from the other side, fit to be kept and handed on. The terminal has rules of its own on top of these.
enum CleanText {
    /// Controls, separators, what is unassigned, and what turns the direction of the text around it.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7f }
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: return true
        case .format: return scalar.properties.isBidiControl || scalar.value == 0xfeff
        default: return false
        }
    }

    /// One line without controls and without whitespace around it, cut to so many characters and bytes.
    static func line(_ text: String, characters: Int, bytes: Int) -> String {
        // A character may carry any number of marks, so scalars are limited first.
        let kept = text.unicodeScalars.prefix(characters * 8).filter { !isControl($0) }
        return trimmed(cut(trimmed(String(String.UnicodeScalarView(kept))), characters: characters, bytes: bytes))
    }

    /// The longest beginning within both limits.
    static func cut(_ text: String, characters: Int, bytes: Int) -> String {
        var bytesLeft = bytes
        var end = text.startIndex
        for (count, index) in text.indices.enumerated() {
            bytesLeft -= text[index].utf8.count
            guard count < characters, bytesLeft >= 0 else { break }
            end = text.index(after: index)
        }
        return String(text[..<end])
    }

    static func trimmed(_ text: String) -> String {
        let rest = text.drop { $0.isWhitespace }
        guard let last = rest.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(rest[...last])
    }
}
