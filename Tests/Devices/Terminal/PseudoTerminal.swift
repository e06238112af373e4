import Glibc
import Primitives
import TestSupport

/// A child process on a pseudo-terminal, and what it shows.
final class PseudoTerminal {
    let master: Int32
    private let slave: Int32
    let process: pid_t
    private(set) var screen: VirtualTerminal
    private(set) var raw: [UInt8] = []
    private(set) var exitStatus: Int32?
    let savedMode: termios
    /// Answers the primary device attributes, as every terminal does; a `kind` that is given answers for itself.
    var answersQueries = true

    struct Failure: Error { var what: String }

    /// Runs the probe, which the build put beside the test program.
    /// - Parameters:
    ///   - underShell: a shell with job control, without which nothing can be stopped; it goes on after a line of input.
    ///   - inScript: the shell runs a script, which waits for the probe.
    init(
        columns: Int = 60, rows: Int = 12, arguments: [String] = [], underShell: Bool = false, inScript: Bool = false,
        kind: TerminalKind = .silent, environment: [String] = ["TERM=xterm-256color", "COLORTERM=truecolor"]
    ) throws {
        var (master, slave): (Int32, Int32) = (-1, -1)
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        guard openpty(&master, &slave, nil, nil, &size) == 0 else { throw Failure(what: "openpty") }
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
        _ = fcntl(master, F_SETFD, FD_CLOEXEC)
        _ = fcntl(slave, F_SETFD, FD_CLOEXEC)
        var mode = termios()
        tcgetattr(slave, &mode)
        var name = [CChar](repeating: 0, count: 128)
        ttyname_r(slave, &name, name.count)

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Opened by the new session's leader, it becomes the controlling terminal.
        posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        let newSession: Int16 = 0x80  // POSIX_SPAWN_SETSID, which the headers show to GNU sources only
        posix_spawnattr_setflags(&attributes, newSession)
        let path = underShell ? "/bin/sh" : Self.probePath()
        let probe = inScript ? "sh -c '\"$0\"; true' \"$0\"" : "\"$0\""
        let script = ["-mc", "\(probe); read line; fg >/dev/null; read line; fg >/dev/null", Self.probePath()]
        var argv: [UnsafeMutablePointer<CChar>?] = ([path] + (underShell ? script : arguments)).map { strdup($0) } + [nil]
        // Swift's crash reporter would wait for a key.
        var envp: [UnsafeMutablePointer<CChar>?] = (environment + ["SWIFT_BACKTRACE=enable=no"]).map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var process: pid_t = 0
        keepDescriptorsFromChildren()
        let result = posix_spawn(&process, path, &actions, &attributes, &argv, &envp)
        guard result == 0 else { throw Failure(what: "no \(path) (\(result))") }
        (self.master, self.slave, self.process) = (master, slave, process)
        savedMode = mode
        screen = VirtualTerminal(columns: columns, rows: rows, kind: kind)
        answersQueries = kind == .silent
    }

    deinit {
        if exitStatus == nil {
            kill(process, SIGKILL)
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
        close(master)
        close(slave)
    }

    private static func probePath() -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/TerminalProbe"
    }

    func send(_ text: String) {
        var bytes = Array(text.utf8)
        _ = write(master, &bytes, bytes.count)
    }

    func resize(columns: Int, rows: Int) {
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        screen = VirtualTerminal(columns: columns, rows: rows, kind: screen.kind)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    var mode: termios {
        var mode = termios()
        tcgetattr(slave, &mode)
        return mode
    }

    var isRestored: Bool {
        let now = mode
        return now.c_lflag == savedMode.c_lflag && now.c_iflag == savedMode.c_iflag && now.c_oflag == savedMode.c_oflag
            && screen.privateModes[1049] == false && screen.privateModes[25] == true && screen.privateModes[1] == false
            && screen.privateModes[2026] != true && [1000, 1006, 2004].allSatisfy { screen.privateModes[$0] == false }
    }

    /// Reads and shows until the condition holds; false after ten seconds.
    func until(_ condition: (PseudoTerminal) -> Bool) -> Bool {
        for _ in 0..<2000 {
            if condition(self) { return true }
            var entry = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
            poll(&entry, 1, 5)
            readAll()
        }
        return false
    }

    func readAll() {
        var bytes = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(master, &bytes, bytes.count)
            guard count > 0 else { break }
            raw += bytes[..<count]
            screen.feed(bytes[..<count])
            let answers = screen.takeAnswers()
            if !answers.isEmpty { _ = answers.withUnsafeBytes { write(master, $0.baseAddress, $0.count) } }
            let text = String(decoding: bytes[..<count], as: UTF8.self)
            if answersQueries, text.contains("\u{1b}[c") { send("\u{1b}P>|probe 1.0\u{1b}\\\u{1b}[?2026;2$y\u{1b}[?62;4c") }
        }
    }

    func forgetRaw() { raw = [] }

    func shows(_ text: String) -> Bool { screen.text.contains { $0.contains(text) } }

    /// Waits for the end; the status as waitpid gives it.
    func end() -> Int32? {
        _ = until { $0.hasEnded() != nil }
        readAll()
        return exitStatus
    }

    /// The status, once it has ended.
    func hasEnded() -> Int32? {
        var status: Int32 = 0
        if exitStatus == nil, waitpid(process, &status, WNOHANG) == process { exitStatus = status }
        return exitStatus
    }

    /// The probe's own process, which it shows.
    var probe: pid_t? {
        screen.text.compactMap { line in line.split(separator: " ").last.flatMap { line.contains("ready") ? pid_t($0) : nil } }.first
    }
}

/// The state letter of /proc, `T` for stopped.
func processState(_ process: pid_t) -> Character? {
    guard let file = fopen("/proc/\(process)/stat", "r") else { return nil }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 512)
    let count = fread(&buffer, 1, buffer.count, file)
    return String(decoding: buffer[..<count], as: UTF8.self).split(separator: ")").last?.dropFirst().first
}
