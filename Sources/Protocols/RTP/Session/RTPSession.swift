import MediaTypes
import Primitives

/// RTP and RTCP of one BUNDLE transport: one video and one audio stream each way.
///
/// Plaintext packets, frames and a time go in; call `poll()` until nil after each call, and `handleTimeout` at `nextTimeout`.
public struct RTPSession: Sendable {
    public struct Configuration: Sendable {
        public var localSSRCs: LocalSSRCs
        /// RFC 7022; the same for both media.
        public var cname: String
        public var media: NegotiatedMedia
        /// Where the estimate begins, in bit/s; probes raise it within a few round trips where there is more.
        public var initialVideoBitrate = 300_000
        /// What the encoder makes at the most, in bit/s: nothing beyond what that needs is probed for.
        public var maximumVideoBitrate = 1_000_000
        /// Added to an `Instant` to make the NTP times of sender reports; only differences matter to a receiver.
        public var ntpOffset = Interval.zero

        public init(localSSRCs: LocalSSRCs, cname: String, media: NegotiatedMedia) {
            self.localSSRCs = localSSRCs
            self.cname = cname
            self.media = media
        }
    }

    let configuration: Configuration
    var router: StreamRouter
    var random: RandomSource
    var outputs = FIFO<RTPOutput>()
    var roundTrip = RoundTrip()

    var videoSender: VideoSender
    var audioStream: OutgoingStream
    var redPacketizer = REDPacketizer()
    /// As `setAudioLoss` was told.
    var audioLoss: Double?
    var videoReceiver: VideoReceiver?
    var rtxReception: (ssrc: UInt32, statistics: ReceptionStatistics)?
    var audioReceiver: AudioReceiver?
    /// Sources that a newer one has taken the place of; what still comes from them is late.
    var retired: [(ssrc: UInt32, at: Instant)] = []
    /// Sources that said BYE and have sent nothing since.
    var departed: Set<UInt32> = []
    var lastIntraRequest: [UInt32: UInt8] = [:]

    var nextVideoReport: Instant?
    var nextAudioReport: Instant?
    var isStopped = false
    var counters = RTPStatistics()
    var decoded: [EncodedVideoFrame] = []

    var congestion: CongestionController
    var shares = SendShares()
    var arrivals = ArrivalRecorder()
    var receiverEstimator = ReceiverEstimator()
    var windowCheck: Instant?
    var lastTarget: (rate: Int, at: Instant)?
    var lastAudioNetwork: Instant?

    var media: NegotiatedMedia { router.media }

    public init(configuration: Configuration, random: RandomSource, now: Instant) {
        self.configuration = configuration
        var random = random
        router = StreamRouter(media: configuration.media)
        videoSender = VideoSender(
            ssrcs: configuration.localSSRCs, initialBitrate: configuration.maximumVideoBitrate, random: &random, now: now)
        audioStream = OutgoingStream(ssrc: configuration.localSSRCs.audio, clockRate: AudioReceiver.clockRate, random: &random)
        congestion = CongestionController(start: configuration.initialVideoBitrate, maximumVideo: configuration.maximumVideoBitrate)
        congestion.use(Self.feedback(configuration.media))
        self.random = random
    }

    /// Takes what a new offer and answer agreed on; streams go on in their sequences.
    public mutating func update(_ media: NegotiatedMedia) {
        let old = self.media
        router.media = media
        congestion.use(Self.feedback(media))
        if old.midExtensionID != media.midExtensionID || old.videoMID != media.videoMID || old.audioMID != media.audioMID {
            videoSender.stream.isAcknowledged = false
            videoSender.rtx.isAcknowledged = false
            audioStream.isAcknowledged = false
        }
    }

    /// Queues a frame behind the pacer. Dropped while no video is negotiated.
    public mutating func sendVideo(_ frame: EncodedVideoFrame, now: Instant) {
        guard !isStopped, let payloadType = media.videoPayloadType else { return }
        scheduleReports(video: true, now: now)
        if !videoSender.send(frame, payloadType: payloadType, layout: layout(isVideo: true), now: now) {
            videoSender.noteKeyFrameRequest(now: now)
        }
        flushVideo(now: now)
    }

    /// Sends at once, whatever video waits. Dropped while no audio is negotiated.
    public mutating func sendAudio(_ frame: EncodedAudioFrame, now: Instant) {
        guard !isStopped, let payloadType = media.audioPayloadType, frame.payload.count <= 1275 else { return }
        scheduleReports(video: false, now: now)
        let redundant = media.audioREDPayloadType.flatMap { protectAudio(frame, payloadType: payloadType, red: $0) }
        let payload = redundant?.payload ?? frame.payload
        let fields = RTPFields(
            marker: frame.startsTalkspurt, payloadType: redundant?.payloadType ?? payloadType,
            sequenceNumber: audioStream.takeSequenceNumber(), timestamp: frame.timestamp, ssrc: audioStream.ssrc)
        var layout = layout(isVideo: false)
        if audioStream.isAcknowledged { layout.mid = nil }
        var packet = makeRTPPacket(fields, layout: layout, payloadCount: payload.count)
        packet.append(contentsOf: payload)
        let size = packet.count
        audioStream.sent(payload: payload.count, now: now)
        // The packet's first sample was taken one packet's length ago.
        audioStream.captured(timestamp: frame.timestamp, at: now - .milliseconds(20))
        counters.audio.framesSent += 1
        videoSender.passed(size, now: now)
        depart(
            VideoSender.Departure(
                packet: consume packet, kind: .audio, stamps: layout.stamps, payloadCount: payload.count, sequenceNumber: nil),
            now: now)
    }

