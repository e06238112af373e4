import CallSession
import ChatUI
import Glibc
import Identity
import MediaTypes
import Primitives
import Terminal
import Threading

/// The main thread while there is a screen: keys, events and pictures in, commands to the call and one write a frame out.
struct ScreenLoop: CallLoop {
    let session: CallSession
    let events: CallEventQueue
    let terminal: TerminalDevice
    let place: ServerPlace
    let picture: PictureOptions
    let options: ScreenOptions
    let seconds: Double?
    let recents: RecentChannels?
    var screen: ChatScreen
    var model: ChatModel
    var isOver = false
    var pace = DrawPace()
    var gate: FrameGate
    var sizes = PictureSizes()
    var speakers = SpeakerChoice()
    var rates: ScreenRates
    var connectedAt: Instant?
    let recording: ScreenRecording?
    let snapshots: SnapshotWriter
    /// What this side joins with, if the server asks for one.
    var token: String?
    var title = ""

    static let tick = Interval.milliseconds(250)
    /// How often it is listened who speaks, with several others there.
    static let listening = Interval.milliseconds(100)

    init(
        session: CallSession, events: CallEventQueue, terminal: TerminalDevice, place: ServerPlace, picture: PictureOptions,
        options: ScreenOptions, seconds: Double?, recents: RecentChannels?, recording: ScreenRecording?
    ) {
        self.session = session
        self.events = events
        self.terminal = terminal
        self.place = place
        self.picture = picture
        self.options = options
        self.seconds = seconds
        self.recents = recents
        self.recording = recording
        snapshots = SnapshotWriter { events.put($0) }
        screen = ChatScreen(
            colorMode: picture.colorMode(terminal.capabilities), synchronizedOutput: terminal.capabilities.synchronizedOutput ?? true)
        model = ChatModel(size: terminal.size)
        model.style = picture.style(terminal.capabilities, isRecorded: recording != nil)
        model.fit = picture.fitMode
        model.words.language = options.language
        model.mirrorsOwnPicture = picture.mirrors()
        if let keys = try? options.keyMap() { model.keys = keys }
        screen.encoder.quality = picture.quality
        screen.encoder.dithers = picture.dither
        screen.encoder.hasConsoleColors = terminal.capabilities.isLinuxConsole
        rates = ScreenRates(now: MonotonicClock.now())
        gate = FrameGate(terminal, kilobytesPerSecond: picture.ttyBudget)
    }

    /// Returns when the person quits, the terminal is gone, or a signal asks for the end.
    mutating func run(joining channel: String?) {
        let wake = events.wake
        session.setOnPicture { wake.signal() }
        defer { session.setOnPicture(nil) }
        var now = MonotonicClock.now()
        offerChoices()
        tell(.signaling(.connecting(place.shown)), now)
        showDevices(now)
        showRecents(now)
        session.start()
        session.listChannels()
        if let channel { join(channel, password: model.passwordToOffer(to: channel), now) }
        if let trouble = model.words.trouble(with: model.style, on: model.size) { tell(.failure(trouble), now) }
        var (nextTick, nextListening) = (now, now)
        while !isOver {
            if now >= nextTick {
                nextTick = now + Self.tick
                onTick(now)
            }
            if let deadline = model.nextDeadline, now >= deadline { tell(.deadline, now) }
            if now >= nextListening {
                nextListening = now + Self.listening
                listen(now)
                watchMicrophone(now)
            }
            for message in sizes.update(model, now: now) { session.setScreen(message.screen, for: message.id) }
            let drawDue = draw(now)
            let waiting = [drawDue, sizes.due, model.nextDeadline, model.call.isGroup || model.screen == .lobby ? nextListening : nil]
                .compactMap { $0 }
            for event in terminal.readEvents(until: waiting.reduce(nextTick, min)) { take(event, MonotonicClock.now()) }
            now = MonotonicClock.now()
            var taken: [CallEvent] = []
            events.drain { taken.append($0) }
            for event in taken { take(event, now) }
            if let connectedAt, let seconds, now - connectedAt >= .seconds(seconds) { isOver = true }
        }
    }

    // MARK: - In

    mutating func take(_ event: TerminalEvent, _ now: Instant) {
        gate.take(event, now: now)
        switch event {
        case .key(let key): tell(.key(key), now)
        case .resized(let size), .resumed(let size):
            screen.repaint()
            recording?.resized(size, now: now)
            tell(.resized(size), now)
        case .keyReleased(let key): tell(.keyReleased(key), now)
        case .mouse(let event): take(event, now)
        case .paste(let text): tell(.pasted(text), now)
        case .wake, .answered: break
        case .writable: pace.changed()
        case .terminate, .hangUp: isOver = true
        }
    }

    mutating func take(_ event: CallEvent, _ now: Instant) {
        if case .joined(let channel, _) = event {
            remember(channel, now)
            showInvitation(to: channel, now)
        }
        pass(event, now)
    }

    mutating func tell(_ event: ChatEvent, _ now: Instant) {
        pace.changed()
        for command in model.update(event, now: now) { perform(command, now) }
        followModel()
    }

    mutating func onTick(_ now: Instant) {
        tellTime(now)
        if let failure = recording?.takeFailure() { tell(.failure(failure), now) }
        tellStatistics(bytesWritten: terminal.bytesWritten, budget: gate.budget, now)
        guard model.screen == .call, model.overlay == .statistics else { return }
        // Of several the one whose picture is large, else the first.
        let shown = model.call.foremost ?? model.call.people.first
        tell(.details(CallDetails.rows(of: shown.map { session.stats(of: $0.id) } ?? [])), now)
    }

    /// A frame is worth it only when the mark goes to another one.
    mutating func listen(_ now: Instant) {
        guard model.call.isGroup else {
            speakers = SpeakerChoice()
            return
        }
        let levels = model.call.people.map { (id: $0.id, level: session.soundLevel(of: $0.id)) }
        if speakers.hear(levels, now: now) { tell(.speaker(speakers.speaker), now) }
    }

    // MARK: - Out

    mutating func perform(_ command: ChatCommand, _ now: Instant) {
        switch command {
        case .join(let channel, let password): join(channel, password: password, now)
        case .leave, .setMicrophone, .setCamera, .say, .confirmWords:
            if let event = session.carryOut(command) { tell(event, now) }
        case .choose, .listDevices, .playTone: performDevice(command, now)
        case .snapshot, .bell, .copy: performAction(command, now)
        case .repaint: screen.repaint()
        case .quit: isOver = true
        }
    }
}
