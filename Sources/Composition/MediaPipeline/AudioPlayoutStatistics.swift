import Primitives
import RTP

/// What has become of received sound; the names are webrtc-stats', in its units, but for times, which are `Interval`.
public struct AudioPlayoutStatistics: Sendable, Equatable {
    /// Packets, copies within other packets not counted.
    public var received = 0
    /// Decoded from packets, their FEC among them.
    public var playedSamples = 0
    /// Made up for what did not come. webrtc-stats counts the silent ones in.
    public var concealedSamples = 0
    /// Silence, after the made-up sound had faded out.
    public var silentConcealedSamples = 0
    public var concealmentEvents = 0
    public var insertedSamplesForDeceleration = 0
    public var removedSamplesForAcceleration = 0
    /// Over all emitted samples, how long each was held: divided by their count it is the mean.
    public var jitterBufferDelay = Interval.zero
    public var jitterBufferTargetDelay = Interval.zero
    public var jitterBufferEmittedCount = 0
    /// Copies (RFC 2198), and packets with in-band FEC.
    public var fecPacketsReceived = 0
    /// Late, repeated, or left out to bring the delay down.
    public var packetsDiscarded = 0
    public var jitter = AudioJitterStatistics()

    public var playedMs: Int { playedSamples / 48 }
    public var concealedMs: Int { concealedSamples / 48 }

    public init() {}

    mutating func fill(_ jitter: AudioJitterStatistics) {
        self.jitter = jitter
        jitterBufferDelay = jitter.heldDelay
        jitterBufferTargetDelay = jitter.heldTarget
        jitterBufferEmittedCount = jitter.emittedSamples
        fecPacketsReceived = jitter.fecPackets
        packetsDiscarded = jitter.late + jitter.duplicates + jitter.dropped
    }

    /// Sums; the jitter is the other's.
    public mutating func add(_ other: AudioPlayoutStatistics) {
        received += other.received
        playedSamples += other.playedSamples
        concealedSamples += other.concealedSamples
        silentConcealedSamples += other.silentConcealedSamples
        concealmentEvents += other.concealmentEvents
        insertedSamplesForDeceleration += other.insertedSamplesForDeceleration
        removedSamplesForAcceleration += other.removedSamplesForAcceleration
        jitterBufferDelay += other.jitterBufferDelay
        jitterBufferTargetDelay += other.jitterBufferTargetDelay
        jitterBufferEmittedCount += other.jitterBufferEmittedCount
        fecPacketsReceived += other.fecPacketsReceived
        packetsDiscarded += other.packetsDiscarded
        jitter = other.jitter
    }
}
