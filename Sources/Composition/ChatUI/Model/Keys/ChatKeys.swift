import Primitives
import Terminal

extension ChatModel {
    mutating func press(_ key: Key, now: Instant) -> [ChatCommand] {
        if key == .control("c") { return [.quit] }
        if key == .control("l") { return [.repaint] }
        switch screen {
        case .lobby: return pressInLobby(key, now: now)
        case .call: return pressInCall(key, now: now)
        }
    }

    /// Nothing happens unless it is the key that keeps the microphone open.
    mutating func release(_ key: Key) -> [ChatCommand] {
        guard case .character(let character) = key, keys[character] == .pushToTalk, talk.end() else { return [] }
        return [.setMicrophone(on: false)]
    }

    /// What is not held any longer is not heard any longer, whatever the screen shows by now.
    mutating func talkExpired(_ now: Instant) -> [ChatCommand] { talk.expire(now: now) ? [.setMicrophone(on: false)] : [] }

    /// A microphone that is on anyway is left alone.
    mutating func holdToTalk(_ now: Instant) -> [ChatCommand] {
        guard hasMicrophone, talk.isOpen || !isMicrophoneOn else { return [] }
        return talk.press(now: now) ? [.setMicrophone(on: true)] : []
    }

    private mutating func pressInCall(_ key: Key, now: Instant) -> [ChatCommand] {
        if overlay == nil || call.draft != nil, scrollLog(key) { return [] }
        if call.draft != nil { return call.pressInDraft(key, time: clock) }
        if overlay == .invite, let commands = pressInInvitation(key) { return commands }
        if overlay == .words, let commands = pressInWords(key, now: now) { return commands }
        if overlay != nil, key == .escape {
            overlay = nil
            return []
        }
        if overlay == .help, turnHelp(key) { return [] }
        if overlay == .help, !isHelp(key) { overlay = nil }
        switch key {
        case .tab, .enter: return perform(.chat, now: now)
        case .escape: call.enlarged = nil
        case .left: call.enlarge(step: -1)
        case .right: call.enlarge(step: 1)
        case .character(let character):
            if let action = keys[character] { return perform(action, now: now) }
            if let digit = Int(String(character)), digit > 0 { call.enlarge(number: digit) }
        default: break
        }
        return []
    }

    private func isHelp(_ key: Key) -> Bool {
        if case .character(let character) = key { keys[character] == .help } else { false }
    }

    /// Nil: the key means what it means elsewhere.
    private func pressInInvitation(_ key: Key) -> [ChatCommand]? {
        guard key == .enter, call.phase != .joining, let link = invitation?.link, !link.isEmpty else { return nil }
        return [.copy(link)]
    }

    /// Nil: the key means what it means elsewhere.
    private mutating func pressInWords(_ key: Key, now: Instant) -> [ChatCommand]? {
        let shown = call.selectedPerson
        switch key {
        case .up where call.isGroup: call.select(step: -1)
        case .down where call.isGroup: call.select(step: 1)
        // In a call of two, Enter opens the chat: a person who is about to write has compared nothing.
        case _ where confirms(key):
            guard let shown, case .words = shown.verification else { return key == .enter ? [] : nil }
            // The key was meant for what was on the screen before.
            if let warnedAt, now - warnedAt < Self.warningTime { return [] }
            // Of several, the others' words are still to be compared.
            if !call.isGroup { overlay = nil }
            return [.confirmWords(of: shown.id)]
        default: return nil
        }
        return []
    }

    private func confirms(_ key: Key) -> Bool {
        switch key {
        case .enter: call.isGroup
        case .character(let character): character == "y" || HangulKey.letter(of: character) == "y"
        default: false
        }
    }
}

extension CallModel {
    /// Whose words the words pane shows.
    var selectedPerson: ChatPerson? { selected.flatMap { person($0) } ?? people.first }

    mutating func select(step: Int) {
        guard let shown = selectedPerson, let index = people.firstIndex(where: { $0.id == shown.id }) else { return }
        selected = people[max(0, min(people.count - 1, index + step))].id
    }

    /// The same number again brings all of them back.
    mutating func enlarge(number: Int) {
        guard let person = people.first(where: { $0.number == number }) else { return }
        enlarge(person.id)
    }

    /// The same one again brings all of them back.
    mutating func enlarge(_ id: String) {
        guard isGroup, person(id) != nil else { return }
        enlarged = enlarged == id ? nil : id
    }

    /// To the next one, past the ends to the picture of all.
    mutating func enlarge(step: Int) {
        guard isGroup else { return }
        let index = enlarged.flatMap { id in people.firstIndex { $0.id == id } }
        let next = (index ?? (step > 0 ? -1 : people.count)) + step
        enlarged = people.indices.contains(next) ? people[next].id : nil
    }
}
