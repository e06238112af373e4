import CallSession
import ChatUI
import Glibc
import Primitives
import Terminal
import Threading

/// The main thread while there is a screen: keys, events and pictures in, commands to the call and one write a frame out.
struct ScreenLoop {
    private let session: CallSession
    private let events: CallEventQueue
    private let terminal: TerminalDevice
    private let place: ServerPlace
    private let seconds: Double?
    private let usesSTUN: Bool
    private var screen: ChatScreen
    private var model: ChatModel
    private var isOver = false
    private var isDirty = true
    private var drawn = (remote: -1, own: -1)
    private var lastDraw = Instant.zero
    private var rates: ScreenRates
    private var people: [ChatPerson] = []
    private var connectedAt: Instant?
    /// Whose picture it is.
    private var shown = ""

    private static let tick = Interval.milliseconds(250)
    /// The own picture alone is drawn this often at the most: the other's sets the pace when it is there.
    private static let ownPicturePace = Interval.milliseconds(66)

    init(
        session: CallSession, events: CallEventQueue, terminal: TerminalDevice, place: ServerPlace, picture: PictureOptions,
        seconds: Double?,
        usesSTUN: Bool
    ) {
        self.session = session
        self.events = events
        self.terminal = terminal
        self.place = place
        self.seconds = seconds
        self.usesSTUN = usesSTUN
        screen = ChatScreen(
            colorMode: picture.colorMode(terminal.capabilities), synchronizedOutput: terminal.capabilities.synchronizedOutput ?? true)
        model = ChatModel(size: terminal.size)
        model.style = picture.style
        model.fit = picture.fitMode
        rates = ScreenRates(now: MonotonicClock.now())
    }

    /// Returns when the person quits, the terminal is gone, or a signal asks for the end.
    mutating func run(joining channel: String?) {
        let wake = events.wake
        session.setOnPicture { wake.signal() }
        defer { session.setOnPicture(nil) }
        var now = MonotonicClock.now()
        tell(.signaling(.connecting(place.description)), now)
        tell(deviceLines, now)
        tell(.equipment(hasMicrophone: session.microphoneName != nil, hasCamera: session.cameraName != nil), now)
        session.start()
        session.setScreen(PictureArea.of(terminal.size))
        session.listChannels()
        if let channel { join(channel, now) }
        var nextTick = now
        while !isOver {
            if now >= nextTick {
                nextTick = now + Self.tick
                onTick(now)
            }
            draw(now)
            for event in terminal.readEvents(until: nextTick) { take(event, MonotonicClock.now()) }
            now = MonotonicClock.now()
            var taken: [CallEvent] = []
            events.drain { taken.append($0) }
            for event in taken { take(event, now) }
            if let connectedAt, let seconds, now - connectedAt >= .seconds(seconds) { isOver = true }
        }
    }

    // MARK: - In

    private mutating func take(_ event: TerminalEvent, _ now: Instant) {
        switch event {
        case .key(let key): tell(.key(key), now)
        case .resized(let size), .resumed(let size):
            screen.repaint()
            session.setScreen(PictureArea.of(size))
            tell(.resized(size), now)
        case .wake: break
        case .writable: isDirty = true
        case .terminate, .hangUp: isOver = true
        }
    }

    private mutating func take(_ event: CallEvent, _ now: Instant) {
        switch event {
        case .signalingConnected: tell(.signaling(.connected(place.description)), now)
        case .signalingLost(let reason): tell(.signaling(.lost(reason)), now)
        case .joining: break
        case .joined(_, let isFirst): tell(.joined(isFirst: isFirst), now)
        case .joinFailed(let failure): tell(.joinFailed(failure.message), now)
        case .signalingStopping(let text): tell(.message(text), now)
        case .memberArrived, .memberLeft: break
        case .ready: break
        case .connecting: tell(.connecting("looking for a path"), now)
        case .connected(let id, let path, let at):
            shown = id
            if connectedAt == nil { connectedAt = at }
            if people.isEmpty { name("") }
            tell(.connected(path: Self.plain(path)), now)
        case .interrupted: tell(.interrupted, now)
        case .resumed: tell(.resumed, now)
        case .firstFrame: tell(.remotePicture(isPresent: true), now)
        case .peerNamed(_, let name): self.name(name)
        case .chat(_, let text): tell(.chat(from: people.first?.name ?? "", text: text), now)
        case .chatOpen(_, let isOpen): tell(.chatOpen(isOpen), now)
        case .peerMedia(_, let microphone, let camera):
            let note = [microphone ? nil : "mic off", camera ? nil : "camera off"].compactMap { $0 }.joined(separator: ", ")
            people = [ChatPerson(name: people.first?.name ?? "", note: note)]
            tell(.people(people), now)
        case .path(_, _, let summary, _): tell(.path(summary), now)
        case .verification(_, let verification): tell(.verification(ChatVerification(verification)), now)
        case .acquaintance(_, let acquaintance): tell(.acquaintance(ChatAcquaintance(acquaintance)), now)
        case .peerLeft:
            let name = people.first?.name
            people = []
            tell(.peerLeft(name: name), now)
        case .message(let text): tell(.message(text), now)
        case .channels(let list):
            tell(
                .channels(list.map { LobbyChannel(name: $0.name, members: $0.members, names: $0.names, capacity: $0.capacity) }), now)
        case .listUnsupported: tell(.channelsUnsupported, now)
        case .speakerFailed(let text), .error(let text): tell(.failure(text), now)
        case .left: people = []
        }
    }

