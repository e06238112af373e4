import Glibc
import Primitives
import Threading

/// Tells that the machine was asleep: CLOCK_BOOTTIME goes on then, CLOCK_MONOTONIC stands still.
public struct SleepWatch {
    /// Less is how long reading two clocks may take.
    static let leastSleep = Interval.seconds(1)

    private var ahead: Interval

    public init() { self.init(bootTime: Self.bootTime(), now: MonotonicClock.now()) }

    init(bootTime: Instant, now: Instant) { ahead = bootTime - now }

    /// How long the machine has slept since this was last asked; nil: not at all.
    public mutating func slept() -> Interval? {
        // In this order a thread that is held up in between sees less sleep, not more.
        let bootTime = Self.bootTime()
        return slept(bootTime: bootTime, now: MonotonicClock.now())
    }

    mutating func slept(bootTime: Instant, now: Instant) -> Interval? {
        let before = ahead
        ahead = bootTime - now
        let sleep = ahead - before
        return sleep > Self.leastSleep ? sleep : nil
    }

    private static func bootTime() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
