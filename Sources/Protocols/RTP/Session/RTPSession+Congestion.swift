import ByteCoding
import Primitives

extension RTPSession {
    static let targetInterval = Interval.milliseconds(50)
    static let targetChange = 0.03
    static let audioNetworkInterval = Interval.seconds(1)
    /// While the window is full and nothing comes that could open it.
    static let windowTick = Interval.milliseconds(50)

    /// Which kind of feedback the other side gives on what this side sends.
    static func feedback(_ media: NegotiatedMedia) -> CongestionController.Feedback {
        media.videoTransportSequenceID != nil ? .transport : media.videoREMB ? .receiverEstimate : .none
    }

    /// The header extensions of a medium's packets, with the MID.
    func layout(isVideo: Bool) -> ExtensionLayout {
        var layout = ExtensionLayout()
        layout.transportSequenceID = isVideo ? media.videoTransportSequenceID : media.audioTransportSequenceID
        if isVideo, layout.transportSequenceID == nil { layout.sendTimeID = media.videoSendTimeID }
        layout.mid = midExtension(isVideo ? media.videoMID : media.audioMID)
        return layout
    }

    /// Stamps a packet, counts it and hands it out.
    mutating func depart(_ departure: consuming VideoSender.Departure, probe: Int32 = -1, now: Instant) {
        let size = departure.packet.count
        shares.sent(departure.kind, bytes: size, payload: departure.payloadCount, now: now)
        if departure.stamps.transportSequence > 0 {
            let number = congestion.sent(bytes: size, kind: departure.kind, probe: probe, now: now)
            departure.packet.set(uint16: number, at: departure.stamps.transportSequence)
        }
        if departure.stamps.sendTime > 0 {
            departure.packet.stamp(sendTime: NTPTime(now, offset: configuration.ntpOffset), at: departure.stamps.sendTime)
        }
        let extensions = departure.packet[0] & 0x10 == 0 ? 0 : 4 + 4 * Int(departure.packet.span.uint16(at: 14))
        counters.headerBytesSent &+= departure.kind == .padding ? size : 12 + extensions
        if let sequenceNumber = departure.sequenceNumber, media.videoNACK {
            videoSender.keep(departure.packet, sequenceNumber: sequenceNumber, roundTrip: roundTrip.smoothed, now: now)
        }
        outputs.append(.transmitRTP(departure.packet))
    }

    /// Sends what the pacer, the window and a probe allow, and says what the encoder may make.
    mutating func flushVideo(now: Instant) {
        congestion.handleTimeout(now: now)
        videoSender.steer(congestion.isSteering ? congestion.pacingRate : nil, now: now)
        sendProbe(now)
        if congestion.probes.active == nil {
            while !congestion.isWindowFull(audio: shares.audio, now: now), let departure = videoSender.next(now: now) {
                depart(departure, now: now)
            }
        }
        windowCheck = !videoSender.pacer.isEmpty && congestion.isWindowFull(audio: shares.audio, now: now) ? now + Self.windowTick : nil
        if congestion.isSteering, videoSender.dropOldFrames(now: now) { videoSender.noteKeyFrameRequest(now: now) }
        if videoSender.takeKeyFrameRequest(now: now) { outputs.append(.keyFrameRequested) }
        tellTarget(now)
    }

    private mutating func sendProbe(_ now: Instant) {
        while let cluster = congestion.probes.active, cluster.next.map({ $0 <= now }) ?? true {
            // Padding comes in the size that is wanted; media's packets would make the burst longer than a narrow link bears.
            if let payloadType = media.videoRTXPayloadType, videoSender.stream.packets > 0 {
                let layout = layout(isVideo: true)
                let size = cluster.bytes / ProbeCluster.packets - CongestionController.wireOverhead - 12 - layout.count
                let departure = videoSender.padding(payloadType: payloadType, layout: layout, size: size, now: now)
                depart(departure, probe: cluster.id, now: now)
            } else if let departure = videoSender.next(isProbe: true, now: now) {
                depart(departure, probe: cluster.id, now: now)
            } else {
                return
            }
        }
    }

