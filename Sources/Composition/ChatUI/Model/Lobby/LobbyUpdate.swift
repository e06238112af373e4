import CellGraphics
import Terminal

extension LobbyModel {
    static let longestName = 64

    static let mostRecents = 20

    /// A new list: a choice that was made stays on the channel it was on.
    mutating func take(_ list: [LobbyChannel]) {
        keepChoice {
            $0.channels = list.prefix(1000).map {
                var channel = $0
                channel.names = Array(channel.names.prefix(16))
                return channel
            }
        }
    }

    mutating func take(recents names: [String]) { keepChoice { $0.recents = Array(names.prefix(Self.mostRecents)) } }

    private mutating func keepChoice(_ change: (inout LobbyModel) -> Void) {
        let chosen = selection.flatMap { shown.indices.contains($0) ? shown[$0].name : nil }
        change(&self)
        if !hasMoved, typed.isEmpty {
            selection = shown.isEmpty ? nil : 0
        } else {
            if let chosen { selection = shown.firstIndex { $0.name == chosen } }
            if selection == nil, typed.isEmpty, !shown.isEmpty { selection = 0 }
        }
    }

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
        guard let choice else { return [] }
        if channels.contains(where: { $0.name == choice && $0.isLocked }) {
            prompt = PasswordPrompt(channel: choice)
            notice = ""
            return []
        }
        return [.join(channel: choice, password: nil)]
    }

    /// Chooses a channel; one that is chosen already is joined.
    mutating func click(_ name: String) -> [ChatCommand] {
        guard prompt == nil, let index = shown.firstIndex(where: { $0.name == name }) else { return [] }
        let wasChosen = selection == index
        (focus, selection, hasMoved) = (.channels, index, true)
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
        hasMoved = false
        selection = typed.isEmpty ? (shown.isEmpty ? nil : 0) : shown.firstIndex { $0.name == typed }
    }

    mutating func move(_ steps: Int) {
        hasMoved = true
        let count = shown.count
        guard count > 0 else { return }
        guard let selection else {
            self.selection = steps > 0 ? 0 : count - 1
            return
        }
        self.selection = max(0, min(count - 1, selection + steps))
    }
}
