extension JSONValue {
    /// The value's text, on one line, in UTF-8.
    public func encoded() -> [UInt8] {
        var out: [UInt8] = []
        write(into: &out)
        return out
    }

    public var text: String { String(decoding: encoded(), as: UTF8.self) }

    public func write(into out: inout [UInt8]) {
        switch self {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): out.append(contentsOf: String(value).utf8)
        case .number(let value): out.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
        case .string(let text): writeJSONString(text, into: &out)
        case .raw(let raw): out.append(contentsOf: raw.bytes)
        case .array(let values):
            out.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                value.write(into: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                writeJSONString(member.name, into: &out)
                out.append(UInt8(ascii: ":"))
                member.value.write(into: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }
}

/// Escapes what RFC 8259 section 7 asks for, and nothing else.
private func writeJSONString(_ text: String, into out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "\""): out.append(contentsOf: "\\\"".utf8)
        case UInt8(ascii: "\\"): out.append(contentsOf: "\\\\".utf8)
        case 0x08: out.append(contentsOf: "\\b".utf8)
        case 0x09: out.append(contentsOf: "\\t".utf8)
        case 0x0a: out.append(contentsOf: "\\n".utf8)
        case 0x0c: out.append(contentsOf: "\\f".utf8)
        case 0x0d: out.append(contentsOf: "\\r".utf8)
        case 0..<0x20:
            let digits: StaticString = "0123456789abcdef"
            out.append(contentsOf: "\\u00".utf8)
            digits.withUTF8Buffer { out.append(contentsOf: [$0[Int(byte >> 4)], $0[Int(byte & 15)]]) }
        default: out.append(byte)
        }
    }
    out.append(UInt8(ascii: "\""))
}