    func midExtension(_ mid: String?) -> HeaderExtension? {
        guard let id = media.midExtensionID, let mid, !mid.isEmpty else { return nil }
        return HeaderExtension(id: id, value: Array(mid.utf8))
    }

    /// Queues again what the other side misses.
    mutating func resend(_ missing: [UInt16], now: Instant) {
        guard media.videoNACK, !isStopped else { return }
        counters.nacksReceived += missing.count
        videoSender.resend(
            missing, rtxPayloadType: media.videoRTXPayloadType, layout: layout(isVideo: true), roundTrip: roundTrip.smoothed,
            isLossy: congestion.losesRepairs, now: now)
        flushVideo(now: now)
    }

    /// Does whatever is due; harmless when nothing is.
    public mutating func handleTimeout(now: Instant) {
        guard !isStopped else { return }
        flushVideo(now: now)
        sendFeedback(now: now)
        sendArrivalFeedback(now: now)
        sendDueReports(now: now)
    }

    /// When `handleTimeout` has something to do; nil: nothing is pending.
    public var nextTimeout: Instant? {
        guard !isStopped else { return nil }
        let receiver = videoReceiver?.nextTimeout(usesNACK: media.videoNACK, roundTrip: roundTrip.smoothed)
        let feedback = earliest(arrivals.nextFeedback, receiverEstimator.nextTimeout)
        return earliest(earliest(earliest(sendTimeout, receiver), feedback), earliest(nextVideoReport, nextAudioReport))
    }

    /// The next thing to do or to know; nil: nothing more for now.
    public mutating func poll() -> RTPOutput? { outputs.popFirst() }

    /// The decoder failed: no frame comes out until a key frame, and the sender is asked for one.
    public mutating func requestKeyFrame(now: Instant) {
        guard !isStopped, videoReceiver != nil else { return }
        videoReceiver?.decoderFailed(now: now)
        sendFeedback(now: now)
    }

    /// Queues a BYE for every source that has sent; nothing is sent or taken after it.
    public mutating func stop(now: Instant) {
        guard !isStopped else { return }
        isStopped = true
        videoSender.clear()
        let sources = [videoSender.stream, videoSender.rtx, audioStream].filter { $0.packets > 0 }.map(\.ssrc)
        guard let first = sources.first else { return }
        var packet = startCompound(sender: first, blocks: [], now: now)
        packet.append(rtcp: .bye(ssrcs: sources))
        outputs.append(.transmitRTCP(packet))
    }

    /// Smoothed; nil until the other side has reported on what this side sent.
    public var roundTripTime: Interval? { roundTrip.smoothed }

    /// When a received frame was captured, by the sender's NTP clock, which both its media share; nil before its first report.
    public func captureTime(ofVideo timestamp: UInt32) -> NTPTime? { videoReceiver?.reception.senderTime(of: timestamp) }

    /// When a received audio packet was captured, by the sender's NTP clock; nil before its first report.
    public func captureTime(ofAudio timestamp: UInt32) -> NTPTime? { audioReceiver?.reception.senderTime(of: timestamp) }

    public var statistics: RTPStatistics {
        var all = counters
        all.roundTripTime = roundTrip.smoothed
        all.video.packetsSent = videoSender.stream.packets + videoSender.rtx.packets
        all.video.bytesSent = videoSender.stream.octets + videoSender.rtx.octets
        all.video.framesSent = videoSender.frames
        all.audio.packetsSent = audioStream.packets
        all.audio.bytesSent = audioStream.octets
        all.retransmittedSent = videoSender.retransmitted
        all.retransmittedBytesSent = videoSender.retransmittedBytes
        all.paddingBytesSent = videoSender.paddingBytes
        all.framesDroppedByPacer = videoSender.drops
        all.availableOutgoingBitrate = congestion.feedback == .none ? nil : Int(congestion.estimate)
        all.targetBitrate = lastTarget?.rate
        all.pacerQueueDelay = queueDelay
        all.transportFeedbackReceived = congestion.feedbacks
        all.receiverEstimate = congestion.reports.allowed.map { Int($0) }
        all.probesSent = congestion.probes.sent
        all.probesSucceeded = congestion.probes.succeeded
        all.outages = congestion.outages
        if let receiver = videoReceiver {
            all.video.framesReceived += receiver.frames
            all.recovered += receiver.recovered
            all.freezes += receiver.freezes
            fill(&all.video, receiver.reception)
        }
        if let receiver = audioReceiver { fill(&all.audio, receiver.reception) }
        return all
    }

    private func fill(_ medium: inout RTPStatistics.Medium, _ reception: ReceptionStatistics) {
        medium.packetsLost += reception.lost
        medium.fractionLost = reception.fractionLost
        medium.jitter = reception.jitter
    }
}
