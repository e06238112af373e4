/// What channels and people may be called.
public enum Naming {
    static let maximumChannelName = 64
    static let maximumPersonName = 32
    /// A letter can carry any number of marks: this bounds them.
    static let maximumBytesEach = 4

    /// A channel's name without the whitespace around it; nil when it is empty, longer than 64 characters, or holds control characters.
    public static func channelName(_ text: String) -> String? {
        guard text.utf8.count <= 4096 else { return nil }
        let name = trimmed(text)
        guard !name.isEmpty, name.count <= maximumChannelName, name.utf8.count <= maximumChannelName * maximumBytesEach,
            !name.unicodeScalars.contains(where: isControl)
        else { return nil }
        return name
    }

    /// A person's name, made fit to be shown: control characters taken out, at most 32 characters; nil when nothing is left.
    public static func personName(_ text: String) -> String? {
        var name = String(String.UnicodeScalarView(text.unicodeScalars.prefix(1024).filter { !isControl($0) }))
        name = trimmed(String(trimmed(name).prefix(maximumPersonName)))
        while name.utf8.count > maximumPersonName * maximumBytesEach { name.removeLast() }
        return name.isEmpty ? nil : name
    }

    private static func trimmed(_ text: String) -> String {
        let rest = text.drop { $0.isWhitespace }
        guard let last = rest.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(rest[...last])
    }

    /// Controls, line and paragraph separators, and what turns the direction of the text around it.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: true
        case .format: scalar.properties.isBidiControl || scalar.value == 0xfeff
        default: false
        }
    }
}
