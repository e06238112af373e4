import Signaling
import Testing

@testable import tchat

@Suite struct ServeOptionsTests {
    @Test(arguments: [
        ("90s", 90), ("30m", 1800), ("12h", 43_200), ("7d", 604_800), ("5", 5), ("1", 1), ("3650d", 315_360_000),
    ])
    func aTime(text: String, seconds: Int64) { #expect(DurationChoice(text)?.seconds == seconds) }

    @Test(arguments: ["", "h", "0", "0s", "-1", "+1", "1.5h", "2w", "1 h", "9999999999", "999999999d", "１h"])
    func noTime(text: String) { #expect(DurationChoice(text) == nil) }

    @Test(arguments: [
        ["--port", "65536"], ["--port", "-1"], ["--capacity", "1"], ["--capacity", "65"], ["--max-channels", "0"], ["--event-rate", "0"],
        ["--event-rate", "nan"], ["--event-burst", "0"], ["--join-rate", "1e9"], ["--host", ""], ["--turn-url", "turn:"],
        ["--turn-url", "turn://x"], ["--turn-url", "turn:user:password@x"], ["--turn-url", "stun:x"], ["--turn-url", "turn:a b"],
        ["--stun-url", "turn:x"], ["--stun-url", "stun:?x"], ["--trusted-proxy", "10.0.0.0/33"], ["--metrics-from", "host"],
        ["--turn-lifetime", "soon"], ["--log-format", "xml"], ["--max-connections", "0"], ["--max-address-connections", "1000001"],
        Array(repeating: "--stun-url=stun:x", count: 9),
    ])
    func isRefused(arguments: [String]) { #expect(throws: (any Error).self) { try ServeOptions.parse(arguments) } }

    @Test func isTaken() throws {
        let options = try ServeOptions.parse([
            "--host", "::", "--port", "0", "--capacity", "64", "--turn-url", "turn:turn.example.org:3478?transport=tcp", "--turn-url",
            "turns:turn.example.org", "--stun-url", "stun:stun.example.org", "--trusted-proxy", "10.0.0.0/8", "--trusted-proxy", "::1",
            "--turn-lifetime", "2h", "--event-rate", "0.5", "--log-format", "json", "--limit-loopback",
        ])
        #expect(options.turnUrl.count == 2 && options.trustedProxy.map(\.description) == ["10.0.0.0/8", "::1/128"])
        #expect(options.turnLifetime?.seconds == 7200 && options.eventRate == 0.5 && options.limitLoopback && !options.noPage)
    }

    @Test func whatIsSaidHereWinsOverWhatIsSaidThere() throws {
        let here = try ServeOptions.parse(["--port", "1", "--trusted-proxy", "10.0.0.1", "--no-page"])
        let there = try ServeOptions.parse([
            "--port", "2", "--host", "::", "--trusted-proxy", "10.0.0.2", "--metrics-from", "10.0.0.3", "--limit-loopback", "--log-file",
            "x",
        ])
        let all = here.over(there)
        #expect(all.port == 1 && all.host == "::" && all.noPage && all.limitLoopback && all.logFile == "x")
        #expect(all.trustedProxy == here.trustedProxy && all.metricsFrom == there.metricsFrom)
    }

    /// Every option by itself comes through.
    @Test(arguments: ConfigFile.serve.kinds.map(\.key))
    func nothingIsForgotten(key: String) throws {
        let text = "\(key) = \(ConfigFileTests.samples[key] ?? "\"x\"")"
        let there = try ConfigFile.serve.parse(text, name: "test").options
        let nothing = try ServeOptions.parse([])
        #expect("\(nothing.over(there))" == "\(there)" && "\(there.over(nothing))" == "\(there)", "\(key)")
        #expect("\(there)" != "\(nothing)", "\(key)")
    }
}
