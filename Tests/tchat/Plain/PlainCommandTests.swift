import ChatUI
import Testing

@testable import tchat

@Suite struct PlainCommandTests {
    @Test(arguments: [
        ("", PlainCommand.nothing), ("  \t", .nothing), ("hello", .say("hello")), ("  m  ", .say("m")), ("//m", .say("/m")),
        ("/t hi there ", .say("hi there")), ("/chat hi", .say("hi")), ("/say  수진", .say("수진")), ("/join  my room ", .join("my room")),
        ("/2", .number(2)), ("/m", .action(.microphone)), ("/MICROPHONE", .action(.microphone)), ("/v", .action(.camera)),
        ("/q", .action(.leave)), ("/leave", .action(.leave)), ("/I", .action(.invite)), ("/i", .action(.statistics)),
        ("/i all", .allStatistics), ("/w", .action(.words)), ("/?", .help), ("/help", .help), ("/list", .list), ("/people", .people),
        ("/quit", .quit), ("/y", .confirm(nil)), ("/y 2", .confirm(2)), ("/y x", .unknown("/y")), ("/join", .unknown("/join")),
        ("/t", .unknown("/t")), ("/", .unknown("/")), ("/nothing", .unknown("/nothing")), ("/-1", .unknown("/-1")),
    ])
    func aLine(line: String, command: PlainCommand) { #expect(PlainCommand(line, keys: .standard) == command) }

    @Test func keysThatWereBoundAreCommands() throws {
        let keys = try KeyMap(binding: [.microphone: ["u"], .camera: ["y"]])
        #expect(PlainCommand("/u", keys: keys) == .action(.microphone) && PlainCommand("/m", keys: keys) == .unknown("/m"))
        #expect(PlainCommand("/y", keys: keys) == .action(.camera) && PlainCommand("/yes", keys: keys) == .confirm(nil))
    }
}
