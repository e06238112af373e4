import JSON
import MediaFiles
import MediaTypes
import Primitives
import Testing

/// Calls between processes of the built program, as people have them.
@Suite struct CallProcessTests {
    @Test func twoSeeAndHearEachOther() async throws {
        let meeting = try await Meeting()
        let first = try meeting.caller(["--tone", "440"])
        #expect(try await first.event("joined")["first"]?.boolValue == true)
        let second = try meeting.caller(["--tone", "880"])
        #expect(try await second.event("joined")["first"]?.boolValue == false)
        for run in [first, second] {
            _ = try await run.event("connected")
            let frame = try await run.event("first-frame")
            #expect(frame.number("width") == 160 && frame.number("height") == 120)
        }
        try await first.statistics { $0.isCall && $0.number("audio.toneHz") > 0 }
        try await second.statistics { $0.isCall && $0.number("audio.toneHz") > 0 }
        try await first.type("hangup")
        _ = try await second.event("peer-left")
        try await second.type("hangup")
        for (run, tone) in [(first, 880.0), (second, 440.0)] {
            #expect(try await run.ended() == .exited(0))
            #expect(run.complaints == "")
            try expectOrder(run)
            let summary = try #require(try run.events().last?.members)
            #expect(summary["ok"]?.boolValue == true)
            #expect(abs(summary.number("audio.toneHz") - tone) < 5)
            #expect(summary.number("audio.rms") > 0.01)
            #expect(summary.number("video.distinct") > 1)
            #expect(summary.number("video.sent") > 0 && summary.number("audio.sent") > 0)
            #expect(summary["transport"]?["pair"]?.stringValue?.hasPrefix("host-host") == true)
            #expect(summary.number("setup.joinMs") <= summary.number("setup.readyMs"))
            #expect(summary.number("setup.readyMs") <= summary.number("setup.connectedMs"))
            #expect(summary.number("setup.connectedMs") <= summary.number("setup.firstFrameMs"))
            #expect(summary.number("peakRSSKB") > 0)
        }
    }

