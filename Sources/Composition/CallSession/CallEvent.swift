import MediaTypes
import Primitives
import Signaling

/// One other member of the channel; "" where the server names nobody, which then is the only one.
public typealias CallMemberID = String

/// What a person in a call, or a program that runs one, is told. Sentences are whole ones.
public enum CallEvent: Sendable, Equatable {
    /// The signaling server answered; our id there.
    case signalingConnected(id: String)
    case signalingLost(String)
    /// The server says that it is about to stop, in its words.
    case signalingStopping(String)
    /// The join was sent.
    case joining(channel: String, at: Instant)
    case joined(channel: String, isFirst: Bool)
    case joinFailed(JoinFailure, channel: String)
    /// Someone to talk to is there; again when someone comes after everybody was gone.
    case ready
    case left(channel: String)

    /// Somebody else is in the channel; their name, where signaling tells it.
    case memberArrived(CallMemberID, name: String?)
    /// They are there no more, neither in the channel nor by a connection of ours that still lives.
    case memberLeft(CallMemberID, reason: String)

    // Of the connection to one member, in this order. A member whose connection ends may still be in the channel, and be called again.
    case connecting(CallMemberID)
    /// Media flows both ways; which path, for a person.
    case connected(CallMemberID, path: String, at: Instant)
    /// Nothing has come from the other side for a while.
    case interrupted(CallMemberID)
    case resumed(CallMemberID)
    case firstFrame(CallMemberID, width: Int, height: Int, at: Instant)
    /// By signaling, and then by the member's own program, whose word counts.
    case peerNamed(CallMemberID, String)
    /// Their connection has ended.
    case peerLeft(CallMemberID, reason: String)
    /// A line of text from the other side, of several rows perhaps; cleaned, but for the terminal's own rules.
    case chat(from: CallMemberID, text: String)
    /// Whether the other side takes text.
    case chatOpen(CallMemberID, Bool)
    /// What the other side lets us hear and see; only a tchat tells.
    case peerMedia(CallMemberID, microphone: Bool, camera: Bool)
    case verification(CallMemberID, CallVerification)
    case acquaintance(CallMemberID, CallAcquaintance)
    /// The path in use, at first and whenever it changes.
    case path(CallMemberID, isRelayed: Bool, summary: String, pair: String)

    /// A line from the server: who came, who went.
    case message(String)
    case channels([ChannelInfo])
    /// The server is a plain one that cannot list.
    case listUnsupported
    /// What is used from now on for one purpose: after a choice, and after a failure.
    case device(CallDevice)
    /// It could not be used, or can be used no more; what is used instead comes as `device`.
    case deviceFailed(CallDeviceKind, choice: String, MediaDeviceError)
    /// The answer to `CallSession.listDevices`.
    case deviceList(CallDeviceKind, [CallDeviceInfo])
    /// The answer to `CallSession.testPath`.
    case pathTest(PathFinding)
    /// A whole sentence.
    case error(String)
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
