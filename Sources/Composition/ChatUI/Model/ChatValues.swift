/// A channel as the lobby lists it.
public struct LobbyChannel: Equatable, Sendable {
    public var name: String
    public var members: Int
    /// Names of the members, as far as they gave any.
    public var names: [String]
    /// Nil: not said.
    public var capacity: Int?
    /// It asks for a password.
    public var isLocked: Bool
    /// It is not open; this machine was in it before.
    public var isRecent: Bool

    public init(
        name: String, members: Int, names: [String] = [], capacity: Int? = nil, isLocked: Bool = false, isRecent: Bool = false
    ) {
        self.name = name
        self.members = members
        self.names = names
        self.capacity = capacity
        self.isLocked = isLocked
        self.isRecent = isRecent
    }

    public var isFull: Bool { capacity.map { members >= $0 } ?? false }
}

/// Where the signaling server is.
public struct SignalingPlace: Equatable, Sendable, ExpressibleByStringLiteral {
    /// "http://192.168.1.5:6125"; "127.0.0.1:6125" of one in this program.
    public var address: String
    public var isInThisProgram: Bool

    public init(_ address: String, isInThisProgram: Bool = false) {
        self.address = address
        self.isInThisProgram = isInThisProgram
    }

    public init(stringLiteral address: String) { self.init(address) }
}

/// How the signaling server can be reached.
public enum SignalingState: Equatable, Sendable {
    case connecting(SignalingPlace)
    case connected(SignalingPlace)
    /// Why, in a sentence; empty: nobody knows.
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
    /// Of one connection.
    public var roundTripMilliseconds: Double?
    /// Of one picture.
    public var framesPerSecond: Double
    public var kilobitsPerSecond: Double
    public var lossPercent: Double
    public var terminalKilobytesPerSecond: Double
    /// Nil: the terminal takes pictures as good as they get.
    public var terminalLimit: TerminalLimit?

    public init(
        roundTripMilliseconds: Double? = nil, framesPerSecond: Double = 0, kilobitsPerSecond: Double = 0, lossPercent: Double = 0,
        terminalKilobytesPerSecond: Double = 0, terminalLimit: TerminalLimit? = nil
    ) {
        self.roundTripMilliseconds = roundTripMilliseconds
        self.framesPerSecond = framesPerSecond
        self.kilobitsPerSecond = kilobitsPerSecond
        self.lossPercent = lossPercent
        self.terminalKilobytesPerSecond = terminalKilobytesPerSecond
        self.terminalLimit = terminalLimit
    }
}

/// Pictures are coarser than they could be, as the terminal takes no more.
public struct TerminalLimit: Equatable, Sendable {
    /// What it was seen to take; nil: not measured.
    public var kilobytesPerSecond: Double?
    /// By how many steps, 1 or more.
    public var level: Int

    public init(kilobytesPerSecond: Double?, level: Int) {
        self.kilobytesPerSecond = kilobytesPerSecond
        self.level = level
    }
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
