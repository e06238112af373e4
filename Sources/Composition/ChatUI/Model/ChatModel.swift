import CellGraphics
import Primitives
import Terminal

public enum PictureStyle: String, Sendable, CaseIterable {
    case half, ascii
}

/// Where the own picture lies over the other's.
public enum PictureCorner: Sendable, CaseIterable {
    case bottomRight, bottomLeft, topLeft, topRight, off
}

/// All that the screen shows, except the pictures themselves.
public struct ChatModel: Equatable, Sendable {
    public enum Screen: Equatable, Sendable { case lobby, call }

    public internal(set) var screen = Screen.lobby
    public internal(set) var size: TerminalSize
    public var style = PictureStyle.half
    public var fit = FitMode.contain
    public var corner = PictureCorner.bottomRight
    /// What lies over the picture.
    public enum Overlay: Equatable, Sendable { case help, words, statistics }
    public internal(set) var overlay: Overlay?
    public internal(set) var lobby = LobbyModel()
    public internal(set) var call = CallModel()
    /// Whether there is one at all: what is not there is neither on nor off.
    public internal(set) var hasMicrophone = true
    public internal(set) var hasCamera = true
    public internal(set) var isMicrophoneOn = true
    public internal(set) var isCameraOn = true
    /// In eighths, as the meter shows it.
    public internal(set) var microphoneLevel = 0
    /// "HH:MM", as the last tick gave it.
    var clock = ""

    public init(size: TerminalSize) { self.size = size }

    /// The smallest screen there is anything to be shown on.
    public static let smallestColumns = 40
    public static let smallestRows = 12
    public var isTooSmall: Bool { size.columns < Self.smallestColumns || size.rows < Self.smallestRows }
}

public struct LobbyModel: Equatable, Sendable {
    public internal(set) var signaling = SignalingState.connecting("")
    public internal(set) var channels: [LobbyChannel] = []
    public internal(set) var canList = true
    /// What has been typed: filters the list, or names a channel of its own.
    public internal(set) var typed = ""
    /// An index into `shown`; nil: what was typed is meant.
    public internal(set) var selection: Int?
    /// Why the last call did not come about, or ended.
    public internal(set) var notice = ""
    public internal(set) var camera = ""
    public internal(set) var microphone = ""
    public internal(set) var path = ""

    /// The channels that what was typed leaves.
    public var shown: [LobbyChannel] {
        let wanted = typed.lowercased()
        return wanted.isEmpty ? channels : channels.filter { $0.name.lowercased().contains(wanted) }
    }

    /// What Enter would join; nil: nothing.
    public var choice: String? {
        if let selection, shown.indices.contains(selection) { return shown[selection].name }
        let name = typed.drop { $0 == " " }
        guard let last = name.lastIndex(where: { $0 != " " }) else { return nil }
        return String(name[...last])
    }
}

public struct CallModel: Equatable, Sendable {
    public enum Phase: Equatable, Sendable {
        case joining
        /// Alone in the channel; who left, if anybody did.
        case waiting(left: String?)
        /// What is being tried.
        case connecting(String)
        case connected
        case interrupted
    }

    public struct Line: Equatable, Sendable {
        public var time: String
        public var text: String
        public var isTrouble: Bool
        /// Of the text chat: what a person wrote.
        public var isChat = false
    }

    /// The line that is being typed for the chat.
    public struct Draft: Equatable, Sendable {
        public internal(set) var text = ""
        /// Which of the lines sent before is shown in its place.
        var recalled: Int?
    }

    public internal(set) var channel = ""
    public internal(set) var phase = Phase.joining
    public internal(set) var hasRemotePicture = false
    public internal(set) var people: [ChatPerson] = []
    /// Oldest first, at most 200.
    public internal(set) var lines: [Line] = []
    public internal(set) var statistics = ChatStatistics()
    public internal(set) var details: [ChatDetail] = []
    public internal(set) var verification = ChatVerification.pending
    public internal(set) var acquaintance = ChatAcquaintance.unknown
    /// Nil: keys are shortcuts.
    public internal(set) var draft: Draft?
    public internal(set) var isChatOpen = false
    /// What was sent before, oldest first, at most 50.
    var sent: [String] = []
    /// Whole seconds in this phase, counted by the ticks; 0 in phases that show none.
    public internal(set) var phaseSeconds = 0
    var phaseStart = Instant.zero
    /// Until when it says "you are muted" to someone who talks.
    var mutedTalkUntil: Instant?

    /// For a sentence: a name, or "the other side".
    public var otherName: String { Self.name(people.first?.name) }

    static func name(_ name: String?) -> String { name.map { $0.isEmpty ? "the other side" : $0 } ?? "the other side" }

    mutating func add(_ text: String, time: String, isTrouble: Bool = false, isChat: Bool = false) {
        let text = TerminalText.sanitize(text, maximumColumns: isChat ? 2000 : 500)
        lines.append(Line(time: time, text: text, isTrouble: isTrouble, isChat: isChat))
        if lines.count > 200 { lines.removeFirst(lines.count - 200) }
    }
}
