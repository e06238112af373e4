/// A JSON value to be written, or one that was decoded. Objects keep the order of their members.
public indirect enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Not finite is written as `null`, as JSON.stringify does.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])
    /// A value that came from outside, written as it came.
    case raw(RawJSON)
}

public struct JSONMember: Sendable, Hashable {
    public var name: String
    public var value: JSONValue

    public init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}

extension JSONValue {
    /// - Throws: when the bytes are not one JSON value, or are over a limit.
    public init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        self = try RawJSON(validating: bytes, limits: limits).decoded
    }

    /// An object's member, the last of that name; nil when there is none or this is no object.
    public subscript(name: String) -> JSONValue? {
        switch self {
        case .object(let members): members.last { $0.name == name }?.value
        case .raw(let raw): raw.member(name)?.decoded
        default: nil
        }
    }

    public var stringValue: String? {
        switch self {
        case .string(let text): text
        case .raw(let raw): raw.string
        default: nil
        }
    }

    public var integerValue: Int? {
        switch self {
        case .integer(let value): Int(value)
        case .raw(let raw): raw.integer
        default: nil
        }
    }

    public var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .raw(let raw): raw.decoded.doubleValue
        default: nil
        }
    }

    public var boolValue: Bool? {
        switch self {
        case .bool(let value): value
        case .raw(let raw): raw.decoded.boolValue
        default: nil
        }
    }

    public var arrayValue: [JSONValue]? {
        switch self {
        case .array(let values): values
        case .raw(let raw): raw.decoded.arrayValue
        default: nil
        }
    }
}

extension RawJSON {
    /// The whole value, decoded. A number too large for its type becomes a `Double`.
    public var decoded: JSONValue {
        switch kind {
        case .null: return .null
        case .bool: return .bool(bytes.first == UInt8(ascii: "t"))
        case .string: return .string(string ?? "")
        case .array: return .array((elements ?? []).map(\.decoded))
        case .object: return .object((members ?? []).map { JSONMember($0.name, $0.value.decoded) })
        case .number:
            let text = String(decoding: bytes, as: UTF8.self)
            if let integer = Int64(text) { return .integer(integer) }
            return .number(Double(text) ?? .nan)
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(nilLiteral: ()) { self = .null }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(elements.map { JSONMember($0.0, $0.1) }) }
}
