import Glibc
import JSON
import MediaFiles
import Testing

/// Calls of three, between processes of the built program.
@Suite struct GroupProcessTests {
    private static let tones = ["ana": 440.0, "bo": 660, "cy": 880]

    private func caller(_ name: String, at meeting: Meeting, _ options: [String] = []) throws -> ProgramRun {
        try meeting.caller(["--name", name, "--tone", "\(Self.tones[name] ?? 500)"] + options)
    }

    /// Three that see each other.
    private func call(_ meeting: Meeting, _ options: [String] = []) async throws -> [String: ProgramRun] {
        var runs: [String: ProgramRun] = [:]
        for name in Self.tones.keys.sorted() {
            let run = try caller(name, at: meeting, options)
            _ = try await run.event("joined")
            runs[name] = run
        }
        for run in runs.values { for _ in 0..<2 { _ = try await run.event("first-frame") } }
        return runs
    }

    /// What came from one member, of the connection that is there.
    private func member(_ name: String, in statistics: JSONValue) -> JSONValue? {
        statistics["members"]?.arrayValue?.last { $0["name"]?.stringValue == name && $0["connected"]?.boolValue == true }
    }

    @Test func threeSeeAndHearEachOther() async throws {
        let meeting = try await Meeting()
        let runs = try await call(meeting)
        for (name, run) in runs {
            let others = Self.tones.filter { $0.key != name }
            let statistics = try await run.statistics { now in
                others.allSatisfy { other in
                    guard let seen = member(other.key, in: now) else { return false }
                    return seen.number("video.decoded") > 15 && abs(seen.number("audio.toneHz") - other.value) < 8
                }
            }
            for other in others.keys {
                let seen = try #require(member(other, in: statistics))
                #expect(seen["pair"]?.stringValue?.hasPrefix("host-host") == true && seen.number("video.distinct") > 5)
                #expect(seen.number("audio.rms") > 0.05 && seen.number("audio.received") > 20)
            }
            // One encoder for everybody: each picture is sent twice and encoded once.
            let encoded = statistics["rtc"]?.arrayValue?.filter {
                $0["type"]?.stringValue == "outbound-rtp" && $0["kind"]?.stringValue == "video"
            }
            .map { $0.number("framesEncoded") }
            #expect(encoded?.count == 2 && Set(encoded ?? []).count == 1)
            #expect((encoded?.first ?? 0) <= Double(statistics.number("t")) / 1000 * 15 + 15)
            let ids = try #require(statistics["rtc"]?.arrayValue?.compactMap { $0["id"]?.stringValue })
            #expect(Set(ids).count == ids.count)
        }
        try await runs["ana"]?.type("say hello")
        for (name, run) in runs where name != "ana" {
            let line = try await run.event("chat")
            #expect(line["name"]?.stringValue == "ana" && line["text"]?.stringValue == "hello" && line["from"]?.stringValue == "them")
        }
        for run in runs.values {
            try await run.type("hangup")
            #expect(try await run.ended() == .exited(0))
        }
    }

