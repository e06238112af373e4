import Glibc
import JSON
import Logging
import Synchronization

/// Logs go to a file, to standard error when asked, or nowhere: never to the terminal that shows the picture.
struct FileLogHandler: LogHandler {
    private final class Output: Sendable {
        let descriptor: Int32
        init(descriptor: Int32) { self.descriptor = descriptor }
        deinit { if descriptor > STDERR_FILENO { close(descriptor) } }
    }

    private let output: Output
    private let label: String
    private let format: LogFormatChoice
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    /// Nil when the file cannot be opened for appending.
    /// - Parameter path: `-` for standard error.
    init?(path: String, label: String, level: Logger.Level, format: LogFormatChoice = .text) {
        let descriptor = path == "-" ? STDERR_FILENO : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        output = Output(descriptor: descriptor)
        self.label = label
        self.format = format
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let line: [UInt8] =
            switch format {
            case .text: Array(Self.text(event, all).utf8)
            case .json: Self.json(event, label, all)
            }
        // One write, so that lines of several threads do not mix.
        writeFully(line + [UInt8(ascii: "\n")], to: output.descriptor)
    }

    private static func text(_ event: LogEvent, _ metadata: [(key: String, value: Logger.MetadataValue)]) -> String {
        var line = "\(timestamp()) \(event.level.rawValue) \(printable(event.message.description))"
        for (key, value) in metadata { line += " \(key)=\(printable(value.description))" }
        return line
    }

    /// One object; metadata under its own names, those of the line itself excepted.
    private static func json(_ event: LogEvent, _ label: String, _ metadata: [(key: String, value: Logger.MetadataValue)]) -> [UInt8] {
        var members = [
            JSONMember("time", .string(timestamp())), JSONMember("level", .string(event.level.rawValue)),
            JSONMember("label", .string(label)),
            JSONMember("message", .string(printable(event.message.description))),
        ]
        let taken = Set(members.map(\.name))
        for (key, value) in metadata where !taken.contains(key) { members.append(JSONMember(key, .string(printable(value.description)))) }
        return JSONValue.object(members).encoded()
    }

    /// RFC 3339, in UTC with milliseconds.
    private static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        func two(_ n: Int32) -> String { n < 10 ? "0\(n)" : "\(n)" }
        let milliseconds = String(1000 + now.tv_nsec / 1_000_000).dropFirst()
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T\(two(parts.tm_hour)):\(two(parts.tm_min)):"
            + "\(two(parts.tm_sec)).\(milliseconds)Z"
    }
}

extension LogOptions {
    /// A logger that writes to the file asked for, or one that writes nothing.
    /// - Throws: a sentence when the file cannot be opened.
    func makeLogger() throws(PlainFailure) -> Logger {
        try tchat.makeLogger(path: logFile, level: logLevel, format: logFormat, allowsStandardError: isatty(STDERR_FILENO) == 0)
    }
}

/// - Parameters:
///   - path: a file, `-` for standard error, nil for a logger that writes nothing.
///   - allowsStandardError: false where a picture is shown on the terminal.
/// - Throws: a sentence when the file cannot be opened.
func makeLogger(
    path: String?, level: LogLevelChoice, format: LogFormatChoice, allowsStandardError: Bool
) throws(PlainFailure) -> Logger {
    guard let path else { return Logger(label: "tchat") { _ in SwiftLogNoOpLogHandler() } }
    guard path != "-" || allowsStandardError else {
        throw PlainFailure(
            "A log would spoil the picture on the terminal: give --log-file a file, or send standard error elsewhere (2>FILE).")
    }
    guard let handler = FileLogHandler(path: path, label: "tchat", level: Logger.Level(rawValue: level.rawValue) ?? .info, format: format)
    else {
        throw PlainFailure("The log file \(path) cannot be opened: \(String(cString: strerror(errno))).")
    }
    return Logger(label: "tchat") { _ in handler }
}

/// A failure whose text is a whole sentence for a person; exit status 1.
struct PlainFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
