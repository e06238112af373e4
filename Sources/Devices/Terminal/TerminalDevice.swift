import CNcurses
import CTerminalGuard
import CellGraphics
import Glibc
import Primitives
import Threading

/// The controlling terminal, taken over: raw mode, alternate screen, hidden cursor; and given back on every way out, signals and
/// crashes included.
///
/// One writer: everything on the screen goes through `present`. Used from one thread. While it is open standard error, if it is this
/// terminal too, is collected and shown after the end, so that no library's message lands in the picture.
public final class TerminalDevice {
    public private(set) var capabilities = TerminalCapabilities()
    public private(set) var size = TerminalSize(columns: 80, rows: 24)
    /// Everything written so far, for the status line's rate.
    public private(set) var bytesWritten = 0
    private var frameStart = Instant.zero
    private var lastFrameDelay = Interval.zero

    let descriptor: Int32
    private let signals: EventDescriptor
    private let wakes: [EventDescriptor]
    private var savedMode = termios()
    private var rawMode = termios()
    private var filter = InputFilter()
    private var queued: [TerminalEvent] = []
    private var backlog: [UInt8] = []
    private var backlogStart = 0
    private var entering: [UInt8] = []
    private var leaving: [UInt8] = []
    private var standardError: Int32 = -1
    private var captured: Int32 = -1
    private var isOpen = false
    private var hasHungUp = false

    /// Takes the terminal of standard input and output over and asks what it can do, for at most 200 ms.
    /// - Parameter wakes: descriptors that end `readEvents` when signalled.
    public init(wakes: [EventDescriptor] = []) throws(TerminalError) {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { throw .notATerminal }
        let term = Self.environment("TERM")
        guard term != "dumb", !term.isEmpty else { throw .dumb }
        guard let signals = EventDescriptor() else { throw .system("watched for signals", errno) }
        self.signals = signals
        self.wakes = wakes
        // An open file description of its own: O_NONBLOCK on the inherited one would outlive the process in the shell.
        var name = [CChar](repeating: 0, count: 128)
        let found = ttyname_r(STDIN_FILENO, &name, name.count) == 0
        descriptor = open(found ? name : Array("/dev/tty".utf8CString), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("opened", errno) }
        guard tcgetattr(descriptor, &savedMode) == 0 else {
            Glibc.close(descriptor)
            throw .system("asked for its mode", errno)
        }
        rawMode = savedMode
        rawMode.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON)
        rawMode.c_oflag &= ~tcflag_t(OPOST)
        rawMode.c_cflag |= tcflag_t(CS8)
        rawMode.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN | ISIG)
        // GNU screen leaves 0 here, with which no input reads as the end of the terminal.
        withUnsafeMutableBytes(of: &rawMode.c_cc) { ($0[Int(VMIN)], $0[Int(VTIME)]) = (1, 0) }
        prepareStrings()
        captureStandardError()
        terminal_guard_install(
            descriptor, signals.fileDescriptor, &savedMode, leaving.map { CChar(bitPattern: $0) }, leaving.count, captured, standardError)
        isOpen = true
        updateSize()
        tcsetattr(descriptor, TCSADRAIN, &rawMode)
        terminal_guard_set_active(1)
        ask(term: term)
        write(entering)
    }

    deinit { close() }

    /// Gives the terminal back; may be called again.
    public func close() {
        guard isOpen else { return }
        isOpen = false
        flush(until: MonotonicClock.now() + .milliseconds(100))
        terminal_guard_restore()
        terminal_guard_remove()
        Glibc.close(descriptor)
        for file in [captured, standardError] where file >= 0 { Glibc.close(file) }
    }

    private static func environment(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }

    private func prepareStrings() {
        func capability(_ name: String) -> [UInt8] { CursesLibrary.capability(name) }
        entering = capability("smcup") + capability("civis") + capability("smkx")
        // A frame may have been cut in the middle: end the block, the string and the colours first.
        leaving = Array("\u{1b}\\\u{1b}[?2026l\u{1b}[0m".utf8) + capability("rmkx") + capability("cnorm")
        // Without an alternate screen, as in GNU screen unless told otherwise, ours would stay and the shell write into it.
        leaving += Array("\u{1b}[H\u{1b}[2J".utf8) + capability("rmcup")
    }

    private func captureStandardError() {
        guard isatty(STDERR_FILENO) == 1 else { return }
        let file = terminal_guard_memory_file()
        guard file >= 0 else { return }
        standardError = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
        captured = file
        dup2(file, STDERR_FILENO)
    }

    /// Asks, and keeps keys that were typed meanwhile.
    private func ask(term: String) {
        var query = TerminalQuery()
        let start = MonotonicClock.now()
        let deadline = start + TerminalQuery.patience
        write(Array(TerminalQuery.question(term: term).utf8))
        var isAnswered = false
        while !isAnswered, MonotonicClock.now() < deadline {
            wait(until: min(deadline, filter.deadline ?? deadline), wakes: [])
            for token in readTokens() {
                if case .answer(let answer) = token, query.take(answer) { isAnswered = true }
                queued += KeyDecoder.keys(token).map { .key($0) }
            }
            if hasHungUp { break }
        }
        let colors = CursesLibrary.withLock { Int(tigetnum("colors")) } ?? 0
        let (mode, reason) = query.colors(
            term: term, colorTerm: Self.environment("COLORTERM"), noColor: !Self.environment("NO_COLOR").isEmpty, terminfoColors: colors)
        capabilities = TerminalCapabilities(
            term: TerminalText.sanitize(term, maximumColumns: 40), name: query.name, size: size, colorMode: mode, colorReason: reason,
            synchronizedOutput: query.synchronizedOutput, deviceAttributes: query.deviceAttributes,
            answerTime: isAnswered ? MonotonicClock.now() - start : nil)
    }

    private func updateSize() {
        var window = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0 else { return }
        size = TerminalSize(
            columns: window.ws_col > 0 ? Int(window.ws_col) : 80, rows: window.ws_row > 0 ? Int(window.ws_row) : 24,
            pixelWidth: Int(window.ws_xpixel), pixelHeight: Int(window.ws_ypixel))
    }
}

