import AudioCodec
import MediaTypes
import Primitives
import RTP
import Synchronization
import Threading

/// One other person's sound: packets go in on the network thread, 20 ms at a time come out on the playout thread.
public final class AudioStream: Sendable {
    private struct State: ~Copyable {
        var jitterBuffer = AudioJitterBuffer()
        var decoder: OpusDecoder
        /// Decoded, not yet played: a packet may hold more or less than 20 ms.
        var samples: [Int16] = []
        var fader = Fader()
        var statistics = AudioPlayoutStatistics()
        var level: Float = 0
    }

    private static let capacity = 256
    private let ring = BoundedRing<ReceivedAudioPacket>(capacity: capacity)
    private let state: Mutex<State>

    init() throws(AudioCodecError) { state = Mutex(State(decoder: try OpusDecoder())) }

    /// From one thread. Five seconds of packets fit; more are dropped.
    public func push(_ packet: ReceivedAudioPacket) { ring.push(packet) }

    public var statistics: AudioPlayoutStatistics {
        state.withLock { state in
            var statistics = state.statistics
            statistics.jitter = state.jitterBuffer.statistics
            return statistics
        }
    }

    /// How loud it is now: 0 up to -60 dB, 1 at full scale.
    public var level: Float { state.withLock { $0.level } }

    /// Adds the next samples to a mix.
    /// - Returns: whether the stream has begun.
    func render(into mix: inout [Int32], now: Instant) -> Bool {
        state.withLock { state in
            while let packet = ring.pop() {
                state.statistics.received += 1
                state.jitterBuffer.insert(packet, now: now)
            }
            guard state.statistics.received > 0 else { return false }
            while state.samples.count < mix.count { Self.extend(&state, now) }
            let block = Array(state.samples[..<mix.count])
            state.samples.removeFirst(mix.count)
            for i in 0..<mix.count { mix[i] &+= Int32(block[i]) }
            state.level = AudioLevel.measure(block)
            return true
        }
    }

    /// Adds at least one sample.
    private static func extend(_ state: inout State, _ now: Instant) {
        let start = state.samples.count
        switch state.jitterBuffer.pull(now: now) {
        case .packet(let payload):
            if (try? state.decoder.decode(payload, into: &state.samples)) != nil {
                state.fader.sound(&state.samples, from: start)
                state.statistics.playedSamples += state.samples.count - start
            } else {
                conceal(&state)
            }
        case .lost(let next?):
            if (try? state.decoder.decodeFEC(next, into: &state.samples)) != nil {
                state.fader.sound(&state.samples, from: start)
                state.statistics.playedSamples += state.samples.count - start
            } else {
                conceal(&state)
            }
        case .lost(nil): conceal(&state)
        case .empty:
            // What still sounds is faded out; then it is silence itself.
            if state.fader.isSilent { state.samples += repeatElement(0, count: OpusFormat.samplesPerPacket) } else { conceal(&state) }
        }
        if state.samples.count == start { state.samples += repeatElement(0, count: OpusFormat.samplesPerPacket) }
    }

    private static func conceal(_ state: inout State) {
        let start = state.samples.count
        _ = try? state.decoder.conceal(into: &state.samples)
        state.fader.concealment(&state.samples, from: start)
        state.statistics.concealedSamples += OpusFormat.samplesPerPacket
    }
}

public struct AudioPlayoutStatistics: Sendable, Equatable {
    public var received = 0
    /// Decoded from packets, their FEC among them.
    public var playedSamples = 0
    /// Made up for what did not come.
    public var concealedSamples = 0
    public var jitter = AudioJitterStatistics()

    public var playedMs: Int { playedSamples / 48 }
    public var concealedMs: Int { concealedSamples / 48 }

    public init() {}
}

/// Takes made-up sound down to silence over five blocks, and lets real sound in again without a click.
struct Fader {
    private var gain: Float = 0
    private static let fall: Float = 0.25
    /// 5 ms.
    private static let rise: Float = 1 / 240

    var isSilent: Bool { gain == 0 }

    mutating func sound(_ samples: inout [Int16], from start: Int) {
        for i in start..<samples.count {
            guard gain < 1 else { return }
            gain = min(1, gain + Self.rise)
            samples[i] = Int16(Float(samples[i]) * gain)
        }
    }

    mutating func concealment(_ samples: inout [Int16], from start: Int) {
        let end = gain < Self.fall * 1.5 ? 0 : gain - Self.fall
        let step = (gain - end) / Float(max(1, samples.count - start))
        for i in start..<samples.count {
            gain -= step
            samples[i] = Int16(Float(samples[i]) * max(0, gain))
        }
        gain = end
    }
}
