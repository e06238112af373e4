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
