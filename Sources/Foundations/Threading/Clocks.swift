import Glibc
import Primitives

/// The process's time line: CLOCK_MONOTONIC.
public enum MonotonicClock {
    public static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// Returns at `instant`, or at once when it has passed.
    public static func sleep(until instant: Instant) {
        var time = timespec(instant)
        while clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &time, nil) == EINTR {}
    }
}

/// The time that the calling thread has spent on a CPU: what its work takes, whatever else the machine is busy with.
public enum ThreadClock {
    public static func now() -> Interval {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .microseconds(Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}

/// The calendar's time: CLOCK_REALTIME. It may jump.
public enum WallClock {
    /// Since 1970.
    public static func milliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

extension timespec {
    /// A point on CLOCK_MONOTONIC; what lies before its origin is the origin.
    init(_ instant: Instant) {
        let microseconds = max(0, instant.microseconds)
        self.init(tv_sec: Int(microseconds / 1_000_000), tv_nsec: Int(microseconds % 1_000_000) * 1000)
    }
}
