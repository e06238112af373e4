import JSON

/// A Socket.IO v5 packet, as it stands in an Engine.IO message:
/// `<type>[<attachments>-][<namespace>,][<acknowledgement id>][JSON]` (github.com/socketio/socket.io-protocol, revision 5).
public struct SocketIOPacket: Sendable, Hashable {
    public enum Kind: UInt8, Sendable {
        case connect = 0x30, disconnect, event, acknowledgement, connectError, binaryEvent, binaryAcknowledgement
    }

    public var kind: Kind
    public var namespace: String
    /// An event that has one wants an answer; an acknowledgement names the event that it answers.
    public var id: Int?
    /// How many binary messages follow.
    public var attachments: Int
    /// Connect: an object or nothing. Connect error: an object or a string. Events and acknowledgements: an array.
    public var data: RawJSON?

    public init(_ kind: Kind, namespace: String = "/", id: Int? = nil, attachments: Int = 0, data: RawJSON? = nil) {
        self.kind = kind
        self.namespace = namespace
        self.id = id
        self.attachments = attachments
        self.data = data
    }

    public static func event(
        _ name: String, _ arguments: [JSONValue], id: Int? = nil, namespace: String = "/", attachments: Int = 0
    ) -> SocketIOPacket {
        let data = RawJSON(.array([.string(name)] + arguments))
        return SocketIOPacket(attachments > 0 ? .binaryEvent : .event, namespace: namespace, id: id, attachments: attachments, data: data)
    }

    /// Names that belong to the library and may not be used for events.
    private static let reserved: Set<String> = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ]
    static let maximumNamespace = 256

    /// An event's name and arguments; nil for another kind, and for a name that is reserved. A number is a name too.
    public var event: (name: String, arguments: [RawJSON])? {
        guard kind == .event || kind == .binaryEvent, let values = data?.elements, let first = values.first else { return nil }
        let name = first.kind == .number ? String(decoding: first.bytes, as: UTF8.self) : first.string
        guard let name, !Self.reserved.contains(name) else { return nil }
        return (name, Array(values.dropFirst()))
    }

    public init(parsing text: [UInt8]) throws(SocketIOError) { try self.init(parsing: text[...]) }

    public init(parsing text: ArraySlice<UInt8>) throws(SocketIOError) {
        var rest = text
        guard let first = rest.popFirst() else { throw .empty }
        guard let kind = Kind(rawValue: first) else { throw .unknownType }
        self.init(kind)
        if kind == .binaryEvent || kind == .binaryAcknowledgement {
            guard let count = Self.takeNumber(&rest, maximumDigits: 4), rest.popFirst() == UInt8(ascii: "-") else { throw .malformed }
            attachments = count
        }
        if rest.first == UInt8(ascii: "/") {
            let name = rest.prefix { $0 != UInt8(ascii: ",") }
            guard name.count <= Self.maximumNamespace else { throw .tooLarge }
            // A query after the name is no part of it.
            namespace = String(decoding: name.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
            rest = rest[name.endIndex...].dropFirst()
        }
        if let digit = rest.first, (0x30...0x39).contains(digit) {
            guard let number = Self.takeNumber(&rest, maximumDigits: 15) else { throw .malformed }
            id = number
        }
        if !rest.isEmpty {
            guard let value = try? RawJSON(validating: rest) else { throw .malformed }
            data = value
        }
        guard isDataValid else { throw .malformed }
    }

    private var isDataValid: Bool {
        switch kind {
        case .connect: data == nil || data?.kind == .object
        case .disconnect: data == nil
        case .connectError: data?.kind == .object || data?.kind == .string
        case .event, .binaryEvent: event != nil
        case .acknowledgement, .binaryAcknowledgement: data?.kind == .array && id != nil
        }
    }

    private static func takeNumber(_ rest: inout ArraySlice<UInt8>, maximumDigits: Int) -> Int? {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard (1...maximumDigits).contains(digits.count) else { return nil }
        rest = rest[digits.endIndex...]
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    public func encoded() -> [UInt8] {
        var out = [kind.rawValue]
        if kind == .binaryEvent || kind == .binaryAcknowledgement { out.append(contentsOf: "\(attachments)-".utf8) }
        if namespace != "/" { out.append(contentsOf: "\(namespace),".utf8) }
        if let id { out.append(contentsOf: String(id).utf8) }
        if let data { out.append(contentsOf: data.bytes) }
        return out
    }
}
