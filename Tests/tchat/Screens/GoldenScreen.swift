import Glibc
import Primitives
import TestSupport
import Testing
import Threading

/// How a screen has to look: a text file in the folder `Golden`, with what varies masked.
///
/// `TCHAT_RECORD_GOLDEN=1 swift test --filter Screen` writes them anew; look at each before it is kept.
struct GoldenScreen {
    static let isRecorded = getenv("TCHAT_RECORD_GOLDEN").map { String(cString: $0) == "1" } ?? false
    /// So many frames without a change of what is not masked, and so much time: a failure comes no later than it has to. What is still
    /// drawn tells that the program is alive; on a busy machine its frames are as late as all else.
    private static let framesAtRest = 300
    private static let restsForFailure = Interval.seconds(20)
    private static let settlesForRecord = Interval.milliseconds(1500)

    let file: String

    /// - Parameter name: of the state, such as `lobby`; the size and the language follow in the file's name.
    init(_ name: String, columns: Int, rows: Int, language: String) {
        let folder = "\(#filePath)".split(separator: "/").dropLast().map { "/\($0)" }.joined()
        file = "\(folder)/Golden/\(name)-\(columns)x\(rows)-\(language).txt"
    }

    var rows: [String]? {
        guard let handle = fopen(file, "r") else { return nil }
        defer { fclose(handle) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&piece, 1, piece.count, handle), count > 0 { bytes += piece[..<count] }
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    func record(_ rows: [String]) throws {
        guard let handle = fopen(file, "w") else { throw ProgramRun.Failure(description: "\(file) cannot be written: \(errno)") }
        defer { fclose(handle) }
        let text = rows.map { $0 + "\n" }.joined()
        fwrite(text, 1, text.utf8.count, handle)
    }

    /// Waits until the screen is as it should be. What differs when nothing more changes is an issue, and the test goes on.
    /// - Parameters:
    ///   - isReady: what tells that the state is there at all; without it the wait fails.
    ///   - mask: how the run's screen is masked.
    func check(
        _ run: ScreenRun, isReady: (VirtualTerminal) -> Bool, mask: (VirtualTerminal) -> MaskedScreen,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await run.until("the state of \(name)", isReady)
        let wanted = rows
        var shown = mask(run.screen)
        var (bytes, changed, start) = (run.bytesWritten, MonotonicClock.now(), MonotonicClock.now())
        var frames = run.screen.synchronizedFrames
        while true {
            if !Self.isRecorded, shown.isAsIn(wanted) { break }
            let now = MonotonicClock.now()
            let rests = run.screen.synchronizedFrames - frames > Self.framesAtRest && now - changed >= Self.restsForFailure
            if Self.isRecorded && now - changed >= Self.settlesForRecord || rests || now - start >= ProgramRun.patience {
                if Self.isRecorded {
                    try record(shown.rows)
                } else {
                    Issue.record("\(Self.difference(wanted, shown.rows, name))", sourceLocation: sourceLocation)
                }
                break
            }
            try await Task.sleep(for: .milliseconds(20))
            try await run.until("the state of \(name)") { _ in true }
            guard run.bytesWritten != bytes else { continue }
            bytes = run.bytesWritten
            let next = mask(run.screen)
            if next != shown { (changed, frames) = (MonotonicClock.now(), run.screen.synchronizedFrames) }
            shown = next
        }
        #expect(run.screen.unknown.isEmpty, "\(name)", sourceLocation: sourceLocation)
        #expect(!run.screen.hasAlternateScrolled, "\(name)", sourceLocation: sourceLocation)
    }

    private var name: String { file.split(separator: "/").last.map { String($0.dropLast(4)) } ?? "" }

    private static func difference(_ wanted: [String]?, _ shown: [String], _ name: String) -> String {
        guard let wanted else {
            return "There is no golden screen \(name). TCHAT_RECORD_GOLDEN=1 records it. It is:\n\(shown.joined(separator: "\n"))"
        }
        var text = "The screen is not as \(name) has it (- golden, + shown):\n"
        for row in 0..<max(wanted.count, shown.count) {
            let (old, new) = (wanted.indices.contains(row) ? wanted[row] : nil, shown.indices.contains(row) ? shown[row] : nil)
            guard old != new else { continue }
            let number = "\(row)".count < 2 ? " \(row)" : "\(row)"
            if let old { text += "\(number) - \(old)\n" }
            if let new { text += "\(number) + \(new)\n" }
        }
        return text + "All that is shown:\n\(shown.joined(separator: "\n"))"
    }
}
