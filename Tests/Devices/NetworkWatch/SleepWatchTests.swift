import Primitives
import Testing

@testable import NetworkWatch

@Suite struct SleepWatchTests {
    @Test func sleepIsToldOnceWithItsLength() {
        var boot = Instant(microseconds: 500_000_000)
        var now = Instant(microseconds: 400_000_000)
        var watch = SleepWatch(bootTime: boot, now: now)
        func pass(awake: Interval, asleep: Interval) {
            boot += awake + asleep
            now += awake
        }
        func slept() -> Interval? { watch.slept(bootTime: boot, now: now) }
        pass(awake: .seconds(30), asleep: .zero)
        #expect(slept() == nil)
        pass(awake: .seconds(1), asleep: .seconds(3600))
        #expect(slept() == .seconds(3600))
        pass(awake: .seconds(1), asleep: .zero)
        #expect(slept() == nil)
        pass(awake: .zero, asleep: .milliseconds(1001))
        #expect(slept() == .milliseconds(1001))
    }

    @Test func aThreadThatIsHeldUpBetweenTheClocksIsNoSleep() {
        let start = Instant(microseconds: 1_000_000)
        var watch = SleepWatch(bootTime: start, now: start)
        let first = watch.slept(bootTime: start, now: start + .milliseconds(900))
        let second = watch.slept(bootTime: start + .seconds(1), now: start + .seconds(1))
        #expect(first == nil && second == nil)
    }

    @Test func theClocksOfThisMachineCanBeRead() {
        var watch = SleepWatch()
        let slept = watch.slept()
        #expect(slept == nil)
    }
}
