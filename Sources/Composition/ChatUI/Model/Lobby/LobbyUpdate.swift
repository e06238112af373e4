import CellGraphics
import Terminal

extension LobbyModel {
    static let longestName = 64

    static let mostRecents = 20

    /// A new list. What is marked stays marked, by its name; where it has closed nothing else takes its place.
    mutating func take(_ list: [LobbyChannel]) {
        let hadClosed = chosen != nil && selection == nil
        channels = list.prefix(1000).map {
            var channel = $0
            channel.names = Array(channel.names.prefix(16))
            return channel
        }
        // A list that came too late for the question is one all the same.
        (hasList, canList) = (true, true)
        mark()
        // It is back: that it has closed is no news any more.
        if hadClosed, selection != nil { notice = "" }
    }

    mutating func take(recents names: [String]) {
        recents = Array(names.prefix(Self.mostRecents))
        if hasList { mark() }
    }

    /// Only what nobody has seen marked yet is marked by itself: the first one, or the one of the very name that is typed.
    private mutating func mark() { if chosen == nil { aim() } }

    /// Nobody has looked at the list meanwhile.
    mutating func comeBack() { if typed.isEmpty, selection == nil, hasList { aim() } }

    mutating func press(_ key: Key) -> [ChatCommand] {
        if prompt != nil { return pressInPrompt(key) }
        if case .device(let kind) = focus { return press(key, on: kind) }
        switch key {
        case .character(let scalar): type(scalar)
        case .backspace:
            if !typed.isEmpty { typed.removeLast() }
            aim()
        case .control("u"):
            typed = ""
            aim()
        case .up: move(-1)
        case .down: move(1)
        case .pageUp: move(-10)
        case .pageDown: move(10)
        case .home: move(-Self.farAway)
        case .end: move(Self.farAway)
        case .tab: return focus(on: .device(.camera))
        case .backTab: return focus(on: .device(.speaker))
        case .enter: return join()
        case .escape:
            if typed.isEmpty { return [.quit] }
            typed = ""
            aim()
        default: break
        }
        return []
    }

    private static let farAway = 1_000_000

    mutating func join() -> [ChatCommand] {
        if case .closed(let name) = intent {
            notice = words.hasClosed(name)
            // From here on what was typed is meant.
            if !typedName.isEmpty { chosen = nil }
            return []
        }
        guard let choice else { return [] }
        let offered = offer(to: choice)
        if offered == nil, channels.contains(where: { $0.name == choice && $0.isLocked }) {
            prompt = PasswordPrompt(channel: choice)
            notice = ""
            return []
        }
        return [.join(channel: choice, password: offered)]
    }

    /// Chooses a channel, or what was typed; a row that is chosen already is joined.
    mutating func click(_ name: String) -> [ChatCommand] {
        guard prompt == nil else { return [] }
        let isListed = shown.contains { $0.name == name }
        guard isListed || name == typedName else { return [] }
        let wanted = isListed ? name : nil
        let wasChosen = chosen == wanted
        (focus, chosen) = (.channels, wanted)
        return wasChosen ? join() : []
    }

    private mutating func pressInPrompt(_ key: Key) -> [ChatCommand] {
        guard let channel = prompt?.channel, let outcome = prompt?.press(key) else { return [] }
        switch outcome {
        case .typing: return []
        case .cancelled:
            prompt = nil
            return []
        case .done(let password):
            prompt = nil
            given?.isTried = false
            return [.join(channel: channel, password: password)]
        }
    }

    /// Only what can be shown is taken, and no more than a channel's name may have.
    mutating func type(_ scalar: Unicode.Scalar) {
        guard typed.unicodeScalars.count < Self.longestName else { return }
        guard CallModel.isTypable(scalar, after: typed) else { return }
        typed.unicodeScalars.append(scalar)
        notice = ""
        aim()
    }

    /// After a change of what is typed: on the channel of that very name, else on the name itself; with nothing typed on the first.
    private mutating func aim() {
        chosen = typed.isEmpty ? shown.first?.name : shown.first { $0.name == typed }?.name
    }

    /// Up from the first row is what was typed, if that has a row.
    mutating func move(_ steps: Int) {
        let shown = shown
        guard !shown.isEmpty else { return }
        let isOnNew = hasRowForNew && chosen == nil
        guard let now = selection ?? (isOnNew ? -1 : nil) else {
            chosen = steps > 0 ? shown.first?.name : shown.last?.name
            notice = ""
            return
        }
        let next = max(hasRowForNew ? -1 : 0, min(shown.count - 1, now + steps))
        chosen = next < 0 ? nil : shown[next].name
    }
}
