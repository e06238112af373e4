import Glibc
import JSON
import Primitives
import Synchronization
import Threading
import TestSupport

/// The built program as a process of its own: lines in, lines out, an exit status. Killed when it is let go of.
///
/// Waiting suspends instead of blocking, so that many runs fit beside each other on a machine with two processors. Every wait looks once
/// more after its deadline: a test that was itself kept waiting loses nothing.
final class ProgramRun {
    enum End: Equatable {
        case exited(Int32)
        case killed(by: Int32)
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Generous: only a run that hangs gets there.
    static let patience = Interval.seconds(90)

    let process: pid_t
    /// Whole lines of standard output so far.
    private(set) var lines: [String] = []
    /// Standard error so far.
    private(set) var complaints = ""
    private let arguments: [String]
    private let state = StateHome()
    private var input: Pipe
    private let output: Pipe
    private let errors: Pipe
    private var partial: [UInt8] = []
    private var taken = 0
    private var end: End?

    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        self.arguments = arguments
        let environment = ["XDG_STATE_HOME": state.path, "XDG_CONFIG_HOME": state.path].merging(environment) { $1 }
        // Other runs must not inherit these ends between their making and their being marked.
        (process, input, output, errors) = try Self.spawning.withLock { _ in
            let pipes = try (Pipe(), Pipe(), Pipe())
            return (try Self.spawn(arguments, environment, pipes), pipes.0, pipes.1, pipes.2)
        }
    }

    deinit {
        if end == nil {
            kill(process, SIGKILL)
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
        for pipe in [input, output, errors] { pipe.closeBoth() }
    }

    /// A line, or anything else, to standard input.
    func type(_ text: String, newline: Bool = true) async throws {
        var rest = Array((text + (newline ? "\n" : "")).utf8)[...]
        _ = try await wait("its input being read") {
            let count = rest.withUnsafeBytes { write(self.input.writing, $0.baseAddress, $0.count) }
            rest = rest.dropFirst(max(0, count))
            return rest.isEmpty ? true : nil
        }
    }

    func endInput() {
        input.closeBoth()
        input = Pipe(reading: -1, writing: -1)
    }

    func signal(_ number: Int32) { kill(process, number) }

    /// The next line that has not been taken.
    func line() async throws -> String {
        try await wait("a line") { self.takeLine() }
    }

    /// The next event of this name; those before it are passed over.
    func event(_ name: String) async throws -> JSONValue {
        try await wait("the event \(name)") {
            while let line = self.takeLine() {
                if let event = try? JSONValue(parsing: Array(line.utf8)), event["event"]?.stringValue == name { return event }
            }
            return nil
        }
    }

    /// Asks for numbers until they are as they should be.
    @discardableResult
    func statistics(until isEnough: (JSONValue) -> Bool) async throws -> JSONValue {
        let deadline = MonotonicClock.now() + Self.patience
        while true {
            try await type("stats")
            let statistics = try await event("stats")
            if isEnough(statistics) { return statistics }
            guard MonotonicClock.now() < deadline else { throw failure("the numbers awaited") }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Waits until the process has ended by itself; then all that it has written is in `lines` and `complaints`.
    @discardableResult
    func ended() async throws -> End {
        try await wait("the end") {
            guard self.end == nil else { return self.end }
            var status: Int32 = 0
            guard waitpid(self.process, &status, WNOHANG) == self.process else { return nil }
            self.end = status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .killed(by: status & 0x7f)
            self.read()
            return self.end
        }
    }

    /// Every line as what it says. Throws when one is no JSON object with `event` and `t`.
    func events() throws -> [(name: String, t: Int, members: JSONValue)] {
        try lines.map { line in
            guard let value = try? JSONValue(parsing: Array(line.utf8)), let name = value["event"]?.stringValue,
                let t = value["t"]?.integerValue
            else { throw failure("JSON with an event and a time in \"\(line)\"") }
            return (name, Int(t), value)
        }
    }

    /// Waits until the condition gives something.
    func wait<Value>(_ what: String, for condition: () throws -> Value?) async throws -> Value {
        let deadline = MonotonicClock.now() + Self.patience
        while true {
            let isLate = MonotonicClock.now() >= deadline
            read()
            if let value = try condition() { return value }
            if isLate { throw failure(what) }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func failure(_ what: String) -> Failure {
        let state = end.map { "\($0)" } ?? "running"
        return Failure(
            description: "tchat \(arguments.joined(separator: " ")) (\(state)): no sign of \(what).\nOutput:\n"
                + lines.suffix(8).joined(separator: "\n") + "\nErrors:\n\(complaints.suffix(2000))")
    }

    private func takeLine() -> String? {
        guard taken < lines.count else { return nil }
        taken += 1
        return lines[taken - 1]
    }

    private func read() {
        partial += output.available()
        while let newline = partial.firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(String(decoding: partial[..<newline], as: UTF8.self))
            partial.removeFirst(newline + 1)
        }
        complaints += String(decoding: errors.available(), as: UTF8.self)
    }
}

extension ProgramRun {
    /// Both ends stay open here: a process that has ended then costs neither a signal nor an error.
    private struct Pipe {
        let reading: Int32
        let writing: Int32

        init(reading: Int32, writing: Int32) { (self.reading, self.writing) = (reading, writing) }

        init() throws {
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw Failure(description: "no pipe: \(errno)") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            self.init(reading: ends[0], writing: ends[1])
        }

        func available() -> [UInt8] {
            var all: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: 65_536)
            while reading >= 0 {
                let count = Glibc.read(reading, &piece, piece.count)
                guard count > 0 else { break }
                all += piece[..<count]
            }
            return all
        }

        func closeBoth() {
            for end in [reading, writing] where end >= 0 { close(end) }
        }
    }

    static let spawning = Mutex(())

    /// The program lies beside the test program: the build puts both into one folder.
    static let program: String = {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { room in
            room.assumingMemoryBound(to: CChar.self).baseAddress.map { readlink("/proc/self/exe", $0, room.count) } ?? 0
        }
        let path = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        return path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/tchat"
    }()

    private static func spawn(_ arguments: [String], _ environment: [String: String], _ pipes: (Pipe, Pipe, Pipe)) throws -> pid_t {
        // On our side nothing may block; the program sees plain pipes.
        for end in [pipes.0.writing, pipes.1.reading, pipes.2.reading] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, end) in [pipes.0.reading, pipes.1.writing, pipes.2.writing].enumerated() {
            posix_spawn_file_actions_adddup2(&actions, end, Int32(descriptor))
        }
        // A worker thread of the test program blocks signals, which a child would inherit.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var argv: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        // No TCHAT_ setting of whoever runs the tests; Swift's crash reporter would wait for a key.
        let all = ["PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no"].merging(environment) { $1 }
        var envp: [UnsafeMutablePointer<CChar>?] = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var process: pid_t = 0
        keepDescriptorsFromChildren()
        let result = posix_spawn(&process, program, &actions, &attributes, &argv, &envp)
        guard result == 0 else { throw Failure(description: "\(program) cannot be run: \(String(cString: strerror(result)))") }
        return process
    }
}