    private mutating func name(_ name: String) {
        people = [ChatPerson(name: name, note: people.first?.note ?? "")]
        tell(.people(people), MonotonicClock.now())
    }

    private mutating func tell(_ event: ChatEvent, _ now: Instant) {
        isDirty = true
        for command in model.update(event, now: now) { perform(command, now) }
    }

    private mutating func onTick(_ now: Instant) {
        var time = time(nil)
        var parts = tm()
        localtime_r(&time, &parts)
        tell(.tick(hour: Int(parts.tm_hour), minute: Int(parts.tm_min)), now)
        tell(.microphoneLevel(session.microphoneLevel), now)
        if model.screen == .call {
            let isConnected = model.call.phase == .connected || model.call.phase == .interrupted
            let statistics = rates.read(
                session.statistics, isConnected: isConnected, bytesWritten: terminal.bytesWritten, now: now)
            tell(.statistics(statistics), now)
            if model.overlay == .statistics { tell(.details(CallDetails.rows(of: session.stats)), now) }
        }
    }

    // MARK: - Out

    private mutating func perform(_ command: ChatCommand, _ now: Instant) {
        switch command {
        case .join(let channel): join(channel, now)
        case .leave:
            session.leave()
            session.listChannels()
        case .setMicrophone(let isOn):
            session.setMuted(!isOn)
            tell(.microphone(isOn: isOn), now)
        case .setCamera(let isOn):
            session.setCameraEnabled(isOn)
            tell(.camera(isOn: isOn), now)
        case .say(let text):
            session.say(text)
            tell(.chat(from: nil, text: text), now)
        case .confirmWords: session.confirmWords(of: shown)
        case .repaint: screen.repaint()
        case .quit: isOver = true
        }
    }

    private mutating func join(_ channel: String, _ now: Instant) {
        people = []
        tell(.joining(channel: channel), now)
        session.join(channel)
    }

    private mutating func draw(_ now: Instant) {
        let remote = session.picture(of: shown)?.latest ?? (nil, 0)
        let own = session.ownPicture.latest
        if remote.1 != drawn.remote { isDirty = true }
        if own.generation != drawn.own, now - lastDraw >= Self.ownPicturePace { isDirty = true }
        guard isDirty, terminal.isReadyForFrame else { return }
        isDirty = false
        drawn = (remote.1, own.generation)
        lastDraw = now
        screen.tend(now: now, frameDelay: terminal.frameDelay)
        if screen.draw(model, remote: model.call.hasRemotePicture ? remote.0 : nil, own: own.frame) > 0 {
            terminal.present(screen.output)
        }
    }

    private var deviceLines: ChatEvent {
        var camera = session.cameraName ?? "none: the others will not see you"
        if let format = session.cameraFormat { camera += "  \(format.width)x\(format.height) \(Int(format.framesPerSecond.rounded()))" }
        let path = usesSTUN ? "direct, with STUN's help through a router" : "direct, within this network"
        return .devices(camera: camera, microphone: session.microphoneName ?? "none: the others will not hear you", path: path)
    }

    /// "host-host 192.0.2.1:5000 …" in a word.
    private static func plain(_ path: String) -> String { path.prefix { $0 != " " }.contains("relay") ? "relayed" : "direct" }
}
