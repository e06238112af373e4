import MediaPipeline
import PeerConnection
import Primitives

/// What codecs and devices know of a call, under the names of the W3C's webrtc-stats.
extension MediaHub {
    /// Of everybody's encoder; nil without a camera.
    var senderStatistics: VideoSender.Statistics? {
        let statistics = videoSender.statistics
        return videoSender.source == nil && statistics.captured == 0 ? nil : statistics
    }

    /// Adds it to the own numbers of the connection to a member.
    func complete(_ stats: inout [RTCStats], of id: CallMemberID, sender: VideoSender.Statistics?) {
        let member = member(id)
        for index in stats.indices {
            switch (stats[index].type, stats[index]["kind"]) {
            case ("outbound-rtp", .string("video")): if let sender { stats[index].add(sender) }
            case ("inbound-rtp", .string("video")):
                if let receiver = member?.videoStatistics { stats[index].add(receiver) }
                guard let report = member?.meter?.report else { continue }
                stats[index].set("framesPerSecond", report.framesPerSecond)
                stats[index].set("freezeCount", report.freezes)
                stats[index].set("totalFreezesDuration", report.freezeTime.seconds)
            case ("inbound-rtp", .string("audio")): if let sound = member?.audioStatistics { stats[index].add(sound) }
            default: break
            }
        }
    }
}

extension RTCStats {
    /// The same with ids, and references to them, that no other member's objects have.
    func prefixed(by id: CallMemberID) -> RTCStats {
        var copy = RTCStats(id: "\(id)/\(self.id)", type: type, timestamp: timestamp)
        for member in members {
            if member.name.hasSuffix("Id"), case .string(let reference) = member.value {
                copy.set(member.name, "\(id)/\(reference)")
            } else {
                copy[member.name] = member.value
            }
        }
        return copy
    }

    fileprivate mutating func add(_ sender: VideoSender.Statistics) {
        set("framesEncoded", sender.encoded)
        set("keyFramesEncoded", sender.keyFrames)
        set("qpSum", sender.qpSum)
        set("totalEncodeTime", sender.totalEncodeTime.seconds)
        set("frameWidth", sender.frameWidth)
        set("frameHeight", sender.frameHeight)
        set("framesPerSecond", sender.framesPerSecond)
        set("targetBitrate", sender.targetBitrate)
        set("encoderImplementation", "libvpx")
        let limitation = sender.qualityLimitation
        set("qualityLimitationReason", limitation.reason.rawValue)
        self["qualityLimitationDurations"] = .record(
            QualityLimitationReason.allCases.map { Member(name: $0.rawValue, value: .number((limitation.durations[$0] ?? .zero).seconds)) })
        set("qualityLimitationResolutionChanges", limitation.resolutionChanges)
    }

    fileprivate mutating func add(_ receiver: VideoReceiver.Statistics) {
        set("framesDecoded", receiver.decoded)
        set("framesDropped", receiver.failed)
        set("frameWidth", receiver.width)
        set("frameHeight", receiver.height)
        set("decoderImplementation", "libvpx")
    }

    fileprivate mutating func add(_ sound: AudioPlayoutStatistics) {
        set("totalSamplesReceived", sound.playedSamples + sound.concealedSamples + sound.silentConcealedSamples)
        set("concealedSamples", sound.concealedSamples + sound.silentConcealedSamples)
        set("silentConcealedSamples", sound.silentConcealedSamples)
        set("concealmentEvents", sound.concealmentEvents)
        set("insertedSamplesForDeceleration", sound.insertedSamplesForDeceleration)
        set("removedSamplesForAcceleration", sound.removedSamplesForAcceleration)
        set("jitterBufferDelay", sound.jitterBufferDelay.seconds)
        set("jitterBufferTargetDelay", sound.jitterBufferTargetDelay.seconds)
        set("jitterBufferEmittedCount", sound.jitterBufferEmittedCount)
        set("fecPacketsReceived", sound.fecPacketsReceived)
        set("packetsDiscarded", sound.packetsDiscarded)
    }
}
