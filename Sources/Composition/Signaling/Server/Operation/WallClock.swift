import Glibc

/// The time of day, which tokens and credentials are judged by.
enum WallClock {
    /// Seconds since the beginning of 1970, UTC.
    static func unixTime() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec)
    }
}
