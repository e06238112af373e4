import ArgumentParser
import CellGraphics
import ChatUI
import Testing

@testable import tchat

@Suite struct CallFileTests {
    private func failure(_ text: String) throws -> String {
        try #require(#expect(throws: PlainFailure.self) { try ConfigFile.call.parse(text, name: "c.toml") }).description
    }

    private func arguments(_ typed: [String], file: String, _ environment: [String: String] = [:]) throws -> [String] {
        let folder = TemporaryFolder()
        let path = folder.write(Array(file.utf8), as: "config.toml")
        let all = environment.merging(["TCHAT_CONFIG": path]) { $1 }
        return try Environment.arguments(typed: typed, environment: { all[$0] }).filter { !$0.hasPrefix("--config=") }
    }

    /// What is of this one run, and the file's own name, excepted.
    @Test func everyOptionOfTheCallIsAKey() {
        let options = (Environment.byCommand["call"] ?? []).filter { !["headless", "config"].contains($0.option) }
        #expect(Set(ConfigFile.call.kinds.map(\.key)) == Set(options.map(\.key)))
    }

    @Test func aWholeFile() throws {
        let options = try ConfigFile.call.parse(
            """
            server = "https://meet.example.org"
            camera = "test"
            color = 256
            render = "quadrant"
            flip = false
            tty-budget = 50
            brightness = -3
            lang = "ko"
            plain = false
            no-bell = true
            ice-server = ["stun:a", "stun:b"]
            name = "수진"

            [keys]
            microphone = ["u", "ㅡ"]
            push-to-talk = "b"
            chat = "space"
            snapshot = []
            """, name: "c.toml"
        ).options
        #expect(options.signaling.server == "https://meet.example.org" && options.picture.color == .indexed256)
        #expect(options.picture.render == .quadrant && options.picture.flip == false && !options.picture.mirrors())
        #expect(options.picture.ttyBudget == 50 && options.picture.tone == PictureTone(brightness: -3, contrast: 0))
        #expect(options.screen.language == .korean && !options.screen.plain && options.screen.noBell)
        #expect(options.network.iceServer.count == 2 && options.network.name == "수진")
        let keys = try options.screen.keyMap()
        #expect(keys["u"] == .microphone && keys["ㅡ"] == .microphone && keys["m"] == nil && keys[" "] == .chat && keys["b"] == .pushToTalk)
        #expect(keys.key(for: .snapshot) == nil && keys["v"] == .camera)
    }

