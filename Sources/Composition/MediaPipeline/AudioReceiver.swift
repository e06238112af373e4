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

    private func playLoop() {
        var mix = [Int32](repeating: 0, count: Self.block)
        var limiter = MixLimiter()
        while true {
            let (streams, sink, isStopped) = state.withLock { ($0.streams, $0.sink, $0.isStopped) }
            if isStopped { return }
            let now = MonotonicClock.now()
            let latency = sink.latency
            for i in mix.indices { mix[i] = 0 }
            var hasSound = false
            for stream in streams where stream.render(into: &mix, now: now, latency: latency) { hasSound = true }
            let block = limiter.process(mix)
            if hasSound { onSamples(block) }
            do throws(MediaDeviceError) {
                try sink.write(block)
            } catch {
                fallBack(from: sink, error)
            }
        }
    }

    private func fallBack(from sink: any AudioSink, _ error: MediaDeviceError) {
        let isStopped = state.withLock { state in
            if !state.isStopped { state.sink = ClockedSink() }
            return state.isStopped
        }
        sink.stop()
        if !isStopped { onSpeakerFailure(error) }
    }
}
