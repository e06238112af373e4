import Primitives

/// One VP8 frame as the encoder made it, or as the depacketizer put it together.
public struct EncodedVideoFrame: Sendable {
    public var payload: [UInt8]
    public var isKeyFrame: Bool
    /// RTP time stamp, 90 kHz.
    public var timestamp: UInt32
    /// Sent: when it was captured. Received: when its last packet came in.
    public var time: Instant
    /// Received: when it was captured, on the sender's clock, which its audio shares; nil before the sender's first report.
    public var captureTime: Interval?

    public init(payload: [UInt8], isKeyFrame: Bool, timestamp: UInt32, time: Instant) {
        self.payload = payload
        self.isKeyFrame = isKeyFrame
        self.timestamp = timestamp
        self.time = time
    }
}

/// One Opus packet to be sent.
public struct EncodedAudioFrame: Sendable {
    public var payload: [UInt8]
    /// RTP time stamp, 48 kHz.
    public var timestamp: UInt32
    /// Sound begins here after a silence that was not sent (RFC 3551's marker).
    public var startsTalkspurt: Bool

    public init(payload: [UInt8], timestamp: UInt32, startsTalkspurt: Bool = false) {
        self.payload = payload
        self.timestamp = timestamp
        self.startsTalkspurt = startsTalkspurt
    }
}

/// One Opus packet as it arrived, for the playout thread's jitter buffer.
public struct ReceivedAudioPacket: Sendable {
    public var sequenceNumber: UInt16
    public var timestamp: UInt32
    public var payload: [UInt8]
    public var arrival: Instant
    /// A copy that came within a later packet (RFC 2198), whose arrival it has.
    public var isRedundant = false
    /// When its first sample was captured, on the sender's clock, which its video shares; nil before the sender's first report.
    public var captureTime: Interval?

    public init(sequenceNumber: UInt16, timestamp: UInt32, payload: [UInt8], arrival: Instant) {
        self.sequenceNumber = sequenceNumber
        self.timestamp = timestamp
        self.payload = payload
        self.arrival = arrival
    }
}