// MARK: - Events
extension TerminalDevice {
    /// Sleeps until a key, a signal, a wake-up or the deadline (nil: none); gives what there is, in order.
    public func readEvents(until deadline: Instant?) -> [TerminalEvent] {
        if queued.isEmpty {
            let limit = [deadline, filter.deadline].compactMap { $0 }.min()
            wait(until: limit, wakes: wakes)
        }
        let tokens = readTokens()
        queued += tokens.flatMap(KeyDecoder.keys).map { $0 == .control("z") ? nil : .key($0) }.compactMap { $0 }
        takeSignals(stopping: tokens.contains(.text([26])))
        if !backlog.isEmpty, continueWriting() { queued.append(.writable) }
        for wake in wakes where isReady(wake) {
            wake.drain()
            if queued.last != .wake { queued.append(.wake) }
        }
        limitCapturedErrors()
        defer { queued = [] }
        return queued
    }

    private func takeSignals(stopping: Bool) {
        signals.drain()
        var number: Int32 = 0
        var bits = terminal_guard_take(&number)
        if stopping || bits & Int32(TERMINAL_GUARD_STOP) != 0 {
            stop()
            // Its own SIGCONT has been dealt with; what else came meanwhile has not.
            bits = (bits | terminal_guard_take(&number)) & ~Int32(TERMINAL_GUARD_CONTINUE)
        }
        if bits & Int32(TERMINAL_GUARD_CONTINUE) != 0 {
            enter()
            queued.append(.resumed(size))
        } else if bits & Int32(TERMINAL_GUARD_RESIZE) != 0 {
            updateSize()
            queued.append(.resized(size))
        }
        if bits & Int32(TERMINAL_GUARD_TERMINATE) != 0 { queued.append(.terminate(signal: number)) }
    }

    /// Gives the terminal back, stops the process as Ctrl-Z does anywhere else, and takes the terminal again after SIGCONT.
    private func stop() {
        flush(until: MonotonicClock.now() + .milliseconds(100))
        dropBacklog()
        terminal_guard_restore()
        terminal_guard_stop_process()
        enter()
        queued.append(.resumed(size))
    }

    private func enter() {
        if standardError >= 0 { dup2(captured, STDERR_FILENO) }
        updateSize()
        tcsetattr(descriptor, TCSANOW, &rawMode)
        terminal_guard_set_active(1)
        dropBacklog()
        write(entering)
    }

