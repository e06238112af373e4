import ChatUI
import PeerConnection

/// The statistics pane: of all that webrtc-stats name, what tells how a call is doing.
enum CallDetails {
    private static let wanted: [(type: String, kind: String?, members: [String])] = [
        ("candidate-pair", nil, ["currentRoundTripTime", "availableOutgoingBitrate", "bytesSent", "bytesReceived"]),
        ("local-candidate", nil, ["candidateType", "protocol", "relayProtocol", "address"]),
        ("remote-candidate", nil, ["candidateType", "protocol", "address"]),
        ("transport", nil, ["dtlsRole", "srtpCipher", "selectedCandidatePairChanges"]),
        (
            "outbound-rtp", "video",
            [
                "frameWidth", "frameHeight", "framesPerSecond", "targetBitrate", "qualityLimitationReason", "retransmittedPacketsSent",
                "nackCount", "pliCount",
            ]
        ),
        (
            "inbound-rtp", "video",
            ["frameWidth", "frameHeight", "framesDecoded", "packetsLost", "jitter", "freezeCount", "nackCount", "pliCount"]
        ),
        (
            "inbound-rtp", "audio",
            ["packetsLost", "jitter", "jitterBufferDelay", "jitterBufferTargetDelay", "concealedSamples", "fecPacketsReceived"]
        ),
        ("remote-inbound-rtp", "video", ["fractionLost", "jitter", "roundTripTime"]),
    ]

    static func rows(of stats: [RTCStats]) -> [ChatDetail] {
        wanted.flatMap { wanted -> [ChatDetail] in
            let found = stats.first { object in
                object.type == wanted.type && (wanted.kind == nil || object["kind"] == wanted.kind.map { .string($0) })
            }
            guard let found else { return [] }
            let prefix = [wanted.kind, wanted.type].compactMap { $0 }.joined(separator: " ")
            return wanted.members.compactMap { name in
                guard let value = name.hasPrefix("jitterBuffer") ? mean(name, of: found) : found[name] else { return nil }
                return ChatDetail("\(prefix) \(name)", text(value, name))
            }
        }
    }

    /// These are sums over all samples that were played.
    private static func mean(_ name: String, of object: RTCStats) -> RTCStats.Value? {
        guard case .number(let sum)? = object[name], case .integer(let count)? = object["jitterBufferEmittedCount"], count > 0 else {
            return nil
        }
        return .number(sum / Double(count))
    }

    private static func text(_ value: RTCStats.Value, _ name: String) -> String {
        switch value {
        case .string(let text): text
        case .bool(let flag): flag ? "yes" : "no"
        case .record: ""
        case .integer(let number): name.hasSuffix("itrate") ? "\(number / 1000) kb/s" : "\(number)"
        // Times are in seconds.
        case .number(let number):
            ["roundTripTime", "currentRoundTripTime", "jitter", "jitterBufferDelay", "jitterBufferTargetDelay"].contains(name)
                ? "\((number * 10_000).rounded() / 10) ms" : "\((number * 1000).rounded() / 1000)"
        }
    }
}
