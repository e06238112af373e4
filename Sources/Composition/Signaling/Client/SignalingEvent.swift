/// What a signaling client tells, in the order in which it came, on the signaling thread.
///
/// Everything in it is bounded; texts may hold anything, so they are cleaned before they are shown.
public enum SignalingEvent: Sendable, Equatable {
    /// The server has given this socket its id. The id as a member, which outlives a reconnect on a group server, is in `joined`.
    case connected(id: String)
    /// The connection is lost or was refused; the reason is a sentence for a person.
    case disconnected(reason: String, willRetry: Bool)
    /// This side is in the channel; told again after each reconnect, with those who are there then.
    case joined(JoinedChannel)
    /// The channel is given up. A refusal may come late, when another one has been asked for already.
    case joinFailed(JoinFailure, channel: String)
    /// Both members are there. From plain servers alone: the first member calls; after `wait` whoever is left is the first.
    case ready(channel: String)
    /// A text as the server sent it, at most 1000 characters.
    case message(String)
    /// Somebody else is in the channel, and was not before.
    case memberJoined(ChannelMember)
    /// Somebody else is no longer in it. Plain servers do not always say who. `reason`: `left`, `disconnected` or `timeout`.
    case memberLeft(id: String?, name: String?, reason: String)
    /// A session description; `from` is a member that is there, nil where the server names nobody.
    case offer(sdp: String, from: String?)
    case answer(sdp: String, from: String?)
    /// An RTCIceCandidateInit's fields; an empty candidate is the end of candidates.
    case candidate(candidate: String, mid: String?, mLineIndex: Int?, from: String?)
    /// The other member left: wait for the next one. From plain servers alone, as is `closeConnection`.
    case wait(channel: String)
    case closeConnection
    /// What is open on the server: the answer to `listChannels`, and again whenever it changes.
    case channels([ChannelInfo])
    /// The server has not answered `listChannels`: one of the seed's kind, unless `channels` follows.
    case listUnsupported
    /// The server did not do what it was asked, or not yet: a join that is tried again is told like this, once.
    case refused(JoinFailure)
    /// The server is about to stop. It is looked for until it is back.
    case serverStopping(String)
}

/// Somebody else in a channel.
public struct ChannelMember: Sendable, Hashable {
    public var id: String
    /// Nil where none was given, or the server does not tell names.
    public var name: String?
    /// One of the seed's kind, which can talk to one other alone.
    public var isPlain: Bool

    public init(id: String, name: String? = nil, isPlain: Bool = false) {
        self.id = id
        self.name = name
        self.isPlain = isPlain
    }
}

/// A STUN or TURN server that a channel's members may use, as in an RTCIceServer.
public struct SignaledICEServer: Sendable, Hashable {
    public var urls: [String]
    public var username: String?
    public var credential: String?

    public init(urls: [String], username: String? = nil, credential: String? = nil) {
        self.urls = urls
        self.username = username
        self.credential = credential
    }
}

/// A place in a channel.
public struct JoinedChannel: Sendable, Equatable {
    /// The name that was asked for.
    public var channel: String
    /// This side's own id in it.
    public var id: String
    /// Who was there before, in the order in which they joined. Plain servers tell of them by `memberJoined`, if at all.
    public var members: [ChannelMember]
    /// How many the channel holds; nil where the server does not tell.
    public var capacity: Int?
    /// The server knows channels of more than two: signals can be addressed, and those that come say whom they are from.
    public var isGroup: Bool
    public var iceServers: [SignaledICEServer]
    /// Nobody else was there.
    public var isFirst: Bool

    public init(
        channel: String, id: String, members: [ChannelMember] = [], capacity: Int? = nil, isGroup: Bool = false,
        iceServers: [SignaledICEServer] = [], isFirst: Bool
    ) {
        self.channel = channel
        self.id = id
        self.members = members
        self.capacity = capacity
        self.isGroup = isGroup
        self.iceServers = iceServers
        self.isFirst = isFirst
    }
}

/// One row of the server's list of channels.
public struct ChannelInfo: Sendable, Equatable {
    public var name: String
    public var members: Int
    /// Of the members that have one.
    public var names: [String]
    public var capacity: Int
    public var needsPassword: Bool

    public init(name: String, members: Int, names: [String], capacity: Int, needsPassword: Bool = false) {
        self.name = name
        self.members = members
        self.names = names
        self.capacity = capacity
        self.needsPassword = needsPassword
    }
}

/// What is sent to another member of a channel: `to` its id, or to all others. Plain servers send everything to the one other.
public enum OutgoingSignal: Sendable, Equatable {
    case offer(sdp: String, to: String? = nil)
    case answer(sdp: String, to: String? = nil)
    case candidate(candidate: String, mid: String?, mLineIndex: Int?, to: String? = nil)
}

/// Why a signaling server cannot be started or reached; the description is a sentence for a person that says what to do.
public struct SignalingError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable { case portBusy, notPermitted, badAddress, badCertificate, failed }
    public let kind: Kind
    public let description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
