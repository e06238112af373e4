import CellGraphics
import MediaTypes
import Primitives
import Terminal
import TestSupport
import Testing

@testable import ChatUI

/// A screen of 8x16-pixel cells, and a terminal that shows text and pixels.
private struct PixelsShown {
    var screen = ChatScreen(colorMode: .truecolor)
    var terminal: PixelTerminal

    init(_ session: inout Session, _ mode: RenderMode, knowsPixels: Bool = true) {
        var size = session.model.size
        if knowsPixels { (size.pixelWidth, size.pixelHeight) = (size.columns * 8, size.rows * 16) }
        session.send(.resized(size))
        session.model.style = mode
        terminal = PixelTerminal(columns: size.columns, rows: size.rows, cellWidth: 8, cellHeight: 16)
    }

    @discardableResult
    mutating func draw(_ model: ChatModel, own: I420Frame? = nil, picture: (String) -> I420Frame? = { _ in nil }) -> Int {
        let count = screen.draw(model, picture: picture, own: own)
        terminal.feed(screen.output.withUnsafeBufferPointer { Array($0) })
        #expect(terminal.problems.isEmpty)
        for row in 0..<terminal.text.rows {
            for column in 0..<terminal.text.columns {
                let cell = screen.cells[column, row]
                let hasPixels = terminal.pixel(column * 8 + 4, row * 16 + 8) != nil
                guard !cell.isPicture else {
                    #expect(hasPixels, "no picture at \(column),\(row)")
                    continue
                }
                // Text has its place to itself.
                if hasPixels || terminal.text[column, row].text != cell.text {
                    Issue.record("\(column),\(row) is \(cell.text), shown \(terminal.text[column, row].text), pixels \(hasPixels)")
                    return count
                }
            }
        }
        return count
    }

    func shows(_ words: String) -> Bool { terminal.text.text.contains { $0.contains(words) } }

    /// The brightness in the middle of a region; nil: no picture there.
    func brightness(_ region: CellRegion) -> Int? {
        terminal.pixel((region.column + region.columns / 2) * 8, (region.row + region.rows / 2) * 16).map { Int($0 >> 8 & 255) }
    }
}

private func flat(_ shade: UInt8, at milliseconds: Int) -> I420Frame {
    I420Frame(width: 160, height: 120, y: shade, time: Instant.zero + .milliseconds(milliseconds))
}

/// Calls as terminals with pixels show them.
@Suite(.serialized) struct PixelScreenTests {
    @Test(arguments: [RenderMode.sixel, .kitty])
    func overlaysStayOverThePicture(mode: RenderMode) {
        var session = Session.inCall()
        var shown = PixelsShown(&session, mode)
        shown.draw(session.model, own: frame(1, at: 1)) { _ in frame(1, at: 1) }
        session.type("?")
        session.send(.interrupted("a"))
        for n in 2..<6 {
            shown.draw(session.model, own: frame(n * 30, at: n)) { _ in frame(n * 20, at: n) }
            #expect(shown.shows(" keys ") && shown.shows(" you "))
        }
        session.press(.escape)
        session.send(.resumed("a"))
        session.send(.chatOpen("a", true))
        session.type("t")
        session.type("hello")
        shown.draw(session.model, own: frame(6, at: 6)) { _ in frame(6, at: 6) }
        #expect(!shown.shows(" keys ") && shown.shows("hello"))
        session.press(.escape)
        for _ in 0..<5 {
            session.type("p")
            shown.draw(session.model, own: frame(6, at: 6)) { _ in frame(6, at: 6) }
        }
        #expect(shown.draw(session.model, own: frame(6, at: 6)) { _ in frame(6, at: 6) } == 0)
    }

    @Test(arguments: [RenderMode.sixel, .kitty])
    func everybodyHasAPictureOfTheirOwn(mode: RenderMode) throws {
        var session = Session.inGroup(4, columns: 120, rows: 36)
        var shown = PixelsShown(&session, mode)
        func shade(_ id: String) -> UInt8 { UInt8(50 + 30 * (Session.ids.firstIndex(of: id) ?? 0)) }
        for n in 1..<8 {
            // One becomes large, and small again; one goes.
            if n == 3 { session.type("2") }
            if n == 5 { session.type("0") }
            if n == 6 { session.leave("c") }
            shown.draw(session.model, own: flat(200, at: n)) { flat(shade($0), at: n) }
            for (id, area) in CallLayout.pictureAreas(session.model) {
                let seen = try #require(shown.brightness(area), "\(id), frame \(n)")
                #expect(abs(seen - (Int(shade(id)) - 16) * 298 / 256) < 5, "\(id), frame \(n)")
            }
        }
    }

