import Primitives
import Testing

@testable import PeerConnection

@Suite struct RateMeterTests {
    @Test func followsTheLastTwoSeconds() {
        var meter = RateMeter()
        #expect(meter.kilobitsPerSecond(now: .zero) == 0)
        var now = Instant.zero + .seconds(5)
        for _ in 0..<300 {
            meter.add(1250, now: now)
            now += .milliseconds(10)
        }
        #expect((950...1050).contains(meter.kilobitsPerSecond(now: now)))
        #expect((450...550).contains(meter.kilobitsPerSecond(now: now + .seconds(1))))
        #expect(meter.kilobitsPerSecond(now: now + .seconds(3)) == 0)
        // A clock that jumps, or does not move, is no reason to trap.
        meter.add(100, now: .distantFuture)
        meter.add(100, now: .zero)
        #expect(meter.kilobitsPerSecond(now: .distantFuture) > 0)
    }

    @Test func isNotLowAtTheBeginning() {
        var meter = RateMeter()
        for i in 0..<20 { meter.add(1250, now: .zero + .milliseconds(i * 10)) }
        #expect((900...1100).contains(meter.kilobitsPerSecond(now: .zero + .milliseconds(199))))
    }
}
