import Glibc
import JSON
import Testing

/// Ends of calls: asked for, sudden, or before anybody came.
@Suite struct LeavingProcessTests {
    /// Two that are connected, with a picture.
    private func call(_ meeting: Meeting) async throws -> (ProgramRun, ProgramRun) {
        let pair = (try meeting.caller(), try meeting.caller())
        for run in [pair.0, pair.1] { _ = try await run.event("first-frame") }
        return pair
    }

    @Test func whoStaysWaitsForTheNext() async throws {
        let meeting = try await Meeting()
        let (first, second) = try await call(meeting)
        try await first.statistics { $0.isCall }
        try await first.type("hangup")
        #expect(try await first.ended() == .exited(0))
        let left = try await second.event("peer-left")
        #expect(left["reason"]?.stringValue?.isEmpty == false)
        let third = try meeting.caller(["--tone", "880"])
        _ = try await second.event("connected")
        _ = try await second.event("first-frame")
        _ = try await third.event("first-frame")
        try await third.statistics { $0.isCall }
        try await third.type("hangup")
        #expect(try await third.ended() == .exited(0))
    }

    @Test func aKilledProcessLeavesItsPlaceToTheNext() async throws {
        let meeting = try await Meeting()
        let (killed, other) = try await call(meeting)
        killed.signal(SIGKILL)
        #expect(try await killed.ended() == .killed(by: SIGKILL))
        _ = try await other.event("peer-left")
        let third = try meeting.caller()
        _ = try await third.event("first-frame")
        _ = try await other.event("connected")
        try await other.statistics { $0.isCall }
        try await other.type("hangup")
        #expect(try await other.ended() == .exited(0))
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
    func aSignalEndsACallInGoodOrder(number: Int32) async throws {
        let meeting = try await Meeting()
        let (asked, other) = try await call(meeting)
        try await asked.statistics { $0.isCall }
        // The end of input means nothing.
        asked.endInput()
        let before = try await other.statistics { _ in true }.number("audio.received")
        try await other.statistics { $0.number("audio.received") > before + 10 }
        asked.signal(number)
        #expect(try await asked.ended() == .exited(0))
        #expect(try asked.events().last?.name == "summary")
        // Told, not guessed from seconds of silence.
        let reason = try await other.event("peer-left")["reason"]?.stringValue ?? ""
        #expect(!reason.contains("seconds"), "\(reason)")
    }

    @Test func nobodyComes() async throws {
        let meeting = try await Meeting()
        let run = try ProgramRun(["room", "--server", meeting.url, "--headless", "--ice-server", "none", "--timeout", "1"])
        #expect(try await run.ended() == .exited(1))
        expectSentences(run.complaints)
        #expect(run.complaints.contains("1 second"))
        #expect(run.lines.first?.contains("room") == true)
    }

    @Test func aServerThatIsNotThere() async throws {
        // A port that was free a moment ago.
        let meeting = try await Meeting()
        meeting.server.signal(SIGTERM)
        #expect(try await meeting.server.ended() == .exited(0))
        let run = try meeting.caller(["--timeout", "1"])
        #expect(try await run.ended() == .exited(1))
        expectSentences(run.complaints, count: 2)
        #expect(run.complaints.contains(meeting.url))
        let names = try run.events().map(\.name)
        #expect(names.contains("error") && names.last == "summary")
    }

    @Test func whatMakesNoSenseOnStandardInputIsRefused() async throws {
        let meeting = try await Meeting()
        let run = try meeting.caller()
        _ = try await run.event("joined")
        try await run.type("\u{1b}]0;title\u{7}\u{1b}[2J\u{0}")
        try await run.type(String(repeating: "mute ", count: 200_000))
        try await run.type("dance")
        for _ in 0..<200 { try await run.type("\r\n\t", newline: true) }
        try await run.statistics { _ in true }
        try await run.type("hangup")
        #expect(try await run.ended() == .exited(1))
        _ = try run.events()
        #expect(run.complaints.contains("dance"))
        #expect(run.complaints.utf8.count < 4000)
        #expect(!run.complaints.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
    }
}

/// Lines for a person on standard error, as many at the most.
func expectSentences(_ complaints: String, count: Int = 1, sourceLocation: SourceLocation = #_sourceLocation) {
    let lines = complaints.split(separator: "\n")
    #expect((1...count).contains(lines.count), "\(complaints)", sourceLocation: sourceLocation)
    for line in lines {
        #expect(line.hasPrefix("tchat: ") && (line.hasSuffix(".") || line.hasSuffix("?")), "\(line)", sourceLocation: sourceLocation)
    }
}
