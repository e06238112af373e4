import AudioCodec
import MediaTypes
import Primitives
import Synchronization
import Threading

/// What is heard: one playout thread, paced by the speaker, that mixes every stream and keeps the sum within bounds.
public final class AudioReceiver: Sendable {
    private struct State {
        var streams: [AudioStream] = []
        /// Of streams that are gone.
        var past = AudioPlayoutStatistics()
        var sink: any AudioSink
        var isStopped = false
        /// Of the test tone, in samples; nil: none sounds.
        var toneAt: Int?
    }

    /// 10 ms: what is pulled at once has to be there at once.
    private static let block = OpusFormat.samplesPerPacket / 2
    private let state: Mutex<State>
    private let onSamples: @Sendable ([Int16]) -> Void
    private let onSpeakerFailure: @Sendable (MediaDeviceError) -> Void
    private let thread = WorkerThread()

    /// - Parameters:
    ///   - sink: without a speaker, a `ClockedSink`.
    ///   - onSamples: on the playout thread: 10 ms of what is played, while a stream is there that has begun.
    ///   - onSpeakerFailure: on the playout thread; from then on the clock paces, and the call goes on unheard.
    public init(
        sink: any AudioSink, onSamples: @escaping @Sendable ([Int16]) -> Void = { _ in },
        onSpeakerFailure: @escaping @Sendable (MediaDeviceError) -> Void = { _ in }
    ) {
        state = Mutex(State(sink: sink))
        self.onSamples = onSamples
        self.onSpeakerFailure = onSpeakerFailure
    }

    /// False when the system has no thread to give.
    @discardableResult
    public func start() -> Bool { thread.start(name: "audio-playout") { [self] in playLoop() } }

    /// Ends the thread, and waits for it. Must not be called from a callback.
    public func stop() {
        let sink = state.withLock { state in
            state.isStopped = true
            return state.sink
        }
        sink.stop()
        thread.join()
    }

    /// A place in the mix for one more person; nil when libopus gives no decoder.
    /// - Parameter onSamples: on the playout thread: 10 ms of this person's sound as it goes into the mix, from its beginning on.
    public func addStream(onSamples: (@Sendable ([Int16]) -> Void)? = nil) -> AudioStream? {
        guard let stream = try? AudioStream(onSamples: onSamples) else { return nil }
        state.withLock { $0.streams.append(stream) }
        return stream
    }

    public func removeStream(_ stream: AudioStream) {
        state.withLock { state in
            guard let index = state.streams.firstIndex(where: { $0 === stream }) else { return }
            state.streams.remove(at: index)
            state.past.add(stream.statistics)
        }
    }

    /// Of all streams, those that are gone among them; the jitter of the last one.
    public var statistics: AudioPlayoutStatistics {
        state.withLock { state in
            var all = state.past
            for stream in state.streams { all.add(stream.statistics) }
            return all
        }
    }

    /// Where the sound goes now.
    public var sink: any AudioSink { state.withLock { $0.sink } }

    /// Plays on another speaker from now on. Must not be called from a callback.
    public func replaceSink(with replacement: any AudioSink) {
        let former = state.withLock { state -> any AudioSink in
            guard !state.isStopped else { return replacement }
            defer { state.sink = replacement }
            return state.sink
        }
        former.stop()
    }

    /// A short soft sound on the speaker alone, on top of what is played: it is heard, and counts and is recorded nowhere.
    public func playTestTone() { state.withLock { $0.toneAt = 0 } }

    private func playLoop() {
        var mix = [Int32](repeating: 0, count: Self.block)
        var limiter = MixLimiter()
        while true {
            let (streams, sink, isStopped, toneAt) = state.withLock { state in
                defer { state.toneAt = state.toneAt.flatMap { TestTone.after($0, count: Self.block) } }
                return (state.streams, state.sink, state.isStopped, state.toneAt)
            }
            if isStopped { return }
            let now = MonotonicClock.now()
            let latency = sink.latency
            for i in mix.indices { mix[i] = 0 }
            var hasSound = false
            for stream in streams where stream.render(into: &mix, now: now, latency: latency) { hasSound = true }
            var block = limiter.process(mix)
            if hasSound { onSamples(block) }
            if let toneAt { TestTone.add(to: &block, at: toneAt) }
            do throws(MediaDeviceError) {
                try sink.write(block)
            } catch {
                fallBack(from: sink, error)
            }
        }
    }

    private func fallBack(from sink: any AudioSink, _ error: MediaDeviceError) {
        let isInUse = state.withLock { state in
            // One that was replaced has nothing to say any more.
            guard !state.isStopped, state.sink === sink else { return false }
            state.sink = ClockedSink()
            return true
        }
        sink.stop()
        if isInUse { onSpeakerFailure(error) }
    }
}
