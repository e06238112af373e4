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

    /// A closed window is told of by the shell and by the kernel, and who presses Ctrl-C often does so twice.
    @Test(arguments: [SIGHUP, SIGTERM, SIGINT, SIGQUIT])
    func theSameWishAgainEndsNothing(signal: Int32) throws {
        let terminal = try started(["lingers"])
        for _ in 0..<3 { kill(terminal.process, signal) }
        #expect(terminal.until { $0.isRestored })
        for number in [SIGHUP, signal] { kill(terminal.process, number) }
        #expect(terminal.end() == 0)
        #expect(terminal.shows("left"))
    }

    /// Before the terminal has been given back, and after.
    @Test(arguments: [true, false]) func whoInsistsIsHeard(isOpen: Bool) throws {
        let terminal = try started(["hangs"])
        terminal.send(isOpen ? "s" : "q")
        if !isOpen { #expect(terminal.until { $0.isRestored }) }
        var status: Int32?
        for _ in 0..<1000 where status == nil {
            kill(terminal.process, SIGHUP)
            kill(terminal.process, SIGTERM)
            _ = terminal.until { _ in true }
            usleep(10_000)
            status = terminal.hasEnded()
        }
        #expect(terminal.end().map { $0 & 0x7f } == SIGTERM)
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

    /// The key is for the script too, which would wait for ever else, and the shell for it.
    @Test func theStopKeyStopsAScriptToo() throws {
        let terminal = try PseudoTerminal(underShell: true, inScript: true)
        #expect(terminal.until { $0.probe != nil })
        let probe = try #require(terminal.probe)
        let script = getpgid(probe)
        #expect(script != probe)
        terminal.send("\u{1a}")
        #expect(terminal.until { _ in processState(probe) == "T" && processState(script) == "T" })
        terminal.readAll()
        #expect(terminal.isRestored)
        terminal.send("\n")
        #expect(terminal.until { $0.shows("resumed 60x12") && $0.screen.privateModes[1049] == true })
        terminal.send("q")
        #expect(terminal.until { (processState(probe) ?? "Z") == "Z" && $0.isRestored })
    }

    /// SIGSTOP tells nobody: what was asked is forgotten, and a string that was cut is ended first.
    @Test func stoppedUnasked() throws {
        let terminal = try started()
        terminal.answersQueries = false
        terminal.send(String(repeating: "?", count: 20))
        #expect(terminal.until { $0.shows("20 key character") })
        terminal.forgetRaw()
        kill(terminal.process, SIGSTOP)
        #expect(terminal.until { _ in processState(terminal.process) == "T" })
        kill(terminal.process, SIGCONT)
        #expect(terminal.until { $0.shows("resumed 60x12") })
        #expect(String(decoding: terminal.raw, as: UTF8.self).contains("\u{1b}\\\u{1b}[?1049h"))
        terminal.answersQueries = true
        terminal.send("?")
        #expect(terminal.until { $0.shows("answered") }, "\(terminal.screen.text)")
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
        #expect(terminal.until { $0.shows("2 key character(\"z\")") && $0.shows("1 answered") }, "\(terminal.screen.text)")
    }

    @Test func saysWhatTheTerminalCan() throws {
        let terminal = try PseudoTerminal(arguments: ["capabilities"], environment: ["TERM=xterm-256color"])
        #expect(terminal.end() == 0)
        #expect(terminal.shows("terminal: probe 1.0 (TERM xterm-256color), 60x12 cells"))
        #expect(terminal.shows("synchronized output: yes; sixel: yes"))
        #expect(terminal.shows("colours: 256"))
    }

    @Test(arguments: [
        ("TERM=xterm-256color", "WT_SESSION=1", "colours: truecolor (WT_SESSION: Windows Terminal)"),
        ("TERM=screen-256color", "COLORTERM=truecolor", "colours: 256 (COLORTERM is not GNU screen's own)"),
    ])
    func saysWhyTheseColors(term: String, other: String, shown: String) throws {
        let terminal = try PseudoTerminal(arguments: ["capabilities"], environment: [term, other])
        #expect(terminal.end() == 0)
        #expect(terminal.shows(shown), "\(terminal.screen.text)")
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

    enum WayOut: String, CaseIterable { case quit, term, hangUp, crash, abort }

    /// Mouse, pastes, keyboard, title: whatever was switched on goes off, on every way out.
    @Test(arguments: WayOut.allCases) func allModesGoOff(way: WayOut) throws {
        let terminal = try PseudoTerminal(kind: .kitty)
        #expect(terminal.until { $0.shows("ready") && $0.screen.keyboardFlags == [3] })
        #expect(terminal.screen.isBracketedPaste && terminal.screen.mouseModes == [1000, 1006])
        #expect(terminal.screen.privateModes[7] == false && terminal.screen.isBidiExplicit)
        terminal.send("t")
        #expect(terminal.until { $0.screen.title?.hasPrefix("tchat: ") == true })
        switch way {
        case .quit: terminal.send("q")
        case .term: kill(terminal.process, SIGTERM)
        case .hangUp: kill(terminal.process, SIGHUP)
        case .crash: kill(terminal.process, SIGSEGV)
        case .abort: kill(terminal.process, SIGABRT)
        }
        #expect(terminal.end() != nil)
        #expect(terminal.isRestored && terminal.screen.isLeftClean)
        #expect(terminal.screen.title == nil)
        #expect(terminal.screen.unknown.isEmpty, "\(terminal.screen.unknown)")
        #expect(String(decoding: terminal.raw, as: UTF8.self).contains("\u{1b}_Ga=d"), "pictures are deleted")
    }

    @Test func stoppedAndBackWithEveryMode() throws {
        let terminal = try PseudoTerminal(underShell: true, kind: .kitty)
        #expect(terminal.until { $0.probe != nil && $0.screen.keyboardFlags == [3] })
        let probe = try #require(terminal.probe)
        terminal.send("t")
        #expect(terminal.until { $0.screen.title != nil })
        // As this keyboard sends Ctrl-Z.
        terminal.send("\u{1b}[122;5u")
        #expect(terminal.until { _ in processState(probe) == "T" })
        terminal.readAll()
        #expect(terminal.isRestored && terminal.screen.isLeftClean && terminal.screen.title == nil)
        terminal.send("\n")
        #expect(terminal.until { $0.screen.keyboardFlags == [3] && $0.screen.isBracketedPaste && $0.screen.title != nil })
        #expect(terminal.screen.isBidiExplicit)
        terminal.send("q")
        #expect(terminal.until { (processState(probe) ?? "Z") == "Z" && $0.isRestored && $0.screen.isLeftClean })
    }

    @Test func titlesAreMadeSafe() throws {
        let terminal = try PseudoTerminal(kind: .xterm)
        #expect(terminal.until { $0.shows("ready") })
        terminal.send("t")
        #expect(terminal.until { $0.screen.title != nil })
        #expect(terminal.screen.title == "tchat: \u{fffd}]0;evil\u{fffd}수진")
        terminal.send("b")
        #expect(terminal.until { $0.screen.bells == 1 })
        terminal.send("q")
        #expect(terminal.end() == 0)
    }

    @Test func whatIsCopiedIsMadeSafe() throws {
        let terminal = try PseudoTerminal(kind: .xterm)
        #expect(terminal.until { $0.shows("ready") })
        terminal.send("c")
        #expect(terminal.until { $0.screen.clipboard != nil })
        #expect(terminal.screen.clipboard == "https://x.org/\u{fffd}]0;a\u{fffd}수 ")
        terminal.send("q")
        #expect(terminal.end() == 0)
        #expect(terminal.screen.unknown.isEmpty && terminal.isRestored)
    }

    /// Consoles print what they do not know.
    @Test func theConsoleIsAskedAndToldLittle() throws {
        let terminal = try PseudoTerminal(kind: .console, environment: ["TERM=linux"])
        #expect(terminal.until { $0.shows("ready") })
        terminal.send("t")
        terminal.send("c")
        terminal.send("?")
        #expect(terminal.until { $0.shows("answered") })
        // F1 there.
        terminal.send("\u{1b}[[Az")
        #expect(terminal.until { $0.shows("key function(1)") && $0.shows("key character(\"z\")") && !$0.shows("character(\"A\")") })
        #expect(terminal.screen.title == nil && !terminal.screen.isBidiExplicit)
        terminal.send("q")
        #expect(terminal.end() == 0)
        #expect(!terminal.raw.contains(UInt8(ascii: "]")) && terminal.screen.unknown.isEmpty, "\(terminal.screen.unknown)")
    }

    @Test(arguments: [
        ("\u{1b}[<0;3;4M", "mouse press 2,3"), ("\u{1b}[<65;3;4M", "mouse wheelDown 2,3"), ("\u{1b}[M !\"", "1 mouse press 0,1"),
        ("\u{1b}[M#qm", "1 mouse release 80,76"), ("\u{1b}[3$m", "1 key character(\"m\")"), ("\u{1b}[200~q\u{1b}[201~", "paste [q]"),
        ("\u{1b}[32;1:3u", "released character(\" \")"), ("\u{1b}[109;9ux", "1 key character(\"x\")"), ("?", "answered"),
    ])
    func tellsOf(sent: String, shown: String) throws {
        let terminal = try PseudoTerminal(kind: .kitty)
        #expect(terminal.until { $0.shows("ready") })
        terminal.send(sent)
        #expect(terminal.until { $0.shows(shown) }, "\(terminal.screen.text)")
    }

    @Test func withoutAKindItIsRefused() throws {
        let terminal = try PseudoTerminal(environment: ["TERM="])
        #expect(terminal.end() == 2 << 8)
        #expect(terminal.screen.text.joined().contains("--plain"))
    }

    /// It answers, but later than it is waited for: then it counts as one that answers all the same.
    @Test func aLateAnswerIsTakenAsSuch() throws {
        let terminal = try PseudoTerminal()
        terminal.answersQueries = false
        #expect(terminal.until { $0.shows("ready") })
        terminal.send("\u{1b}[?62;22c")
        #expect(terminal.until { $0.shows("answered") }, "\(terminal.screen.text)")
        terminal.send("z")
        #expect(terminal.until { $0.shows("key character(\"z\")") })
    }
}
