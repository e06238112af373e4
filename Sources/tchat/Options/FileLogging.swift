import Glibc
import Logging
import Synchronization

/// Logs go to a file or nowhere: never to the terminal that shows the picture.
struct FileLogHandler: LogHandler {
    private final class Output: Sendable {
        let descriptor: Int32
        init(descriptor: Int32) { self.descriptor = descriptor }
        deinit { close(descriptor) }
    }

    private let output: Output
    private let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    /// Nil when the file cannot be opened for appending.
    init?(path: String, label: String, level: Logger.Level) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        output = Output(descriptor: descriptor)
        self.label = label
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        func two(_ n: Int32) -> String { n < 10 ? "0\(n)" : "\(n)" }
        let milliseconds = String(1000 + now.tv_nsec / 1_000_000).dropFirst()
        var line = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T\(two(parts.tm_hour)):\(two(parts.tm_min)):"
        line += "\(two(parts.tm_sec)).\(milliseconds)Z \(event.level.rawValue) \(printable(event.message.description))"
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(printable(value.description))" }
        // One write, so that lines of several threads do not mix.
        writeFully(Array((line + "\n").utf8), to: output.descriptor)
    }
}

extension LogOptions {
    /// A logger that writes to the file asked for, or one that writes nothing.
    /// - Throws: a sentence when the file cannot be opened.
    func makeLogger() throws -> Logger {
        guard let path = logFile else { return Logger(label: "tchat") { _ in SwiftLogNoOpLogHandler() } }
        guard let handler = FileLogHandler(path: path, label: "tchat", level: Logger.Level(rawValue: logLevel.rawValue) ?? .info) else {
            throw PlainFailure("The log file \(path) cannot be opened: \(String(cString: strerror(errno))).")
        }
        return Logger(label: "tchat") { _ in handler }
    }
}

/// A failure whose text is a whole sentence for a person; exit status 1.
struct PlainFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
