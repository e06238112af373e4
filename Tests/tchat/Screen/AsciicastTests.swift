import CellGraphics
import Glibc
import JSON
import Primitives
import Terminal
import TestSupport
import Testing

@testable import ChatUI
@testable import tchat

@Suite struct AsciicastTests {
    private struct Event: Equatable {
        var time: Double
        var code: String
        var data: String
    }

    private func events(_ bytes: [UInt8]) throws -> [Event] {
        try bytes.split(separator: UInt8(ascii: "\n")).map { line in
            let value = try JSONValue(parsing: Array(line))
            let parts = try #require(value.arrayValue)
            #expect(parts.count == 3)
            return Event(
                time: try #require(parts[0].doubleValue), code: try #require(parts[1].stringValue), data: try #require(parts[2].stringValue)
            )
        }
    }

    @Test func theHeaderSaysHowLargeAndWhen() throws {
        let line = Asciicast.header(columns: 80, rows: 24, timestamp: 1_700_000_000, term: "xterm \"256\"")
        #expect(line.last == UInt8(ascii: "\n") && line.count { $0 == UInt8(ascii: "\n") } == 1)
        let header = try JSONValue(parsing: Array(line.dropLast()))
        #expect(header["version"]?.integerValue == 2 && header["width"]?.integerValue == 80 && header["height"]?.integerValue == 24)
        #expect(header["timestamp"]?.integerValue == 1_700_000_000 && header["env"]?["TERM"]?.stringValue == "xterm \"256\"")
    }

    /// Wherever a write is cut, every event is whole text, and together they are what was written.
    @Test func charactersAreNeverCut() throws {
        let text = "aé수🙂\u{1b}[38;2;1;2;3m▀\r\n\"\\\u{7}"
        let bytes = Array(text.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var cast = Asciicast()
                var out: [UInt8] = []
                for piece in [bytes[..<first], bytes[first..<second], bytes[second...]] {
                    cast.output(piece, at: .milliseconds(1500), into: &out)
                }
                let all = try events(out)
                #expect(all.map(\.data).joined() == text && !out.contains(0x1b))
                #expect(all.allSatisfy { $0.code == "o" && $0.time == 1.5 && !$0.data.unicodeScalars.contains("\u{fffd}") })
            }
        }
    }

    @Test func bytesThatAreNoTextDoNotHoldAnythingUp() throws {
        var cast = Asciicast()
        var out: [UInt8] = []
        for byte: UInt8 in [0x80, 0x80, 0x80, 0x80, 0xff, 0xc0, 0xf5] { cast.output([byte], at: .zero, into: &out) }
        cast.output([0xf0, 0x9f], at: .zero, into: &out)
        cast.output(Array("x".utf8), at: .zero, into: &out)
        #expect(try events(out).last?.data.hasSuffix("x") == true)
    }

    /// A call with a picture, a resize and a password prompt, played again.
    @Test func aRecordingShowsTheSameScreens() throws {
        let folder = TemporaryFolder()
        let path = folder.file("call.cast")
        var model = ChatModel(size: TerminalSize(columns: 80, rows: 24))
        var screen = ChatScreen(colorMode: .truecolor)
        var live = VirtualTerminal(columns: 80, rows: 24)
        let recording = try ScreenRecording(path: path, size: model.size, term: "xterm", now: .zero)
        func draw(_ number: Int) {
            let now = Instant.zero + .milliseconds(number * 40)
            let picture = syntheticFrame(width: 160, height: 120, number: number, time: now)
            guard screen.draw(model, picture: { _ in picture }, own: picture) > 0 else { return }
            recording.add(screen.output, now: now)
            live.feed(screen.output.withUnsafeBufferPointer { Array($0) })
        }
        func send(_ event: ChatEvent, _ number: Int) {
            _ = model.update(event, now: .zero + .milliseconds(number * 40))
            draw(number)
        }
        send(.channels([LobbyChannel(name: "수다방", members: 1, names: ["ana"], isLocked: true)]), 1)
        send(.key(.enter), 2)
        for (index, scalar) in "s3cret".unicodeScalars.enumerated() { send(.key(.character(scalar)), 3 + index) }
        #expect(live.text.contains { $0.contains("••••••") })
        send(.joining(channel: "수다방"), 10)
        send(.joined(isFirst: false), 11)
        send(.memberArrived("a", name: "수진"), 12)
        send(.connected("a", path: "direct"), 13)
        send(.remotePicture("a", isPresent: true), 14)
        let size = TerminalSize(columns: 100, rows: 30)
        screen.repaint()
        recording.resized(size, now: .zero + .milliseconds(15 * 40))
        live.resize(columns: 100, rows: 30)
        send(.resized(size), 16)
        for number in 17..<30 { draw(number) }
        recording.finish(now: .zero + .seconds(2))
        #expect(recording.takeFailure() == nil)

        let bytes = try SmallFile.read(path, limit: 10_000_000)
        #expect(!String(decoding: bytes, as: UTF8.self).contains("s3cret"))
        let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1)
        let header = try JSONValue(parsing: Array(lines[0]))
        #expect(header["width"]?.integerValue == 80)
        var replayed = VirtualTerminal(columns: 80, rows: 24)
        var last = 0.0
        for event in try events(Array(lines[1])) {
            #expect(event.time >= last)
            last = event.time
            if event.code == "r" {
                #expect(event.data == "100x30")
                replayed.resize(columns: 100, rows: 30)
            } else {
                replayed.feed(Array(event.data.utf8))
            }
        }
        #expect(last == 2 && replayed.unknown.isEmpty && replayed.isCursorShown)
        #expect(replayed.cells == live.cells && replayed.text.contains { $0.contains("수진") })
    }

    @Test func whatCannotBeWrittenIsSaidAtOnce() throws {
        let failure = #expect(throws: PlainFailure.self) {
            _ = try ScreenRecording(
                path: "/nowhere/x.cast", size: TerminalSize(columns: 80, rows: 24), term: "xterm", now: .zero)
        }
        #expect(try #require(failure).description == "The recording /nowhere/x.cast cannot be written: No such file or directory.")
        // A full disk, as the kernel plays one.
        #expect(throws: PlainFailure.self) {
            _ = try ScreenRecording(path: "/dev/full", size: TerminalSize(columns: 80, rows: 24), term: "xterm", now: .zero)
        }
    }

    /// Nothing that waits to be written grows without bound: the recording ends, and says so once.
    @Test func aDiskThatIsTooSlowEndsTheRecording() throws {
        let folder = TemporaryFolder()
        let path = folder.file("pipe.cast")
        #expect(mkfifo(path, 0o600) == 0)
        signal(SIGPIPE, SIG_IGN)
        // Someone who opens it, and takes nothing.
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        let recording = try ScreenRecording(path: path, size: TerminalSize(columns: 80, rows: 24), term: "xterm", now: .zero)
        let much = [UInt8](repeating: UInt8(ascii: "x"), count: 1_000_000)
        for _ in 0..<(2 * ScreenRecording.mostWaiting / much.count + 2) { recording.add(much.span, now: .zero) }
        let failure = try #require(recording.takeFailure())
        #expect(failure.contains("pipe.cast has ended") && recording.takeFailure() == nil)
        close(reader)
        recording.finish(now: .zero)
    }
}
