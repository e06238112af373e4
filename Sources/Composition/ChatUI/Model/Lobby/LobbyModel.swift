public struct LobbyModel: Equatable, Sendable {
    public internal(set) var signaling = SignalingState.connecting("")
    /// The server has said that it ends; its silence after that is no news.
    var isServerStopping = false
    public internal(set) var channels: [LobbyChannel] = []
    public internal(set) var canList = true
    /// What has been typed: filters the list, or names a channel of its own.
    public internal(set) var typed = ""
    /// An index into `shown`; nil: what was typed is meant.
    public internal(set) var selection: Int?
    /// Why the last call did not come about, or ended.
    public internal(set) var notice = ""
    /// While it is there every key belongs to it.
    public internal(set) var prompt: PasswordPrompt?
    /// In words, for lines of text.
    public internal(set) var camera = ""
    public internal(set) var microphone = ""
    public internal(set) var path = ""
    public internal(set) var pathTest: PathTestResult?
    public internal(set) var devices: [DeviceKind: DeviceRow] = [:]
    public internal(set) var meter = MicrophoneMeter()
    /// Names of channels at this server, newest first.
    public internal(set) var recents: [String] = []
    /// The person has moved the choice: it stays where it is.
    var hasMoved = false

    public enum Focus: Hashable, Sendable {
        /// Letters go to the name of a channel.
        case channels
        case device(DeviceKind)
    }
    public internal(set) var focus = Focus.channels

    /// The channels that what was typed leaves, and after them the recent ones that are not open.
    public var shown: [LobbyChannel] {
        let wanted = typed.lowercased()
        let open = Set(channels.map(\.name))
        let all = channels + recents.filter { !open.contains($0) }.map { LobbyChannel(name: $0, members: 0, isRecent: true) }
        return wanted.isEmpty ? all : all.filter { $0.name.lowercased().contains(wanted) }
    }

    /// What Enter would join; nil: nothing.
    public var choice: String? {
        if let selection, shown.indices.contains(selection) { return shown[selection].name }
        let name = typed.drop { $0 == " " }
        guard let last = name.lastIndex(where: { $0 != " " }) else { return nil }
        return String(name[...last])
    }
}
