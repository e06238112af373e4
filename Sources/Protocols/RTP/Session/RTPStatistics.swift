import Primitives

/// Counters of an `RTPSession` since it began.
public struct RTPStatistics: Sendable, Equatable {
    /// One medium, both ways. RTX counts as video.
    public struct Medium: Sendable, Equatable {
        public var packetsSent = 0
        /// Payload bytes, without headers and padding (RFC 3550 section 6.4.1).
        public var bytesSent = 0
        public var framesSent = 0
        public var packetsReceived = 0
        public var bytesReceived = 0
        /// Video: whole frames given out.
        public var framesReceived = 0
        /// Of what the other side sent, by RFC 3550 appendix A.3: may be negative with duplicates. Recovered packets count as lost.
        public var packetsLost = 0
        /// 0...1, in the last interval this side reported on.
        public var fractionLost = 0.0
        /// Interarrival jitter of what is received (RFC 3550 section 6.4.1).
        public var jitter = Interval.zero
        /// Of what this side sent, as the other side last reported.
        public var remotePacketsLost = 0
        public var remoteFractionLost = 0.0
        public var remoteJitter = Interval.zero
    }
    public var video = Medium()
    public var audio = Medium()
    /// Sequence numbers asked for again, each try counted.
    public var nacksSent = 0
    /// Sequence numbers the other side asked for.
    public var nacksReceived = 0
    /// Packets sent again, in RTX or as they were.
    public var retransmittedSent = 0
    /// Packets that came as a retransmission and were still missing.
    public var recovered = 0
    public var plisSent = 0
    /// PLI and FIR.
    public var keyFrameRequestsReceived = 0
    /// Times the picture froze for want of a packet that never came.
    public var freezes = 0
    /// Packets and reports that could not be parsed or belong to no stream.
    public var discarded = 0
    public var roundTripTime: Interval?
    /// What the congestion control thinks that the path carries, in bit/s; nil: there is none.
    public var availableOutgoingBitrate: Int?
    /// The last `RTPOutput.targetBitrate`.
    public var targetBitrate: Int?
    /// How long what waits in the pacer takes to get away.
    public var pacerQueueDelay = Interval.zero
    /// Times that frames were dropped because they had waited too long to be sent.
    public var framesDroppedByPacer = 0
    /// Packets of transport-wide feedback.
    public var transportFeedbackSent = 0
    public var transportFeedbackReceived = 0
    /// REMB: the other side's last word, in bit/s.
    public var receiverEstimate: Int?
    public var probesSent = 0
    public var probesSucceeded = 0
    /// Times that nothing came through for a while.
    public var outages = 0
    /// Whole packets, headers included.
    public var retransmittedBytesSent = 0
    public var paddingBytesSent = 0
    /// RTP headers, extensions and padding of all that is sent.
    public var headerBytesSent = 0
    public var firsReceived = 0
    public var plisReceived = 0
    /// NACK packets of the other side's.
    public var nackPacketsReceived = 0

    public init() {}

    public var packetsSent: Int { video.packetsSent + audio.packetsSent }
    public var packetsReceived: Int { video.packetsReceived + audio.packetsReceived }
    public var bytesSent: Int { video.bytesSent + audio.bytesSent }
    public var bytesReceived: Int { video.bytesReceived + audio.bytesReceived }
}