    /// Every line is JSON with `event` and `t`, times do not go back, and what must come before something does.
    private func expectOrder(_ run: ProgramRun) throws {
        let events = try run.events()
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.t <= $1.t })
        let names = events.map(\.name)
        let order = try ["joined", "ready", "connected", "first-frame", "summary"].map { try #require(names.firstIndex(of: $0)) }
        #expect(order == order.sorted(), "\(names)")
        #expect(names.count { $0 == "summary" } == 1 && names.last == "summary")
    }

    @Test func aMutedMicrophoneIsDigitalSilence() async throws {
        let meeting = try await Meeting()
        let folder = TemporaryFolder()
        let listener = try meeting.caller(["--audio-out", folder.file("heard.wav")])
        let speaker = try meeting.caller(["--tone", "440"])
        func hear(_ what: String, _ condition: ([Int16]) -> Bool) async throws {
            _ = try await listener.wait(what) {
                folder.newestSound("heard.wav", milliseconds: 300).flatMap { condition($0) ? true : nil }
            }
        }
        try await hear("the tone") { abs(crossings($0) - 440) < 8 }
        try await speaker.type("mute")
        try await hear("silence", isSilent)
        // Silence is sent: the call goes on.
        let before = try await listener.statistics { _ in true }.number("audio.received")
        try await listener.statistics { $0.number("audio.received") > before + 20 }
        #expect(folder.newestSound("heard.wav", milliseconds: 300).map(isSilent) == true)
        try await speaker.type("unmute")
        try await hear("the tone again") { abs(crossings($0) - 440) < 8 }
        try await listener.type("hangup")
        try await listener.ended()
        let file = try WAVReader(path: folder.file("heard.wav"), looped: false, paced: false)
        var block = [Int16](repeating: 0, count: 48_000)
        #expect(try file.read(into: &block))
    }

    @Test func aCameraSwitchedOffSendsNothing() async throws {
        let meeting = try await Meeting()
        let watcher = try meeting.caller()
        let shown = try meeting.caller()
        try await watcher.statistics { $0.number("video.decoded") > 5 }
        try await shown.type("camera off")
        // Half a second of sound without a picture.
        var last = try await watcher.statistics { _ in true }
        try await watcher.statistics { now in
            if now.number("video.decoded") > last.number("video.decoded") { last = now }
            return now.number("audio.received") > last.number("audio.received") + 25
        }
        try await shown.type("camera on")
        try await watcher.statistics { $0.number("video.decoded") > last.number("video.decoded") + 5 }
    }

    @Test func neitherCameraNorMicrophoneIsStillACall() async throws {
        let meeting = try await Meeting()
        let silent = try meeting.caller(["--camera", "none", "--mic", "none"])
        let other = try meeting.caller()
        _ = try await other.event("connected")
        try await silent.statistics { $0.isCall }
        try await silent.type("hangup")
        #expect(try await silent.ended() == .exited(0))
        let summary = try #require(try silent.events().last?.members)
        #expect(summary["ok"]?.boolValue == true)
        #expect(summary.number("video.sent") == 0 && summary.number("audio.sent") == 0)
        _ = try await other.event("peer-left")
        try await other.type("hangup")
        #expect(try await other.ended() == .exited(1))
        #expect(try other.events().last?.members["ok"]?.boolValue == false)
        #expect(other.complaints.contains("."))
    }

    @Test func aFileIsACamera() async throws {
        let meeting = try await Meeting()
        let folder = TemporaryFolder()
        let film = try Y4MWriter(path: folder.file("film.y4m"), framesPerSecond: 10)
        for number in 0..<10 {
            // Bright, with a dark bar that walks.
            var bytes = [UInt8](repeating: 180, count: 96 * 64) + [UInt8](repeating: 128, count: 96 * 64 / 2)
            for y in 0..<64 { for x in 0..<8 { bytes[y * 96 + number * 8 + x] = 30 } }
            let frame = try #require(I420Frame(width: 96, height: 64, bytes: bytes, time: .zero))
            film.write(frame)
        }
        film.close()
        let watcher = try meeting.caller(["--video-out", folder.file("seen.y4m")])
        let player = try meeting.caller(["--camera", folder.file("film.y4m")])
        try await watcher.statistics { $0.number("video.distinct") > 5 }
        try await watcher.type("hangup")
        try await watcher.ended()
        try await player.type("hangup")
        let summary = try #require(try watcher.events().last?.members)
        #expect(summary.number("video.width") == 96 && summary.number("video.height") == 64)
        let expected = (180.0 * 88 + 30 * 8) / 96
        #expect(abs(summary.number("video.meanLuma") - (expected - 16) * 255 / 219) < 12)
        let seen = try Y4MReader(path: folder.file("seen.y4m"), looped: false, paced: false)
        let frame = try #require(try seen.next())
        #expect(frame.width == 96 && frame.height == 64)
    }

    @Test func theEnvironmentSetsWhatIsNotTyped() async throws {
        let meeting = try await Meeting()
        let folder = TemporaryFolder()
        let listener = try meeting.caller()
        let environment = [
            "TCHAT_SERVER": meeting.url, "TCHAT_HEADLESS": "1", "TCHAT_JSON": "yes", "TCHAT_ICE_SERVER": "none", "TCHAT_LOOPBACK": "true",
            "TCHAT_SIZE": "128x96", "TCHAT_FPS": "15", "TCHAT_TONE": "660", "TCHAT_LOG_FILE": folder.file("log"),
        ]
        let run = try ProgramRun(["room", "--tone", "990"], environment: environment)
        let heard = try await listener.statistics { $0.number("audio.toneHz") > 0 && $0.number("video.decoded") > 0 }
        #expect(abs(heard.number("audio.toneHz") - 990) < 5)
        #expect(heard.number("video.width") == 128 && heard.number("video.height") == 96)
        try await run.type("hangup")
        try await run.ended()
        #expect(!(try run.events().isEmpty))
        #expect(String(decoding: folder.read("log"), as: UTF8.self).contains("connected"))
    }

    @Test func theDemoIsACallWithItself() async throws {
        let run = try ProgramRun(["demo", "--headless", "--seconds", "4", "--json", "--size", "160x120", "--fps", "15"])
        #expect(try await run.ended() == .exited(0))
        try expectOrder(run)
        let events = try run.events()
        let summary = try #require(events.last)
        #expect(summary.members["ok"]?.boolValue == true)
        // `--seconds` counts from the connection.
        #expect(Double(summary.t) - summary.members.number("setup.connectedMs") >= 3999)
    }
}
