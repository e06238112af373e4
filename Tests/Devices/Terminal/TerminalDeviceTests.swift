import Glibc
import TestSupport
import Testing

@testable import Terminal

/// The device in a process of its own on a pseudo-terminal.
@Suite(.serialized) struct TerminalDeviceTests {
    private func started(_ arguments: [String] = []) throws -> PseudoTerminal {
        let terminal = try PseudoTerminal(arguments: arguments)
        #expect(terminal.until { $0.shows("ready") })
        #expect(terminal.screen.privateModes[1049] == true)
        #expect(terminal.screen.privateModes[25] == false)
        #expect(terminal.mode.c_lflag & tcflag_t(ICANON | ECHO | ISIG) == 0)
        return terminal
    }

    @Test func aNormalEndRestores() throws {
        let terminal = try started()
        terminal.send("q")
        #expect(terminal.end() == 0)
        #expect(terminal.isRestored)
        #expect(terminal.shows("left"))
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGINT, SIGQUIT])
    func signalsThatEndAreTold(signal: Int32) throws {
        let terminal = try started()
        kill(terminal.process, signal)
        #expect(terminal.end() == 0)
        #expect(terminal.isRestored)
    }

    @Test(arguments: [SIGSEGV, SIGABRT, SIGBUS])
    func aCrashRestoresAndStillCrashes(signal: Int32) throws {
        let terminal = try started()
        kill(terminal.process, signal)
        let status = try #require(terminal.end())
        #expect(status & 0x7f == signal)
        #expect(terminal.isRestored)
    }

    @Test func aTrapRestoresAndItsMessageIsShown() throws {
        let terminal = try started(["crash"])
        terminal.send("x")
        let status = try #require(terminal.end())
        #expect(status & 0x7f == SIGILL || status & 0x7f == SIGTRAP)
        #expect(terminal.isRestored)
        #expect(String(decoding: terminal.raw, as: UTF8.self).contains("Index out of range"))
    }

    @Test func messagesOfLibrariesWaitForTheEnd() throws {
        let terminal = try started()
        terminal.send("e")
        #expect(terminal.until { $0.shows("key character(\"e\")") })
        #expect(!terminal.shows("a library's message"))
        terminal.send("q")
        #expect(terminal.end() == 0)
        #expect(terminal.shows("a library's message"))
    }

    @Test func stopAndContinue() throws {
        let terminal = try PseudoTerminal(underShell: true)
        #expect(terminal.until { $0.probe != nil })
        let probe = try #require(terminal.probe)
        for viaKey in [true, false] {
            if viaKey { terminal.send("\u{1a}") } else { kill(probe, SIGTSTP) }
            #expect(terminal.until { _ in processState(probe) == "T" })
            terminal.readAll()
            #expect(terminal.isRestored)
            terminal.send("\n")
            #expect(terminal.until { $0.shows("resumed 60x12") && $0.screen.privateModes[1049] == true })
            #expect(terminal.mode.c_lflag & tcflag_t(ICANON | ECHO) == 0)
        }
        terminal.send("q")
        #expect(terminal.end() == 0)
    }

    @Test func aResizeIsTold() throws {
        let terminal = try started()
        terminal.resize(columns: 90, rows: 20)
        #expect(terminal.until { $0.shows("resized 90x20") })
    }

    @Test func wakesFromAnotherDescriptor() throws {
        let terminal = try started()
        terminal.send("w")
        #expect(terminal.until { $0.shows("wake") })
    }

    @Test(arguments: [
        ("a", "character(\"a\")"), ("한", "character(\"\\u{D55C}\")"), ("\r", "enter"), ("\u{1b}OA", "up"), ("\u{1b}[B", "down"),
        ("\u{1b}[5~", "pageUp"), ("\t", "tab"), ("\u{1b}[Z", "backTab"), ("\u{7f}", "backspace"), ("\u{3}", "control(\"c\")"),
        ("\u{1b}", "escape"), ("\u{1b}m", "alt(\"m\")"), ("\u{1b}OP", "function(1)"),
    ])
    func decodesKeys(sent: String, key: String) throws {
        let terminal = try started()
        terminal.send(sent)
        #expect(terminal.until { $0.shows("1 key \(key)") }, "\(terminal.screen.text)")
    }

    @Test func lateAndTornAnswersAreNoKeys() throws {
        let terminal = try PseudoTerminal()
        terminal.answersQueries = false
        #expect(terminal.until { $0.shows("ready") })
        for part in ["\u{1b}[?6", "2;22c", "\u{1b}P1+r52", "4742=8\u{1b}", "\\", "\u{1b}[?2026;2$y", "\u{1b}[1;5A\u{1b}[24;5~"] {
            terminal.send(part)
            _ = terminal.until { _ in false || Int.random(in: 0..<4) == 0 }
        }
        terminal.send("z")
        #expect(terminal.until { $0.shows("1 key character(\"z\")") }, "\(terminal.screen.text)")
    }

    @Test func saysWhatTheTerminalCan() throws {
        let terminal = try PseudoTerminal(arguments: ["capabilities"], environment: ["TERM=xterm-256color"])
        #expect(terminal.end() == 0)
        #expect(terminal.shows("terminal: probe 1.0 (TERM xterm-256color), 60x12 cells"))
        #expect(terminal.shows("synchronized output: yes; sixel: yes"))
        #expect(terminal.shows("colours: 256"))
    }

    @Test func aDumbTerminalIsRefused() throws {
        let terminal = try PseudoTerminal(environment: ["TERM=dumb"])
        #expect(terminal.end() == 2 << 8)
        #expect(terminal.shows("--headless"))
    }

    @Test func aTerminalThatTakesNothingBlocksNothing() throws {
        let terminal = try started(["flood"])
        // Nobody reads: resizes make whole frames, until the kernel's buffer is full.
        for i in 0..<50 {
            var size = winsize(ws_row: UInt16(100 + i % 2), ws_col: 300, ws_xpixel: 0, ws_ypixel: 0)
            _ = ioctl(terminal.master, UInt(TIOCSWINSZ), &size)
            usleep(2000)
        }
        kill(terminal.process, SIGTERM)
        var status: Int32 = 0
        var ended = false
        for _ in 0..<1000 where !ended {
            ended = waitpid(terminal.process, &status, WNOHANG) == terminal.process
            usleep(5000)
        }
        #expect(ended)
    }
}
