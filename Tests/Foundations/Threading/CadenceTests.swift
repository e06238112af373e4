import Primitives
import Testing
import Threading

@Suite struct CadenceTests {
    @Test func thingsAreDueAtEvenDistances() {
        var cadence = Cadence(unitsPerSecond: 30, tolerance: .milliseconds(100))
        let start = Instant(microseconds: 5000)
        for number in 0..<3000 {
            // Whoever asks early or a little late changes nothing.
            let due = start + .microseconds(Int64(number) * 1_000_000 / 30)
            let asked = cadence.advance(now: number == 0 ? start : due + .milliseconds(number % 3 * 40 - 40))
            #expect(abs((asked - due).microseconds) <= 1, "\(number)")
        }
    }

    @Test func whoeverIsMuchTooLateGetsNoBurst() {
        var cadence = Cadence(unitsPerSecond: 100, tolerance: .milliseconds(50))
        let start = Instant.zero
        #expect(cadence.advance(now: start) == start)
        #expect(cadence.advance(now: start) == start + .milliseconds(10))
        let late = start + .seconds(3)
        #expect(cadence.advance(now: late) == late)
        #expect(cadence.advance(by: 5, now: late) == late + .milliseconds(10))
        #expect(cadence.advance(now: late) == late + .milliseconds(60))
    }

    @Test func aStopEndsASleep() {
        let signal = StopSignal()
        #expect(signal.sleep(until: MonotonicClock.now()))
        let thread = MediaThread.start(name: "stopper") { signal.stop() }
        #expect(!signal.sleep(until: MonotonicClock.now() + .seconds(3600)))
        #expect(signal.isStopped)
        if let thread { thread.join() }
    }
}
