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
            isHelpShown = false
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
            call.statistics = ChatStatistics(terminalKilobytesPerSecond: call.statistics.terminalKilobytesPerSecond)
            enter(.waiting(left: who), now: now)
        case .message(let text): call.add(text, time: clock)
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
        isHelpShown = false
        call = CallModel()
        lobby.notice = notice
    }

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
        if isHelpShown {
            isHelpShown = false
            if key == .character("?") || key == .escape { return [] }
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
        case "?": isHelpShown = true
        case "q":
            backToLobby("")
            return [.leave]
        default: break
        }
        return []
    }
}
