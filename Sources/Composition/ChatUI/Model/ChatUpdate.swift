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
        case .serverStopping(let words): serverStopping(words)
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
        if case .lost(let why) = state { call.add("signaling lost: \(clause(why))\(goesOn)", time: clock, isTrouble: true) }
        if case .connected = state { call.add("signaling is back", time: clock) }
    }

    private mutating func serverStopping(_ words: String) {
        let text = "the signaling server is stopping" + (words.isEmpty ? "" : ": \(clause(words))")
        if screen == .call { call.add(text + goesOn, time: clock, isTrouble: true) } else { lobby.notice = text }
    }

    /// Without a full stop.
    func clause(_ words: String) -> String { words.last == "." ? String(words.dropLast()) : words }

    /// People who see each other do so without the server.
    private var goesOn: String {
        call.people.contains { $0.connection == .connected || $0.connection == .interrupted } ? "; the call goes on" : ""
    }

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
        if !isMicrophoneOn, microphoneLevel >= 3, screen == .call { call.mutedTalkUntil = now + .seconds(2) }
    }

    mutating func backToLobby(_ notice: String) {
        screen = .lobby
        overlay = nil
        call = CallModel()
        lobby.notice = notice
    }
}