    @Test func typedWinsOverTheEnvironmentAndThatOverTheFile() throws {
        let file = "fps = 5\nno-bell = true\nflip = true\nice-server = \"stun:f\"\n[keys]\nhelp = \"h\"\n"
        #expect(
            try arguments(["x"], file: file) == [
                "call", "--fps=5", "--flip", "--no-bell", "--key=help=h", "--ice-server=stun:f", "x",
            ])
        let set = ["TCHAT_FPS": "6", "TCHAT_NO_BELL": "0", "TCHAT_FLIP": "no", "TCHAT_ICE_SERVER": "stun:e", "TCHAT_KEY": "chat=z"]
        let all = try arguments(["x", "--fps", "7"], file: file, set)
        #expect(!all.contains("--no-bell") && !all.contains("--ice-server=stun:f"))
        let call = try #require(try Tchat.parseAsRoot(all) as? CallCommand)
        #expect(call.media.fps == 7 && call.picture.flip == false && call.network.iceServer.count == 1)
        #expect(try call.screen.keyMap()["h"] == .help && call.screen.keyMap()["z"] == .chat)
        #expect(!(try arguments(["x", "--ice-server", "none"], file: file).contains("--ice-server=stun:f")))
    }

    @Test func eachCommandTakesItsOwn() throws {
        let file = "fps = 5\nname = \"ana\"\nlang = \"ko\"\n"
        #expect(try arguments(["mirror"], file: file) == ["mirror", "--fps=5"])
        #expect(try arguments(["demo"], file: file) == ["demo", "--fps=5", "--lang=ko"])
        #expect(try arguments(["devices"], file: file) == ["devices"])
        #expect(try arguments(["serve"], file: "nothing = 1") == ["serve"])
        #expect(try arguments(["call", "--help"], file: "broken") == ["call", "--help"])
    }

    @Test func whichFileItIs() throws {
        #expect(CallFile.usual { ["XDG_CONFIG_HOME": "/x", "HOME": "/h"][$0] } == "/x/tchat/config.toml")
        #expect(CallFile.usual { ["XDG_CONFIG_HOME": "x", "HOME": "/h"][$0] } == "/h/.config/tchat/config.toml")
        #expect(CallFile.usual { _ in nil } == nil)
        #expect(try CallFile.settings(named: nil, environment: { $0 == "HOME" ? "/nowhere" : nil }).isEmpty)
        #expect(throws: PlainFailure.self) { try CallFile.settings(named: "/nowhere/c.toml", environment: { _ in nil }) }
        let typed = ["x", "--config", "/nowhere/typed.toml"]
        let said = #expect(throws: PlainFailure.self) {
            try Environment.arguments(typed: typed, environment: { $0 == "TCHAT_CONFIG" ? "/nowhere/set.toml" : nil })
        }
        #expect(try #require(said).description == "The configuration file /nowhere/typed.toml cannot be read: No such file or directory.")
    }

    @Test(arguments: [
        ("fps = 500", "c.toml, line 1: fps must be between 1 and 120."),
        (
            "\nport = 1",
            "c.toml, line 2: there is no key port. It is one of tchat serve, which takes a file of its own: tchat serve --config FILE."
        ),
        ("[serve]\nport = 1", "c.toml, line 1: there is no key serve. It is one of tchat serve"),
        ("headless = true", "c.toml, line 1: there is no key headless. The keys are server, camera,"),
        ("flip = 1", "c.toml, line 1: flip takes true, or false."),
        ("keys = 1", "c.toml, line 1: keys takes a table: [keys], and below it lines such as microphone = \"u\"."),
        ("brightness = 9", "c.toml, line 1: brightness must be between -8 and 8."),
        ("render = \"dots\"", "c.toml, line 1: "),
        ("camera = \"test\"\n[keys]\nmicrophone = \"u\"\ncamera = \"F2\"", "c.toml, line 4: \"F2\" is no key that can be bound;"),
        ("# keys\n[keys]\n\nmikrophone = \"u\"", "c.toml, line 4: there is no action mikrophone. The actions are microphone, camera,"),
        (
            "[keys]\nchat = \"z\"\nmicrophone = \"v\"",
            "c.toml, line 3: v is the key for camera already; give camera another one, or microphone."
        ),
        ("[keys]\nwords = \"x\"\nchat = \"x\"", "c.toml, line 2: x is the key for chat already;"),
        ("keys.chat = true", "c.toml, line 1: chat takes a key such as \"u\", or a list of keys; [] for none."),
        ("[keys]\nchat = [\"u\", 5]", "c.toml, line 2: chat takes a key such as"),
        ("keys = { chat = \"ctrl-t\" }", "c.toml, line 1: \"ctrl-t\" is no key that can be bound;"),
        ("[keys]\nhelp = \"3\"", "c.toml, line 2: 1 to 9 choose a picture and cannot be bound."),
    ])
    func mistakes(text: String, start: String) throws {
        let said = try failure(text)
        #expect(said.hasPrefix(start) && !said.contains("\n") && !said.contains("\u{1b}"), "\(said)")
    }

    @Test func bindingsThatAreTyped() throws {
        func keys(_ typed: String...) throws -> KeyMap { try ScreenOptions.parse(typed.map { "--key=\($0)" }).keyMap() }
        #expect(try keys("microphone=u", "chat=")["u"] == .microphone)
        #expect(try keys("chat==")["="] == .chat)
        #expect(try keys("microphone=u", "microphone=x z")["u"] == nil)
        for wrong in ["microphone", "mikro=u", "chat=F1", "chat=v"] { #expect(throws: (any Error).self) { try keys(wrong) } }
    }

    @Test func whatIsRecordedWhere() throws {
        #expect(try RunOptions.parse(["--record", "x/call.CAST"]).castFile == "x/call.CAST")
        let folder = try RunOptions.parse(["--record", "x", "--headless"])
        #expect(folder.castFile == nil && folder.recordFolder == "x")
        #expect(throws: (any Error).self) { try RunOptions.parse(["--record", "x.cast", "--headless"]) }
        #expect(throws: (any Error).self) { try CallCommand.parse(["x", "--record", "x.cast", "--plain"]) }
    }

    @Test(arguments: [["--tty-budget", "0"], ["--tty-budget", "100001"], ["--contrast", "9"], ["--brightness=-9"]])
    func picturesOutOfRange(typed: [String]) { #expect(throws: (any Error).self) { try PictureOptions.parse(typed) } }

    @Test func whoIsMirrored() throws {
        #expect(try PictureOptions.parse([]).mirrors() && !PictureOptions.parse([]).mirrors(isFile: true))
        #expect(try PictureOptions.parse(["--flip"]).mirrors(isFile: true) && !PictureOptions.parse(["--no-flip"]).mirrors())
    }
}
