import Glibc
import Primitives
import Threading

/// When this process began, on the monotonic clock: what `t` and `setup` count from.
enum ProcessStart {
    /// The kernel's own note of the start, so that loading and relocating count too; its clock ticks every 10 ms, so never later than `main`.
    static func instant(main: Instant) -> Instant {
        guard let stat = readSmallFile("/proc/self/stat"), let name = stat.lastIndex(of: ")") else { return main }
        let fields = stat[stat.index(after: name)...].split(separator: " ")
        // starttime is field 22; the state, field 3, is the first after the name.
        let ticksPerSecond = Int64(sysconf(Int32(_SC_CLK_TCK)))
        guard fields.count > 19, let ticks = Int64(fields[19]), ticksPerSecond > 0 else { return main }
        var boot = timespec()
        var monotonic = timespec()
        clock_gettime(CLOCK_BOOTTIME, &boot)
        clock_gettime(CLOCK_MONOTONIC, &monotonic)
        func microseconds(_ t: timespec) -> Int64 { Int64(t.tv_sec) * 1_000_000 + Int64(t.tv_nsec) / 1000 }
        let start = ticks.multipliedReportingOverflow(by: 1_000_000 / ticksPerSecond)
        guard !start.overflow else { return main }
        let instant = Instant(microseconds: start.partialValue - microseconds(boot) + microseconds(monotonic))
        return instant < main && main - instant < .seconds(10) ? instant : main
    }

    private static func readSmallFile(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
