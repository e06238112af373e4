import Testing

@testable import tchat

@Suite struct ConfigFileTests {
    /// A value for each key that takes no text at all.
    static let samples = [
        "port": "0", "capacity": "4", "max-channels": "5", "turn-url": "[\"turn:x\"]", "stun-url": "[\"stun:x\"]",
        "turn-lifetime": "\"2h\"",
        "trusted-proxy": "[\"10.0.0.0/8\", \"::1\"]", "metrics-from": "\"10.0.0.1\"", "max-connections": "6",
        "max-address-connections": "7",
        "event-rate": "8", "event-burst": "9", "address-event-rate": "10.5", "address-event-burst": "11", "join-rate": "0.5",
        "join-burst": "12", "limit-loopback": "true", "no-page": "true", "log-level": "\"debug\"", "log-format": "\"json\"",
    ]

    private func failure(_ text: String) throws -> String {
        try #require(#expect(throws: PlainFailure.self) { try ConfigFile.serve.parse(text, name: "f.toml") }).description
    }

    @Test func everyOptionOfServeIsAKey() {
        let options = Environment.serve.map(\.option) + ["log-file", "log-level", "log-format"]
        #expect(Set(ConfigFile.serve.kinds.map(\.key)) == Set(options))
    }

    @Test func aWholeFile() throws {
        let options = try ConfigFile.serve.parse(
            """
            # A comment.
            host = "0.0.0.0"   # another
            port = 8443
            turn-url = [
                "turn:a",
                "turns:b",   # with a comma at the end
            ]
            turn-lifetime = 600
            no-page = false
            limit-loopback = true
            event-rate = 12.5
            """, name: "f.toml"
        ).options
        #expect(options.host == "0.0.0.0" && options.port == 8443 && options.turnUrl == ["turn:a", "turns:b"])
        #expect(options.turnLifetime?.seconds == 600 && !options.noPage && options.limitLoopback && options.eventRate == 12.5)
        #expect(options.capacity == nil)
    }

    @Test func anEmptyFileSaysNothing() throws { #expect(try ConfigFile.serve.parse("", name: "f.toml").options.host == nil) }

    @Test(arguments: [
        ("\nprot = 1\n", "f.toml, line 2: there is no key prot. The keys are host, port,"),
        ("host = \"::\"\n\n[tls]\ncert = \"x\"\n", "f.toml, line 3: there is no key tls."),
        ("tls.cert = \"x\"\n", "f.toml, line 1: there is no key tls."),
        ("host = \"::\"\r\n\r\nprot = 1\r\n", "f.toml, line 3: there is no key prot."),
        ("config = \"other.toml\"", "f.toml, line 1: there is no key config."),
        ("Port = 1", "f.toml, line 1: there is no key Port."),
        ("a = 1\n\"\\u001b[2J\" = 1", "there is no key"),
    ])
    func unknownKeys(text: String, start: String) throws {
        let said = try failure(text)
        #expect(said.contains(start) && !said.contains("\u{1b}"), "\(said)")
    }

    @Test(arguments: [
        ("port = \"6125\"", "port takes a whole number."), ("port = 6125.5", "port takes a whole number."),
        ("host = 5", "host takes a text in quotation marks."), ("no-page = \"yes\"", "no-page takes true or false."),
        ("turn-url = 5", "turn-url takes a list of texts, such as [\"a\", \"b\"]."),
        ("turn-url = [\"turn:x\", 5]", "turn-url takes a list of texts, such as [\"a\", \"b\"]."),
        ("turn-lifetime = true", "turn-lifetime takes a time such as \"12h\", or seconds."),
        ("event-rate = \"fast\"", "event-rate takes a number."), ("host = { a = 1 }", "host takes a text in quotation marks."),
        ("host = 2026-01-01", "host takes a text in quotation marks."),
    ])
    func wrongKinds(text: String, sentence: String) throws { #expect(try failure("\n\n  " + text) == "f.toml, line 3: \(sentence)") }

    @Test(arguments: [
        ("port = 70000", ["line 1", "port must be between 0 and 65535."]), ("capacity = 1", ["capacity must be between 2 and 64."]),
        ("turn-url = \"stun:x\"", ["turn-url takes turn:HOST"]), ("turn-lifetime = \"soon\"", ["90s, 30m, 12h or 7d"]),
        ("trusted-proxy = [\"10.0.0.0/8\", \"x\"]", ["10.0.0.0/8, fd00::/8"]),
        ("log-level = \"loud\"", ["trace, debug, info, notice, warning, error, critical"]), ("event-rate = inf", ["event-rate must be"]),
    ])
    func wrongValues(text: String, parts: [String]) throws {
        let said = try failure(text)
        for part in ["f.toml, line 1: "] + parts { #expect(said.contains(part), "\(said)") }
        #expect(!said.contains("\n") && !said.contains("--"), "\(said)")
    }

    @Test(arguments: [("port = \n", 1), ("host = \"::\"\nport = 1\nport = 2", 3), ("host = \"x", 1), ("\n= 1", 2), ("[[", 1)])
    func noTOML(text: String, line: Int) throws {
        let said = try failure(text)
        #expect(said.hasPrefix("f.toml, line \(line): this is no TOML: ") && !said.contains("\n"), "\(said)")
    }

    private static let example = "\(#filePath)".split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 } + "/Assets/tchat-server.toml"

    @Test func theExampleIsRight() throws { _ = try ConfigFile.serve.read(Self.example) }

    /// What stands behind a `#` in it is meant to be used as well.
    @Test func theExampleHasEveryKey() throws {
        let text = String(decoding: try SmallFile.read(Self.example, limit: 100_000), as: UTF8.self)
        let lines = text.split(separator: "\n").map { $0.hasPrefix("#") && !$0.hasPrefix("# ") ? String($0.dropFirst()) : String($0) }
        _ = try ConfigFile.serve.parse(lines.joined(separator: "\n"), name: "example")
        for (key, _) in ConfigFile.serve.kinds { #expect(lines.contains { $0.hasPrefix("\(key) = ") }, "\(key)") }
    }

    @Test func aFileThatIsNotThere() throws {
        let said = try #require(#expect(throws: PlainFailure.self) { try ConfigFile.serve.read("/nowhere/f.toml") }).description
        #expect(said == "The configuration file /nowhere/f.toml cannot be read: No such file or directory.")
    }

    @Test func aFileThatIsNoText() throws {
        let folder = TemporaryFolder()
        for bytes in [[0xff, 0xfe], Array("port = 1\0".utf8)] as [[UInt8]] {
            let path = folder.write(bytes, as: "f.toml")
            #expect(throws: PlainFailure.self) { try ConfigFile.serve.read(path) }
        }
        let path = folder.write([UInt8](repeating: 0x23, count: ConfigFile<ServeOptions>.maximumSize + 1), as: "f.toml")
        #expect(try #require(#expect(throws: PlainFailure.self) { try ConfigFile.serve.read(path) }).description.contains("too large"))
    }
}
