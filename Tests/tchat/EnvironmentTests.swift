import Testing

@testable import tchat

@Suite struct EnvironmentTests {
    private func arguments(_ typed: [String], _ environment: [String: String]) -> [String] {
        Environment.arguments(typed: typed, environment: { environment[$0] })
    }

    @Test func nothingSetLeavesWhatWasTyped() {
        #expect(arguments(["standup", "--json"], [:]) == ["call", "standup", "--json"])
        #expect(arguments(["serve", "--port", "1"], [:]) == ["serve", "--port", "1"])
    }

    @Test func aSettingGoesInFrontSoThatWhatIsTypedWins() {
        #expect(arguments(["standup", "--fps", "5"], ["TCHAT_FPS": "15"]) == ["call", "--fps=15", "standup", "--fps", "5"])
    }

    @Test(arguments: [("1", true), ("true", true), ("YES", true), ("0", false), ("", false), ("no", false)])
    func aFlagIsSetByAWordThatMeansYes(value: String, isSet: Bool) {
        #expect(arguments(["x"], ["TCHAT_HEADLESS": value]).contains("--headless") == isSet)
    }

    @Test func serversInTheEnvironmentGiveWayToThoseTyped() {
        let environment = ["TCHAT_ICE_SERVER": "stun:a stun:b"]
        #expect(arguments(["x"], environment) == ["call", "--ice-server=stun:a", "--ice-server=stun:b", "x"])
        #expect(arguments(["x", "--ice-server", "none"], environment) == ["call", "x", "--ice-server", "none"])
    }

    @Test func aCommandTakesOnlyItsOwn() {
        #expect(arguments(["serve"], ["TCHAT_FPS": "15", "TCHAT_PORT": "7"]) == ["serve", "--port=7"])
    }

    @Test func helpAndVersionBelongToTheProgram() {
        #expect(arguments(["--version"], ["TCHAT_FPS": "15"]) == ["--version"])
    }

    @Test(arguments: Environment.byCommand.keys.sorted())
    func everySettingIsAnOptionOfItsCommand(command: String) throws {
        for setting in Environment.byCommand[command] ?? [] {
            let value =
                [
                    "size": "320x240", "fps": "15", "bitrate": "500", "tone": "440", "render": "ascii", "color": "256", "fit": "cover",
                    "ice-server": "none", "ice-policy": "all", "seconds": "1", "timeout": "1", "port": "0", "frames": "3",
                    "log-level": "debug", "members": "2", "capacity": "4",
                    "camera": "test", "mic": "test", "speaker": "none",
                ][setting.option] ?? "x"
            let typed = command == "call" ? [command, "channel"] : [command]
            let all = arguments(typed, [setting.variable: setting.isFlag ? "1" : value])
            #expect(all.count == typed.count + 1)
            _ = try Tchat.parseAsRoot(all.map { $0 == "--server=x" ? "--server=http://127.0.0.1:1" : $0 })
        }
    }
}
