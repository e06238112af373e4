/// One WebSocket message, both ways.
public enum WebSocketMessage: Sendable, Hashable {
    /// UTF-8.
    case text([UInt8])
    case binary([UInt8])

    public var byteCount: Int {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes.count
        }
    }
}

/// Bytes that are no packet of the protocol.
public enum SocketIOError: Error, Hashable, Sendable {
    case empty
    case unknownType
    case malformed
    case tooLarge
}

/// An Engine.IO v4 packet: one type digit, then the data (github.com/socketio/engine.io-protocol, revision 4).
public enum EngineIOPacket: Sendable, Hashable {
    /// The server's JSON greeting.
    case open(ArraySlice<UInt8>)
    case close
    case ping(ArraySlice<UInt8>)
    case pong(ArraySlice<UInt8>)
    /// UTF-8 text.
    case message(ArraySlice<UInt8>)
    /// Raw bytes: a frame of its own in a WebSocket, `b` and base64 in polling.
    case binary(ArraySlice<UInt8>)
    case upgrade
    case noop

    public init(text: ArraySlice<UInt8>) throws(SocketIOError) {
        guard let type = text.first else { throw .empty }
        let data = text.dropFirst()
        switch type {
        case UInt8(ascii: "0"): self = .open(data)
        case UInt8(ascii: "1"): self = .close
        case UInt8(ascii: "2"): self = .ping(data)
        case UInt8(ascii: "3"): self = .pong(data)
        case UInt8(ascii: "4"): self = .message(data)
        case UInt8(ascii: "5"): self = .upgrade
        case UInt8(ascii: "6"): self = .noop
        default: throw .unknownType
        }
    }

    /// From a WebSocket message: one packet each.
    public init(_ message: WebSocketMessage) throws(SocketIOError) {
        switch message {
        case .text(let bytes): try self.init(text: bytes[...])
        case .binary(let bytes): self = .binary(bytes[...])
        }
    }

    /// The type's digit, which stands before the data; nil for binary data, which stands alone.
    public var type: UInt8? {
        switch self {
        case .open: UInt8(ascii: "0")
        case .close: UInt8(ascii: "1")
        case .ping: UInt8(ascii: "2")
        case .pong: UInt8(ascii: "3")
        case .message: UInt8(ascii: "4")
        case .upgrade: UInt8(ascii: "5")
        case .noop: UInt8(ascii: "6")
        case .binary: nil
        }
    }

    /// What stands after the type.
    public var data: ArraySlice<UInt8> {
        switch self {
        case .open(let data), .ping(let data), .pong(let data), .message(let data), .binary(let data): data
        case .close, .upgrade, .noop: []
        }
    }

    /// As one WebSocket message.
    public var webSocketMessage: WebSocketMessage {
        guard let type else { return .binary(Array(data)) }
        return .text([type] + data)
    }

    /// As it stands in a polling payload.
    func append(toPayload out: inout [UInt8]) {
        if let type {
            out.append(type)
            out.append(contentsOf: data)
        } else {
            out.append(UInt8(ascii: "b"))
            Base64.append(data, to: &out)
        }
    }
}
