import MediaTypes
import Primitives
import Synchronization
import Threading

/// A WAV file as a microphone: any rate, any number of channels, mixed down to 48 kHz mono.
public final class WAVReader: AudioSource {
    private struct State: ~Copyable {
        let file: FileInput
        let format: WAVFormat
        var resampler: Resampler?
        /// Bytes of sound read so far in this turn.
        var offset = 0
        var pending: [Float] = []
        var consumed = 0
        var cadence = Cadence(unitsPerSecond: 48_000, tolerance: .milliseconds(200))
    }

    public let name: String
    private let looped: Bool
    private let paced: Bool
    private let state: Mutex<State>
    private let stopped = StopSignal()

    /// - Throws: what is wrong and where, such as "clip.wav: its data of 96000 bytes is cut short at byte 5044".
    public init(path: String, looped: Bool, paced: Bool = true) throws(MediaDeviceError) {
        let file = try FileInput(path: path)
        name = file.name
        let format = try WAVFormat(file)
        let resampler = format.sampleRate == 48_000 ? nil : try Resampler(from: format.sampleRate)
        self.looped = looped
        self.paced = paced
        state = Mutex(State(file: file, format: format, resampler: resampler))
    }

    /// The last block of a file that is not looped is filled up with silence.
    public func read(into samples: inout [Int16]) throws(MediaDeviceError) -> Bool {
        let count = samples.count
        let step = try state.withLock { (state) throws(MediaDeviceError) in
            (block: try take(&state, count), due: state.cadence.advance(by: count, now: MonotonicClock.now()))
        }
        guard let block = step.block else { return false }
        if paced, !stopped.sleep(until: step.due) { return false }
        for i in 0..<min(count, block.count) { samples[i] = block[i] }
        return !stopped.isStopped
    }

    public func stop() { stopped.stop() }

    private func take(_ state: inout State, _ count: Int) throws(MediaDeviceError) -> [Int16]? {
        while state.pending.count - state.consumed < count {
            guard try refill(&state) else { break }
        }
        let there = min(count, state.pending.count - state.consumed)
        guard there > 0 else { return nil }
        let block = state.pending[state.consumed..<state.consumed + there].map { Int16(max(-32768, min(32767, ($0 * 32768).rounded()))) }
        state.consumed += there
        return block + Array(repeating: 0, count: count - there)
    }

    /// A tenth of a second more; false at the end.
    private func refill(_ state: inout State) throws(MediaDeviceError) -> Bool {
        if state.offset >= state.format.dataCount {
            guard looped else { return false }
            state.offset = 0
        }
        let wanted = max(1, state.format.sampleRate / 10) * state.format.bytesPerFrame
        let bytes = try state.file.read(min(wanted, state.format.dataCount - state.offset), at: state.format.dataOffset + state.offset)
        // It was longer when it was opened.
        guard bytes.count >= state.format.bytesPerFrame else {
            throw MediaDeviceError(.malformed, "\(name) has been cut short while it was read.")
        }
        state.offset += bytes.count
        state.pending.removeFirst(state.consumed)
        state.consumed = 0
        let mono = state.format.mono(bytes)
        if state.resampler == nil { state.pending += mono } else { state.resampler?.process(mono, into: &state.pending) }
        return true
    }
}
