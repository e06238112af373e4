import Glibc
import Primitives

/// `tchat-bench srtp-send | data-channel | relay`: one JSON object a line on standard output, complaints on standard error.
@main enum Main {
    static let usage = """
        usage: tchat-bench srtp-send --port PORT [--seconds 3] [--size 1200]
               tchat-bench data-channel --role offer|answer [--seconds 5] [--size 16384]
               tchat-bench relay [--delay MILLISECONDS]
        """

    static func main() {
        var words = Array(CommandLine.arguments.dropFirst())
        let command = words.isEmpty ? "" : words.removeFirst()
        guard let options = Options(words) else { end(usage) }
        switch command {
        case "srtp-send": sendSRTP(options)
        case "data-channel": carryData(options)
        case "relay": relay(options)
        default: end(usage)
        }
    }
}

/// `--name value` pairs.
struct Options {
    private var values: [String: String] = [:]

    init?(_ words: [String]) {
        guard words.count.isMultiple(of: 2) else { return nil }
        for index in stride(from: 0, to: words.count, by: 2) {
            guard words[index].hasPrefix("--") else { return nil }
            values[String(words[index].dropFirst(2))] = words[index + 1]
        }
    }

    func number(_ name: String, _ standard: Int) -> Int {
        guard let text = values[name] else { return standard }
        guard let number = Int(text), number >= 0 else { end("--\(name) takes a whole number.") }
        return number
    }

    func text(_ name: String) -> String { values[name] ?? "" }
}

func end(_ complaint: String) -> Never {
    let line = complaint + "\n"
    _ = line.utf8CString.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count - 1) }
    exit(1)
}

func say(_ line: String) {
    print(line)
    fflush(nil)
}

/// User and system time of this process.
func cpuSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

func json(_ pairs: KeyValuePairs<String, String>) -> String { "{" + pairs.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}" }
