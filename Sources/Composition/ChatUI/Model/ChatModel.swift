import CellGraphics
import Primitives
import Terminal

/// Where the own picture lies: over another one, or among several.
public enum PictureCorner: Sendable, CaseIterable {
    case bottomRight, bottomLeft, topLeft, topRight, off
}

/// All that the screen shows, except the pictures themselves.
public struct ChatModel: Equatable, Sendable {
    public enum Screen: Equatable, Sendable { case lobby, call }

    public internal(set) var screen = Screen.lobby
    public internal(set) var size: TerminalSize
    public var style = RenderMode.half
    public var words = Words() {
        didSet { (call.words, lobby.words) = (words, words) }
    }
    public var keys = KeyMap.standard
    /// What `style` goes round through: what this terminal can show.
    public var renderModes: [RenderMode] = [.half, .quadrant, .sextant, .braille, .ascii]
    public var colorMode = ColorMode.truecolor
    /// What `colorMode` goes round through.
    public var colorModes = ColorMode.allCases
    public var fit = FitMode.contain
    public var tone = PictureTone.neutral
    public var mirrorsOwnPicture = true
    public var corner = PictureCorner.bottomRight
    /// What lies over the picture.
    public enum Overlay: Equatable, Sendable { case help, words, statistics, invite }
    public internal(set) var overlay: Overlay?
    /// When the words pane opened by itself; nil: somebody opened it.
    var warnedAt: Instant?
    /// How long a pane that opened by itself takes no key that confirms.
    static let warningTime = Interval.seconds(1)
    public internal(set) var lobby = LobbyModel()
    public internal(set) var call = CallModel()
    /// Whether there is one at all: what is not there is neither on nor off.
    public internal(set) var hasMicrophone = true
    public internal(set) var hasCamera = true
    public internal(set) var isMicrophoneOn = true
    public internal(set) var isCameraOn = true
    public internal(set) var talk = PushToTalk()
    /// How others come into the channel; nil: not known.
    public internal(set) var invitation: Invitation?
    /// What a key has just done, for the status line.
    var notice: Notice?
    public var attention = Attention()
    /// From 0, where the keys do not fit at once.
    var helpPage = 0
    /// In eighths, as the meter shows it.
    public internal(set) var microphoneLevel = 0
    /// "HH:MM", as the last tick gave it.
    var clock = ""

    public init(size: TerminalSize) { self.size = size }

    /// When `.deadline` is to be told, so that something ends in time; nil: nothing waits.
    public var nextDeadline: Instant? { [talk.closesAt, call.notice?.until].compactMap { $0 }.min() }

    /// The smallest screen there is anything to be shown on.
    public static let smallestColumns = 40
    public static let smallestRows = 12
    public var isTooSmall: Bool { size.columns < Self.smallestColumns || size.rows < Self.smallestRows }
}
