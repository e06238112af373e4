import CellGraphics
import Primitives
import Terminal

extension ChatModel {
    /// Takes an event in; gives what is to be done. `now` counts seconds of waiting and ends notices.
    public mutating func update(_ event: ChatEvent, now: Instant) -> [ChatCommand] {
        switch event {
        case .key(let key): return press(key, now: now)
        case .resized(let size): self.size = size
        case .tick(let hour, let minute): tick(hour: hour, minute: minute, now: now)
        case .signaling(let state): signaling(state)
        case .channels(let channels): lobby.take(channels)
        case .channelsUnsupported:
            lobby.canList = false
            lobby.take([])
        case .devices(let camera, let microphone, let path):
            if let camera { lobby.camera = camera }
            if let microphone { lobby.microphone = microphone }
            if let path { lobby.path = path }
        case .microphone(let isOn):
            isMicrophoneOn = isOn
            if isOn { call.mutedTalkUntil = nil }
        case .camera(let isOn): isCameraOn = isOn
        case .equipment(let hasMicrophone, let hasCamera): (self.hasMicrophone, self.hasCamera) = (hasMicrophone, hasCamera)
        case .microphoneLevel(let level): hear(level, now: now)
        default: updateCall(event, now: now)
        }
        return []
    }

    /// Within a call only the change is worth a line: attempts to come back go on every few seconds.
    private mutating func signaling(_ state: SignalingState) {
        let (was, isNow) = (lobby.signaling.isLost, state.isLost)
        lobby.signaling = state
        guard screen == .call, call.phase != .joining, was != isNow else { return }
        if case .lost(let why) = state { call.add("signaling lost: \(why)", time: clock, isTrouble: true) }
        if case .connected = state { call.add("signaling is back", time: clock) }
    }

    private mutating func tick(hour: Int, minute: Int, now: Instant) {
        func two(_ number: Int) -> String { number < 10 ? "0\(max(0, number))" : "\(number)" }
        clock = "\(two(hour)):\(two(minute))"
        if let until = call.mutedTalkUntil, now >= until { call.mutedTalkUntil = nil }
        guard screen == .call else { return }
        switch call.phase {
        case .waiting, .connected: call.phaseSeconds = 0
        case .joining, .connecting, .interrupted: call.phaseSeconds = max(0, Int((now - call.phaseStart).seconds))
        }
    }

    private mutating func hear(_ level: Double, now: Instant) {
        microphoneLevel = level.isFinite ? Int((max(0, min(1, level)) * 8).rounded()) : 0
        if !isMicrophoneOn, microphoneLevel >= 3, screen == .call { call.mutedTalkUntil = now + .seconds(2) }
    }

    private mutating func updateCall(_ event: ChatEvent, now: Instant) {
        switch event {
        case .joining(let channel):
            screen = .call
            overlay = nil
            lobby.notice = ""
            call = CallModel()
            call.channel = TerminalText.sanitize(channel, maximumColumns: 64)
            enter(.joining, now: now)
        case .joined(let isFirst):
            if call.phase == .joining { enter(isFirst ? .waiting(left: nil) : .connecting("waiting for the offer"), now: now) }
        case .joinFailed(let reason): backToLobby(reason)
        case .people(let people): call.people = Array(people.prefix(32))
        case .connecting(let what): enter(.connecting(what), now: now)
        case .connected(let path):
            call.statistics.path = path
            call.add("connected, \(path)", time: clock)
            enter(.connected, now: now)
        case .path(let path):
            guard call.statistics.path != path else { return }
            // "relayed over TLS" only says more about "relayed".
            if !call.statistics.path.isEmpty, !path.hasPrefix(call.statistics.path) { call.add("the path is \(path) now", time: clock) }
            call.statistics.path = path
        case .interrupted:
            guard call.phase == .connected else { return }
            call.add("connection interrupted", time: clock, isTrouble: true)
            enter(.interrupted, now: now)
        case .resumed:
            guard call.phase == .interrupted else { return }
            call.add("connection is back", time: clock)
            enter(.connected, now: now)
        case .peerLeft(let name):
            let who = CallModel.name(name ?? call.people.first?.name)
            call.add("\(who) left", time: clock)
            call.people = []
            call.hasRemotePicture = false
            call.verification = .pending
            call.acquaintance = .unknown
            call.isChatOpen = false
            call.draft = nil
            call.details = []
            call.statistics = ChatStatistics(terminalKilobytesPerSecond: call.statistics.terminalKilobytesPerSecond)
            enter(.waiting(left: who), now: now)
        case .message(let text): call.add(text, time: clock)
        case .chat(let name, let text):
            call.add("\(name.map { CallModel.name($0) } ?? "you"): \(text)", time: clock, isChat: true)
        case .chatOpen(let isOpen):
            call.isChatOpen = isOpen
            if !isOpen { call.draft = nil }
        case .verification(let verification): take(verification)
        case .acquaintance(let acquaintance): take(acquaintance)
        case .details(let details): call.details = Array(details.prefix(64))
        case .failure(let text):
            if screen == .call { call.add(text, time: clock, isTrouble: true) } else { lobby.notice = text }
        case .ended(let reason): backToLobby(reason ?? "")
        case .remotePicture(let isPresent): call.hasRemotePicture = isPresent
        case .statistics(let statistics): call.statistics = statistics
        default: break
        }
    }

