import Glibc
import Testing

/// What cannot be done is said in a sentence, with the exit status that shells and scripts expect.
@Suite struct RefusalProcessTests {
    @Test(arguments: [
        ["room", "--headless", "--size", "10x10"], ["room", "--headless", "--size", "640"], ["--headless"],
        ["room", "--headless", "--ice-policy", "relay"], ["room", "--headless", "--ice-server", "stun:"],
        ["room", "--fps", "0"], ["room", "--tone", "5"], ["room", "--bitrate", "x"], ["room", "--seconds", "-1"],
        ["room", "--server", "not a url"], ["room", "--camera", "sofa"], ["room", "--nonsense"], ["a", "b"],
        ["serve", "--port", "65536"], ["mirror", "--frames", "0"], [String(repeating: "x", count: 65), "--headless"],
    ])
    func badUsage(arguments: [String]) async throws {
        let run = try ProgramRun(arguments)
        #expect(try await run.ended() == .exited(64))
        #expect(run.complaints.hasPrefix("Error: ") && run.lines.isEmpty, "\(run.complaints)")
    }

    @Test func badUsageInTheEnvironment() async throws {
        let run = try ProgramRun(["room", "--headless"], environment: ["TCHAT_SIZE": "1x1"])
        #expect(try await run.ended() == .exited(64))
        #expect(run.complaints.contains("1x1"))
    }

    /// Name, content, what the sentence has to say.
    static let brokenFiles: [(String, String, [String])] = [
        ("text.y4m", "not a film", ["text.y4m"]),
        ("short.y4m", "YUV4MPEG2 W64 H48 F15:1 C420jpeg\nFRAME\nabc", ["short.y4m", "frame 1"]),
        ("huge.y4m", "YUV4MPEG2 W99999999 H99999999 F15:1\nFRAME\n", ["huge.y4m"]),
        ("empty.y4m", "", ["empty.y4m"]),
        ("text.wav", "not a sound at all, far from it", ["text.wav", "RIFF"]),
        ("short.wav", "RIFF\u{24}\u{0}\u{0}\u{0}WAVEfmt ", ["short.wav", "byte"]),
        ("empty.wav", "", ["empty.wav"]),
    ]

    @Test(arguments: brokenFiles)
    func brokenFile(name: String, content: String, parts: [String]) async throws {
        let folder = TemporaryFolder()
        let path = folder.write(Array(content.utf8), as: name)
        let option = name.hasSuffix(".wav") ? "--mic" : "--camera"
        let run = try ProgramRun(["room", "--server", "http://127.0.0.1:1", "--headless", "--json", option, path])
        #expect(try await run.ended() == .exited(1))
        expectSentences(run.complaints)
        for part in parts { #expect(run.complaints.lowercased().contains(part.lowercased()), "\(run.complaints)") }
    }

    @Test(arguments: [
        ["--camera", "/nowhere/film.y4m"], ["--mic", "/nowhere/sound.wav"], ["--camera", "/dev/video99"],
        ["--video-out", "/nowhere/seen.y4m"], ["--audio-out", "/nowhere/heard.wav"], ["--log-file", "/nowhere/log"],
    ])
    func whatIsNotThere(options: [String]) async throws {
        let run = try ProgramRun(["room", "--server", "http://127.0.0.1:1", "--headless"] + options)
        #expect(try await run.ended() == .exited(1))
        expectSentences(run.complaints)
        #expect(run.complaints.contains(options[1].split(separator: "/").last ?? ""), "\(run.complaints)")
    }

    @Test func aBusyPort() async throws {
        let meeting = try await Meeting()
        let run = try ProgramRun(["serve", "--port", "\(meeting.port)"])
        #expect(try await run.ended() == .exited(1))
        expectSentences(run.complaints)
        #expect(run.complaints.contains("\(meeting.port)"))
    }

    /// Neither input nor output is a terminal here.
    @Test(arguments: [[], ["room"], ["demo"], ["mirror", "--camera", "test"]])
    func noTerminal(arguments: [String]) async throws {
        let server = arguments == ["room"] || arguments.isEmpty ? ["TCHAT_SERVER": "http://127.0.0.1:1"] : [:]
        let run = try ProgramRun(arguments, environment: server)
        #expect(try await run.ended() == .exited(1))
        expectSentences(run.complaints)
        #expect(run.lines.isEmpty)
    }

    @Test(arguments: [["--version"], ["--help"], ["serve", "--help"], ["devices"]])
    func answers(arguments: [String]) async throws {
        let run = try ProgramRun(arguments)
        #expect(try await run.ended() == .exited(0))
        #expect(!run.lines.isEmpty)
    }
}
