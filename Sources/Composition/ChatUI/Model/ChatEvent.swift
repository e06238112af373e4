import Primitives
import Terminal

/// A channel as the lobby lists it.
public struct LobbyChannel: Equatable, Sendable {
    public var name: String
    public var members: Int
    /// Names of the members, as far as they gave any.
    public var names: [String]
    /// Nil: not said.
    public var capacity: Int?

    public init(name: String, members: Int, names: [String] = [], capacity: Int? = nil) {
        self.name = name
        self.members = members
        self.names = names
        self.capacity = capacity
    }

    public var isFull: Bool { capacity.map { members >= $0 } ?? false }
}

/// Someone else in the channel.
public struct ChatPerson: Equatable, Sendable {
    /// Empty: gave no name.
    public var name: String
    /// Something to know about them, such as "mic off".
    public var note: String

    public init(name: String, note: String = "") {
        self.name = name
        self.note = note
    }
}

/// How the signaling server can be reached, in words.
public enum SignalingState: Equatable, Sendable {
    case connecting(String)
    case connected(String)
    case lost(String)

    var isLost: Bool { if case .lost = self { true } else { false } }
}

/// Whether two people can be sure that nobody sits between them.
public enum ChatVerification: Equatable, Sendable {
    /// It is not known yet whether the other side can.
    case pending
    /// To be read aloud on both ends.
    case words([String])
    /// Why there are no words; a clause, as in "the other side is a browser".
    case impossible(String)
    /// Somebody may sit in the middle; a clause.
    case failed(String)
}

/// What is remembered of the other side's key.
public enum ChatAcquaintance: Equatable, Sendable {
    /// Gave no name, or nothing is remembered on this machine.
    case unknown
    case firstSeen
    /// "2026-11-02"; whether a person has compared the words since.
    case known(since: String, isVerified: Bool)
    /// The name was seen with another key since that day.
    case changed(since: String)
}

/// What the status line shows.
public struct ChatStatistics: Equatable, Sendable {
    /// "direct" or "relayed"; empty before there is a path.
    public var path: String
    public var roundTripMilliseconds: Double?
    public var framesPerSecond: Double
    public var kilobitsPerSecond: Double
    public var lossPercent: Double
    public var terminalKilobytesPerSecond: Double

    public init(
        path: String = "", roundTripMilliseconds: Double? = nil, framesPerSecond: Double = 0, kilobitsPerSecond: Double = 0,
        lossPercent: Double = 0, terminalKilobytesPerSecond: Double = 0
    ) {
        self.path = path
        self.roundTripMilliseconds = roundTripMilliseconds
        self.framesPerSecond = framesPerSecond
        self.kilobitsPerSecond = kilobitsPerSecond
        self.lossPercent = lossPercent
        self.terminalKilobytesPerSecond = terminalKilobytesPerSecond
    }
}

/// Everything that can change what is on the screen.
public enum ChatEvent: Sendable {
    case key(Key)
    case resized(TerminalSize)
    /// At least twice a second; the time of day stands before the events of a call.
    case tick(hour: Int, minute: Int)

    // Signaling and the lobby.
    case signaling(SignalingState)
    case channels([LobbyChannel])
    /// A plain server, which cannot list.
    case channelsUnsupported
    /// "HD Webcam 640x480 30", "Built-in", "direct likely (STUN answers)"; nil leaves a line as it is.
    case devices(camera: String?, microphone: String?, path: String?)

    // A call.
    /// The join of a channel has begun, whoever asked for it: the call screen opens.
    case joining(channel: String)
    case joined(isFirst: Bool)
    /// Back to the lobby, which says why.
    case joinFailed(String)
    /// The others, whenever they change.
    case people([ChatPerson])
    /// What is being tried: "asking for paths".
    case connecting(String)
    /// "direct", "relayed".
    case connected(path: String)
    /// It has changed.
    case path(String)
    case interrupted
    case resumed
    case peerLeft(name: String?)
    /// A line of the text chat; nil: we said it ourselves.
    case chat(from: String?, text: String)
    /// Whether the other side takes text.
    case chatOpen(Bool)
    case verification(ChatVerification)
    case acquaintance(ChatAcquaintance)
    /// Rows of names and values for the statistics pane, as long as it is shown.
    case details([ChatDetail])
    /// A line for the pane: what the server or someone else said.
    case message(String)
    /// Like a message, but trouble.
    case failure(String)
    /// The call is over, for the reason or none: back to the lobby.
    case ended(String?)
    case remotePicture(isPresent: Bool)
    /// What really leaves the machine.
    case microphone(isOn: Bool)
    case camera(isOn: Bool)
    /// What this machine has to send with.
    case equipment(hasMicrophone: Bool, hasCamera: Bool)
    /// 0...1, of what the microphone hears, muted or not.
    case microphoneLevel(Double)
    case statistics(ChatStatistics)
}

/// One row of the statistics.
public struct ChatDetail: Equatable, Sendable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What the user wants; the answer comes back as an event.
public enum ChatCommand: Equatable, Sendable {
    case join(channel: String)
    case leave
    case setMicrophone(on: Bool)
    case setCamera(on: Bool)
    case say(String)
    /// The words were compared, and are the same on both ends.
    case confirmWords
    /// The screen is to be drawn whole.
    case repaint
    case quit
}
