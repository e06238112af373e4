import Glibc
import Primitives
import TestSupport
import Testing

/// A window that somebody drags about. `TCHAT_SEED` repeats a storm that was told in a failure.
@Suite struct ResizeStormTests {
    static let seed = getenv("TCHAT_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0 ... .max)

    /// A hundred sizes at one place, fewer at the others.
    @Test(arguments: StoryTests.places) func inACallTheScreenIsAsBefore(place: StoryTests.Place) async throws {
        // At the best quality, whatever else the machine does.
        let call = try await ScreenCall(
            columns: place.columns, rows: place.rows, language: place.language == "ko" ? "ko_KR.UTF-8" : "en_US.UTF-8",
            options: ["--tty-budget", "100000"])
        try await call.seesPicture()
        // What is not told by events that come later.
        if place.rows >= 20 {
            try await call.run.until("the connection's line") { $0.shows("–") || $0.shows("direct") || $0.shows("직접 연결") }
        }
        try await storm(over: call.run, at: place, count: place.columns == 80 && place.language == "en" ? 100 : 16, isCall: true)
    }

    private func storm(over run: ScreenRun, at place: StoryTests.Place, count: Int, isCall: Bool) async throws {
        let seed = Self.seed
        var random = SeededRandom(state: seed)
        var before = MaskedScreen(run.screen, hasState: isCall)
        var (still, bytes) = (0, run.bytesWritten)
        try await run.until("a screen at rest") { screen in
            guard run.bytesWritten != bytes else { return false }
            bytes = run.bytesWritten
            let now = MaskedScreen(screen, hasState: isCall)
            still = now == before ? still + 1 : 0
            before = now
            return still > 8
        }
        var sizes = [(1, 1), (40, 12), (400, 120), (39, 11), (2, 50), (300, 1)]
        while sizes.count < count {
            let isLarge = random.next(upTo: 10) == 0
            sizes.append((1 + random.next(upTo: isLarge ? 400 : 160), 1 + random.next(upTo: isLarge ? 120 : 50)))
        }
        for (index, size) in sizes.enumerated() {
            let before = run.screen.synchronizedFrames
            run.resize(columns: size.0, rows: size.1)
            let sign = "\(size.0)x\(size.1), TCHAT_SEED=\(seed)"
            // Every third is drawn, and those at the limits; the others come while the last is still being drawn.
            switch size {
            case (39, 11): try await run.until("that it is too small, \(sign)") { $0.shows("39x11") && $0.pictureCells() == 0 }
            case (400, 120): try await run.until("a picture, \(sign)") { $0.pictureCells() > (isCall ? 400 * 120 / 3 : 200) }
            case (40, 12): try await run.until("a screen, \(sign)") { isCall ? $0.pictureCells() > 40 * 12 / 3 : $0.shows("tchat") }
            case _ where index % 3 == 0: try await run.until("a frame of \(sign)") { $0.synchronizedFrames > before }
            default: continue
            }
            try #require(run.screen.unknown.isEmpty, "\(sign): \(run.screen.unknown)")
            try #require(!run.screen.isCursorShown && run.screen.isAlternate, "\(sign)")
        }
        run.resize(columns: place.columns, rows: place.rows)
        try await run.until("the screen as before, TCHAT_SEED=\(seed)\n\(before.rows.joined(separator: "\n"))\n") {
            MaskedScreen($0, hasState: isCall) == before
        }
        // What was drawn piece by piece is what a whole repaint draws.
        let frames = run.screen.synchronizedFrames
        try await run.type("\u{c}")
        try await run.until("a repaint") { $0.synchronizedFrames > frames + 1 }
        try await run.until("the screen after a repaint") { MaskedScreen($0, hasState: isCall) == before }
        #expect(run.screen.unknown.isEmpty, "TCHAT_SEED=\(seed): \(run.screen.unknown)")
        // A frame of the former size may arrive after the window has shrunk: only without autowrap does it scroll nothing.
        if run.screen.privateModes[7] == false { #expect(!run.screen.hasAlternateScrolled, "TCHAT_SEED=\(seed)") }
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
