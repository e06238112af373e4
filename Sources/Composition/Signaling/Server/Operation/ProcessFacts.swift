import Glibc

/// What the kernel knows of this process, under the names that Prometheus's own clients use.
struct ProcessFacts: Sendable, Equatable {
    var residentBytes = 0
    var processorMicroseconds: Int64 = 0
    var openDescriptors = 0
    var maximumDescriptors = 0
    /// Since the beginning of 1970.
    var startSeconds: Int64 = 0

    init() {}

    /// As it is now. A few system calls; what cannot be found out is left zero.
    static func now() -> ProcessFacts {
        var facts = ProcessFacts()
        if let pages = firstNumbers(of: "/proc/self/statm", 2).last { facts.residentBytes = pages * Int(getpagesize()) }
        var time = timespec()
        if clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 {
            facts.processorMicroseconds = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 { facts.maximumDescriptors = Int(clamping: limit.rlim_cur) }
        facts.openDescriptors = openDescriptorCount()
        facts.startSeconds = started
        return facts
    }

    func write(to out: inout MetricsWriter) {
        out.single("process_resident_memory_bytes", .gauge, "Memory in RAM, in bytes.", residentBytes)
        out.family("process_cpu_seconds_total", .counter, "Processor time in user and system mode, in seconds.") {
            $0.sample(text: MetricsWriter.seconds(processorMicroseconds))
        }
        out.single("process_open_fds", .gauge, "Open file descriptors.", openDescriptors)
        out.single("process_max_fds", .gauge, "File descriptors that may be open.", maximumDescriptors)
        out.single("process_start_time_seconds", .gauge, "When the process began, in seconds since 1970.", Int(startSeconds))
    }

    /// Newer kernels give the number as the folder's size; else it is counted.
    private static func openDescriptorCount() -> Int {
        var facts = stat()
        if stat("/proc/self/fd", &facts) == 0, facts.st_size > 0 { return Int(facts.st_size) }
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        // Less the one that reads the folder.
        return max(0, count - 1)
    }

    /// Now, less the time for which the process has run: its start is field 22 of its state, in ticks since the machine's start.
    private static let started: Int64 = {
        var wall = timespec()
        var boot = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        clock_gettime(CLOCK_BOOTTIME, &boot)
        guard let text = read("/proc/self/stat"), let name = text.lastIndex(of: ")") else { return Int64(wall.tv_sec) }
        let fields = text[text.index(after: name)...].split(separator: " ")
        let ticksPerSecond = Int64(sysconf(Int32(_SC_CLK_TCK)))
        guard fields.count > 19, let ticks = Int64(fields[19]), ticksPerSecond > 0 else { return Int64(wall.tv_sec) }
        return Int64(wall.tv_sec) - Int64(boot.tv_sec) + ticks / ticksPerSecond
    }()

    private static func firstNumbers(of path: String, _ count: Int) -> [Int] {
        (read(path) ?? "").split(separator: " ").prefix(count).compactMap { Int($0) }
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
