import Primitives

/// One VP8 frame as the encoder made it, or as the depacketizer put it together.
public struct EncodedVideoFrame: Sendable {
    public var payload: [UInt8]
    public var isKeyFrame: Bool
    /// RTP time stamp, 90 kHz.
    public var timestamp: UInt32
    /// Sent: when it was captured. Received: when its last packet came in.
    public var time: Instant

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

    public init(sequenceNumber: UInt16, timestamp: UInt32, payload: [UInt8], arrival: Instant) {
        self.sequenceNumber = sequenceNumber
        self.timestamp = timestamp
        self.payload = payload
        self.arrival = arrival
    }
}
