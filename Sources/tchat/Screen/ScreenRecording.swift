import Glibc
import Primitives
import Synchronization
import Terminal
import Threading

/// The screen as an asciinema file. The drawing loop only hands its bytes over; a thread of its own writes them, a few times a second.
///
/// What cannot be written ends the recording, never the call.
final class ScreenRecording: Sendable {
    /// More than this waiting to be written, and the recording ends: it could not go on without a gap.
    static let mostWaiting = 16_000_000
    static let pause = Interval.milliseconds(250)

    private struct Batch {
        struct Event {
            var time: Interval
            /// Of `bytes`; 0: a new size.
            var count: Int
            var size: TerminalSize
        }
        var bytes: [UInt8] = []
        var events: [Event] = []
    }

    private struct State {
        var batch = Batch()
        var isOver = false
        /// A sentence that nobody has been told.
        var failure: String?
    }

    private let path: String
    private let descriptor: Int32
    private let start: Instant
    private let state = Mutex(State())
    private let stop = StopSignal()
    private let writer = WorkerThread()

    /// - Throws: a sentence when the file cannot be written.
    init(path: String, size: TerminalSize, term: String, now: Instant) throws(PlainFailure) {
        // What is seen in a call is for those who were in it.
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw PlainFailure("The recording \(path) cannot be written: \(String(cString: strerror(errno))).") }
        self.path = path
        start = now
        let header = Asciicast.header(
            columns: size.columns, rows: size.rows, timestamp: WallClock.milliseconds() / 1000, term: printable(term))
        if let error = Self.write(header, to: descriptor) {
            close(descriptor)
            throw PlainFailure("The recording \(path) cannot be written: \(String(cString: strerror(error))).")
        }
        guard writer.start(name: "recording", { [self] in run() }) else {
            close(descriptor)
            throw PlainFailure("There is no thread left for the recording; close other programs and try again.")
        }
        add(Array("\u{1b}[?25l\u{1b}[2J".utf8).span, now: now)
    }

    /// What the terminal is sent.
    func add(_ bytes: Span<UInt8>, now: Instant) {
        guard bytes.count > 0 else { return }
        let time = now - start
        bytes.withUnsafeBufferPointer { buffer in
            state.withLock { state in
                guard !state.isOver else { return }
                guard state.batch.bytes.count + buffer.count <= Self.mostWaiting else {
                    state.isOver = true
                    state.failure = "The recording \(path) has ended: the disk does not take it as fast as the screen changes."
                    return
                }
                state.batch.bytes.append(contentsOf: buffer)
                state.batch.events.append(Batch.Event(time: time, count: buffer.count, size: TerminalSize(columns: 0, rows: 0)))
            }
        }
    }

    func resized(_ size: TerminalSize, now: Instant) {
        let time = now - start
        state.withLock { state in
            guard !state.isOver else { return }
            state.batch.events.append(Batch.Event(time: time, count: 0, size: size))
        }
    }

    /// Why it has ended, once.
    func takeFailure() -> String? { state.withLock { $0.failure.take() } }

    /// Writes what is left; to be called once.
    func finish(now: Instant) {
        add(Array("\u{1b}[0m\u{1b}[?25h".utf8).span, now: now)
        stop.stop()
        writer.join()
        state.withLock { $0.isOver = true }
        close(descriptor)
    }

    private func run() {
        var cast = Asciicast()
        var batch = Batch()
        var lines: [UInt8] = []
        var isLast = false
        while !isLast {
            isLast = !stop.sleep(until: MonotonicClock.now() + Self.pause)
            state.withLock { swap(&$0.batch, &batch) }
            guard !batch.events.isEmpty else { continue }
            lines.removeAll(keepingCapacity: true)
            var at = 0
            for event in batch.events {
                if event.count > 0 {
                    cast.output(batch.bytes[at..<at + event.count], at: event.time, into: &lines)
                    at += event.count
                } else {
                    cast.resized(columns: event.size.columns, rows: event.size.rows, at: event.time, into: &lines)
                }
            }
            batch.bytes.removeAll(keepingCapacity: true)
            batch.events.removeAll(keepingCapacity: true)
            guard let error = Self.write(lines, to: descriptor) else { continue }
            state.withLock { state in
                state.isOver = true
                state.batch = Batch()
                state.failure = "The recording \(path) has ended: \(String(cString: strerror(error)))."
            }
            return
        }
    }

    /// The error, when not all of it was written.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done) }
            if count > 0 {
                done += count
            } else if count == 0 || errno != EINTR {
                return count == 0 ? EIO : errno
            }
        }
        return nil
    }
}
