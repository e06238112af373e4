import ByteCoding
import MediaTypes
import Primitives

extension RTPSession {
    /// Late packets of a source that another has replaced are dropped for this long; after it, it may come back.
    static let retirement = Interval.seconds(5)

    /// Takes one decrypted RTP packet; what is broken or belongs to no stream is counted and dropped.
    public mutating func handleRTP(_ packet: Span<UInt8>, now: Instant) {
        guard !isStopped else { return }
        guard let header = try? RTPHeader.parse(packet), !isLocal(header.ssrc) else {
            counters.discarded += 1
            return
        }
        noteArrival(header, packet, now: now)
        guard let route = router.route(header, packet) else {
            counters.discarded += 1
            return
        }
        guard !retired.contains(where: { $0.ssrc == header.ssrc && now - $0.at < Self.retirement }) else { return }
        departed.remove(header.ssrc)
        do {
            switch route {
            case .video: try receiveVideo(header, packet, now)
            case .videoRTX: try receiveRTX(header, packet, now)
            case .audio: receiveAudio(header, packet, now)
            }
        } catch {
            counters.discarded += 1
        }
        for var frame in decoded {
            frame.captureTime = captureTime(ofVideo: frame.timestamp)?.interval
            outputs.append(.video(frame))
        }
        decoded.removeAll(keepingCapacity: true)
    }

    private func isLocal(_ ssrc: UInt32) -> Bool {
        let local = configuration.localSSRCs
        return ssrc == local.video || ssrc == local.videoRTX || ssrc == local.audio
    }

    private mutating func receiveVideo(_ header: RTPHeader, _ packet: Span<UInt8>, _ now: Instant) throws(WireError) {
        if videoReceiver?.ssrc != header.ssrc {
            if let old = videoReceiver {
                retire(old.ssrc, now)
                counters.video.framesReceived += old.frames
                counters.video.packetsLost += old.reception.lost
                counters.recovered += old.recovered
                counters.freezes += old.freezes
            }
            videoReceiver = VideoReceiver(ssrc: header.ssrc)
        }
        scheduleReports(video: true, now: now)
        counters.video.packetsReceived += 1
        counters.video.bytesReceived += header.payload.count
        defer { sendFeedback(now: now) }
        let usesNACK = media.videoNACK
        try videoReceiver?.receive(header, packet, usesNACK: usesNACK, now: now, into: &decoded)
    }

    private mutating func receiveRTX(_ header: RTPHeader, _ packet: Span<UInt8>, _ now: Instant) throws(WireError) {
        if rtxReception?.ssrc != header.ssrc {
            rtxReception = (header.ssrc, ReceptionStatistics(clockRate: VideoSender.clockRate))
        }
        counters.video.packetsReceived += 1
        counters.video.bytesReceived += header.payload.count
        _ = rtxReception?.statistics.receive(sequenceNumber: header.sequenceNumber, timestamp: header.timestamp, now: now)
        try videoReceiver?.receiveRetransmission(header, packet, now: now, into: &decoded)
    }

    private mutating func receiveAudio(_ header: RTPHeader, _ packet: Span<UInt8>, _ now: Instant) {
        if audioReceiver?.ssrc != header.ssrc {
            if let old = audioReceiver {
                retire(old.ssrc, now)
                counters.audio.packetsLost += old.reception.lost
            }
            audioReceiver = AudioReceiver(ssrc: header.ssrc)
        }
        scheduleReports(video: false, now: now)
        counters.audio.packetsReceived += 1
        counters.audio.bytesReceived += header.payload.count
        let verdict = audioReceiver?.reception.receive(
            sequenceNumber: header.sequenceNumber, timestamp: header.timestamp, now: now)
        guard verdict != .rejected, !header.payload.isEmpty else { return }
        counters.audio.framesReceived += 1
        giveOutAudio(header, packet, now)
    }

    private mutating func retire(_ ssrc: UInt32, _ now: Instant) {
        retired.append((ssrc, now))
        if retired.count > 8 { retired.removeFirst() }
    }

    /// Takes one decrypted RTCP packet; what comes before a broken part of it still counts.
    public mutating func handleRTCP(_ packet: Span<UInt8>, now: Instant) {
        guard !isStopped else { return }
        do {
            try RTCPParser.parse(packet) { handle($0, now: now) }
        } catch {
            counters.discarded += 1
        }
        flushVideo(now: now)
    }

