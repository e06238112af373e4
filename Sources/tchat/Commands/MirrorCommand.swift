import ArgumentParser
import CallSession
import ChatUI
import MediaTypes
import Primitives
import Synchronization
import Terminal
import Threading

struct MirrorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mirror", abstract: "Show your own camera in the terminal; a file is played once.",
        discussion: "Keys: r rendering, c colours, f fit, + and - brightness, ] and [ contrast, Ctrl-L draws anew, q ends it.")

    @OptionGroup var media: MediaOptions
    @OptionGroup var picture: PictureOptions
    @OptionGroup var file: ConfigOptions

    @Flag(help: "The picture alone, every one of them, as fast as the terminal takes them.")
    var unpaced = false

    @Option(help: ArgumentHelp("End after this many pictures.", valueName: "count"))
    var frames: Int?

    func validate() throws {
        if let frames, frames < 1 { throw ValidationError("--frames must be at least 1.") }
    }

    func run() throws {
        let choice = media.camera ?? .auto
        let source: any VideoSource
        do {
            let found = try MediaSources.camera(
                choice, size: media.size, framesPerSecond: media.fps, loopsFiles: false, paced: !unpaced)
            guard let found else {
                throw PlainFailure("No camera was found; plug one in, or try the test picture: tchat mirror --camera test.")
            }
            source = found
        } catch let error as MediaDeviceError {
            throw PlainFailure(error.description)
        }
        guard let wake = EventDescriptor() else { throw PlainFailure("There are no file descriptors left; raise the limit (ulimit -n).") }
        let terminal: TerminalDevice
        do {
            terminal = try TerminalDevice(wakes: [wake])
        } catch {
            throw PlainFailure(error.description)
        }
        if Words().trouble(with: picture.style(terminal.capabilities), on: terminal.size) != nil {
            terminal.close()
            throw PlainFailure("This terminal does not say how large its cells are in pixels, which sixels need; try --render half.")
        }
        defer { terminal.close() }
        var isFile = false
        if case .file = choice { isFile = true }
        var mirror = Mirror(terminal: terminal, picture: picture, isFile: isFile, limit: frames)
        do {
            try unpaced ? mirror.runUnpaced(source) : mirror.runPaced(source, wake: wake)
        } catch {
            terminal.close()
            throw PlainFailure(error.description)
        }
    }
}

/// Pictures from a source onto the whole screen.
private struct Mirror {
    let terminal: TerminalDevice
    let limit: Int?
    private var settings: PictureSettings
    private var screen: ChatScreen
    private var gate: FrameGate
    private var size: TerminalSize
    private var shown = 0

    init(terminal: TerminalDevice, picture: PictureOptions, isFile: Bool, limit: Int?) {
        self.terminal = terminal
        self.limit = limit
        size = terminal.size
        settings = PictureSettings(picture, terminal.capabilities, on: size, isFile: isFile)
        screen = ChatScreen(
            colorMode: settings.colors, synchronizedOutput: terminal.capabilities.synchronizedOutput ?? true)
        screen.encoder.quality = picture.quality
        screen.encoder.dithers = picture.dither
        screen.encoder.hasConsoleColors = terminal.capabilities.isLinuxConsole
        gate = FrameGate(terminal, kilobytesPerSecond: picture.ttyBudget)
    }

    private var isDone: Bool { limit.map { shown >= $0 } ?? false }

    /// Every picture is drawn, and waits until the terminal has taken the one before.
    mutating func runUnpaced(_ source: any VideoSource) throws(MediaDeviceError) {
        while !isDone, let frame = try source.next() {
            draw(frame)
            while !terminal.flush(until: MonotonicClock.now() + .milliseconds(100)) {
                if handle(terminal.readEvents(until: .zero)) { return }
            }
            if shown % 8 == 0, handle(terminal.readEvents(until: .zero)) { return }
        }
    }

    /// At the source's pace, on a thread of its own; a slow terminal skips pictures.
    mutating func runPaced(_ source: any VideoSource, wake: EventDescriptor) throws(MediaDeviceError) {
        let newest = LatestValueMailbox<I420Frame>()
        let end = Mutex<(isOver: Bool, failure: MediaDeviceError?)>((false, nil))
        let thread = MediaThread.start(name: "camera") {
            var failure: MediaDeviceError?
            do throws(MediaDeviceError) {
                while let frame = try source.next() {
                    newest.put(frame)
                    wake.signal()
                }
            } catch {
                failure = error
            }
            end.withLock { $0 = (true, failure) }
            wake.signal()
        }
        var last: I420Frame?
        var lastFresh = Instant.zero
        while !isDone {
            let now = MonotonicClock.now()
            var due = gate.nextFrame(terminal, now: now)
            // The rest of a frame that was cut waits for nothing but the line.
            if let time = due, screen.progress >= 1 { due = max(time, lastFresh + gate.budget.frameInterval) }
            if let time = due, now >= time {
                due = nil
                // It goes out before there is a newer one.
                let fresh = screen.progress < 1 && last != nil ? nil : newest.take()
                if fresh != nil { lastFresh = now }
                if let frame = fresh ?? (screen.progress < 1 ? last : nil) {
                    screen.tend(now: now, budget: gate.budget)
                    shown += fresh == nil ? 0 : 1
                    gate.present(render(frame), of: screen, on: terminal, now: now)
                    last = frame
                    due = now
                }
            }
            let (isOver, _) = end.withLock { $0 }
            if isOver { break }
            if handle(terminal.readEvents(until: due)) { break }
        }
        source.stop()
        if let thread { thread.join() }
        if let failure = end.withLock({ $0.failure }) { throw failure }
    }

    private mutating func draw(_ frame: I420Frame) {
        shown += 1
        if render(frame) > 0 { terminal.present(screen.output) }
    }

    /// Gives the bytes of the screen's output.
    private mutating func render(_ frame: I420Frame) -> Int {
        screen.drawPicture(
            frame, size: size, style: settings.style, fit: settings.fit, mirrored: settings.mirrored, tone: settings.tone)
    }

    /// True: it is over.
    private mutating func handle(_ events: [TerminalEvent]) -> Bool {
        for event in events {
            gate.take(event, now: MonotonicClock.now())
            switch event {
            case .key(.escape), .key(.control("c")), .terminate, .hangUp: return true
            case .resized(let new), .resumed(let new):
                size = new
                screen.repaint()
            case .key(.control("l")): screen.repaint()
            case .key(.character(let character)):
                if KeyMap.standard[character] == .leave { return true }
                if let action = KeyMap.standard[character], settings.perform(action) { screen.colorMode = settings.colors }
            case .key, .keyReleased, .mouse, .paste, .answered, .wake, .writable: break
            }
        }
        return false
    }
}
