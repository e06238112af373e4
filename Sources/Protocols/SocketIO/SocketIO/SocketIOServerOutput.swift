import JSON

/// Why a client is no longer there.
public enum SocketIODeparture: Sendable, Hashable {
    /// It said so: Socket.IO's DISCONNECT or Engine.IO's close.
    case left
    /// Its connection is gone, or was closed on it.
    case closed
    /// It did not answer the heartbeat.
    case timedOut
}

/// An event with what came attached to it.
public struct SocketIOEvent: Sendable, Hashable {
    public var namespace: String
    public var name: String
    /// Where binary data was, `{"_placeholder":true,"num":N}` stands for `attachments[N]`, which is there.
    public var arguments: [RawJSON]
    public var attachments: [ArraySlice<UInt8>]
    /// Set when an answer is wanted.
    public var acknowledgement: Int?

    public init(
        namespace: String = "/", name: String, arguments: [RawJSON], attachments: [ArraySlice<UInt8>] = [], acknowledgement: Int? = nil
    ) {
        self.namespace = namespace
        self.name = name
        self.arguments = arguments
        self.attachments = attachments
        self.acknowledgement = acknowledgement
    }
}

public enum SocketIOServerOutput: Sendable, Hashable {
    /// The body for the GET that waits.
    case answerPoll([UInt8])
    case packet(EngineIOPacket, on: WebSocketID)
    case closeWebSocket(WebSocketID)
    /// The client wants to join a namespace that exists, with what it gave as `auth`: `accept` or `refuse` it before polling on.
    case connecting(namespace: String, auth: RawJSON?)
    case event(SocketIOEvent)
    /// The answer to an event that was sent with the wish for one.
    case acknowledged(namespace: String, id: Int, arguments: [RawJSON], attachments: [ArraySlice<UInt8>])
    /// The client is no longer in the namespace; comes once for each `accept`.
    case disconnected(namespace: String, SocketIODeparture, reason: String)
    /// A message of Engine.IO's, `.message` or `.binary`, when the application speaks that.
    case message(EngineIOPacket)
    /// The session is over: forget it. Nothing follows.
    case closed(reason: String)
}
