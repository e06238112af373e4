import Primitives
import TestSupport
import Testing

/// A window that somebody drags about.
@Suite struct ResizeStormTests {
    @Test func afterAHundredSizesTheScreenIsAsBefore() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(state: seed)
        // At the best quality, whatever else the machine does.
        let call = try await ScreenCall(columns: 80, rows: 24, options: ["--tty-budget", "100000"])
        let run = call.run
        try await call.seesPicture()
        // What is not told by events that come later.
        try await run.until("the connection's line") { $0.shows("–") || $0.shows("direct") }
        var before = MaskedScreen(run.screen, hasState: true)
        var (still, bytes) = (0, run.bytesWritten)
        try await run.until("a screen at rest") { screen in
            guard run.bytesWritten != bytes else { return false }
            bytes = run.bytesWritten
            let now = MaskedScreen(screen, hasState: true)
            still = now == before ? still + 1 : 0
            before = now
            return still > 8
        }
        var sizes = [(1, 1), (40, 12), (400, 120), (39, 11), (2, 50), (300, 1)]
        while sizes.count < 100 {
            let isLarge = random.next(upTo: 10) == 0
            sizes.append((1 + random.next(upTo: isLarge ? 400 : 160), 1 + random.next(upTo: isLarge ? 120 : 50)))
        }
        for (index, size) in sizes.enumerated() {
            let before = run.screen.synchronizedFrames
            run.resize(columns: size.0, rows: size.1)
            // Every third is drawn, the others come while the last is still being drawn.
            if index % 3 == 0 {
                try await run.until("a frame of \(size.0)x\(size.1), seed \(seed)") { $0.synchronizedFrames > before }
            }
        }
        run.resize(columns: 80, rows: 24)
        try await run.until("the screen as before, seed \(seed)\n\(before.rows.joined(separator: "\n"))\n", within: .seconds(60)) {
            MaskedScreen($0, hasState: true) == before
        }
        // What was drawn piece by piece is what a whole repaint draws.
        let frames = run.screen.synchronizedFrames
        try await run.type("\u{c}")
        try await run.until("a repaint") { $0.synchronizedFrames > frames + 1 }
        try await run.until("the screen after a repaint", within: .seconds(60)) { MaskedScreen($0, hasState: true) == before }
        #expect(run.screen.unknown.isEmpty, "seed \(seed): \(run.screen.unknown)")
        #expect(run.screen.isAlternate && !run.screen.isCursorShown)
        // A frame of the former size may arrive after the window has shrunk: only without autowrap does it scroll nothing.
        if run.screen.privateModes[7] == false { #expect(!run.screen.hasAlternateScrolled, "seed \(seed)") }
    }
}

/// A generator of which every number follows from the seed (SplitMix64).
private struct SeededRandom {
    var state: UInt64

    mutating func next(upTo bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }
}