    private func readTokens() -> [InputFilter.Token] {
        var tokens: [InputFilter.Token] = []
        var bytes = [UInt8](repeating: 0, count: 1024)
        // Bounded, so that a flood of input cannot keep the screen from being drawn.
        for _ in 0..<8 {
            let count = read(descriptor, &bytes, bytes.count)
            if count > 0 {
                tokens += filter.feed(bytes[..<count], now: MonotonicClock.now())
            } else {
                if count == 0 || (errno != EAGAIN && errno != EINTR) { hangUp() }
                break
            }
        }
        return tokens + filter.expire(now: MonotonicClock.now())
    }

    private func hangUp() {
        guard !hasHungUp else { return }
        hasHungUp = true
        dropBacklog()
        queued.append(.hangUp)
    }

    private func isReady(_ wake: EventDescriptor) -> Bool {
        var entry = pollfd(fd: wake.fileDescriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0
    }

    private func wait(until deadline: Instant?, wakes: [EventDescriptor]) {
        let interest = Int16(POLLIN) | (backlog.isEmpty ? 0 : Int16(POLLOUT))
        var entries = [pollfd(fd: hasHungUp ? -1 : descriptor, events: interest, revents: 0)]
        entries.append(pollfd(fd: signals.fileDescriptor, events: Int16(POLLIN), revents: 0))
        entries += wakes.map { pollfd(fd: $0.fileDescriptor, events: Int16(POLLIN), revents: 0) }
        var patience: Int32 = -1
        if let deadline { patience = Int32(clamping: (max(.zero, deadline - MonotonicClock.now()).microseconds + 999) / 1000) }
        poll(&entries, nfds_t(entries.count), patience)
    }

    private func limitCapturedErrors() {
        guard captured >= 0, lseek(captured, 0, SEEK_END) > 1 << 20 else { return }
        ftruncate(captured, 0)
    }
}

// MARK: - Output
extension TerminalDevice {
    /// Whether a new frame would be written now: nothing is held back from the last one.
    public var isReadyForFrame: Bool { backlog.isEmpty && !hasHungUp }

    /// How long the terminal took, or has been taking, to accept the last frame: what a slow line shows itself by.
    public var frameDelay: Interval { backlog.isEmpty ? lastFrameDelay : MonotonicClock.now() - frameStart }

    /// Writes a frame. What the terminal does not take at once is held back and goes out in `readEvents`; until then frames are refused
    /// (false), and the caller draws the latest one after `.writable`.
    @discardableResult
    public func present(_ frame: Span<UInt8>) -> Bool {
        guard isReadyForFrame, isOpen else { return false }
        frame.withUnsafeBufferPointer { bytes in
            let done = writeNow(bytes)
            lastFrameDelay = .zero
            guard done < bytes.count, !hasHungUp else { return }
            frameStart = MonotonicClock.now()
            backlog.append(contentsOf: bytes[done...])
        }
        return true
    }

    /// Waits for what is held back; false: the time came first.
    @discardableResult
    public func flush(until deadline: Instant) -> Bool {
        while !continueWriting() {
            guard MonotonicClock.now() < deadline, !hasHungUp else { return false }
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&entry, 1, Int32(clamping: max(1, (deadline - MonotonicClock.now()).wholeMilliseconds)))
        }
        return true
    }

    private func dropBacklog() {
        backlog = []
        backlogStart = 0
    }

    private func write(_ bytes: [UInt8]) {
        if backlog.isEmpty { frameStart = MonotonicClock.now() }
        backlog += bytes
        _ = continueWriting()
    }

    /// True when nothing is left.
    private func continueWriting() -> Bool {
        guard backlogStart < backlog.count else { return true }
        backlogStart += backlog.withUnsafeBufferPointer { writeNow(UnsafeBufferPointer(rebasing: $0[backlogStart...])) }
        guard backlogStart >= backlog.count || hasHungUp else { return false }
        backlog.removeAll(keepingCapacity: true)
        backlogStart = 0
        lastFrameDelay = MonotonicClock.now() - frameStart
        return true
    }

    private func writeNow(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var done = 0
        while done < bytes.count, let start = bytes.baseAddress {
            let count = Glibc.write(descriptor, start + done, bytes.count - done)
            if count > 0 {
                done += count
            } else if count < 0, errno == EINTR {
                continue
            } else {
                if errno != EAGAIN { hangUp() }
                break
            }
        }
        bytesWritten += done
        return done
    }
}