    private mutating func enter(_ phase: CallModel.Phase, now: Instant) {
        call.phase = phase
        call.phaseStart = now
        call.phaseSeconds = 0
    }

    private mutating func backToLobby(_ notice: String) {
        screen = .lobby
        overlay = nil
        call = CallModel()
        lobby.notice = notice
    }

    private mutating func take(_ verification: ChatVerification) {
        guard call.verification != verification else { return }
        call.verification = verification
        switch verification {
        case .failed(let why):
            call.add("NOT SECURE: \(why)", time: clock, isTrouble: true)
            overlay = .words
        case .words(let words): call.add("words: \(words.joined(separator: " "))", time: clock)
        case .pending, .impossible: break
        }
    }

    /// A changed key is loud: it covers the picture until somebody has read it.
    private mutating func take(_ acquaintance: ChatAcquaintance) {
        guard call.acquaintance != acquaintance else { return }
        call.acquaintance = acquaintance
        guard case .changed(let since) = acquaintance else { return }
        call.add("\(call.otherName) had another key until now, known since \(since)", time: clock, isTrouble: true)
        overlay = .words
    }

    private mutating func toggle(_ wanted: Overlay) { overlay = overlay == wanted ? nil : wanted }

    // MARK: - Keys

    private mutating func press(_ key: Key, now: Instant) -> [ChatCommand] {
        if key == .control("c") { return [.quit] }
        if key == .control("l") { return [.repaint] }
        switch screen {
        case .lobby: return lobby.press(key)
        case .call: return pressInCall(key)
        }
    }

    private mutating func pressInCall(_ key: Key) -> [ChatCommand] {
        if call.draft != nil { return call.pressInDraft(key) }
        if let shown = overlay {
            if key == .escape {
                overlay = nil
                return []
            }
            if shown == .help, key != .character("?") { overlay = nil }
            if shown == .words, key == .character("y"), case .words = call.verification {
                overlay = nil
                return [.confirmWords]
            }
        }
        if key == .tab || key == .enter || key == .character("t") {
            if call.isChatOpen { call.draft = CallModel.Draft() } else { call.add("nobody is there to read text", time: clock) }
            return []
        }
        guard case .character(let character) = key else { return [] }
        switch character {
        case "m": return hasMicrophone ? [.setMicrophone(on: !isMicrophoneOn)] : []
        case "v": return hasCamera ? [.setCamera(on: !isCameraOn)] : []
        case "r":
            style = style == .half ? .ascii : .half
        case "p":
            let all = PictureCorner.allCases
            corner = all[((all.firstIndex(of: corner) ?? 0) + 1) % all.count]
        case "?": toggle(.help)
        case "w": toggle(.words)
        case "i": toggle(.statistics)
        case "q":
            backToLobby("")
            return [.leave]
        default: break
        }
        return []
    }
}
