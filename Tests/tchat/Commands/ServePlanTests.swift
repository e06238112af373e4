import Glibc
import Primitives
import Signaling
import Testing

@testable import tchat

@Suite struct ServePlanTests {
    private let folder = TemporaryFolder()

    private func plan(_ arguments: [String]) throws -> ServePlan { try ServePlan(ServeOptions.parse(arguments)) }

    private func secret() -> String {
        let path = folder.write(Array("0123456789abcdef".utf8), as: "secret")
        chmod(path, 0o600)
        return path
    }

    @Test func nothingSaidIsTheServersOwnDefaults() throws {
        let plan = try plan([])
        #expect(plan.configuration.host == "127.0.0.1" && plan.configuration.port == 6125 && plan.configuration.servesPage)
        #expect(plan.configuration.limits == ServerLimits() && plan.configuration.channels.capacity == 8 && plan.warnings.isEmpty)
        #expect(
            plan.configuration.access.tokenSecret == nil && plan.configuration.access.turnSecret == nil && plan.configuration.tls == nil)
    }

    @Test func whatIsSaidArrives() throws {
        let path = secret()
        let configuration = try plan([
            "--host", "::", "--port", "7", "--capacity", "4", "--max-channels", "9", "--tls-cert", "c", "--tls-key", "k", "--token-secret",
            path,
            "--turn-url", "turn:x", "--turn-secret", path, "--turn-lifetime", "1h", "--stun-url", "stun:x", "--trusted-proxy", "10.0.0.0/8",
            "--metrics-from", "10.0.0.1", "--max-connections", "11", "--max-address-connections", "12", "--event-rate", "13",
            "--event-burst",
            "14", "--address-event-rate", "15", "--address-event-burst", "16", "--join-rate", "17", "--join-burst", "18",
            "--limit-loopback",
            "--no-page", "--conformance",
        ]).configuration
        #expect(configuration.host == "::" && configuration.port == 7 && configuration.tls == TLSFiles(certificate: "c", key: "k"))
        #expect(configuration.channels.capacity == 4 && configuration.channels.maximumChannels == 9)
        #expect(configuration.access.tokenSecret == Array("0123456789abcdef".utf8))
        #expect(configuration.access.turnSecret == Array("0123456789abcdef".utf8) && configuration.access.turnURLs == ["turn:x"])
        #expect(configuration.access.stunURLs == ["stun:x"] && configuration.access.turnLifetime == Interval.seconds(3600))
        #expect(configuration.trustedProxies.map(\.description) == ["10.0.0.0/8"])
        #expect(configuration.metricsReaders.map(\.description) == ["10.0.0.1/32"])
        var limits = ServerLimits()
        (limits.connections, limits.connectionsPerAddress, limits.countsLoopback) = (11, 12, true)
        limits.events = RateLimit(perSecond: 13, burst: 14)
        limits.addressEvents = RateLimit(perSecond: 15, burst: 16)
        limits.joins = RateLimit(perSecond: 17, burst: 18)
        #expect(configuration.limits == limits && !configuration.servesPage && configuration.isConformance)
    }

    @Test(arguments: [
        ["--tls-cert", "c"], ["--tls-key", "k"], ["--turn-url", "turn:x"], ["--turn-secret", "s"], ["--token-secret", "/nowhere"],
    ])
    func halfOfIt(arguments: [String]) { #expect(throws: PlainFailure.self) { try plan(arguments) } }

    @Test(arguments: [
        ([], false), (["--host", "localhost"], false), (["--host", "::1"], false), (["--host", "127.9.9.9"], false),
        (["--host", "0.0.0.0"], true), (["--host", "192.0.2.1"], true), (["--host", "0.0.0.0", "--no-page"], false),
        (["--host", "0.0.0.0", "--tls-cert", "c", "--tls-key", "k"], false), (["--host", "0.0.0.0", "--trusted-proxy", "10.0.0.1"], false),
    ])
    func warnsWhereBrowsersGiveNoCamera(arguments: [String], warns: Bool) throws {
        #expect(try plan(arguments).warnings.contains { $0.contains("https") } == warns)
    }

    @Test func warnsOfASecretThatOthersCanRead() throws {
        let path = secret()
        #expect(try plan(["--token-secret", path]).warnings.isEmpty)
        chmod(path, 0o644)
        #expect(try plan(["--token-secret", path]).warnings.count == 1)
    }

    @Test func saysWhatIsServed() throws {
        #expect(
            try plan(["--host", "0.0.0.0"]).announcement(port: 6125, hosts: ["192.0.2.1"]) == [
                "Signaling server at 0.0.0.0, port 6125. Ctrl-C stops it.", "A friend types:  tchat --server http://192.0.2.1:6125",
                "A browser opens:  http://192.0.2.1:6125/CHANNEL",
            ])
        let path = secret()
        let lines = try plan(["--host", "::", "--tls-cert", "c", "--tls-key", "k", "--token-secret", path, "--no-page"])
            .announcement(port: 443, hosts: ["chat.example.org", "2001:db8::1"])
        #expect(
            lines.dropFirst() == [
                "A friend types:  tchat --server https://chat.example.org", "A friend types:  tchat --server https://[2001:db8::1]",
                "Everybody needs a token:  tchat token --secret \(path) --channel CHANNEL --url https://chat.example.org",
            ])
    }
}
