import Glibc
import JSON

/// A `tchat serve` of its own on a free port, and small, cheap calls through it.
struct Meeting {
    let server: ProgramRun
    let port: Int
    var url: String { "http://127.0.0.1:\(port)" }

    init() async throws {
        server = try ProgramRun(["serve", "--port", "0"])
        var port: Int?
        // "A friend types:  tchat --server http://127.0.0.1:4711"
        while port == nil {
            let line = try await server.line()
            if line.contains("http://"), let last = line.split(separator: ":").last { port = Int(last) }
        }
        self.port = port ?? 0
    }

    /// Joins the channel with a small picture, so that many calls fit on a slow machine.
    func caller(_ options: [String] = [], environment: [String: String] = [:]) throws -> ProgramRun {
        let small = ["--size", "160x120", "--fps", "15", "--bitrate", "200"]
        let common = ["room", "--server", url, "--headless", "--json", "--ice-server", "none", "--loopback", "--timeout", "80"]
        return try ProgramRun(common + small + options, environment: environment)
    }
}

extension JSONValue {
    /// A number by its path, such as `audio.toneHz`; 0 when it is not there.
    func number(_ path: String) -> Double {
        var value: JSONValue? = self
        for name in path.split(separator: ".") { value = value?[String(name)] }
        return value?.doubleValue ?? 0
    }

    /// Somewhat more picture and sound than a summary needs to be `ok`.
    var isCall: Bool {
        let fps = number("video.fps")
        guard fps > 0 else { return false }
        // What the program calls watched: the time between frames, each gap of more than 250 ms counted as that.
        let watched = (number("video.decoded") - 1) / fps - number("video.freezeMs") / 1000 + 0.25 * number("video.freezes")
        return watched >= 1.3 && number("audio.playedMs") - number("audio.concealedMs") >= 1300
    }
}

/// A folder for one test's files, gone afterwards.
final class TemporaryFolder {
    private let path: String

    init() {
        var template = Array("/tmp/tchat-processes-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
    }

    deinit {
        guard path != "/tmp", let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            unlink(file(name))
        }
        closedir(folder)
        rmdir(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ bytes: [UInt8], as name: String) -> String {
        let handle = fopen(file(name), "w")
        fwrite(bytes, 1, bytes.count, handle)
        fclose(handle)
        return file(name)
    }

    func read(_ name: String) -> [UInt8] {
        guard let handle = fopen(file(name), "r") else { return [] }
        defer { fclose(handle) }
        var all: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&piece, 1, piece.count, handle)
            if count == 0 { return all }
            all += piece[..<count]
        }
    }

    /// The last part of a WAV file that is still being written: 48 kHz, mono, 16 bits, after a header of 44 bytes.
    func newestSound(_ name: String, milliseconds: Int) -> [Int16]? {
        let sound = read(name).dropFirst(44)
        let count = milliseconds * 48
        guard sound.count >= count * 2 else { return nil }
        let bytes = Array(sound.dropLast(sound.count % 2).suffix(count * 2))
        return (0..<count).map { Int16(truncatingIfNeeded: Int(bytes[2 * $0]) | Int(bytes[2 * $0 + 1]) << 8) }
    }
}

/// Upward crossings of zero a second: the frequency of a clean tone.
func crossings(_ samples: [Int16]) -> Double {
    let count = zip(samples, samples.dropFirst()).count { $0 < 0 && $1 >= 0 }
    return Double(count) * 48_000 / Double(max(1, samples.count))
}

/// What a decoder makes of digital silence: zeros, but for its rounding. -60 dB at the most.
func isSilent(_ samples: [Int16]) -> Bool { samples.allSatisfy { $0.magnitude <= 32 } }
