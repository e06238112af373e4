import Primitives

extension RTPSession {
    static let videoReportInterval = Interval.seconds(1)
    static let audioReportInterval = Interval.seconds(5)
    /// The first report comes early: it stops the MID, and its answer gives the round-trip time.
    static let firstReportDelay = Interval.milliseconds(100)

    /// Reports of a medium begin with its first packet, either way.
    mutating func scheduleReports(video: Bool, now: Instant) {
        if video {
            if nextVideoReport == nil { nextVideoReport = now + Self.firstReportDelay }
        } else if nextAudioReport == nil {
            nextAudioReport = now + Self.firstReportDelay
        }
    }

    mutating func sendDueReports(now: Instant) {
        if let at = nextVideoReport, now >= at {
            nextVideoReport = now + spread(Self.videoReportInterval)
            var blocks: [ReportBlock] = []
            if let receiver = videoReceiver, let block = videoReceiver?.reception.makeBlock(ssrc: receiver.ssrc, now: now) {
                blocks.append(block)
            }
            if let rtx = rtxReception, let block = rtxReception?.statistics.makeBlock(ssrc: rtx.ssrc, now: now) { blocks.append(block) }
            outputs.append(.transmitRTCP(startCompound(sender: videoSender.stream.ssrc, blocks: blocks, now: now)))
        }
        if let at = nextAudioReport, now >= at {
            nextAudioReport = now + spread(Self.audioReportInterval)
            var blocks: [ReportBlock] = []
            if let receiver = audioReceiver, let block = audioReceiver?.reception.makeBlock(ssrc: receiver.ssrc, now: now) {
                blocks.append(block)
            }
            outputs.append(.transmitRTCP(startCompound(sender: audioStream.ssrc, blocks: blocks, now: now)))
        }
    }

    /// So that the members of a session do not all report at once (RFC 3550 section 6.2).
    private mutating func spread(_ interval: Interval) -> Interval { interval * Double.random(in: 0.5...1.5, using: &random) }

    /// A sender report while that source sends, else a receiver report; then who it is (RFC 3550 section 6.1).
    func startCompound(sender: UInt32, blocks: [ReportBlock], now: Instant) -> [UInt8] {
        var packet = [UInt8]()
        packet.reserveCapacity(256 + protectionReserve)
        let stream = sender == audioStream.ssrc ? audioStream : videoSender.stream
        if let info = stream.senderInfo(now: now, ntpOffset: configuration.ntpOffset) {
            packet.append(rtcp: .senderReport(ssrc: sender, info: info, blocks: blocks))
        } else {
            packet.append(rtcp: .receiverReport(ssrc: sender, blocks: blocks))
        }
        packet.append(rtcp: .sourceDescription([SourceDescription(ssrc: sender, cname: configuration.cname)]))
        return packet
    }

    /// NACK and PLI that are due, in one packet.
    mutating func sendFeedback(now: Instant) {
        let (usesNACK, roundTrip) = (media.videoNACK, roundTrip.smoothed)
        guard let feedback = videoReceiver?.feedback(usesNACK: usesNACK, roundTrip: roundTrip, now: now), let receiver = videoReceiver
        else { return }
        let wantsKeyFrame = feedback.wantsKeyFrame && media.videoPLI
        guard !feedback.missing.isEmpty || wantsKeyFrame else { return }
        let local = videoSender.stream.ssrc
        var packet = [UInt8]()
        if media.reducedSizeRTCP {
            packet.reserveCapacity(128 + protectionReserve)
        } else {
            packet = startCompound(sender: local, blocks: [], now: now)
        }
        if !feedback.missing.isEmpty {
            counters.nacksSent += feedback.missing.count
            packet.append(rtcp: .nack(sender: local, media: receiver.ssrc, missing: feedback.missing))
        }
        if wantsKeyFrame {
            counters.plisSent += 1
            packet.append(rtcp: .pictureLoss(sender: local, media: receiver.ssrc))
        }
        outputs.append(.transmitRTCP(packet))
    }
}
