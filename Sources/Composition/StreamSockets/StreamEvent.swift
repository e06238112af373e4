import Primitives

/// What `StreamTransport` tells. A stream's events come in order, and `closed` is its last.
public enum StreamEvent: Equatable, Sendable {
    /// The connection stands, its TLS handshake included: from now on it takes payloads.
    case opened(StreamID, local: SocketAddress)
    /// Somebody connected to a listener. The connection is closed after 10 s unless the owner keeps it.
    case accepted(StreamID, listener: SocketAddress, remote: SocketAddress)
    /// Bytes as they came: where they begin and end says nothing. The owner has to say `consumed` for them, or no more will come.
    case received(StreamID, [UInt8])
    /// It could not be opened, or has ended. The reason is one sentence for a person. Not told of a stream that the owner closed.
    case closed(StreamID, reason: String)
}
