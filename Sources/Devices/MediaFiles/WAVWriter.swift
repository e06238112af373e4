import MediaTypes
import Synchronization

/// Writes 48 kHz mono sound of 16 bits into a WAV file, on a thread of its own. The header is right after every tenth of a second, so that
/// the file can be played even when the process was killed.
public final class WAVWriter: Sendable {
    private struct State: ~Copyable {
        let file: FileOutput
        var buffer: [UInt8] = []
        var written = 0
        var failure: MediaDeviceError?
    }

    private final class Shared: Sendable {
        let state: Mutex<State>
        init(_ file: consuming FileOutput) { state = Mutex(State(file: file)) }
    }

    private static let headerCount = 44
    /// What 32-bit fields can say: 12 hours.
    private static let most = Int(UInt32.max) - headerCount
    private let shared: Shared
    private let writer: BackgroundWriter<[Int16]>

    public init(path: String) throws(MediaDeviceError) {
        let file = try FileOutput(path: path)
        try file.append(Self.header(dataCount: 0).span)
        let shared = Shared(file)
        let writer = BackgroundWriter<[Int16]>(
            name: "wav-writer", capacity: 256, write: { samples in shared.state.withLock { Self.write(samples, &$0) } },
            finish: { shared.state.withLock { _ = Self.flush(&$0) } })
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

    private static func write(_ samples: [Int16], _ state: inout State) -> Bool {
        guard state.written + state.buffer.count + samples.count * 2 <= most else { return false }
        for sample in samples {
            state.buffer.append(UInt8(truncatingIfNeeded: sample))
            state.buffer.append(UInt8(truncatingIfNeeded: sample >> 8))
        }
        return state.buffer.count < 9600 || flush(&state)
    }

    private static func flush(_ state: inout State) -> Bool {
        do throws(MediaDeviceError) {
            try state.file.append(state.buffer.span)
            state.written += state.buffer.count
            state.buffer.removeAll(keepingCapacity: true)
            try state.file.overwrite(header(dataCount: state.written), at: 0)
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
