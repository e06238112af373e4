import CallSession
import ChatUI
import Primitives
import Terminal
import Testing

@testable import tchat

/// What the others are told of how large they are seen.
@Suite struct PictureSizesTests {
    private struct Screen {
        var model = ChatModel(size: TerminalSize(columns: 120, rows: 36))
        var sizes = PictureSizes()
        var now = Instant.zero + .seconds(100)

        mutating func send(_ events: ChatEvent...) { for event in events { _ = model.update(event, now: now) } }
        mutating func update() -> [PictureSizes.Message] { sizes.update(model, now: now) }

        mutating func meet(_ ids: String...) {
            send(.joining(channel: "x"), .joined(isFirst: false))
            for id in ids { send(.memberArrived(id, name: id), .connecting(id), .connected(id, path: "direct")) }
        }
    }

    @Test func theWholeAreaIsToldOnceAndIsEnoughForOneOther() {
        var screen = Screen()
        #expect(screen.update() == [PictureSizes.Message(id: nil, screen: PictureArea.of(TerminalSize(columns: 120, rows: 36)))])
        screen.meet("a")
        screen.now = screen.now + .seconds(5)
        #expect(screen.update().isEmpty && screen.sizes.due == nil)
    }

    @Test func eachIsToldTheirTileAndTheEnlargedOneALargerOne() {
        var screen = Screen()
        _ = screen.update()
        screen.now = screen.now + .seconds(5)
        screen.meet("a", "b", "c")
        let tiles = screen.update()
        #expect(tiles.map(\.id) == ["a", "b", "c"])
        #expect(Set(tiles.map(\.screen)).count == 1)
        screen.now = screen.now + .seconds(5)
        screen.send(.key(.character("2")))
        let large = screen.update()
        #expect(large.map(\.id) == ["a", "b", "c"])
        #expect(large[1].screen.width > 2 * tiles[1].screen.width)
        #expect(large[0].screen.width < tiles[0].screen.width)
        screen.now = screen.now + .seconds(5)
        #expect(screen.update().isEmpty)
    }

    /// As many pixels are sent as are shown, of which four each way go to a sample of half blocks.
    @Test func pixelsAreWorthAsManyAsAreShown() throws {
        var screen = Screen()
        screen.model = ChatModel(size: TerminalSize(columns: 120, rows: 36, pixelWidth: 1200, pixelHeight: 720))
        let half = try #require(screen.update().first?.screen)
        screen.now = screen.now + .seconds(5)
        screen.model.style = .kitty
        let pixels = try #require(screen.update().first?.screen)
        #expect(abs(4 * pixels.width - 10 * half.width) < 4 && abs(4 * pixels.height - 20 * half.height / 2) < 4)
        #expect(PictureArea.of(TerminalSize(columns: 120, rows: 36), style: .sixel).width == 2 * half.width)
    }

    @Test func nothingIsToldMoreThanOnceASecond() {
        var screen = Screen()
        screen.meet("a", "b", "c")
        var times: [Instant] = []
        for n in 0..<100 {
            screen.now = screen.now + .milliseconds(100)
            screen.send(.resized(TerminalSize(columns: 80 + n, rows: 30 + n % 3)))
            if !screen.update().isEmpty { times.append(screen.now) }
        }
        #expect(times.count >= 9)
        for (a, b) in zip(times, times.dropFirst()) { #expect(b - a >= PictureSizes.pause) }
        // What had to wait is told when its time has come.
        screen.send(.key(.character("1")))
        _ = screen.update()
        let due = screen.sizes.due ?? screen.now
        screen.now = max(screen.now, due)
        #expect(!screen.update().isEmpty || screen.sizes.due == nil)
        #expect(screen.sizes.due == nil)
    }

    @Test func whoHasNoTileIsAskedForNoPicture() {
        var screen = Screen()
        screen.send(.resized(TerminalSize(columns: 40, rows: 12)))
        screen.meet("a", "b", "c", "d", "e", "f", "g", "h")
        let hidden = screen.update().filter { $0.id != nil && $0.screen.width == 0 }
        #expect(!hidden.isEmpty && hidden.count < 8)
    }

    @Test func whoComesAgainIsToldAgain() {
        var screen = Screen()
        screen.meet("a", "b")
        _ = screen.update()
        screen.now = screen.now + .seconds(5)
        screen.send(.disconnected("b"), .memberLeft("b", reason: ""))
        #expect(screen.update().map(\.id) == ["a"])
        screen.now = screen.now + .seconds(5)
        screen.send(.memberArrived("b", name: "b"))
        #expect(screen.update().map(\.id) == ["a", "b"])
    }
}
