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
    /// A line of text from the other side, of several rows perhaps; cleaned, but for the terminal's own rules.
    case chat(String)
    /// Whether the other side takes text.
    case chatOpen(Bool)
    /// What the other side lets us hear and see; only a tchat tells.
    case peerMedia(microphone: Bool, camera: Bool)
    case verification(CallVerification)
    case acquaintance(CallAcquaintance)
    /// The path in use, at first and whenever it changes.
    case path(isRelayed: Bool, summary: String, pair: String)
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

/// Whether it can be shown that nobody sits between the two ends.
public enum CallVerification: Sendable, Equatable {
    /// The same on both ends, when nobody does.
    case words([String])
    /// A clause: why there are none.
    case impossible(String)
    /// A clause, to be told loudly.
    case failed(String)
}

/// What this machine remembers of the other side's certificate. Days are `YYYY-MM-DD`.
public enum CallAcquaintance: Sendable, Equatable {
    /// No name, or nothing is remembered here.
    case unknown
    case firstSeen
    /// `isVerified`: a person has compared the words since.
    case known(since: String, isVerified: Bool)
    /// To be told loudly: the name came with another certificate until now.
    case changed(since: String)
}
