import Glibc
import Primitives
import Synchronization
import TestSupport
import Threading

/// The built program on a pseudo-terminal, and what it shows there. Killed when it is let go of.
///
/// As with `ProgramRun`, waiting suspends, and looks once more after its deadline. What a wait was for and the whole screen are in its
/// failure.
final class ScreenRun {
    typealias Failure = ProgramRun.Failure

    /// The program, or the shell that runs it.
    let process: pid_t
    /// As the terminal was before the program.
    let modeBefore: termios
    private(set) var screen: VirtualTerminal
    /// The last of what was written, a million bytes at the most.
    private(set) var written: [UInt8] = []
    private(set) var bytesWritten = 0
    /// What the terminal takes; nil: all there is.
    private let bytesPerSecond: Int?
    /// A terminal that takes nothing, as after Ctrl-S.
    var isStopped = false
    private var lastRead: Instant?
    private let arguments: [String]
    private let state = StateHome()
    private var master: Int32
    private let slave: Int32
    private var end: ProgramRun.End?

    /// - Parameters:
    ///   - language: as in LANG.
    ///   - environment: over that of the run; an empty value takes a variable away.
    ///   - bytesPerSecond: what the terminal takes; nil: all there is.
    ///   - mode: what the terminal's mode is before.
    ///   - underShell: a shell with job control, without which nothing can be stopped; each line of input brings the program back.
    ///   - typedTo: the interactive shell that is given the program as a line of input.
    init(
        _ arguments: [String], columns: Int = 100, rows: Int = 30, language: String = "en_US.UTF-8", kind: TerminalKind = .xterm,
        environment: [String: String] = [:], underShell: Bool = false, typedTo interactive: [String]? = nil,
        bytesPerSecond: Int? = nil, mode prepare: (inout termios) -> Void = { _ in }
    ) throws {
        self.arguments = arguments
        self.bytesPerSecond = bytesPerSecond
        let own = [
            "PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": language, "TZ": "UTC",
            "XDG_STATE_HOME": state.path, "XDG_CONFIG_HOME": state.path, "HOME": state.path, "TCHAT_CONFIG": "/dev/null",
            // Swift's crash reporter would wait for a key.
            "SWIFT_BACKTRACE": "enable=no",
        ]
        let all = own.merging(environment) { $1 }.filter { !$0.value.isEmpty }
        var mode = termios()
        (process, master, slave) = try ProgramRun.spawning.withLock { _ in
            let (master, slave, name) = try Self.open(columns: columns, rows: rows)
            tcgetattr(slave, &mode)
            prepare(&mode)
            tcsetattr(slave, TCSANOW, &mode)
            let shell = interactive ?? (underShell ? Self.jobShell + arguments : nil)
            let process = try Self.spawn(shell ?? [ProgramRun.program] + arguments, all, terminal: name)
            if interactive != nil {
                // Read once there is somebody to read it.
                let line = Array(([ProgramRun.program] + arguments).map { "'\($0)'" }.joined(separator: " ").utf8 + [10])
                _ = line.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
            }
            return (process, master, slave)
        }
        modeBefore = mode
        screen = VirtualTerminal(columns: columns, rows: rows, kind: kind)
    }

