import CellGraphics
import Primitives

// What the network tells of a call and of the people in it.
extension ChatModel {
    mutating func updateCall(_ event: ChatEvent, now: Instant) {
        switch event {
        case .joining(let channel):
            screen = .call
            overlay = nil
            lobby.notice = ""
            lobby.prompt = nil
            call = CallModel(words: words)
            call.channel = channel
            call.enter(.joining, now: now)
        case .joined(let isFirst, let channel):
            guard concerns(channel) else { return }
            call.joinedAt = now
            guard call.phase == .joining else { return }
            call.enter(!call.people.isEmpty ? .together : isFirst ? .waiting(left: nil) : .expecting, now: now)
        case .joinFailed(let refusal, let channel): if concerns(channel) { refused(refusal) }
        case .details(let details): call.details = Array(details.prefix(64))
        case .message(let text): call.add(text, time: clock)
        case .failure(let text):
            let text = words.trouble(text)
            if screen == .call { call.add(text, time: clock, isTrouble: true) } else { lobby.notice = text }
        case .ended(let reason): backToLobby(reason ?? "")
        case .statistics(let statistics): call.statistics = statistics
        case .speaker(let id): call.speaker = id
        case .chat(let id, let text):
            call.addChat(from: id, as: words.chatOwnName, text, time: clock)
        default: if screen == .call { updatePerson(event, now: now) }
        }
    }

    /// What is told of a join may come when the person has left, or is somewhere else.
    private func concerns(_ channel: String?) -> Bool { screen == .call && (channel ?? call.channel) == call.channel }

    private mutating func refused(_ refusal: ChatRefusal) {
        let channel = call.channel
        let sentence = TerminalText.sanitize(words.refusal(refusal), maximumColumns: 300)
        backToLobby(refusal.wantsPassword ? "" : sentence)
        guard refusal.wantsPassword else { return }
        let wasOffered = lobby.withdrawOffer(to: channel)
        let notice = wasOffered ? words.offeredPasswordIsWrong(channel) : refusal.code == "wrong-password" ? sentence : ""
        lobby.prompt = PasswordPrompt(channel: channel, notice: TerminalText.sanitize(notice, maximumColumns: 300))
    }

    private mutating func updatePerson(_ event: ChatEvent, now: Instant) {
        switch event {
        case .memberArrived(let id, let name):
            let isNew = call.person(id) == nil
            admitted(id, now: now) { if let name { $0.name = name } }
            // A server that names nobody tells by its own lines.
            guard isNew, !id.isEmpty, call.person(id) != nil else { return }
            let name = call.name(of: id)
            call.add(call.isArrival(at: now) ? words.callArrived(name) : words.callIsHere(name), time: clock)
        case .memberLeft(let id, let reason): removed(id, reason: reason, now: now)
        case .disconnected(let id):
            change(id) {
                $0.enter(.lost, now: now)
                $0.hasPicture = false
                $0.isChatOpen = false
                $0.path = ""
                $0.verification = .pending
                // Of the certificate and the program at the other end: the next connection may have others.
                $0.acquaintance = .unknown
                ($0.isMicrophoneOn, $0.isCameraOn) = (true, true)
            }
        case .named(let id, let name): change(id) { $0.name = name }
        case .connecting(let id): admitted(id, now: now) { $0.enter(.connecting, now: now) }
        case .connected(let id, let path):
            admitted(id, now: now) {
                $0.path = path
                $0.enter(.connected, now: now)
            }
            // Of several each has come with a line already; what is worth one more is a detour.
            if !call.isGroup || path != "direct" { call.add(words.callConnected(groupName(id), path: path), time: clock) }
        case .path(let id, let path): pathChanged(id, path)
        case .interrupted(let id):
            guard call.person(id)?.connection == .connected else { return }
            call.add(words.callInterrupted(groupName(id)), time: clock, isTrouble: true)
            change(id) { $0.enter(.interrupted, now: now) }
        case .resumed(let id):
            guard call.person(id)?.connection == .interrupted else { return }
            call.add(words.callResumed(groupName(id)), time: clock)
            change(id) { $0.enter(.connected, now: now) }
        case .remotePicture(let id, let isPresent): change(id) { $0.hasPicture = isPresent }
        case .media(let id, let microphone, let camera):
            change(id) { ($0.isMicrophoneOn, $0.isCameraOn) = (microphone, camera) }
        // A line that is being typed stays, whoever goes: its next letters would be shortcuts.
        case .chatOpen(let id, let isOpen): change(id) { $0.isChatOpen = isOpen }
        case .verification(let id, let verification): take(verification, from: id, now: now)
        case .acquaintance(let id, let acquaintance): take(acquaintance, of: id, now: now)
        default: break
        }
    }

