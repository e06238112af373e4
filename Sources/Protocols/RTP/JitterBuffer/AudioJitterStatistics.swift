import Primitives

public struct AudioJitterStatistics: Sendable, Equatable {
    public var played = 0
    /// Pulls answered by `.lost`, those among them that the next packet's FEC serves.
    public var concealed = 0
    /// Came after their place had been played or concealed, repeats of played packets among them; copies (RFC 2198) are not counted.
    public var late = 0
    public var duplicates = 0
    /// Left out to bring the delay down, or for want of room.
    public var dropped = 0
    /// Times the stream went on somewhere else: after an outage, a long silence, or with a new source.
    public var resyncs = 0
    public var targetDelay = Interval.zero
    public var bufferedDelay = Interval.zero
    /// webrtc-stats' `jitterBufferDelay`: over all samples played, how long each was held.
    public var heldDelay = Interval.zero
    /// `jitterBufferTargetDelay`: over all samples played, the target when it was.
    public var heldTarget = Interval.zero
    /// `jitterBufferEmittedCount`, in samples.
    public var emittedSamples = 0
    /// `fecPacketsReceived`: copies within later packets (RFC 2198), and packets with in-band FEC.
    public var fecPackets = 0
    /// Places that a copy filled in time.
    public var recovered = 0

    public init() {}
}
