public struct LobbyModel: Equatable, Sendable {
    public internal(set) var signaling = SignalingState.connecting(SignalingPlace(""))
    /// The server has said that it ends; its silence after that is no news.
    var isServerStopping = false
    public internal(set) var channels: [LobbyChannel] = []
    public internal(set) var canList = true
    /// The server has told at least once which channels there are.
    var hasList = false
    /// The screen's, for sentences.
    var words = Words()
    /// What has been typed: filters the list, or names a channel of its own.
    public internal(set) var typed = ""
    /// The channel that is marked, by name, so that no new list moves it; nil: what was typed is meant. It may have closed since.
    var chosen: String?
    /// Why the last call did not come about, or ended.
    public internal(set) var notice = ""
    /// While it is there every key belongs to it.
    public internal(set) var prompt: PasswordPrompt?
    var given: GivenPassword?
    /// In words, for lines of text.
    public internal(set) var camera = ""
    public internal(set) var microphone = ""
    public internal(set) var path = ""
    public internal(set) var pathTest: PathTestResult?
    public internal(set) var devices: [DeviceKind: DeviceRow] = [:]
    public internal(set) var meter = MicrophoneMeter()
    /// Names of channels at this server, newest first.
    public internal(set) var recents: [String] = []

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

    /// The place of the marked one in `shown`; nil: none is marked, or it has closed.
    public var selection: Int? { chosen.flatMap { name in shown.firstIndex { $0.name == name } } }

    /// What was typed, as a channel's name.
    var typedName: String {
        let name = typed.drop { $0 == " " }
        return name.lastIndex { $0 != " " }.map { String(name[...$0]) } ?? ""
    }

    /// What Enter does.
    public enum Intent: Equatable, Sendable {
        case nothing
        /// Somebody is there.
        case join(String)
        /// Nobody is there yet.
        case create(String)
        /// The server does not tell, or has not yet, whether somebody is there.
        case joinOrCreate(String)
        /// The marked one has closed: that is said, and nothing else is joined in its place.
        case closed(String)
    }

    public var intent: Intent {
        let marked = selection.map { shown[$0].name }
        if marked == nil, let chosen, chosen != typedName { return .closed(chosen) }
        let name = marked ?? typedName
        guard !name.isEmpty else { return .nothing }
        guard hasList, canList else { return .joinOrCreate(name) }
        return channels.contains { $0.name == name } ? .join(name) : .create(name)
    }

    /// What Enter would join; nil: nothing.
    public var choice: String? {
        switch intent {
        case .join(let name), .create(let name), .joinOrCreate(let name): name
        case .nothing, .closed: nil
        }
    }

    /// What was typed would be a new channel, and others are listed: it has a row of its own above them.
    var hasRowForNew: Bool {
        guard hasList, canList, !typedName.isEmpty else { return false }
        let shown = shown
        return !shown.isEmpty && !shown.contains { $0.name == typedName } && !channels.contains { $0.name == typedName }
    }
}
