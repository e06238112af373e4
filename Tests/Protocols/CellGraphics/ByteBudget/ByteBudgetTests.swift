import Primitives
import Testing

@testable import CellGraphics

/// The budget against simulated lines.
@Suite struct ByteBudgetTests {
    private func at(_ seconds: Double) -> Instant { Instant.zero + .seconds(seconds) }

    private func screen(
        bytesPerSecond: Double, capacity: Int = 64 << 10, answers: Bool, roundTrip: Interval = .milliseconds(1), wholeFrame: Int = 40_000,
        fixed: Int? = nil
    ) -> SimulatedScreen {
        SimulatedScreen(
            budget: ByteBudget(bytesPerSecond: fixed, roundTrip: answers ? roundTrip : nil),
            line: SimulatedTerminalLine(bytesPerSecond: bytesPerSecond, capacity: capacity, answers: answers, roundTrip: roundTrip),
            wholeFrame: wholeFrame)
    }

    @Test(arguments: [15_000, 50_000, 200_000], [0, 30, 150])
    func anAnsweringSlowLineStaysFresh(rate: Int, roundTrip: Int) {
        var screen = screen(bytesPerSecond: Double(rate), capacity: 1 << 20, answers: true, roundTrip: .milliseconds(roundTrip))
        screen.run(for: .seconds(20))
        let way = screen.delays.filter { $0.drawn > at(5) }.map(\.took).max() ?? .seconds(100)
        #expect(way < .milliseconds(250))
        #expect(screen.line.arrived > Double(rate) * 20 * 0.7, "the line is used")
        if rate >= 50_000 { #expect(screen.latency(0.95, after: at(5)) < .milliseconds(500)) }
    }

    @Test(arguments: [10 << 10, 64 << 10, 256 << 10])
    func aMuteSlowLineStaysFresh(capacity: Int) {
        var screen = screen(bytesPerSecond: 50_000, capacity: capacity, answers: false)
        screen.run(for: .seconds(25))
        let settled = at(2 + Double(capacity) / 50_000 * 2)
        let way = screen.delays.filter { $0.drawn > settled }.map(\.took).max() ?? .seconds(100)
        #expect(way < .milliseconds(250))
        #expect(screen.latency(0.95, after: settled) < .milliseconds(500))
        #expect(screen.line.arrived > 50_000 * 20 * 0.6, "the line is used")
    }

    /// Taken in bursts, the first bytes say little about the rate: what is taken between two times that the line was full does.
    @Test(arguments: [1, 1000, 2048, 4000, 8000], [12 << 10, 20 << 10, 64 << 10])
    func aMuteLineThatTakesBurstsStaysFresh(grain: Int, capacity: Int) {
        for rate in [20_000.0, 50_000, 120_000] {
            var screen = screen(bytesPerSecond: rate, capacity: capacity, answers: false)
            screen.line.grain = grain
            screen.line.lateRoom = 4096
            screen.run(for: .seconds(28))
            let settled = at(4 + Double(capacity) / rate * 2)
            let way = screen.delays.filter { $0.drawn > settled }.map(\.took).max() ?? .seconds(100)
            #expect(way < .milliseconds(250), "\(rate) bytes a second")
            #expect(screen.line.arrived > rate * 28 * 0.5, "the line is used")
        }
    }

    @Test(arguments: [true, false])
    func aFastLineLosesNothing(answers: Bool) {
        var screen = screen(bytesPerSecond: 30_000_000, answers: answers, wholeFrame: 150_000)
        screen.run(for: .seconds(1))
        let before = screen.framesWritten
        screen.run(for: .seconds(5))
        #expect(screen.budget.level == 0)
        #expect(screen.framesWritten - before >= 140)
        #expect(screen.sweeps.filter { $0.end > at(1) }.allSatisfy { $0.took == .zero }, "whole frames")
    }

    @Test(arguments: [true, false])
    func coarserFirstThenFewerColoursThenFewerFrames(answers: Bool) {
        var screen = screen(bytesPerSecond: 20_000, answers: answers, wholeFrame: 120_000)
        var seen: [(UInt8, ColorMode, Interval)] = []
        for _ in 0..<100 {
            seen.append((screen.budget.threshold(for: .truecolor), screen.budget.colorCap, screen.budget.frameInterval))
            screen.run(for: .milliseconds(100))
        }
        #expect(seen.first?.0 == 6)
        let raised = seen.firstIndex { $0.0 > 6 } ?? .max
        let fewerColors = seen.firstIndex { $0.1 == .indexed256 } ?? .max
        let fewerFrames = seen.firstIndex { $0.2 > .milliseconds(30) } ?? .max
        #expect(raised < fewerColors && fewerColors < fewerFrames && fewerFrames < .max)
    }

    @Test(arguments: [true, false])
    func whatBecomesFastIsFineAgain(answers: Bool) {
        var screen = screen(bytesPerSecond: 50_000, capacity: 12 << 10, answers: answers, wholeFrame: 60_000)
        screen.run(for: .seconds(10))
        #expect(screen.budget.level > 0)
        screen.line.bytesPerSecond = 10_000_000
        screen.run(for: .seconds(answers ? 60 : 240))
        #expect(screen.budget.level == 0)
    }

    /// A level that is just too good is not tried again and again.
    @Test func levelsDoNotSwing() {
        var screen = screen(bytesPerSecond: 80_000, answers: true, wholeFrame: 30_000)
        screen.run(for: .seconds(20))
        var changes = 0
        var level = screen.budget.level
        for _ in 0..<600 {
            screen.run(for: .milliseconds(100))
            if screen.budget.level != level { changes += 1 }
            level = screen.budget.level
        }
        #expect(changes <= 12, "in a minute")
    }

    @Test(arguments: [true, false])
    func aStoppedTerminalGathersNothing(answers: Bool) {
        var screen = screen(bytesPerSecond: 5_000_000, answers: answers)
        screen.run(for: .seconds(3))
        screen.line.isStopped = true
        let sent = Double(screen.line.taken + screen.line.heldBack)
        screen.run(for: .seconds(30))
        #expect(Double(screen.line.taken + screen.line.heldBack) - sent <= 200_000)
        screen.line.isStopped = false
        let start = screen.now
        screen.run(for: .seconds(1))
        #expect(screen.sweeps.contains { $0.end > start }, "whole again within a second")
        screen.run(for: .seconds(9))
        #expect(screen.budget.level == 0)
    }

    @Test func aRateSetByHandIsKept() {
        var screen = screen(bytesPerSecond: 10_000_000, answers: true, wholeFrame: 60_000, fixed: 40_000)
        screen.run(for: .seconds(10))
        #expect((350_000...430_000).contains(screen.line.arrived))
        #expect(screen.budget.rate == 40_000)
    }

    /// The answers come, but only after the time that was waited at the start.
    @Test func aLateAnswerMakesALineAnAnsweringOne() {
        var screen = screen(bytesPerSecond: 50_000, capacity: 1 << 20, answers: false)
        screen.line.answers = true
        screen.budget.answered(now: .zero)
        screen.run(for: .seconds(20))
        #expect(screen.latency(0.95, after: at(6)) < .milliseconds(500))
    }

    /// A calm screen: small frames now and then must not be taken for a slow line.
    @Test(arguments: [true, false])
    func aCalmScreenStaysFine(answers: Bool) {
        var screen = screen(bytesPerSecond: 50_000, answers: answers, wholeFrame: 300)
        screen.run(for: .seconds(30))
        #expect(screen.budget.level == 0)
        #expect(screen.framesWritten > 800)
    }

    @Test(arguments: [1, 2, 3, 4, 5])
    func anyLineIsBorne(seed: UInt64) {
        var random = RandomSource.seeded(seed)
        var screen = screen(bytesPerSecond: 50_000, answers: Bool.random(using: &random), wholeFrame: 50_000)
        for _ in 0..<60 {
            screen.line.bytesPerSecond = Double(Int.random(in: 1000...3_000_000, using: &random))
            screen.line.isStopped = Int.random(in: 0..<8, using: &random) == 0
            screen.wholeFrame = Int.random(in: 10...200_000, using: &random)
            screen.run(for: .milliseconds(Int.random(in: 1...1500, using: &random)))
        }
        screen.line.isStopped = false
        screen.line.bytesPerSecond = 5_000_000
        screen.wholeFrame = 20_000
        screen.run(for: .seconds(90))
        let before = screen.framesWritten
        screen.run(for: .seconds(2))
        #expect(screen.framesWritten > before + 8, "seed \(seed)")
    }
}
