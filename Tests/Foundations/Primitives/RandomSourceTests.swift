import Primitives
import Testing

@Suite struct RandomSourceTests {
    @Test func theSameSeedGivesTheSameSequence() {
        var a = RandomSource.seeded(7)
        var b = RandomSource.seeded(7)
        #expect((0..<100).map { _ in a.next() } == (0..<100).map { _ in b.next() })
    }

    @Test func aForkGoesItsOwnWay() {
        var a = RandomSource.seeded(7)
        var fork = a.fork()
        #expect(a.next() != fork.next())
    }

    @Test func theSystemSourceDoesNotRepeat() {
        var a = RandomSource.system
        #expect(a.bytes(16) != a.bytes(16))
    }
}

@Suite struct IntervalTests {
    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300])
    func noNumberTraps(seconds: Double) {
        #expect(abs(Interval(seconds: seconds).seconds) <= 9e12)
    }
}

@Suite struct InstantTests {
    @Test func literalsMeanWholeUnits() {
        #expect(Instant.zero + .seconds(2) - (Instant.zero + .milliseconds(500)) == .milliseconds(1500))
        #expect(Interval.seconds(1.5) == .milliseconds(1500))
    }
}
