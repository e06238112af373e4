import Testing

@testable import tchat

@Suite struct CommandLinesTests {
    @Test(arguments: [
        ("mute", CommandLines.Command.mute), ("UNMUTE", .unmute), ("camera  off", .cameraOff), (" camera on ", .cameraOn),
        ("hangup\r", .hangUp), ("stats", .stats), ("dance", .unknown("dance")),
    ])
    func understands(line: String, command: CommandLines.Command) {
        #expect(CommandLines.parse(line) == command)
    }

    @Test func bytesMayComeInAnyPortions() {
        var lines = CommandLines()
        #expect(lines.take("mu".utf8) == [])
        #expect(lines.take("te\n\nunmute\nsta".utf8) == [.mute, .unmute])
        #expect(lines.take("ts\n".utf8) == [.stats])
    }

    @Test func anEndlessLineTakesNoMemory() {
        var lines = CommandLines()
        for _ in 0..<100 { _ = lines.take(Array(repeating: UInt8(ascii: "x"), count: 1000)) }
        guard case .unknown(let text)? = lines.take("\n".utf8).first else {
            Issue.record("a long line is no command")
            return
        }
        #expect(text.utf8.count < 100)
        #expect(lines.take("mute\n".utf8) == [.mute])
    }
}