    /// In a call of two it is plain who is meant.
    private func groupName(_ id: String) -> String? { call.isGroup ? call.name(of: id) : nil }

    private mutating func change(_ id: String, _ body: (inout ChatPerson) -> Void) {
        guard let index = call.people.firstIndex(where: { $0.id == id }) else { return }
        body(&call.people[index])
    }

    private mutating func admitted(_ id: String, now: Instant, _ body: (inout ChatPerson) -> Void) {
        if let index = call.admit(id, now: now) { body(&call.people[index]) }
    }

    private mutating func removed(_ id: String, reason: String, now: Instant) {
        guard call.person(id) != nil else { return }
        let name = call.name(of: id)
        call.add(words.callLeft(name, reason: reason), time: clock)
        call.people.removeAll { $0.id == id }
        if call.enlarged == id || !call.isGroup { call.enlarged = nil }
        if call.speaker == id { call.speaker = nil }
        if call.selected == id { call.selected = nil }
        if call.people.isEmpty {
            call.details = []
            call.statistics = ChatStatistics(terminalKilobytesPerSecond: call.statistics.terminalKilobytesPerSecond)
            call.enter(.waiting(left: name), now: now)
        }
    }

    private mutating func pathChanged(_ id: String, _ path: String) {
        guard let person = call.person(id), person.path != path else { return }
        // "relayed over TLS" only says more about "relayed".
        if !person.path.isEmpty, !path.hasPrefix(person.path), !person.path.hasPrefix(path) {
            call.add(words.callPathChanged(groupName(id), path: path), time: clock)
        }
        change(id) { $0.path = path }
    }

    private mutating func take(_ verification: ChatVerification, from id: String, now: Instant) {
        guard let index = call.people.firstIndex(where: { $0.id == id }), call.people[index].verification != verification else { return }
        call.people[index].verification = verification
        switch verification {
        case .failed(let why):
            call.add(words.callNotSecure(groupName(id), why), time: clock, isTrouble: true)
            warn(of: id, now: now)
        case .words(let words): if !call.isGroup { call.add(self.words.callWords(words), time: clock) }
        case .pending, .impossible: break
        }
    }

    /// A changed key is loud: it covers the picture until somebody has read it.
    private mutating func take(_ acquaintance: ChatAcquaintance, of id: String, now: Instant) {
        guard let index = call.people.firstIndex(where: { $0.id == id }), call.people[index].acquaintance != acquaintance else { return }
        call.people[index].acquaintance = acquaintance
        guard case .changed(let since) = acquaintance else { return }
        call.add(words.callKeyChanged(call.name(of: id), since: since), time: clock, isTrouble: true)
        warn(of: id, now: now)
    }

    private mutating func warn(of id: String, now: Instant) {
        overlay = .words
        warnedAt = now
        call.selected = id
    }
}

extension CallModel {
    /// The index of someone, who comes in when they are not there; nil: there is no room for more.
    mutating func admit(_ id: String, now: Instant) -> Int? {
        if let index = people.firstIndex(where: { $0.id == id }) { return index }
        guard people.count < Self.mostPeople else { return nil }
        // Numbers are held for as long as people stay, so that a digit means the same person all the time.
        let number = (1...).first { number in !people.contains { $0.number == number } } ?? people.count + 1
        let index = people.firstIndex { $0.number > number } ?? people.count
        people.insert(ChatPerson(id: id, number: number, now: now), at: index)
        if phase != .joining { phase = .together }
        return index
    }

    /// Who is told of right after the join was there before.
    func isArrival(at now: Instant) -> Bool { joinedAt.map { now - $0 >= .milliseconds(500) } ?? false }
}
