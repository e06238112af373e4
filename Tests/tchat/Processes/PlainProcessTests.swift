import Glibc
import JSON
import Testing

/// `--plain`: the program with neither a screen nor a terminal, between lines in and lines out.
@Suite struct PlainProcessTests {
    private func plain(_ meeting: Meeting, _ arguments: [String], environment: [String: String] = [:]) throws -> ProgramRun {
        let common = ["--plain", "--server", meeting.url, "--ice-server", "none", "--loopback", "--camera", "test", "--mic", "test"]
        let small = ["--speaker", "none", "--size", "160x120", "--fps", "15", "--bitrate", "200"]
        return try ProgramRun(arguments + common + small, environment: ["TERM": "dumb"].merging(environment) { $1 })
    }

    private func line(_ text: String, of run: ProgramRun) async throws {
        _ = try await run.wait("the line \(text)") { run.lines.contains { $0.contains(text) } ? true : nil }
    }

    @Test func aCallInLines() async throws {
        let meeting = try await Meeting()
        let other = try meeting.caller(["--name", "수진\u{1b}[2J\u{202e}"])
        _ = try await other.event("joined")
        let run = try plain(meeting, [])
        try await line("1  room: 1 of 8", of: run)
        try await run.type("/1")
        try await line("connected, direct", of: run)
        try await line("words: ", of: run)
        try await run.type("hello from a line")
        try await line("you: hello from a line", of: run)
        let chat = try await other.event("chat")
        #expect(chat["text"]?.stringValue == "hello from a line")
        try await other.type("say \u{1b}[31mred\u{7} text")
        try await line("red", of: run)
        try await other.type("camera off")
        try await line("camera off", of: run)
        try await run.type("/m")
        try await line("Your microphone is off", of: run)
        _ = try await other.wait("the muted microphone") {
            try other.events().first { $0.name == "peer-media" && $0.members["microphone"]?.boolValue == false }
        }
        try await run.type("/i")
        try await line("kb/s", of: run)
        try await run.type("/q")
        try await line("The call is over.", of: run)
        _ = try await other.event("member-left")
        try await run.type("/quit")
        #expect(try await run.ended() == .exited(0))
        let all = run.lines.joined(separator: "\n")
        #expect(!all.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x202e } && run.complaints.isEmpty)
        // Each with the time.
        #expect(run.lines.allSatisfy { $0.dropFirst(2).first == ":" && $0.prefix(2).allSatisfy(\.isNumber) }, "\(all)")
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
    func aSignalLeavesInGoodOrder(number: Int32) async throws {
        let meeting = try await Meeting()
        let other = try meeting.caller()
        _ = try await other.event("joined")
        let run = try plain(meeting, ["room"])
        // The end of the input is not the end of a call.
        run.endInput()
        try await line("connected, direct", of: run)
        run.signal(number)
        #expect(try await run.ended() == .exited(0))
        _ = try await other.event("peer-left")
    }

    @Test func aPasswordIsAskedForAndNeverShown() async throws {
        let meeting = try await Meeting()
        let other = try meeting.caller(["--password", "opensesame"])
        _ = try await other.event("joined")
        let run = try plain(meeting, ["room"], environment: ["LANG": "ko_KR.UTF-8"])
        try await line("room 채널은 비밀번호가 필요함", of: run)
        try await run.type("wrongword")
        _ = try await run.wait("being asked again") { run.lines.count { $0.contains("비밀번호가 필요함") } == 2 ? true : nil }
        try await run.type("opensesame")
        try await line("room 참가함", of: run)
        try await run.type("/quit")
        #expect(try await run.ended() == .exited(0))
        #expect(!run.lines.contains { $0.contains("opensesame") || $0.contains("wrongword") })
    }

    /// Nor does what is switched off in the lobby come on by joining.
    @Test func aPasswordFromTheStartLocksNoNewChannelAndIsTriedWhereOneIsAskedFor() async throws {
        let meeting = try await Meeting()
        let keeper = try meeting.caller(["--password", "opensesame"])
        _ = try await keeper.event("joined")
        let run = try plain(meeting, ["--password", "opensesame"])
        try await line("room: 1", of: run)
        try await run.type("/m")
        try await line("Your microphone is off", of: run)
        try await run.type("/join room")
        try await line("Joined room", of: run)
        _ = try await keeper.wait("the muted microphone") {
            try keeper.events().first { $0.name == "peer-media" && $0.members["microphone"]?.boolValue == false }
        }
        #expect(!(try keeper.events().contains { $0.name == "peer-media" && $0.members["microphone"]?.boolValue == true }))
        keeper.signal(SIGTERM)
        _ = try await keeper.ended()
        try await run.type("/q")
        try await line("The call is over.", of: run)
        try await line("room: nobody any more", of: run)
        try await run.type("/join room")
        _ = try await run.wait("a second join") { run.lines.count { $0.contains("Joined room") } == 2 ? true : nil }
        let guest = try meeting.caller()
        _ = try await guest.event("joined")
        try await run.type("/quit")
        #expect(try await run.ended() == .exited(0))
        #expect(!run.lines.contains { $0.contains("opensesame") })
    }

    @Test func theChannelThatIsNamedWithAPasswordIsLockedWithIt() async throws {
        let meeting = try await Meeting()
        let run = try plain(meeting, ["room", "--password", "opensesame"])
        try await line("Joined room", of: run)
        let guest = try meeting.caller()
        #expect(try await guest.ended() == .exited(1))
        #expect(guest.complaints.contains("password"))
        try await run.type("/quit")
        #expect(try await run.ended() == .exited(0))
    }

    @Test func inALobbyWithoutInputThereIsNothingToDo() async throws {
        let meeting = try await Meeting()
        let run = try plain(meeting, [])
        run.endInput()
        #expect(try await run.ended() == .exited(0))
    }

    /// Options and keys from the person's own file.
    @Test func theFilesKeysAndLanguageCount() async throws {
        let meeting = try await Meeting()
        let folder = TemporaryFolder()
        let path = folder.write(Array("lang = \"ko\"\nplain = true\n[keys]\nmicrophone = \"u\"\n".utf8), as: "config.toml")
        let run = try ProgramRun(
            ["room", "--server", meeting.url, "--ice-server", "none", "--camera", "test", "--mic", "test", "--speaker", "none"],
            environment: ["TCHAT_CONFIG": path])
        try await line("room에서 상대를 기다리는 중", of: run)
        try await run.type("/m")
        try await line("/m 명령 없음", of: run)
        try await run.type("/u")
        try await line("내 마이크 꺼짐", of: run)
        run.signal(SIGTERM)
        #expect(try await run.ended() == .exited(0))
    }

    @Test func aBrokenFileIsASentence() async throws {
        let folder = TemporaryFolder()
        let path = folder.write(Array("[keys]\nchat = \"F1\"\n".utf8), as: "config.toml")
        let run = try ProgramRun(["room", "--plain", "--config", path])
        #expect(try await run.ended() == .exited(1))
        #expect(run.complaints.hasPrefix("tchat: \(path), line 2: \"F1\" is no key that can be bound;"))
    }
}