    @Test func whoLeavesOrDiesDisturbsNobodyAndMayComeBack() async throws {
        let meeting = try await Meeting()
        let folder = TemporaryFolder()
        let ana = try caller("ana", at: meeting, ["--record", folder.file("ana")])
        _ = try await ana.event("joined")
        let bo = try caller("bo", at: meeting)
        _ = try await ana.event("first-frame")
        var cy = try caller("cy", at: meeting)
        #expect(try await ana.event("first-frame")["name"]?.stringValue == "cy")
        try await ana.statistics { (member("cy", in: $0)?.number("video.decoded") ?? 0) > 5 }
        cy.signal(SIGKILL)
        #expect(try await ana.event("peer-left")["name"]?.stringValue == "cy")
        #expect(try await ana.event("member-left")["reason"]?.stringValue == "cy is gone.")
        cy = try caller("cy", at: meeting)
        #expect(try await ana.event("member-joined")["name"]?.stringValue == "cy")
        #expect(try await ana.event("first-frame")["name"]?.stringValue == "cy")
        let before = member("bo", in: try await ana.statistics { _ in true })?.number("video.decoded") ?? 0
        try await cy.type("hangup")
        #expect(try await ana.event("member-left")["reason"]?.stringValue == "cy left.")
        try await ana.statistics { (member("bo", in: $0)?.number("video.decoded") ?? 0) > before + 10 }
        #expect(try ana.events().filter { $0.name == "peer-left" && $0.members["name"]?.stringValue == "bo" }.isEmpty)
        for run in [ana, bo] { try await run.type("hangup") }
        #expect(try await ana.ended() == .exited(0))
        for name in ["bo", "cy", "cy-2"] {
            let film = try Y4MReader(path: folder.file("ana/\(name).y4m"), looped: false, paced: false)
            #expect(try film.next() != nil)
            let sound = try WAVReader(path: folder.file("ana/\(name).wav"), looped: false, paced: false)
            var block = [Int16](repeating: 0, count: 9600)
            #expect(try sound.read(into: &block))
        }
    }

    @Test func aCallOutlivesTheServersProcess() async throws {
        let meeting = try await Meeting()
        let runs = try await call(meeting)
        meeting.server.signal(SIGKILL)
        for run in runs.values {
            _ = try await run.wait("word of the server's end") {
                run.complaints.contains("the call goes on, nobody new can join") ? true : nil
            }
        }
        guard let ana = runs["ana"] else { return }
        let before = try await ana.statistics { _ in true }
        try await ana.statistics { now in
            ["bo", "cy"].allSatisfy {
                (member($0, in: now)?.number("video.decoded") ?? 0) > (member($0, in: before)?.number("video.decoded") ?? 0) + 10
            }
        }
        let server = try ProgramRun(["serve", "--port", "\(meeting.port)"])
        for run in runs.values {
            _ = try await run.wait("the way back") { try run.events().count { $0.name == "joined" } == 2 ? true : nil }
        }
        // Whoever comes now finds everybody.
        let dee = try meeting.caller(["--name", "dee", "--members", "3"])
        for _ in 0..<3 { _ = try await dee.event("first-frame") }
        for run in runs.values {
            let ends = try run.events().filter { ["peer-left", "member-left"].contains($0.name) }
            #expect(ends.map { "\($0.t) \($0.members["reason"]?.stringValue ?? "")" } == [])
        }
        try await dee.type("hangup")
        try await dee.ended()
        server.signal(SIGTERM)
        #expect(try await server.ended() == .exited(0))
    }

    @Test func aChannelAsksForItsPassword() async throws {
        let meeting = try await Meeting()
        let first = try meeting.caller(["--password", "opensesame", "--capacity", "2"])
        _ = try await first.event("joined")
        for (options, word) in [([], "--password"), (["--password", "wrong"], "password")] {
            let run = try meeting.caller(options)
            #expect(try await run.ended() == .exited(1))
            #expect(run.complaints.contains(word) && !run.complaints.contains("opensesame"), "\(run.complaints)")
            expectSentences(run.complaints)
        }
        let second = try meeting.caller([], environment: ["TCHAT_PASSWORD": "opensesame"])
        _ = try await second.event("connected")
        let third = try meeting.caller(["--password", "opensesame"])
        #expect(try await third.ended() == .exited(1))
        #expect(third.complaints.contains("full"), "\(third.complaints)")
    }

    @Test func tooFewOthersAreCounted() async throws {
        let meeting = try await Meeting()
        let first = try meeting.caller(["--members", "2", "--timeout", "30"])
        _ = try await first.event("joined")
        let second = try meeting.caller()
        #expect(try await first.ended() == .exited(1))
        #expect(first.complaints.contains("Only 1 of 2 others was connected"), "\(first.complaints)")
        try await second.type("hangup")
    }
}
