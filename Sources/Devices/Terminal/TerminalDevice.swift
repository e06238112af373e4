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
    public internal(set) var capabilities = TerminalCapabilities()
    public internal(set) var size = TerminalSize(columns: 80, rows: 24)
    /// Everything written so far, for the status line's rate.
    public internal(set) var bytesWritten = 0
    /// Called with every byte of every frame, as for a recording; not with titles, bells and questions.
    public var onOutput: ((Span<UInt8>) -> Void)?

    let descriptor: Int32
    let signals: EventDescriptor
    let wakes: [EventDescriptor]
    var savedMode = termios()
    var rawMode = termios()
    var filter = InputFilter()
    var queued: [TerminalEvent] = []
    var backlog: [UInt8] = []
    var backlogStart = 0
    var entering: [UInt8] = []
    var leaving: [UInt8] = []
    var standardError: Int32 = -1
    var captured: Int32 = -1
    var isOpen = false
    var hasHungUp = false
    /// What the terminal is asked to learn how far it is; empty: it does not answer.
    var question: [UInt8] = []
    var openQuestions = 0
    /// A cell's size as the terminal said, for where the kernel does not know it.
    var cell = (width: 0, height: 0)
    var hasTitle = false
    var title: String?
    /// These wait for what is held back to be written.
    var isTitleWaiting = false
    var isBellWaiting = false

    /// Takes the terminal of standard input and output over and asks what it can do, for at most 200 ms.
    /// - Parameter wakes: descriptors that end `readEvents` when signalled.
    public init(wakes: [EventDescriptor] = []) throws(TerminalError) {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { throw .notATerminal }
        let term = Self.environment("TERM")
        guard !term.isEmpty else { throw .unknown }
        guard term != "dumb" else { throw .dumb }
        hasTitle = TerminalQuery.hasTitle(term)
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
        prepareStrings(term: term)
        captureStandardError()
        terminal_guard_install(
            descriptor, signals.fileDescriptor, &savedMode, leaving.map { CChar(bitPattern: $0) }, leaving.count, captured, standardError)
        isOpen = true
        updateSize()
        tcsetattr(descriptor, TCSADRAIN, &rawMode)
        terminal_guard_set_active(1)
        // In the alternate screen, so that what a terminal should print against all expectation is gone with the first frame.
        write(entering)
        ask(term: term)
        enableExtras()
    }

    deinit { close() }

    /// Gives the terminal back; may be called again.
    /// - Parameter isEnding: what follows is the end of the process, which takes its time: from now on SIGHUP is nothing to it, and SIGINT,
    ///   SIGTERM and SIGQUIT end it only when they come again two seconds later. Else all signals do what they did before.
    public func close(isEnding: Bool = false) {
        guard isOpen else { return }
        isOpen = false
        settle()
        terminal_guard_restore()
        if isEnding { terminal_guard_finish() } else { terminal_guard_remove() }
        Glibc.close(descriptor)
        for file in [captured, standardError] where file >= 0 { Glibc.close(file) }
    }

    /// Before the terminal is given back: nothing held back, no answer to come that a shell would take for typed. For 100 ms at most.
    func settle() {
        let deadline = MonotonicClock.now() + .milliseconds(100)
        flush(until: deadline)
        while openQuestions > 0, !hasHungUp, MonotonicClock.now() < deadline {
            wait(until: deadline, wakes: [])
            for case .answer(let answer) in readTokens() { take(answer: answer) }
        }
        forgetQuestions()
    }

    func forgetQuestions() {
        openQuestions = 0
        filter.expectNoAnswers()
    }

    private static func environment(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }

    private func prepareStrings(term: String) {
        func capability(_ name: String) -> [UInt8] { CursesLibrary.capability(name) }
        let title = hasTitle ? "\u{1b}[22;0t" : ""
        let formerTitle = hasTitle ? "\u{1b}[23;0t" : ""
        // BDSM: cells stay where they are put, whatever is in them; a name written from right to left would turn its row over.
        let (explicit, implicit) = TerminalQuery.isPlain(term) ? ("", "") : ("\u{1b}[8l", "\u{1b}[8h")
        // After a stop a frame may have been cut in the middle of a string, which would swallow the rest.
        entering = Array("\u{1b}\\".utf8) + capability("smcup") + Array("\u{1b}[?7l".utf8) + capability("civis") + capability("smkx")
        // Mouse clicks and the wheel, with coordinates in digits; pastes in brackets.
        entering += Array((title + "\u{1b}[?1000h\u{1b}[?1006h\u{1b}[?2004h" + explicit).utf8)
        // A frame may have been cut in the middle: end the block, the string and the colours first.
        leaving = Array("\u{1b}\\\u{1b}[?2026l\u{1b}[0m\u{1b}[?7h\u{1b}[?1000l\u{1b}[?1006l\u{1b}[?2004l".utf8)
        leaving += Array((implicit + formerTitle).utf8) + capability("rmkx") + capability("cnorm")
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
        var answerTime: Interval?
        if wait(for: &query, TerminalQuery.first(term: term), until: deadline) {
            answerTime = MonotonicClock.now() - start
            if let second = query.second, wait(for: &query, second, until: deadline) { answerTime = MonotonicClock.now() - start }
            question = Array((query.answersStatus ? TerminalQuery.status : TerminalQuery.attributes).utf8)
        }
        cell = query.cell
        updateSize()
        let colors = CursesLibrary.withLock { Int(tigetnum("colors")) } ?? 0
        let isWindowsTerminal = !Self.environment("WT_SESSION").isEmpty && ["TMUX", "STY"].allSatisfy { Self.environment($0).isEmpty }
        (capabilities.colorMode, capabilities.colorReason) = query.colors(
            term: term, colorTerm: Self.environment("COLORTERM"), noColor: !Self.environment("NO_COLOR").isEmpty, terminfoColors: colors,
            isWindowsTerminal: isWindowsTerminal)
        capabilities.term = TerminalText.sanitize(term, maximumColumns: 40)
        capabilities.name = query.name
        capabilities.size = size
        capabilities.synchronizedOutput = query.synchronizedOutput
        capabilities.deviceAttributes = query.deviceAttributes
        capabilities.kittyGraphics = query.kittyGraphics
        capabilities.keyboardReports = query.keyboardReports
        capabilities.answerTime = answerTime
        if size.pixelWidth > 0 {
            (capabilities.cellWidth, capabilities.cellHeight) = (size.pixelWidth / size.columns, size.pixelHeight / size.rows)
        }
    }

    /// True: the last question has been answered.
    private func wait(for query: inout TerminalQuery, _ text: String, until deadline: Instant) -> Bool {
        // One that comes too late may be torn just as well.
        filter.expectAnswers(until: deadline + .seconds(2))
        write(Array(text.utf8))
        while MonotonicClock.now() < deadline, !hasHungUp {
            wait(until: min(deadline, filter.deadline ?? deadline), wakes: [])
            var isAnswered = false
            for token in readTokens() {
                if case .answer(let answer) = token, query.take(answer) { isAnswered = true }
                queued += KeyDecoder.events(token)
            }
            if isAnswered { return true }
        }
        return false
    }

    /// What is switched on only where the terminal says that it has it, and off again by the same strings.
    private func enableExtras() {
        var off = ""
        if capabilities.keyboardReports {
            // 1: keys that could be mistaken come as reports; 2: keys that come up, too.
            entering += Array("\u{1b}[>3u".utf8)
            write(Array("\u{1b}[>3u".utf8))
            off += "\u{1b}[<u"
        }
        // Pictures of that protocol outlive the cells under them.
        if capabilities.kittyGraphics { off += "\u{1b}_Ga=d,d=A,q=2\u{1b}\\" }
        guard !off.isEmpty else { return }
        // After the one string terminator that ends what may have been cut.
        leaving.insert(contentsOf: Array(off.utf8), at: 2)
        terminal_guard_set_sequence(leaving.map { CChar(bitPattern: $0) }, leaving.count)
    }

    func updateSize() {
        var window = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0 else { return }
        size = TerminalSize(
            columns: window.ws_col > 0 ? Int(window.ws_col) : 80, rows: window.ws_row > 0 ? Int(window.ws_row) : 24,
            pixelWidth: Int(window.ws_xpixel), pixelHeight: Int(window.ws_ypixel))
        if size.pixelWidth == 0 || size.pixelHeight == 0 {
            (size.pixelWidth, size.pixelHeight) = (cell.width * size.columns, cell.height * size.rows)
        }
    }
}
