/// One JSON value as it came: checked against the grammar, not decoded. What is relayed is copied from here byte for byte.
public struct RawJSON: Hashable, Sendable {
    /// Exactly the value's text, without whitespace around it. UTF-8; no control character can be in it.
    public let bytes: ArraySlice<UInt8>

    /// - Throws: when the bytes are not one JSON value, or are over a limit.
    public init(validating bytes: ArraySlice<UInt8>, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        guard bytes.count <= limits.maximumBytes else { throw .tooLarge }
        let span = bytes.span
        do { _ = try UTF8Span(validating: span) } catch { throw .notUTF8 }
        var scanner = JSONScanner(span, maximumDepth: limits.maximumDepth)
        scanner.skipWhitespace()
        let start = scanner.position
        try scanner.skipValue()
        let end = scanner.position
        scanner.skipWhitespace()
        guard scanner.next == nil else { throw .unexpected(offset: scanner.position) }
        self.bytes = bytes[bytes.startIndex + start..<bytes.startIndex + end]
    }

    public init(validating bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        try self.init(validating: bytes[...], limits: limits)
    }

    /// A slice of a value that has been checked already.
    private init(checked bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    /// What we wrote ourselves.
    public init(_ value: JSONValue) { bytes = value.encoded()[...] }

    public enum Kind: Sendable { case null, bool, number, string, array, object }

    public var kind: Kind {
        switch bytes.first {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }

    /// The text of a string, its escapes resolved; nil for any other kind.
    public var string: String? { kind == .string ? decodeJSONString(bytes.dropFirst().dropLast()) : nil }

    /// A number without fraction that fits; nil for anything else.
    public var integer: Int? { kind == .number ? Int(String(decoding: bytes, as: UTF8.self)) : nil }

    /// An array's values; nil for any other kind.
    public var elements: [RawJSON]? {
        guard kind == .array else { return nil }
        return slices(keyed: false).map { RawJSON(checked: bytes[$0.value]) }
    }

    /// An object's members in their order; nil for any other kind.
    public var members: [(name: String, value: RawJSON)]? {
        guard kind == .object else { return nil }
        return slices(keyed: true).map { (decodeJSONString(bytes[$0.name]), RawJSON(checked: bytes[$0.value])) }
    }

    /// Walks over an object's members once, in their order, without copying or decoding any; over nothing for any other kind.
    public func forEachMember(_ body: (_ name: RawName, _ value: RawJSON) -> Void) {
        guard kind == .object else { return }
        let base = bytes.startIndex
        var scanner = JSONScanner(bytes.span)
        while let (name, value) = scanner.nextSlice(isKeyed: true) {
            body(
                RawName(inside: bytes[base + name.lowerBound..<base + name.upperBound]),
                RawJSON(checked: bytes[base + value.lowerBound..<base + value.upperBound]))
        }
    }

    /// Whether this is the string `text`: as `string == text`, mostly without decoding it.
    public func isString(_ text: String) -> Bool {
        guard kind == .string else { return false }
        return RawName(inside: bytes.dropFirst().dropLast()).isEqual(text)
    }

    /// An object's member; the last when a name is there twice, as in JSON.parse.
    public func member(_ name: String) -> RawJSON? {
        guard kind == .object else { return nil }
        return slices(keyed: true).last { decodeJSONString(bytes[$0.name]) == name }.map { RawJSON(checked: bytes[$0.value]) }
    }

    private func slices(keyed: Bool) -> [(name: Range<Int>, value: Range<Int>)] {
        var scanner = JSONScanner(bytes.span)
        let base = bytes.startIndex
        var found: [(name: Range<Int>, value: Range<Int>)] = []
        while let (name, value) = scanner.nextSlice(isKeyed: keyed) {
            found.append((base + name.lowerBound..<base + name.upperBound, base + value.lowerBound..<base + value.upperBound))
        }
        return found
    }
}

/// A member's name as it came: what is between its quotes.
public struct RawName: Sendable {
    let inside: ArraySlice<UInt8>

    /// Its escapes resolved.
    public var string: String { decodeJSONString(inside) }

    func isEqual(_ text: String) -> Bool {
        var text = text
        let isSame = text.withUTF8 { letters in inside.count == letters.count && inside.elementsEqual(letters) }
        return isSame || (inside.contains(UInt8(ascii: "\\")) && string == text)
    }

    /// Names can be told apart in a `switch`.
    public static func ~= (text: StaticString, name: RawName) -> Bool {
        let isSame = text.withUTF8Buffer { letters in name.inside.count == letters.count && name.inside.elementsEqual(letters) }
        return isSame || (name.inside.contains(UInt8(ascii: "\\")) && name.string == "\(text)")
    }
}

/// Resolves the escapes of a checked string's inside; half of a surrogate pair becomes U+FFFD.
func decodeJSONString(_ inside: ArraySlice<UInt8>) -> String {
    guard inside.contains(UInt8(ascii: "\\")) else { return String(decoding: inside, as: UTF8.self) }
    var out = String.UnicodeScalarView()
    var plain: [UInt8] = []
    var rest = inside
    func codeUnit(_ digits: ArraySlice<UInt8>) -> UInt32 { digits.reduce(0) { $0 << 4 | (hexadecimalValue($1) ?? 0) } }
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
            plain.append(byte)
            continue
        }
        switch escape {
        case UInt8(ascii: "b"): plain.append(0x08)
        case UInt8(ascii: "f"): plain.append(0x0c)
        case UInt8(ascii: "n"): plain.append(0x0a)
        case UInt8(ascii: "r"): plain.append(0x0d)
        case UInt8(ascii: "t"): plain.append(0x09)
        case UInt8(ascii: "u"):
            out.append(contentsOf: String(decoding: plain, as: UTF8.self).unicodeScalars)
            plain.removeAll()
            var code = codeUnit(rest.prefix(4))
            rest = rest.dropFirst(4)
            if (0xd800..<0xdc00).contains(code), rest.starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) {
                let low = codeUnit(rest.dropFirst(2).prefix(4))
                if (0xdc00..<0xe000).contains(low) {
                    code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
                    rest = rest.dropFirst(6)
                }
            }
            out.append(Unicode.Scalar(code) ?? "\u{fffd}")
        default: plain.append(escape)
        }
    }
    out.append(contentsOf: String(decoding: plain, as: UTF8.self).unicodeScalars)
    return String(out)
}
