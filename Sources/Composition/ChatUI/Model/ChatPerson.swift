import CellGraphics
import Primitives

/// Someone else in the channel, and how things stand with them.
public struct ChatPerson: Equatable, Sendable, Identifiable {
    public enum Connection: Equatable, Sendable {
        /// In the channel; neither side has called yet.
        case awaited
        case connecting
        case connected
        /// Nothing has come for a while.
        case interrupted
        /// The connection is gone, the person is still in the channel.
        case lost
    }

    /// As signaling names them; empty where it names nobody.
    public let id: String
    /// The digit that enlarges their picture: the lowest that was free when they came, and theirs until they leave.
    public internal(set) var number: Int
    /// Empty: gave no name.
    public internal(set) var name = ""
    public internal(set) var connection = Connection.awaited
    public internal(set) var hasPicture = false
    /// What they let us hear and see, as far as they tell.
    public internal(set) var isMicrophoneOn = true
    public internal(set) var isCameraOn = true
    public internal(set) var isChatOpen = false
    /// "direct", "relayed"; empty without a connection.
    public internal(set) var path = ""
    public internal(set) var verification = ChatVerification.pending
    public internal(set) var acquaintance = ChatAcquaintance.unknown
    /// Whole seconds in this state of the connection, counted by the ticks; 0 while connected.
    public internal(set) var seconds = 0
    var since: Instant

    init(id: String, number: Int, now: Instant) {
        self.id = id
        self.number = number
        since = now
    }

    /// To be told loudly.
    var isSuspect: Bool {
        if case .changed = acquaintance { return true }
        if case .failed = verification { return true }
        return false
    }

    var isVerified: Bool {
        if case .known(_, isVerified: true) = acquaintance { return true }
        return false
    }

    /// Their picture can be shown: a camera that is off leaves no picture standing.
    var isSeen: Bool { hasPicture && isCameraOn }

    mutating func enter(_ connection: Connection, now: Instant) {
        self.connection = connection
        since = now
        seconds = 0
    }

    mutating func tick(now: Instant) {
        seconds = connection == .connected ? 0 : max(0, Int((now - since).seconds))
    }
}