    /// When sending goes on by itself.
    var sendTimeout: Instant? {
        // Media waits for the few milliseconds of a probe.
        if let cluster = congestion.probes.active { return earliest(videoSender.keyFrameDue, cluster.next) }
        return earliest(videoSender.keyFrameDue, windowCheck ?? videoSender.pacer.nextTimeout)
    }

    /// How long what waits in the pacer takes to get away at the estimate.
    var queueDelay: Interval {
        Interval(seconds: Double(videoSender.pacer.queuedBytes) * 8 / max(CongestionController.minimumRate, congestion.estimate))
    }

    private mutating func tellTarget(_ now: Instant) {
        guard media.videoPayloadType != nil else { return }
        if let lastTarget, now - lastTarget.at < Self.targetInterval { return }
        shares.advance(now)
        let maximum = configuration.maximumVideoBitrate
        var target = (congestion.estimate - shares.audio - shares.repair) * shares.payloadShare
        // The first key frame takes more than its share.
        if congestion.isBlind { target *= 0.7 }
        // What waits must get away first.
        let age = videoSender.pacer.age(now: now)
        if congestion.isSteering, age > .milliseconds(100) {
            target *= max(0.3, 1 - (age - .milliseconds(100)).seconds / 0.7)
        }
        let rate = max(Int(CongestionController.minimumRate), min(maximum, Int(target)))
        // Without feedback the encoder began with all that it may make.
        let known = lastTarget?.rate ?? (congestion.feedback == .none ? maximum : 0)
        guard rate != known, abs(Double(rate - known)) > Self.targetChange * Double(known) || rate == maximum else { return }
        lastTarget = (rate, now)
        outputs.append(.targetBitrate(rate))
    }

    mutating func tellAudioNetwork(now: Instant) {
        if let lastAudioNetwork, now - lastAudioNetwork < Self.audioNetworkInterval { return }
        guard let fraction = congestion.audio.take() else { return }
        lastAudioNetwork = now
        outputs.append(.audioNetwork(lossFraction: fraction, roundTrip: roundTrip.smoothed))
    }

    // MARK: The receiving side

    /// Notes when a packet came that has a transport-wide number, or a send time.
    mutating func noteArrival(_ header: RTPHeader, _ packet: Span<UInt8>, now: Instant) {
        let size = packet.count + CongestionController.wireOverhead
        if let id = media.videoTransportSequenceID ?? media.audioTransportSequenceID {
            guard let range = header.headerExtension(id: id, in: packet), range.count == 2 else { return }
            arrivals.record(packet.uint16(at: range.lowerBound), size: size, now: now)
        } else if media.videoREMB, let id = media.videoSendTimeID {
            guard let range = header.headerExtension(id: id, in: packet), range.count == 3 else { return }
            let time = UInt32(packet[range.lowerBound]) << 16 | UInt32(packet.uint16(at: range.lowerBound + 1))
            receiverEstimator.add(sendTime: time, size: size, roundTrip: roundTrip.smoothed, now: now)
        }
    }

    /// Feedback on arrivals, and this side's estimate for a peer that asks for it, when they are due.
    mutating func sendArrivalFeedback(now: Instant) {
        let local = videoSender.stream.ssrc
        let source = videoReceiver?.ssrc ?? audioReceiver?.ssrc ?? 0
        for feedback in arrivals.takeDue(now: now, sender: local, media: source) {
            sendAlone(.transportFeedback(feedback), now: now)
            counters.transportFeedbackSent += 1
        }
        if media.videoREMB, media.videoTransportSequenceID == nil, let receiver = videoReceiver,
            let rate = receiverEstimator.takeDue(now: now)
        {
            sendAlone(.receiverEstimate(sender: local, bitrate: rate, ssrcs: [receiver.ssrc]), now: now)
        }
    }

    private mutating func sendAlone(_ feedback: RTCPPacket, now: Instant) {
        var packet = [UInt8]()
        if media.reducedSizeRTCP {
            packet.reserveCapacity(512 + protectionReserve)
        } else {
            packet = startCompound(sender: videoSender.stream.ssrc, blocks: [], now: now)
        }
        packet.append(rtcp: feedback)
        packet.reserveCapacity(packet.count + protectionReserve)
        outputs.append(.transmitRTCP(packet))
    }
}
