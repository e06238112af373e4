import CellGraphics
import Primitives
import Terminal

extension ChatModel {
    /// Takes an event in; gives what is to be done. `now` counts seconds of waiting and ends notices.
    public mutating func update(_ event: ChatEvent, now: Instant) -> [ChatCommand] {
        let (peopleBefore, former) = (call.people.count, call.added)
        if let notice, now >= notice.until { self.notice = nil }
        defer { watchLog(after: event, since: former, now: now) }
        let commands = talkExpired(now) + take(event, now: now)
        return commands + attract(event, peopleBefore: peopleBefore, now: now)
    }

    private mutating func take(_ event: ChatEvent, now: Instant) -> [ChatCommand] {
        switch event {
        case .key(let key): return press(key, now: now)
        case .keyReleased(let key): return release(key)
        case .action(let action):
            // Before a call there is nothing else to switch.
            return screen == .call || action == .microphone || action == .camera ? perform(action, now: now) : []
        case .deadline: break
        case .resized(let size): self.size = size
        case .tick(let hour, let minute): tick(hour: hour, minute: minute, now: now)
        case .signaling(let state): signaling(state)
        case .serverStopping(let words): serverStopping(words)
        case .channels(let channels): lobby.take(channels)
        case .channelsUnsupported:
            lobby.take([])
            lobby.canList = false
        case .devices(let camera, let microphone, let path):
            if let camera { lobby.camera = camera }
            if let microphone { lobby.microphone = microphone }
            if let path { lobby.path = path }
        case .microphone(let isOn):
            isMicrophoneOn = isOn
            if !isOn { _ = talk.end() }
            if isOn { call.mutedTalkUntil = nil }
        case .camera(let isOn): isCameraOn = isOn
        case .equipment(let hasMicrophone, let hasCamera): (self.hasMicrophone, self.hasCamera) = (hasMicrophone, hasCamera)
        case .microphoneLevel(let level): hear(level, now: now)
        case .clicked(let column, let row): return click(column: column, row: row, now: now)
        case .wheel(let isUp): turnWheel(up: isUp)
        case .invite(let invitation): self.invitation = invitation
        case .copied(let isDone): notice = Notice(text: isDone ? words.linkCopied : words.linkNotCopied, until: now + Notice.duration)
        // Nobody is to be in a call that no screen shows.
        case .joined where screen == .lobby: return [.leave]
        case .pasted(let text): paste(text)
        default: if !updateDevices(event) { updateCall(event, now: now) }
        }
        return []
    }

    /// Within a call only the change is worth a line: attempts to come back go on every few seconds.
    private mutating func signaling(_ state: SignalingState) {
        let (was, isNow) = (lobby.signaling.isLost, state.isLost)
        lobby.signaling = state
        let hasSaidSo = lobby.isServerStopping
        if !isNow { lobby.isServerStopping = false }
        guard screen == .call, call.phase != .joining, was != isNow else { return }
        switch state {
        case .lost(let why):
            if !hasSaidSo { call.add(words.callSignalingLost(why, goesOn: isSeeing), time: clock, isTrouble: true) }
        case .connected: call.add(words.callSignalingBack, time: clock)
        case .connecting: break
        }
    }

    private mutating func serverStopping(_ said: String) {
        lobby.isServerStopping = true
        if screen == .call {
            call.add(words.callGoesOn(words.callServerStopping(said), isSeeing), time: clock, isTrouble: true)
        } else {
            lobby.notice = words.callServerStopping(said)
        }
    }

    /// People who see each other do so without the server.
    private var isSeeing: Bool { call.people.contains { $0.connection == .connected || $0.connection == .interrupted } }

    private mutating func tick(hour: Int, minute: Int, now: Instant) {
        func two(_ number: Int) -> String { number < 10 ? "0\(max(0, number))" : "\(number)" }
        clock = "\(two(hour)):\(two(minute))"
        if let until = call.mutedTalkUntil, now >= until { call.mutedTalkUntil = nil }
        guard screen == .call else { return }
        switch call.phase {
        case .waiting, .together: call.phaseSeconds = 0
        case .joining, .expecting: call.phaseSeconds = max(0, Int((now - call.phaseStart).seconds))
        }
        for index in call.people.indices { call.people[index].tick(now: now) }
    }

    private mutating func hear(_ level: Double, now: Instant) {
        microphoneLevel = level.isFinite ? Int((max(0, min(1, level)) * 8).rounded()) : 0
        if screen == .lobby, hasMicrophone { lobby.meter.hear(level, eighths: microphoneLevel, now: now) }
        if !isMicrophoneOn, microphoneLevel >= 3, screen == .call { call.mutedTalkUntil = now + .seconds(2) }
    }

    mutating func backToLobby(_ notice: String) {
        screen = .lobby
        overlay = nil
        call = CallModel(words: words)
        lobby.comeBack()
        lobby.notice = notice
    }
}
