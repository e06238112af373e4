import CNcurses
import CellGraphics
import Glibc
import Synchronization

/// ncurses, once a process: a screen on /dev/null that draws nothing, windows off screen, and keys decoded out of a pipe.
///
/// Its state is global, so that every call goes through one lock.
enum CursesLibrary {
    private struct State: ~Copyable {
        var isStarted = false
        var hasScreen = false
        /// Keys are read by a window; a pad never refreshes.
        nonisolated(unsafe) var keyPad: UnsafeMutablePointer<WINDOW>?
        var keyWriter: Int32 = -1
        var pairs: [ColorPair: Int32] = [:]
        var colors: [ColorPair] = [ColorPair(foreground: .default, background: .default)]
    }

    struct ColorPair: Hashable {
        var foreground: CellColor
        var background: CellColor
    }

    private static let state = Mutex(State())

    /// Runs with the library to itself; false: there is no terminal description at all to start it with.
    static func withLock<R>(_ body: () -> R) -> R? {
        state.withLock { state in
            start(&state)
            return state.hasScreen ? body() : nil
        }
    }

    private static func start(_ state: inout State) {
        guard !state.isStarted else { return }
        state.isStarted = true
        setlocale(LC_CTYPE, "")
        if String(cString: nl_langinfo(Int32(CODESET))) != "UTF-8" { setlocale(LC_CTYPE, "C.UTF-8") }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0, let output = fopen("/dev/null", "w"), let input = fdopen(ends[0], "r") else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        state.keyWriter = ends[1]
        let own = getenv("TERM").map { String(cString: $0) } ?? ""
        for name in [own, "xterm-256color", "xterm", "ansi", "vt100", "dumb"] where newterm(name, output, input) != nil {
            state.hasScreen = true
            break
        }
        guard state.hasScreen else { return }
        set_escdelay(0)  // the input filter has done the waiting
        state.keyPad = newpad(1, 1)
        keypad(state.keyPad, true)
        nodelay(state.keyPad, true)
    }

    /// A terminfo string without its padding; empty: the terminal has none.
    static func capability(_ name: String) -> [UInt8] {
        let text = withLock { cncurses_string(name).map { String(cString: $0) } } ?? nil
        var result: [UInt8] = []
        var rest = Array((text ?? "").utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "$"), rest.first == UInt8(ascii: "<"), let end = rest.firstIndex(of: UInt8(ascii: ">")) {
                rest = rest[(end + 1)...]
            } else {
                result.append(byte)
            }
        }
        return result
    }

    enum Decoded: Equatable {
        case character(UInt32)
        case code(Int32)
    }

    /// What ncurses makes of a few bytes of input, at most as many as a pipe holds.
    static func decode(_ bytes: [UInt8]) -> [Decoded] {
        state.withLock { state in
            start(&state)
            guard state.hasScreen, bytes.count <= 4096, write(state.keyWriter, bytes, bytes.count) == bytes.count else { return [] }
            var result: [Decoded] = []
            var value: wint_t = 0
            while true {
                let kind = wget_wch(state.keyPad, &value)
                if kind == ERR { return result }
                result.append(kind == KEY_CODE_YES ? .code(Int32(truncatingIfNeeded: value)) : .character(value))
            }
        }
    }

    /// The number under which ncurses carries two colours for us; it never shows them itself. The first when there are too many.
    static func pair(_ colors: ColorPair) -> Int32 {
        state.withLock { state in
            if let number = state.pairs[colors] { return number }
            guard state.colors.count < 4096 else { return 0 }
            let number = Int32(state.colors.count)
            state.pairs[colors] = number
            state.colors.append(colors)
            return number
        }
    }

    /// Every pair so far, by number.
    static func pairs() -> [ColorPair] { state.withLock { $0.colors } }
}
