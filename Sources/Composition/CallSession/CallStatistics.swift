import Primitives

/// A call in numbers, at one moment. Counts go over the whole session, over every peer it had.
public struct CallStatistics: Sendable {
    /// From the process's start, each the first of its kind; nil: it has not come to that.
    public struct Setup: Sendable {
        public var join: Interval?
        public var ready: Interval?
        public var connected: Interval?
        public var firstFrame: Interval?
    }

    public struct Video: Sendable {
        /// Frames. However many get them, each is encoded once.
        public var encoded = 0
        public var sent = 0
        public var received = 0
        public var decoded = 0
        public var width = 0
        public var height = 0
        public var framesPerSecond = 0.0
        public var distinct = 0
        public var meanLuma = 0.0
        public var freezes = 0
        public var freezeTime = Interval.zero
        public var latencyP50: Int?
        public var latencyP95: Int?
        /// What the encoder is to make at the moment; 0: it has not been told.
        public var targetKbps = 0.0
        /// Time with decoded video.
        public var watched = Interval.zero
    }

    public struct Audio: Sendable {
        /// Packets.
        public var sent = 0
        public var received = 0
        /// The strongest tone of the newest third of a second in which anything was to be heard, in Hz, and that sound's root mean
        /// square, 0 to 1.
        public var tone = 0.0
        public var rms = 0.0
        public var concealed = Interval.zero
        /// Sound that came out of the decoder, without concealment.
        public var played = Interval.zero
    }

    public struct Transport: Sendable {
        /// "host-host 192.0.2.1:4000 192.0.2.2:5000"; nil without a connection so far.
        public var pair: String?
        /// The same in words: "direct", "relayed over TLS"; empty without a connection so far.
        public var path = ""
        public var roundTrip: Interval?
        public var lossPercent = 0.0
        /// Over the last seconds; in the summary over the time connected.
        public var sentKbps = 0.0
        public var receivedKbps = 0.0
        public var nack = 0
        public var pli = 0
        public var retransmitted = 0
        /// What the path is thought to carry; nil: no estimate.
        public var availableOutgoingKbps: Double?
    }

    public var setup = Setup()
    public var video = Video()
    public var audio = Audio()
    public var transport = Transport()

    public init() {}

    /// At least one second of decoded video and audio each.
    public var isCall: Bool { video.watched >= .seconds(1) && audio.played >= .seconds(1) }
}

/// One member's part of a call in numbers: what came from them. Counts go over every connection they had.
public struct CallMemberStatistics: Sendable {
    public let id: CallMemberID
    /// As their own program, or signaling, tells it.
    public var name: String?
    public var isConnected: Bool
    /// What is received; `sent` and `targetKbps` are everybody's and not told here.
    public var video = CallStatistics.Video()
    public var audio = CallStatistics.Audio()
    /// Of the connection that is there, or of the last one.
    public var transport = CallStatistics.Transport()

    public init(id: CallMemberID, name: String?, isConnected: Bool) {
        self.id = id
        self.name = name
        self.isConnected = isConnected
    }
}
