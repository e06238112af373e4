import JSON

/// What the server is to do. `to` names sockets, never members.
public enum ChannelAction: Sendable, Hashable {
    /// One event to each of these sockets, in this order.
    case emit(to: [String], event: String, arguments: [JSONValue])
    /// The answer to an event that wanted one.
    case acknowledge(to: String, id: Int, arguments: [JSONValue])
    /// A Socket.IO packet, encoded once for all of these sockets: `2["event",{…}]`.
    case relay(to: [String], packet: [UInt8])
    /// Close this socket: the same member has come back on another.
    case close(String, reason: String)
}

/// How a socket has gone.
public enum Departure: Sendable, Hashable {
    /// It has said so, by Socket.IO's disconnect or Engine.IO's close.
    case left
    /// Its connection was lost.
    case closed
    /// It did not answer the heartbeat.
    case timedOut
}

/// Whether a socket may take part.
public enum ConnectVerdict: Sendable, Hashable {
    case accepted([ChannelAction])
    /// Answer it with a CONNECT_ERROR that carries the code and its message.
    case refused(ChannelCode)
}
