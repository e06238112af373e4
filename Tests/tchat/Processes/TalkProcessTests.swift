import JSON
import Testing

/// What the two programs tell each other besides media, between processes of the built program.
@Suite struct TalkProcessTests {
    /// The first event of this name, whatever came before or after it.
    private func first(_ name: String, of run: ProgramRun) async throws -> JSONValue {
        try await run.wait("the event \(name)") { try run.events().first { $0.name == name }?.members }
    }

    private func words(_ run: ProgramRun) async throws -> String {
        let event = try await first("verification", of: run)
        #expect(event["state"]?.stringValue == "words")
        return event["words"]?.stringValue ?? ""
    }

    @Test func bothShowTheSameWordsAndReadEachOther() async throws {
        let meeting = try await Meeting()
        let ana = try meeting.caller(["--name", "ana"])
        _ = try await ana.event("joined")
        let bo = try meeting.caller(["--name", "수진"])
        let shown = (try await words(ana), try await words(bo))
        #expect(shown.0 == shown.1 && shown.0.split(separator: "-").count == 4)
        #expect(try await first("known-peer", of: ana)["state"]?.stringValue == "first-seen")
        try await ana.type("say hello \u{7}there")
        #expect(try await first("chat", of: bo)["text"]?.stringValue == "hello there")
        try await bo.type("mute")
        _ = try await ana.wait("the muted microphone") {
            try ana.events().first { $0.name == "peer-media" && $0.members["microphone"]?.boolValue == false }
        }
    }

    /// The same two folders in a second call; then somebody else under a name that is known.
    @Test func aKeptKeyIsKnownAgainAndAnotherOneIsTold() async throws {
        let meeting = try await Meeting()
        let homes = (StateHome(), StateHome(), StateHome())
        func state(_ one: StateHome, _ other: StateHome) async throws -> JSONValue {
            let ana = try meeting.caller(["--name", "ana"], environment: ["XDG_STATE_HOME": one.path])
            _ = try await ana.event("joined")
            let bo = try meeting.caller(["--name", "bo"], environment: ["XDG_STATE_HOME": other.path])
            let event = try await first("known-peer", of: ana)
            for run in [ana, bo] {
                try await run.type("hangup")
                _ = try await run.ended()
            }
            return event
        }
        #expect(try await state(homes.0, homes.1)["state"]?.stringValue == "first-seen")
        let known = try await state(homes.0, homes.1)
        #expect(known["state"]?.stringValue == "known" && known["verified"]?.boolValue == false)
        #expect(try await state(homes.0, homes.2)["state"]?.stringValue == "changed")
    }

    @Test func aKeyForOneRunIsNotRemembered() async throws {
        let meeting = try await Meeting()
        let ana = try meeting.caller(["--name", "ana"])
        _ = try await ana.event("joined")
        let bo = try meeting.caller(["--name", "bo", "--ephemeral"])
        #expect(try await first("known-peer", of: ana)["state"]?.stringValue == "unnamed")
        try await bo.type("hangup")
    }

    @Test func mediaGoesOnThroughAnICERestart() async throws {
        let meeting = try await Meeting()
        let first = try meeting.caller()
        _ = try await first.event("joined")
        let second = try meeting.caller()
        try await first.statistics { $0.number("video.decoded") > 5 }
        let before = try await self.first("path", of: first)["pair"]?.stringValue
        try await first.type("restart")
        let decoded = try await first.statistics { _ in true }.number("video.decoded")
        try await first.statistics { $0.number("video.decoded") > decoded + 20 }
        #expect(before?.hasPrefix("host-host") == true)
        try await second.type("hangup")
        #expect(try first.events().contains { $0.name == "peer-left" } == false)
    }

    @Test func thePictureFollowsTheOtherSidesScreen() async throws {
        let meeting = try await Meeting()
        let watcher = try meeting.caller(["--screen", "20x10"])
        _ = try await watcher.event("joined")
        let sender = try meeting.caller(["--size", "640x480", "--bitrate", "1000"])
        try await watcher.statistics { (1..<640).contains($0.number("video.width")) }
        try await watcher.type("screen 400x120")
        try await watcher.statistics { $0.number("video.width") == 640 }
        try await sender.type("hangup")
    }
}
