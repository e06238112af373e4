/// An HTTP request to the engine, as far as its address says what it is.
public struct EngineIORequest: Sendable, Hashable {
    public enum Transport: Sendable, Hashable { case polling, webSocket }

    public let transport: Transport?
    public let version: String?
    public let sessionID: String?

    public static let path = "/socket.io/"

    /// From a request's target; nil when it is not below the engine's path, which ends with a slash.
    public init?(target: String, path: String = Self.path) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let asked = parts.first, asked.hasPrefix(path) || asked == path.dropLast() else { return nil }
        var fields: [Substring: Substring] = [:]
        for pair in parts.dropFirst().first?.split(separator: "&", maxSplits: 64) ?? [] {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if halves.count == 2 { fields[halves[0]] = halves[1] }
        }
        switch fields["transport"] {
        case "polling": transport = .polling
        case "websocket": transport = .webSocket
        default: transport = nil
        }
        version = fields["EIO"].map(String.init)
        // An empty one is none.
        sessionID = fields["sid"].flatMap { $0.isEmpty ? nil : String($0) }
    }

    /// What is wrong with it, in the reference server's order of checks; nil when it may go on.
    /// - Parameters:
    ///   - session: the transport of the session that `sessionID` names; nil when there is no such session.
    ///   - isUpgrade: it asks for a WebSocket.
    public func refusal(session: Transport?, isGET: Bool, isUpgrade: Bool) -> EngineIORefusal? {
        guard let transport else { return .unknownTransport }
        if sessionID != nil {
            guard let session else { return .unknownSession }
            return (isUpgrade ? .webSocket : session) != transport ? .badRequest : nil
        }
        guard isGET else { return .badHandshakeMethod }
        if (transport == .webSocket) != isUpgrade { return .badRequest }
        return version == "4" ? nil : .unsupportedVersion
    }
}

/// The engine's error answers: status 400, or 403 for what is forbidden.
public enum EngineIORefusal: Int, Error, Sendable {
    case unknownTransport = 0
    case unknownSession = 1
    case badHandshakeMethod = 2
    case badRequest = 3
    case forbidden = 4
    case unsupportedVersion = 5

    public var message: String {
        switch self {
        case .unknownTransport: "Transport unknown"
        case .unknownSession: "Session ID unknown"
        case .badHandshakeMethod: "Bad handshake method"
        case .badRequest: "Bad request"
        case .forbidden: "Forbidden"
        case .unsupportedVersion: "Unsupported protocol version"
        }
    }

    public var status: Int { self == .forbidden ? 403 : 400 }

    /// The answer's JSON.
    public var body: String { "{\"code\":\(rawValue),\"message\":\"\(message)\"}" }
}