    @Test(arguments: [RenderMode.sixel, .kitty])
    func whoGoesLeavesNoPicture(mode: RenderMode) {
        var session = Session.inCall()
        var shown = PixelsShown(&session, mode)
        shown.draw(session.model, own: frame(1, at: 1)) { _ in frame(1, at: 1) }
        session.leave("a")
        shown.draw(session.model)
        #expect(shown.shows("수진 left. Waiting in standup."))
        #expect(shown.terminal.placements.isEmpty)
        session.type("q")
        shown.draw(session.model, own: frame(2, at: 2))
    }

    @Test func otherStylesComeAndGo() {
        var session = Session.inCall()
        var shown = PixelsShown(&session, .sixel)
        for (n, style) in [RenderMode.sixel, .kitty, .half, .kitty, .sixel, .ascii, .sixel].enumerated() {
            session.model.style = style
            let (own, other) = (frame(n, at: n), frame(n + 9, at: n))
            if style.isPixels {
                shown.draw(session.model, own: own) { _ in other }
            } else {
                _ = shown.screen.draw(session.model, picture: { _ in other }, own: own)
                shown.terminal.feed(shown.screen.output.withUnsafeBufferPointer { Array($0) })
            }
            #expect(shown.terminal.problems.isEmpty)
            #expect(shown.terminal.placements.isEmpty == (style != .kitty))
        }
    }

    /// Sixels cannot be placed without knowing how large a cell is; kitty's images can.
    @Test func aTerminalThatDoesNotTellItsPixels() {
        var session = Session.inCall()
        var shown = PixelsShown(&session, .sixel, knowsPixels: false)
        _ = shown.screen.draw(session.model, picture: { _ in frame(1, at: 1) }, own: nil)
        shown.terminal.feed(shown.screen.output.withUnsafeBufferPointer { Array($0) })
        #expect(shown.terminal.sixelStrings == 0 && shown.shows("▀"))
        #expect(session.model.words.trouble(with: .sixel, on: session.model.size) != nil)
        #expect(session.model.words.trouble(with: .kitty, on: session.model.size) == nil)
        shown.screen.cellPixels = CellPixels(width: 8, height: 16)
        shown.draw(session.model) { _ in frame(2, at: 2) }
        #expect(shown.terminal.sixelStrings > 0)
        session.model.style = .kitty
        shown.screen.cellPixels = nil
        shown.draw(session.model) { _ in frame(3, at: 3) }
        #expect(!shown.terminal.placements.isEmpty)
    }

    /// Within ten seconds everything is drawn anew, and once.
    @Test func aRoundOfDrawingAnewSendsEachPieceOnce() {
        var session = Session.inCall()
        var shown = PixelsShown(&session, .kitty)
        let budget = ByteBudget(bytesPerSecond: 100_000_000, roundTrip: nil)
        shown.screen.tend(now: .zero, budget: budget)
        shown.draw(session.model) { _ in frame(1, at: 1) }
        let pieces = shown.terminal.placements.count
        #expect(pieces > 5 && shown.terminal.imagesSent == pieces)
        for tenth in 1...105 {
            shown.screen.tend(now: Instant.zero + .milliseconds(tenth * 100), budget: budget)
            shown.draw(session.model) { _ in frame(1, at: 1) }
        }
        #expect((pieces * 2..<pieces * 9 / 4).contains(shown.terminal.imagesSent), "\(shown.terminal.imagesSent) for \(pieces)")
    }

    @Test(arguments: [RenderMode.sixel, .kitty])
    func aResizeStorm(mode: RenderMode) {
        let seed = UInt64.random(in: 0..<1000)
        var random = RandomSource.seeded(seed)
        var session = Session.inCall()
        for n in 0..<25 {
            let size = TerminalSize(columns: Int.random(in: 1..<160, using: &random), rows: Int.random(in: 1..<50, using: &random))
            session.send(.resized(size))
            var shown = PixelsShown(&session, mode)
            if n % 3 == 0 { session.type("p") }
            if n % 5 == 0 { session.type("?") }
            for step in 0..<2 { shown.draw(session.model, own: frame(n + step, at: step)) { _ in frame(n, at: step) } }
            if !shown.terminal.problems.isEmpty { Issue.record("seed \(seed), \(size)") }
        }
    }
}
