import Primitives

/// The timings and limits of a server's sessions; the defaults are the reference server's.
public struct SocketIOServerConfiguration: Sendable {
    public var pingInterval = Interval.seconds(25)
    public var pingTimeout = Interval.seconds(20)
    /// How long a WebSocket may take to take over from polling.
    public var upgradeTimeout = Interval.seconds(10)
    public var upgradeNoopInterval = Interval.milliseconds(100)
    /// How long a client may stay without joining a namespace.
    public var connectTimeout = Interval.seconds(45)
    /// Bytes in one WebSocket message or one polling request.
    public var maximumPayload = 1_000_000
    /// Bytes that wait for a client that does not read, and bytes of one event's attachments.
    public var maximumBuffered = 4_000_000
    public var maximumAttachments = 10
    /// Acknowledgements that a client owes; beyond it the oldest is no longer waited for.
    public var maximumOwedAcknowledgements = 256
    /// The namespaces that exist.
    public var namespaces: Set<String> = ["/"]
    /// The application speaks Engine.IO itself: messages are handed over as they come, and nothing of Socket.IO is there.
    public var isEngineOnly = false

    public init() {}
}
