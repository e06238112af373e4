/// What a signaling client tells, in the order in which it came, on the signaling thread.
public enum SignalingEvent: Sendable, Equatable {
    /// The server has given this socket its id; a new one after each reconnect.
    case connected(id: String)
    /// The connection is lost or was refused; the reason is a sentence for a person.
    case disconnected(reason: String, willRetry: Bool)
    /// This side is in the channel. The first member calls when the second comes; after `wait` whoever is left is the first.
    case joined(channel: String, isFirst: Bool)
    case joinFailed(String)
    /// Both members are there.
    case ready(channel: String)
    /// A text as the server sent it, at most 1000 characters; may hold anything, so it is cleaned before it is shown.
    case message(String)
    /// The other member; the name is nil where the server does not tell names.
    case peerJoined(id: String, name: String?)
    case offer(sdp: String, from: String?)
    case answer(sdp: String, from: String?)
    /// An RTCIceCandidateInit's fields; an empty candidate is the end of candidates.
    case candidate(candidate: String, mid: String?, mLineIndex: Int?, from: String?)
    case peerLeft(id: String?, reason: String)
    /// The other member left: wait for the next one.
    case wait(channel: String)
    case closeConnection
    /// What is open on the server: the answer to `listChannels`, and again whenever it changes.
    case channels([ChannelInfo])
    /// The server did not answer `listChannels`: one of the seed's kind.
    case listUnsupported
}

/// One row of the server's list of channels.
public struct ChannelInfo: Sendable, Equatable {
    public var name: String
    public var members: Int
    /// Of the members that have one.
    public var names: [String]
    public var capacity: Int

    public init(name: String, members: Int, names: [String], capacity: Int) {
        self.name = name
        self.members = members
        self.names = names
        self.capacity = capacity
    }
}

/// What is sent to the other member of a channel.
public enum OutgoingSignal: Sendable, Equatable {
    case offer(sdp: String)
    case answer(sdp: String)
    case candidate(candidate: String, mid: String?, mLineIndex: Int?)
}

/// Why a signaling server cannot be started; the description is a sentence for a person that says what to do.
public struct SignalingError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable { case portBusy, notPermitted, badAddress, badCertificate, failed }
    public let kind: Kind
    public let description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
