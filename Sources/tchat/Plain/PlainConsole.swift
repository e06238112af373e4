import Glibc

/// Standard input and output as a person types and reads them: a terminal in its usual mode, a pipe, or a file.
struct PlainConsole {
    private var lines = InputLines()
    private var savedMode: termios?
    private(set) var hasInputEnded = false
    /// Nobody reads any more.
    private(set) var isClosed = false

    let isTerminal = isatty(STDIN_FILENO) == 1

    mutating func print(_ text: String) {
        var rest = Array((text + "\n").utf8)[...]
        while !rest.isEmpty, !isClosed {
            let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var descriptor = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                poll(&descriptor, 1, 1000)
            } else if errno != EINTR {
                isClosed = true
            }
        }
    }

    /// The lines that are there now; to be called when standard input has something.
    mutating func read() -> [InputLines.Line] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
        guard count > 0 else {
            if count == 0 || (errno != EAGAIN && errno != EINTR) { hasInputEnded = true }
            return []
        }
        return lines.take(buffer[..<count])
    }

    /// Whether a terminal shows what is typed; not for passwords.
    mutating func setEcho(_ isOn: Bool) {
        guard isTerminal, isOn == (savedMode != nil) else { return }
        if let mode = savedMode {
            savedMode = nil
            var mode = mode
            tcsetattr(STDIN_FILENO, TCSADRAIN, &mode)
            return
        }
        var mode = termios()
        guard tcgetattr(STDIN_FILENO, &mode) == 0 else { return }
        savedMode = mode
        mode.c_lflag &= ~tcflag_t(ECHO)
        mode.c_lflag |= tcflag_t(ECHONL)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &mode)
    }
}
