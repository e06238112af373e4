import CLinux
import CallSession
import ChatUI
import Glibc
import Primitives
import Signaling
import Terminal
import Threading

/// The main thread with `--plain`: what happens as lines, what is typed as commands. Nothing moves, nothing is coloured.
struct PlainLoop: CallLoop {
    let session: CallSession
    let events: CallEventQueue
    let place: ServerPlace
    let seconds: Double?
    /// What this side joins with, if the server asks for one.
    let token: String?
    var model: ChatModel
    var lines: PlainLines
    var console = PlainConsole()
    var rates: ScreenRates
    var isOver = false
    var connectedAt: Instant?

    static let tick = Interval.milliseconds(500)

    init(session: CallSession, events: CallEventQueue, place: ServerPlace, options: ScreenOptions, seconds: Double?, token: String?) {
        self.session = session
        self.events = events
        self.place = place
        self.seconds = seconds
        self.token = token
        model = ChatModel(size: TerminalSize(columns: 80, rows: 24))
        model.words.language = options.language
        if let keys = try? options.keyMap() { model.keys = keys }
        lines = PlainLines(model)
        rates = ScreenRates(now: MonotonicClock.now())
    }

    /// Returns when the person quits, nobody reads any more, or a signal asks for the end.
    mutating func run(joining channel: String?) {
        let signals = TerminationSignals(wake: events.wake)
        defer { console.setEcho(true) }
        var now = MonotonicClock.now()
        var nextTick = now + Self.tick
        onTick(now)
        tell(.signaling(.connecting(place.shown)), now)
        let none = model.words.plainNone
        tell(.devices(camera: session.cameraName ?? none, microphone: session.microphoneName ?? none, path: nil), now)
        tell(.equipment(hasMicrophone: session.microphoneName != nil, hasCamera: session.cameraName != nil), now)
        say(model.words.plainHint)
        session.start()
        session.listChannels()
        if let channel { join(channel, now) }
        while !isOver {
            let deadline = [model.nextDeadline, end].compactMap { $0 }.reduce(nextTick, min)
            let hasInput = wait(until: deadline)
            now = MonotonicClock.now()
            var taken: [CallEvent] = []
            events.drain { taken.append($0) }
            for event in taken { pass(event, now) }
            if hasInput { for line in console.read() where !isOver { take(line, now) } }
            if let due = model.nextDeadline, now >= due { tell(.deadline, now) }
            if now >= nextTick {
                nextTick = now + Self.tick
                onTick(now)
            }
            if let end, now >= end { isOver = true }
            // Without input nothing but a call goes on.
            if console.hasInputEnded, console.isTerminal || model.screen == .lobby { isOver = true }
            if signals.received || console.isClosed { isOver = true }
        }
    }

    private var end: Instant? { connectedAt.flatMap { start in seconds.map { start + .seconds($0) } } }

    /// True when standard input has something, or has ended.
    private func wait(until deadline: Instant) -> Bool {
        var descriptors = [pollfd(fd: events.wake.fileDescriptor, events: Int16(POLLIN), revents: 0)]
        if !console.hasInputEnded { descriptors.append(pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)) }
        let left = max(.zero, deadline - MonotonicClock.now())
        guard tchat_poll(&descriptors, UInt32(descriptors.count), left.microseconds) > 0 else { return false }
        return descriptors.count > 1 && descriptors[1].revents != 0
    }

    // MARK: - In

    mutating func tell(_ event: ChatEvent, _ now: Instant) {
        let commands = model.update(event, now: now)
        show()
        for command in commands { perform(command, now) }
    }

    private mutating func show() {
        for line in lines.update(model) { console.print(line) }
        console.setEcho(model.lobby.prompt == nil)
    }

    private mutating func say(_ text: String) { console.print(lines.line(text, model)) }

    private mutating func onTick(_ now: Instant) {
        tellTime(now)
        tellStatistics(bytesWritten: 0, budget: nil, now)
    }

    private mutating func take(_ line: InputLines.Line, _ now: Instant) {
        guard case .whole(let text) = line else { return say(model.words.plainTooLong) }
        if model.lobby.prompt != nil, model.screen == .lobby { return takePassword(text, now) }
        switch PlainCommand(text, keys: model.keys) {
        case .nothing: break
        case .say(let text):
            guard model.screen == .call else { return say(model.words.plainNotInCall) }
            guard model.call.isChatOpen else { return say(model.words.plainNobodyReads) }
            perform(.say(text), now)
        case .join(let channel):
            guard model.screen == .lobby else { return say(model.words.plainInCall) }
            do {
                join(try CallTarget(channel, server: nil, token: nil).channel ?? channel, now)
            } catch {
                say(error.description)
            }
        case .number(let number):
            guard model.screen == .lobby else { return say(model.words.plainInCall) }
            guard lines.listed.indices.contains(number - 1) else { return say(model.words.plainUnknown("/\(number)")) }
            join(lines.listed[number - 1], now)
        case .list: for line in lines.list(model) { console.print(line) }
        case .people: for line in lines.people(model) { console.print(line) }
        case .help: for line in lines.help(model) { console.print(line) }
        case .quit: isOver = true
        case .confirm(let number):
            let (id, line) = lines.confirmation(number, model)
            console.print(line)
            if let id { session.confirmWords(of: id) }
        case .action(let action): act(action, now)
        case .allStatistics:
            let shown = model.call.foremost ?? model.call.people.first
            let rows = CallDetails.rows(of: shown.map { session.stats(of: $0.id) } ?? [])
            for line in lines.statistics(model, details: rows) { console.print(line) }
        case .unknown(let command): say(model.words.plainUnknown(command))
        }
    }

    private mutating func act(_ action: ChatAction, _ now: Instant) {
        guard model.screen == .call || action == .microphone || action == .camera else { return say(model.words.plainNotInCall) }
        switch action {
        case .microphone where !model.hasMicrophone: say(model.words.plainNoMicrophone)
        case .camera where !model.hasCamera: say(model.words.plainNoCamera)
        case .microphone, .camera, .leave: tell(.action(action), now)
        case .words: for line in lines.verification(model) { console.print(line) }
        case .invite:
            let invitation = Invitation(server: place.url, channel: model.call.channel, token: token)
            for line in lines.invitation(invitation, model) { console.print(line) }
        case .statistics:
            for line in lines.statistics(model, details: []) { console.print(line) }
        default: say(model.words.plainNoPicture)
        }
    }

    /// It goes where the screen's prompt puts it; nothing gives up.
    private mutating func takePassword(_ text: String, _ now: Instant) {
        guard !text.isEmpty else { return tell(.key(.escape), now) }
        for scalar in text.unicodeScalars { tell(.key(.character(scalar)), now) }
        tell(.key(.enter), now)
    }

    // MARK: - Out

    private mutating func perform(_ command: ChatCommand, _ now: Instant) {
        switch command {
        case .join(let channel, let password): join(channel, password: password, now)
        case .leave, .setMicrophone, .setCamera, .say, .confirmWords:
            if let event = session.carryOut(command) { tell(event, now) }
        case .quit: isOver = true
        // Bells, titles and what else is of a screen.
        default: break
        }
    }

    private mutating func join(_ channel: String, _ now: Instant) { join(channel, password: model.passwordToOffer(to: channel), now) }
}
