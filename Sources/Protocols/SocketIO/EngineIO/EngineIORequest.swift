/// An HTTP request to the engine, as far as its address says what it is.
public struct EngineIORequest: Sendable, Hashable {
    public enum Transport: Sendable, Hashable { case polling, webSocket }

    public let transport: Transport?
    public let version: String?
    public let sessionID: String?

    public static let path = "/socket.io/"

    /// From a request's target; nil when it is not below the engine's path.
    public init?(target: String) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, path == Self.path || path == Self.path.dropLast() else { return nil }
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
        sessionID = fields["sid"].map(String.init)
    }

    /// What is wrong with it, in the reference server's order of checks; nil when it may go on.
    /// - Parameters:
    ///   - session: the transport of the session that `sessionID` names; nil when there is no such session.
    ///   - isUpgrade: it asks for a WebSocket.
    public func refusal(session: Transport?, isGET: Bool, isUpgrade: Bool) -> EngineIORefusal? {
        guard let transport else { return .unknownTransport }
        if sessionID != nil {
            guard let session else { return .unknownSession }
            return !isUpgrade && session != transport ? .badRequest : nil
        }
        guard isGET else { return .badHandshakeMethod }
        if transport == .webSocket, !isUpgrade { return .badRequest }
        return version == "4" ? nil : .unsupportedVersion
    }
}

/// The engine's error answers; all have status 400 here, since nothing is forbidden yet.
public enum EngineIORefusal: Int, Error, Sendable {
    case unknownTransport = 0
    case unknownSession = 1
    case badHandshakeMethod = 2
    case badRequest = 3
    case unsupportedVersion = 5

    public var message: String {
        switch self {
        case .unknownTransport: "Transport unknown"
        case .unknownSession: "Session ID unknown"
        case .badHandshakeMethod: "Bad handshake method"
        case .badRequest: "Bad request"
        case .unsupportedVersion: "Unsupported protocol version"
        }
    }

    /// The answer's JSON.
    public var body: String { "{\"code\":\(rawValue),\"message\":\"\(message)\"}" }
}