    deinit {
        if end == nil {
            kill(-process, SIGKILL)
            kill(process, SIGKILL)
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
        for descriptor in [master, slave] where descriptor >= 0 { close(descriptor) }
    }

    // MARK: - In

    func type(_ text: String) async throws {
        var rest = Array(text.utf8)[...]
        _ = try await until("its input being read") { _ in
            let count = rest.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
            rest = rest.dropFirst(max(0, count))
            return rest.isEmpty
        }
    }

    /// Presses and lets go of the left button over a cell, as mode 1006 tells it.
    func click(column: Int, row: Int) async throws {
        try await type("\u{1b}[<0;\(column + 1);\(row + 1)M\u{1b}[<0;\(column + 1);\(row + 1)m")
    }

    func resize(columns: Int, rows: Int) {
        read()
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        screen.resize(columns: columns, rows: rows)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    func signal(_ number: Int32) { kill(process, number) }

    /// The window is closed.
    func closeTerminal() {
        close(master)
        master = -1
    }

    // MARK: - Out

    /// Reads and shows until the condition holds.
    func until(_ what: String, within patience: Interval = ProgramRun.patience, _ condition: (VirtualTerminal) throws -> Bool) async throws
    {
        let deadline = MonotonicClock.now() + patience
        while true {
            let isLate = MonotonicClock.now() >= deadline
            read()
            if try condition(screen) { return }
            if isLate { throw failure(what) }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Until a row shows the text.
    func shows(_ text: String) async throws {
        try await until("\"\(text)\" on the screen") { $0.text.contains { $0.contains(text) } }
    }

    /// Waits until the process has ended by itself, and all that it has written is shown.
    @discardableResult
    func ended() async throws -> ProgramRun.End {
        try await until("the end") { _ in
            if end != nil { return true }
            var status: Int32 = 0
            guard waitpid(process, &status, WNOHANG) == process else { return false }
            end = status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .killed(by: status & 0x7f)
            return true
        }
        read()
        guard let end else { throw failure("the end") }
        return end
    }

    var mode: termios {
        var mode = termios()
        tcgetattr(slave, &mode)
        return mode
    }

    /// The terminal is as it was before the program: its mode, its screen, its keys.
    var isGivenBack: Bool {
        let now = mode
        return now.c_lflag == modeBefore.c_lflag && now.c_iflag == modeBefore.c_iflag && now.c_oflag == modeBefore.c_oflag
            && now.c_cflag == modeBefore.c_cflag && screen.isLeftClean
    }

    func failure(_ what: String) -> Failure {
        let state = end.map { "\($0)" } ?? "running"
        return Failure(
            description: "tchat \(arguments.joined(separator: " ")) (\(state)) on \(screen.columns)x\(screen.rows): no sign of \(what)."
                + "\nUnknown to the terminal: \(screen.unknown)\n\(picture)")
    }

    /// The screen as text, in a frame.
    var picture: String {
        let edge = "+" + String(repeating: "-", count: screen.columns) + "+"
        return ([edge] + screen.text.map { "|\($0)|" } + [edge]).joined(separator: "\n")
    }

    private func read() {
        guard master >= 0, !isStopped else { return }
        var piece = [UInt8](repeating: 0, count: 65_536)
        let now = MonotonicClock.now()
        // A line that was idle has not saved up for later.
        let time = min(0.1, lastRead.map { (now - $0).seconds } ?? 0)
        lastRead = now
        var room = bytesPerSecond.map { Int(Double($0) * time) } ?? .max
        while room > 0 {
            let count = Glibc.read(master, &piece, min(room, piece.count))
            guard count > 0 else { break }
            room -= count
            bytesWritten += count
            written += piece[..<count]
            if written.count > 2_000_000 { written.removeFirst(written.count - 1_000_000) }
            screen.feed(piece[..<count])
            let answers = screen.takeAnswers()
            if !answers.isEmpty { _ = answers.withUnsafeBytes { write(master, $0.baseAddress, $0.count) } }
        }
    }
}

extension ScreenRun {
    private static func open(columns: Int, rows: Int) throws -> (master: Int32, slave: Int32, name: String) {
        var (master, slave): (Int32, Int32) = (-1, -1)
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        guard openpty(&master, &slave, nil, nil, &size) == 0 else { throw Failure(description: "no pseudo-terminal: \(errno)") }
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
        for end in [master, slave] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var name = [UInt8](repeating: 0, count: 128)
        name.withUnsafeMutableBytes { room in
            if let start = room.assumingMemoryBound(to: CChar.self).baseAddress { ttyname_r(slave, start, room.count) }
        }
        return (master, slave, String(decoding: name.prefix { $0 != 0 }, as: UTF8.self))
    }

    private static let jobShell = [
        "/bin/sh", "-mc", "\"$0\" \"$@\"; while read line; do fg >/dev/null || exit; done", ProgramRun.program,
    ]

    /// - Parameter command: the program's path and its arguments.
    private static func spawn(_ command: [String], _ environment: [String: String], terminal: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Opened by the new session's leader, it becomes the controlling terminal.
        posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A worker thread of the test program blocks signals, which a child would inherit.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        let newSession: Int16 = 0x80  // POSIX_SPAWN_SETSID, which the headers show to GNU sources only
        posix_spawnattr_setflags(&attributes, newSession | Int16(POSIX_SPAWN_SETSIGMASK))
        let path = command[0]
        var argv: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var process: pid_t = 0
        keepDescriptorsFromChildren()
        let result = posix_spawn(&process, path, &actions, &attributes, &argv, &envp)
        guard result == 0 else { throw Failure(description: "\(path) cannot be run: \(String(cString: strerror(result)))") }
        return process
    }
}