    private mutating func handle(_ packet: RTCPPacket, now: Instant) {
        let local = configuration.localSSRCs
        switch packet {
        case .senderReport(let ssrc, let info, let blocks):
            handleSenderInfo(ssrc, info, now)
            for block in blocks { handle(block, now) }
        case .receiverReport(_, let blocks): for block in blocks { handle(block, now) }
        case .nack(_, local.video, let missing):
            counters.nackPacketsReceived += 1
            resend(missing, now: now)
        case .pictureLoss(_, local.video):
            counters.plisReceived += 1
            noteKeyFrameRequest(now)
        case .transportFeedback(let feedback):
            let outages = congestion.outages
            congestion.handle(feedback, roundTrip: roundTrip.smoothed, now: now)
            // What waited through an outage continues what was lost in it.
            if congestion.outages > outages, videoSender.dropFrames() { videoSender.noteKeyFrameRequest(now: now) }
            tellAudioNetwork(now: now)
        case .receiverEstimate(_, let bitrate, let ssrcs) where ssrcs.contains(local.video):
            congestion.handleReceiverEstimate(bitrate)
        case .fullIntraRequest(let sender, let requests):
            for request in requests where request.ssrc == local.video {
                // A repeated number is the same request sent again (RFC 5104 section 4.3.1.2).
                guard lastIntraRequest[sender] != request.sequenceNumber else { continue }
                if lastIntraRequest.count >= 8 { lastIntraRequest.removeAll() }
                lastIntraRequest[sender] = request.sequenceNumber
                counters.firsReceived += 1
                noteKeyFrameRequest(now)
            }
        case .bye(let ssrcs): handleBye(ssrcs)
        default: break
        }
    }

    private mutating func noteKeyFrameRequest(_ now: Instant) {
        counters.keyFrameRequestsReceived += 1
        videoSender.noteKeyFrameRequest(roundTrip: roundTrip.smoothed, now: now)
    }

    private mutating func handleSenderInfo(_ ssrc: UInt32, _ info: SenderInfo, _ now: Instant) {
        if videoReceiver?.ssrc == ssrc { videoReceiver?.reception.receive(info, now: now) }
        if audioReceiver?.ssrc == ssrc { audioReceiver?.reception.receive(info, now: now) }
        if rtxReception?.ssrc == ssrc { rtxReception?.statistics.receive(info, now: now) }
    }

    private mutating func handle(_ block: ReportBlock, _ now: Instant) {
        let local = configuration.localSSRCs
        switch block.ssrc {
        case local.video:
            videoSender.stream.isAcknowledged = true
            fill(&counters.video, block, clockRate: VideoSender.clockRate)
        case local.audio:
            audioStream.isAcknowledged = true
            fill(&counters.audio, block, clockRate: AudioReceiver.clockRate)
        case local.videoRTX: videoSender.rtx.isAcknowledged = true
        default: return
        }
        let middle = NTPTime(now, offset: configuration.ntpOffset).middle
        roundTrip.update(now: middle, lastSenderReport: block.lastSenderReport, delay: block.delaySinceLastSenderReport)
        let lost = Double(block.fractionLost) / 256
        if block.ssrc == local.video { congestion.handleReport(lost: lost, roundTrip: roundTrip.latest, now: now) }
        if block.ssrc == local.audio, media.audioTransportSequenceID == nil {
            congestion.audio.report(lost)
            tellAudioNetwork(now: now)
        }
    }

    private func fill(_ medium: inout RTPStatistics.Medium, _ block: ReportBlock, clockRate: Int64) {
        medium.remotePacketsLost = Int(block.cumulativeLost)
        medium.remoteFractionLost = Double(block.fractionLost) / 256
        medium.remoteJitter = Interval(microseconds: Int64(block.jitter) &* 1_000_000 / clockRate)
    }

    /// One medium may end alone; the other side has left when all that it has sent as have said so.
    private mutating func handleBye(_ ssrcs: [UInt32]) {
        let sources = [videoReceiver?.ssrc, audioReceiver?.ssrc].compactMap { $0 }
        let before = departed
        for ssrc in ssrcs where sources.contains(ssrc) { departed.insert(ssrc) }
        guard departed != before else { return }
        if let ssrc = videoReceiver?.ssrc, departed.contains(ssrc) { videoReceiver?.ended() }
        if sources.allSatisfy(departed.contains) { outputs.append(.remoteBye) }
        departed.formIntersection(sources)
    }
}
