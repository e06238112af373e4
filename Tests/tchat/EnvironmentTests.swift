import Testing

@testable import tchat

@Suite struct EnvironmentTests {
    private func arguments(_ typed: [String], _ environment: [String: String]) throws -> [String] {
        try Environment.arguments(typed: typed, environment: { environment[$0] })
    }

    @Test func nothingSetLeavesWhatWasTyped() throws {
        #expect(try arguments(["standup", "--json"], [:]) == ["call", "standup", "--json"])
        #expect(try arguments(["serve", "--port", "1"], [:]) == ["serve", "--port", "1"])
    }

    @Test func aSettingGoesInFrontSoThatWhatIsTypedWins() throws {
        #expect(try arguments(["standup", "--fps", "5"], ["TCHAT_FPS": "15"]) == ["call", "--fps=15", "standup", "--fps", "5"])
    }

    @Test(arguments: [("1", true), ("true", true), ("YES", true), ("0", false), ("", false), ("no", false)])
    func aFlagIsSetByAWordThatMeansYes(value: String, isSet: Bool) throws {
        #expect(try arguments(["x"], ["TCHAT_HEADLESS": value]).contains("--headless") == isSet)
    }

    @Test func serversInTheEnvironmentGiveWayToThoseTyped() throws {
        let environment = ["TCHAT_ICE_SERVER": "stun:a stun:b"]
        #expect(try arguments(["x"], environment) == ["call", "--ice-server=stun:a", "--ice-server=stun:b", "x"])
        #expect(try arguments(["x", "--ice-server", "none"], environment) == ["call", "x", "--ice-server", "none"])
    }

    @Test func aCommandTakesOnlyItsOwn() throws {
        #expect(try arguments(["serve"], ["TCHAT_FPS": "15", "TCHAT_PORT": "7"]) == ["serve", "--port=7"])
    }

    @Test func aServersListsGiveWayToThoseTyped() throws {
        let environment = ["TCHAT_TRUSTED_PROXY": "10.0.0.1 10.0.0.2", "TCHAT_NO_PAGE": "yes"]
        #expect(try arguments(["serve"], environment) == ["serve", "--trusted-proxy=10.0.0.1", "--trusted-proxy=10.0.0.2", "--no-page"])
        #expect(try arguments(["serve", "--trusted-proxy", "::1"], environment) == ["serve", "--no-page", "--trusted-proxy", "::1"])
    }

    @Test func helpAndVersionBelongToTheProgram() throws {
        for typed in ["--version", "--experimental-dump-help"] { #expect(try arguments([typed], ["TCHAT_FPS": "15"]) == [typed]) }
    }

    @Test(arguments: Environment.byCommand.keys.sorted())
    func everySettingIsAnOptionOfItsCommand(command: String) throws {
        for setting in Environment.byCommand[command] ?? [] {
            let value =
                [
                    "size": "320x240", "fps": "15", "bitrate": "500", "tone": "440", "render": "ascii", "color": "256", "fit": "cover",
                    "ice-server": "none", "ice-policy": "all", "seconds": "1", "timeout": "1", "port": "0", "frames": "3",
                    "log-level": "debug", "log-format": "json", "members": "2", "capacity": "4", "max-channels": "5", "turn-url": "turn:x",
                    "stun-url": "stun:x",
                    "turn-lifetime": "2h", "trusted-proxy": "10.0.0.0/8", "metrics-from": "10.0.0.1", "max-connections": "6",
                    "max-address-connections": "7", "event-rate": "8", "event-burst": "9", "address-event-rate": "10",
                    "address-event-burst": "11", "join-rate": "12", "join-burst": "13",
                    "camera": "test", "mic": "test", "speaker": "none", "quality": "exact", "tty-budget": "50", "brightness": "-3",
                    "contrast": "8", "lang": "ko", "key": "microphone=u", "screen": "80x24",
                ][setting.option] ?? "x"
            let typed = command == "call" ? [command, "channel"] : [command]
            // Not read here: it is no file.
            guard setting.option != "config" else { continue }
            let all = try arguments(typed, [setting.variable: [.flag, .choice].contains(setting.kind) ? "1" : value])
            #expect(all.count == typed.count + 1)
            _ = try Tchat.parseAsRoot(all.map { $0 == "--server=x" ? "--server=http://127.0.0.1:1" : $0 })
        }
    }

    @Test func aFlagOfTwoKindsCanBeSetEitherWay() throws {
        #expect(try arguments(["x"], ["TCHAT_FLIP": "yes"]) == ["call", "--flip", "x"])
        #expect(try arguments(["x"], ["TCHAT_FLIP": "0"]) == ["call", "--no-flip", "x"])
    }

    @Test func bindingsAddUp() throws {
        let all = try arguments(["x", "--key", "leave=z"], ["TCHAT_KEY": "microphone=u chat=z"])
        #expect(all == ["call", "--key=microphone=u", "--key=chat=z", "x", "--key", "leave=z"])
    }
}
