import Primitives
import Signaling

/// What a person in a call, or a program that runs one, is told.
public enum CallEvent: Sendable, Equatable {
    /// The signaling server answered; our id there.
    case signalingConnected(id: String)
    case signalingLost(String)
    /// The join was sent.
    case joining(channel: String, at: Instant)
    case joined(channel: String, isFirst: Bool)
    case joinFailed(String)
    /// Someone to talk to is there.
    case ready
    case connecting
    /// Media flows both ways; which path, for a person.
    case connected(path: String, at: Instant)
    /// Nothing has come from the other side for a while.
    case interrupted
    case resumed
    case firstFrame(width: Int, height: Int, at: Instant)
    case peerNamed(String)
    case peerLeft(String)
    /// A line from the server: who came, who went.
    case message(String)
    case channels([ChannelInfo])
    /// The server is a plain one that cannot list.
    case listUnsupported
    case speakerFailed(String)
    /// A whole sentence.
    case error(String)
    case left(channel: String)
}
