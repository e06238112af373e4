import Glibc
import JSON
import TestSupport
import Testing

/// However a call on a screen ends, the terminal is as it was, and the other side knows.
@Suite struct EndingTests {
    enum Ending: String, CaseIterable, CustomTestStringConvertible {
        case term, hangUp, interrupt, quit, crash, abort, controlC, closed
        var testDescription: String { rawValue }

        var signal: Int32? {
            switch self {
            case .term: SIGTERM
            case .hangUp: SIGHUP
            case .interrupt: SIGINT
            case .quit: SIGQUIT
            case .crash: SIGSEGV
            case .abort: SIGABRT
            case .controlC, .closed: nil
            }
        }
    }

    @Test(arguments: Ending.allCases) func ofACall(ending: Ending) async throws {
        let call = try await ScreenCall()
        let run = call.run
        try await call.seesPicture()
        #expect(run.screen.isAlternate && !run.screen.isCursorShown && !run.isGivenBack)
        if let signal = ending.signal { run.signal(signal) }
        if ending == .controlC { try await run.type("\u{3}") }
        if ending == .closed { run.closeTerminal() }
        let end = try await run.ended()
        let isCrash = ending == .crash || ending == .abort
        #expect(end == (isCrash ? .killed(by: ending.signal ?? 0) : .exited(0)))
        if ending != .closed { expectGivenBack(run) }
        // Told of, but for a crash, which the server and the silence tell.
        let reason = try await call.other.event("peer-left")["reason"]?.stringValue ?? ""
        if !isCrash { #expect(!reason.contains("seconds"), "\(reason)") }
    }

    /// The window of a shell: the shell passes SIGHUP on before it ends, and the kernel sends it once more when it has.
    @Test(arguments: [["/bin/bash", "--norc", "--noprofile", "--noediting", "-i"], ["/bin/sh", "-i"]]) func theWindowIsClosed(
        shell: [String]
    ) async throws {
        let call = try await ScreenCall(typedTo: shell)
        let run = call.run
        try await call.seesPicture()
        let program = try #require(child(of: run.process))
        run.closeTerminal()
        let reason = try await call.other.event("peer-left")["reason"]?.stringValue ?? ""
        #expect(reason == "ana left.")
        try await run.until("the program's end") { _ in ["", "Z"].contains(processState(program)) }
    }

    /// Signals once more while the leave is under way.
    @Test(arguments: [SIGHUP, SIGTERM, SIGINT]) func askedTwice(signal: Int32) async throws {
        let call = try await ScreenCall()
        try await call.seesPicture()
        call.run.signal(signal)
        call.run.signal(signal)
        try await call.run.until("the terminal given back") { _ in call.run.isGivenBack }
        call.run.signal(signal)
        #expect(try await call.run.ended() == .exited(0))
        let reason = try await call.other.event("peer-left")["reason"]?.stringValue ?? ""
        #expect(reason == "ana left.")
    }

    /// From the lobby too, with `q` from the call on the way.
    @Test func leavingAndThenQuitting() async throws {
        let call = try await ScreenCall()
        try await call.seesPicture()
        try await call.run.type("q")
        _ = try await call.other.event("peer-left")
        try await call.run.until("the lobby") { $0.shows(call.meeting.url) }
        call.run.signal(SIGTERM)
        #expect(try await call.run.ended() == .exited(0))
        expectGivenBack(call.run)
    }

    /// Ctrl-Z, and SIGTSTP from elsewhere; the call goes on afterwards.
    @Test(arguments: [true, false]) func stoppedAndBack(viaKey: Bool) async throws {
        let call = try await ScreenCall(underShell: true)
        let run = call.run
        try await call.seesPicture()
        let program = try #require(child(of: run.process))
        if viaKey { try await run.type("\u{1a}") } else { kill(program, SIGTSTP) }
        try await run.until("a stopped process") { _ in processState(program) == "T" }
        try await run.until("the terminal given back") { _ in run.isGivenBack }
        try await run.type("\n")
        try await call.seesPicture()
        #expect(run.screen.isAlternate && !run.screen.isCursorShown && !run.isGivenBack)
        let seen = try await call.other.statistics { _ in true }.number("video.decoded")
        try await call.other.statistics { $0.number("video.decoded") > seen }
        try await run.type("\u{3}")
        _ = try await call.other.event("peer-left")
        try await run.until("the terminal given back") { _ in run.isGivenBack }
    }

    private func expectGivenBack(_ run: ScreenRun, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(run.isGivenBack, "\(run.picture)", sourceLocation: sourceLocation)
        // A crash may cut a frame anywhere, which an escape ends.
        let unknown = run.screen.unknown.filter { !$0.hasPrefix("broken sequence") }
        #expect(unknown.isEmpty, "\(unknown)", sourceLocation: sourceLocation)
        // An answer that comes when nobody reads any more is echoed by the kernel: after a crash, or when the terminal takes too long.
        let isBlank = run.screen.text.allSatisfy { row in
            row.split(separator: "^[[?").allSatisfy { part in part.allSatisfy { " 0123456789;c".contains($0) } }
        }
        #expect(isBlank && !run.screen.hasScrolled, "something was printed:\n\(run.picture)", sourceLocation: sourceLocation)
    }

    private func child(of process: pid_t) -> pid_t? {
        text("/proc/\(process)/task/\(process)/children").split(separator: " ").first.flatMap { pid_t($0) }
    }

    /// The state letter of /proc, `T` for stopped.
    private func processState(_ process: pid_t) -> String {
        text("/proc/\(process)/stat").split(separator: ")").last?.split(separator: " ").first.map(String.init) ?? ""
    }

    private func text(_ path: String) -> String {
        guard let handle = fopen(path, "r") else { return "" }
        defer { fclose(handle) }
        var piece = [UInt8](repeating: 0, count: 4096)
        let count = fread(&piece, 1, piece.count, handle)
        return String(decoding: piece[..<count], as: UTF8.self)
    }
}
