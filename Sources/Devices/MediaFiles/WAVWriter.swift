import MediaTypes
import Synchronization

/// Writes 48 kHz mono sound of 16 bits into a WAV file, on a thread of its own. The header is right after every tenth of a second, so that
/// the file can be played even when the process was killed.
public final class WAVWriter: Sendable {
    private struct State: ~Copyable {
        /// Nil before it is opened.
        var file: FileOutput?
        var buffer: [UInt8] = []
        var written = 0
        var failure: MediaDeviceError?
    }

    private final class Shared: Sendable {
        let state: Mutex<State>
        init(_ file: consuming FileOutput?) { state = Mutex(State(file: file)) }
    }

    private static let headerCount = 44
    /// What 32-bit fields can say: 12 hours.
    private static let most = Int(UInt32.max) - headerCount
    private let shared: Shared
    private let writer: BackgroundWriter<[Int16]>

    public convenience init(path: String) throws(MediaDeviceError) {
        try self.init(path: path, Shared(try Self.open(path))) { _ in }
    }

    /// Returns at once, however slow the disk is: the file is opened for the first sound, by the thread that writes.
    /// - Parameter onFailure: on that thread, once: nothing more is written.
    public convenience init(
        openingLater path: String, onFailure: @escaping @Sendable (MediaDeviceError) -> Void
    ) throws(MediaDeviceError) {
        try self.init(path: path, Shared(nil), onFailure: onFailure)
    }

    private init(
        path: String, _ shared: Shared, onFailure: @escaping @Sendable (MediaDeviceError) -> Void
    ) throws(MediaDeviceError) {
        let writer = BackgroundWriter<[Int16]>(
            name: "wav-writer", capacity: 256,
            write: { samples in
                // What waits behind a failure is not tried any more.
                guard shared.state.withLock({ $0.failure == nil }) else { return false }
                let (goesOn, failure) = shared.state.withLock { (Self.write(samples, to: path, &$0), $0.failure) }
                if let failure { onFailure(failure) }
                return goesOn
            }, finish: { shared.state.withLock { _ = Self.flush(&$0) } })
        guard let writer else { throw MediaDeviceError(.failed, "The system has no thread left to write \(path) with.") }
        self.shared = shared
        self.writer = writer
    }

    /// At once; false when the disk is too slow, or writing has failed.
    @discardableResult
    public func write(_ samples: [Int16]) -> Bool { writer.put(samples) }

    public var failure: MediaDeviceError? { shared.state.withLock { $0.failure } }

    /// Returns when all is in the file.
    public func close() { writer.close() }

    private static func open(_ path: String) throws(MediaDeviceError) -> FileOutput {
        let file = try FileOutput(path: path)
        try file.append(header(dataCount: 0).span)
        return file
    }

    private static func write(_ samples: [Int16], to path: String, _ state: inout State) -> Bool {
        if state.file == nil {
            do throws(MediaDeviceError) { state.file = try open(path) } catch {
                state.failure = error
                return false
            }
        }
        guard state.written + state.buffer.count + samples.count * 2 <= most else { return false }
        for sample in samples {
            state.buffer.append(UInt8(truncatingIfNeeded: sample))
            state.buffer.append(UInt8(truncatingIfNeeded: sample >> 8))
        }
        return state.buffer.count < 9600 || flush(&state)
    }

    private static func flush(_ state: inout State) -> Bool {
        guard state.file != nil else { return false }
        do throws(MediaDeviceError) {
            try state.file?.append(state.buffer.span)
            state.written += state.buffer.count
            state.buffer.removeAll(keepingCapacity: true)
            try state.file?.overwrite(header(dataCount: state.written), at: 0)
            return true
        } catch {
            state.failure = error
            return false
        }
    }

    /// RIFF WAVE, PCM: one format chunk, one data chunk.
    private static func header(dataCount: Int) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        let rate = 48_000
        let format = little(1, 2) + little(1, 2) + little(rate, 4) + little(rate * 2, 4) + little(2, 2) + little(16, 2)
        return Array("RIFF".utf8) + little(dataCount + headerCount - 8, 4) + Array("WAVEfmt ".utf8) + little(16, 4) + format
            + Array("data".utf8) + little(dataCount, 4)
    }
}
