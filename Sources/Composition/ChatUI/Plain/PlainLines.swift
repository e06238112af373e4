import CellGraphics

/// A model's changes as lines of text, for who cannot, or will not, see a screen: an event is one line, with the time in front.
///
/// Everything in them is fit for a terminal.
public struct PlainLines {
    private var last: ChatModel
    /// Told once in each time of silence.
    private var hasSaidMuted = false
    private var hasListed = false
    /// The channels as they were listed last, in the order of their numbers.
    public private(set) var listed: [String] = []
    private var lines: [String] = []

    public init(_ model: ChatModel) { last = model }

    /// What is new since the last time.
    public mutating func update(_ model: ChatModel) -> [String] {
        guard model != last else { return [] }
        lines = []
        if model.screen == .lobby { updateLobby(model) } else { updateCall(model) }
        updateOwn(model)
        last = model
        return lines.map { Self.dated($0, model) }
    }

    /// A sentence of the program itself.
    public func line(_ text: String, _ model: ChatModel) -> String { Self.dated(text, model) }

    private static func dated(_ text: String, _ model: ChatModel) -> String {
        let text = TerminalText.sanitize(text, maximumColumns: 4000)
        return model.clock.isEmpty ? text : "\(model.clock) \(text)"
    }

    // MARK: - Lobby

    private mutating func updateLobby(_ model: ChatModel) {
        let words = model.words
        let (lobby, former) = (model.lobby, last.lobby)
        let isBack = last.screen == .call
        if lobby.camera != former.camera { lines.append(words.plainCamera(lobby.camera)) }
        if lobby.microphone != former.microphone { lines.append(words.plainMicrophone(lobby.microphone)) }
        if lobby.signaling != former.signaling, !(lobby.signaling.isLost && former.signaling.isLost) {
            lines.append(words.plainSignaling(lobby.signaling))
        }
        // A join that was refused was no call.
        if isBack, last.call.phase != .joining { lines.append(words.plainBack) }
        if !lobby.notice.isEmpty, isBack || lobby.notice != former.notice { lines.append(lobby.notice) }
        if let prompt = lobby.prompt, former.prompt == nil || former.prompt?.notice != prompt.notice || isBack {
            if !prompt.notice.isEmpty { lines.append(prompt.notice) }
            lines.append(words.plainPassword(prompt.channel))
            return
        }
        guard lobby.prompt == nil else { return }
        if !lobby.canList {
            if former.canList { lines.append(words.plainNoList) }
        } else if lobby.channels != former.channels || isBack {
            if hasListed, !isBack { changes(lobby.channels, former.channels, words) } else { lines += listing(model) }
        }
    }

    private mutating func changes(_ channels: [LobbyChannel], _ former: [LobbyChannel], _ words: Words) {
        let known = Dictionary(former.map { ($0.name, $0) }) { first, _ in first }
        for channel in channels where known[channel.name] != channel { lines.append(words.plainChannel(channel)) }
        let there = Set(channels.map(\.name))
        for channel in former where !there.contains(channel.name) { lines.append(words.plainGone(channel.name)) }
    }

    /// All channels, numbered.
    public mutating func list(_ model: ChatModel) -> [String] { listing(model).map { Self.dated($0, model) } }

    private mutating func listing(_ model: ChatModel) -> [String] {
        hasListed = true
        listed = model.lobby.channels.map(\.name)
        guard model.lobby.canList else { return [model.words.plainNoList] }
        guard !listed.isEmpty else { return [model.words.plainEmpty] }
        return [model.words.plainChannels(listed.count)]
            + zip(1..., model.lobby.channels).map { "\($0)  \(model.words.plainChannel($1))" }
    }

    // MARK: - Call

    private mutating func updateCall(_ model: ChatModel) {
        let words = model.words
        let isNew = last.screen == .lobby || last.call.channel != model.call.channel
        let former = isNew ? CallModel(words: words) : last.call
        let call = model.call
        if isNew { lines.append(words.plainJoining(call.channel)) }
        if former.phase == .joining, call.phase != .joining { lines.append(words.plainJoined(call.channel)) }
        let count = call.added >= former.added ? call.added - former.added : call.lines.count
        lines += call.lines.suffix(count).map(\.text)
        for person in call.people { compare(person, former.person(person.id), call, words) }
        if call.phase != former.phase, case .waiting = call.phase { lines.append(words.plainWaiting(call.channel)) }
        if call.mutedTalkUntil != nil, !hasSaidMuted {
            hasSaidMuted = true
            lines.append(words.plainMutedTalk(model.keys.command(for: .microphone)))
        }
    }

    private mutating func compare(_ person: ChatPerson, _ former: ChatPerson?, _ call: CallModel, _ words: Words) {
        let name = call.name(of: person)
        if person.connection != former?.connection {
            if person.connection == .connecting { lines.append(words.plainConnecting(name)) }
            // Of several, a direct connection is no line of the call's.
            if person.connection == .connected, former?.connection != .interrupted, call.isGroup, person.path == "direct" {
                lines.append(words.plainConnected(name))
            }
        }
        if person.isMicrophoneOn != former?.isMicrophoneOn ?? true {
            lines.append(words.plainTheirMicrophone(name, isOn: person.isMicrophoneOn))
        }
        if person.isCameraOn != former?.isCameraOn ?? true { lines.append(words.plainTheirCamera(name, isOn: person.isCameraOn)) }
    }

    private mutating func updateOwn(_ model: ChatModel) {
        if model.isMicrophoneOn != last.isMicrophoneOn {
            hasSaidMuted = false
            lines.append(model.words.plainOwnMicrophone(isOn: model.isMicrophoneOn))
        }
        if model.isCameraOn != last.isCameraOn { lines.append(model.words.plainOwnCamera(isOn: model.isCameraOn)) }
    }
}
