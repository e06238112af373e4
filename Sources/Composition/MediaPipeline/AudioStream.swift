import AudioCodec
import MediaTypes
import Primitives
import RTP
import Synchronization
import Threading

/// One other person's sound: packets go in on the network thread, 10 ms at a time come out on the playout thread.
public final class AudioStream: Sendable {
    private struct State: ~Copyable {
        var jitterBuffer = AudioJitterBuffer()
        var decoder: OpusDecoder
        /// Decoded, not yet played: a packet may hold more or less than 20 ms, and stretching changes its length.
        var queue = PlayoutQueue()
        var fader = Fader()
        /// The newest sound in the queue is made up.
        var isConcealing = false
        var statistics = AudioPlayoutStatistics()
        var level: Float = 0
    }

    /// Copies within packets come as packets of their own.
    private static let capacity = 768
    private let ring = BoundedRing<ReceivedAudioPacket>(capacity: capacity)
    private let state: Mutex<State>
    /// What the same person's `VideoReceiver` is given, to keep picture and sound together.
    public let clock = PlayoutClock()

    private let onSamples: (@Sendable ([Int16]) -> Void)?

    init(onSamples: (@Sendable ([Int16]) -> Void)? = nil) throws(AudioCodecError) {
        state = Mutex(State(decoder: try OpusDecoder()))
        self.onSamples = onSamples
    }

    /// From one thread. Five seconds of packets fit; more are dropped.
    public func push(_ packet: ReceivedAudioPacket) { ring.push(packet) }

    public var statistics: AudioPlayoutStatistics {
        state.withLock { state in
            var statistics = state.statistics
            statistics.fill(state.jitterBuffer.statistics)
            return statistics
        }
    }

    /// How loud it is now: 0 up to -60 dB, 1 at full scale.
    public var level: Float { state.withLock { $0.level } }

    /// Adds the next samples to a mix.
    /// - Parameter latency: from now until the first of them is heard.
    /// - Returns: whether the stream has begun.
    func render(into mix: inout [Int32], now: Instant, latency: Interval = .zero) -> Bool {
        let played = state.withLock { state -> [Int16]? in
            while let packet = ring.pop() {
                if !packet.isRedundant { state.statistics.received += 1 }
                state.jitterBuffer.insert(packet, now: now)
            }
            guard state.statistics.received > 0 else { return nil }
            state.jitterBuffer.extraDelay = clock.extraAudioDelay
            while state.queue.pending < mix.count { extend(&state, now, latency, wanted: mix.count) }
            stretch(&state, now, latency)
            while state.queue.pending < mix.count { extend(&state, now, latency, wanted: mix.count) }
            let played = Array(state.queue.play(into: &mix))
            state.level = AudioLevel.measure(played)
            state.queue.trim()
            return played
        }
        guard let played else { return false }
        onSamples?(played)
        return true
    }

    private func stretch(_ state: inout State, _ now: Instant, _ latency: Interval) {
        let wanted = state.jitterBuffer.stretch()
        if case .accelerate(let most, _) = wanted {
            // Two periods must be there to make one of them.
            while state.queue.pending < 2 * most, state.jitterBuffer.hasNext { extend(&state, now, latency, wanted: 2 * most) }
        }
        let change = state.queue.stretch(wanted)
        state.jitterBuffer.stretched(by: change)
        state.statistics.insertedSamplesForDeceleration += max(0, change)
        state.statistics.removedSamplesForAcceleration += max(0, -change)
    }

    /// Adds at least one sample to what is pending, of which so many are wanted.
    private func extend(_ state: inout State, _ now: Instant, _ latency: Interval, wanted: Int) {
        let (start, pending) = (state.queue.samples.count, state.queue.pending)
        switch state.jitterBuffer.pull(now: now, pending: pending) {
        case .packet(let payload):
            guard (try? state.decoder.decode(payload, into: &state.queue.samples)) != nil else { return Self.conceal(&state) }
            Self.decoded(&state, from: start)
            if let capture = state.jitterBuffer.captureTime {
                clock.heard(capture: capture, at: now + latency + .microseconds(Int64(pending) * 125 / 6))
            }
        case .lost(let next?) where OpusPacket.hasFEC(next):
            guard (try? state.decoder.decodeFEC(next, into: &state.queue.samples)) != nil else { return Self.conceal(&state) }
            Self.decoded(&state, from: start)
        case .lost: Self.conceal(&state)
        case .empty:
            // What still sounds is faded out; then it is silence itself.
            guard state.fader.isSilent else { return Self.conceal(&state) }
            // No more of it than is needed, since sound may be due in the next pull.
            let count = max(1, wanted - pending)
            state.queue.samples += repeatElement(0, count: count)
            if state.statistics.playedSamples > 0 { state.statistics.silentConcealedSamples += count }
        }
    }

    private static func decoded(_ state: inout State, from start: Int) {
        state.fader.sound(&state.queue.samples, from: start)
        state.statistics.playedSamples += state.queue.samples.count - start
        if state.isConcealing || state.jitterBuffer.isCut {
            state.jitterBuffer.stretched(by: -state.queue.merge(from: start), wasAsked: false)
        }
        state.isConcealing = false
    }

    private static func conceal(_ state: inout State) {
        let start = state.queue.samples.count
        // The decoder has to know of the loss in any case.
        _ = try? state.decoder.conceal(into: &state.queue.samples)
        state.queue.continueEvenly(from: start)
        state.fader.concealment(&state.queue.samples, from: start)
        if state.queue.samples.count == start { state.queue.samples += repeatElement(0, count: OpusFormat.samplesPerPacket) }
        state.statistics.concealedSamples += OpusFormat.samplesPerPacket
        if !state.isConcealing { state.statistics.concealmentEvents += 1 }
        state.isConcealing = true
    }
}
