import JSON

extension RawJSON {
    /// Which attachment this value stands for: `{"_placeholder":true,"num":N}`; nil when it is no placeholder, -1 when N is no index.
    public var placeholder: Int? {
        guard kind == .object, let mark = member("_placeholder"), mark.bytes.elementsEqual("true".utf8) else { return nil }
        return member("num")?.integer.flatMap { $0 < 0 ? nil : $0 } ?? -1
    }

    /// Whether every placeholder, at any depth, names one of `count` attachments.
    func hasOnlyPlaceholders(below count: Int) -> Bool {
        switch kind {
        case .object:
            if let placeholder { return (0..<count).contains(placeholder) }
            return members?.allSatisfy { $0.value.hasOnlyPlaceholders(below: count) } ?? true
        case .array: return elements?.allSatisfy { $0.hasOnlyPlaceholders(below: count) } ?? true
        case .null, .bool, .number, .string: return true
        }
    }
}
