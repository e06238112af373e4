import ICE
import Primitives
import RTP
import SCTP
import SDP

extension PeerConnection {
    /// Everything that the connection itself knows, as `RTCPeerConnection.getStats()` would tell it. What codecs and devices know is for
    /// their owners to add to the `inbound-rtp` and `outbound-rtp` objects.
    public mutating func stats(now: Instant) -> [RTCStats] {
        let timestamp = (now - .zero + configuration.ntpOffset).milliseconds
        func object(_ id: String, _ type: String) -> RTCStats { RTCStats(id: id, type: type, timestamp: timestamp) }
        var all: [RTCStats] = []
        var connection = object("P", "peer-connection")
        let channels = data?.statistics
        connection.set("dataChannelsOpened", channels?.channelsOpened ?? 0)
        connection.set("dataChannelsClosed", channels?.channelsClosed ?? 0)
        all.append(connection)
        all.append(transportStats(object("T", "transport"), now: now))
        all += pathStats(object)
        let statistics = rtp?.statistics ?? RTPStatistics()
        if let audio = session?.audio {
            all += mediaStats(object, kind: "audio", audio, statistics.audio, statistics, ssrc: ssrcs.audio)
        }
        if let video = session?.video {
            all += mediaStats(object, kind: "video", video, statistics.video, statistics, ssrc: ssrcs.video)
        }
        if let channels {
            var channel = object("D", "data-channel")
            channel.set("messagesSent", channels.messagesSent)
            channel.set("bytesSent", channels.bytesSent)
            channel.set("messagesReceived", channels.messagesReceived)
            channel.set("bytesReceived", channels.bytesReceived)
            all.append(channel)
            var sctp = object("SCTP", "sctp-transport")
            sctp.set("transportId", "T")
            sctp.set("smoothedRoundTripTime", channels.roundTripTime?.seconds)
            sctp.set("congestionWindow", channels.congestionWindow)
            all.append(sctp)
        }
        return all
    }

    private func transportStats(_ empty: RTCStats, now: Instant) -> RTCStats {
        var transport = empty
        transport.set("bytesSent", bytesSent)
        transport.set("bytesReceived", bytesReceived)
        transport.set("packetsSent", datagramsSent)
        transport.set("packetsReceived", datagramsReceived)
        transport.set("iceRole", agent.role == .controlling ? "controlling" : "controlled")
        transport.set("iceState", "\(iceState)")
        transport.set("iceLocalUsernameFragment", credentials.ufrag)
        transport.set("dtlsState", hasFailed ? "failed" : isSecure ? "connected" : dtls == nil ? "new" : "connecting")
        transport.set("dtlsRole", session.map { $0.isDTLSClient ? "client" : "server" })
        if isSecure {
            transport.set("tlsVersion", "FEFD")
            transport.set("srtpCipher", srtpProfile?.registeredName)
        }
        transport.set("selectedCandidatePairId", agent.selectedPair == nil ? nil : "CP")
        transport.set("selectedCandidatePairChanges", selectedPairChanges)
        return transport
    }

    private func pathStats(_ object: (String, String) -> RTCStats) -> [RTCStats] {
        guard let selected = agent.selectedPair else { return [] }
        func candidate(_ id: String, _ type: String, _ candidate: Candidate) -> RTCStats {
            var stats = object(id, type)
            stats.set("transportId", "T")
            stats.set("address", "\(candidate.address.ip)")
            stats.set("port", Int(candidate.address.port))
            stats.set("protocol", candidate.transport.rawValue)
            stats.set("candidateType", candidate.type.rawValue)
            stats.set("priority", Int(candidate.priority))
            stats.set("foundation", candidate.foundation)
            return stats
        }
        var pair = object("CP", "candidate-pair")
        pair.set("transportId", "T")
        pair.set("localCandidateId", "L")
        pair.set("remoteCandidateId", "R")
        pair.set("state", "succeeded")
        pair.set("nominated", true)
        pair.set("packetsSent", datagramsSent)
        pair.set("packetsReceived", datagramsReceived)
        pair.set("bytesSent", bytesSent)
        pair.set("bytesReceived", bytesReceived)
        pair.set("currentRoundTripTime", selected.roundTripTime?.seconds)
        pair.set("availableOutgoingBitrate", rtp?.statistics.availableOutgoingBitrate)
        pair.set("requestsReceived", agent.statistics.requestsReceived)
        pair.set("requestsSent", agent.statistics.checksSent)
        pair.set("responsesReceived", agent.statistics.responsesReceived)
        var local = candidate("L", "local-candidate", selected.local)
        local.set("relayProtocol", selected.relayProtocol.map(Self.name))
        return [pair, local, candidate("R", "remote-candidate", selected.remote)]
    }

    private static func name(_ transport: TURNTransport) -> String {
        switch transport {
        case .udp: "udp"
        case .tcp: "tcp"
        case .tls: "tls"
        }
    }

    private func mediaStats(
        _ object: (String, String) -> RTCStats, kind: String, _ media: NegotiatedSession.Media, _ medium: RTPStatistics.Medium,
        _ all: RTPStatistics, ssrc: UInt32
    ) -> [RTCStats] {
        let letter = kind == "audio" ? "A" : "V"
        let isVideo = kind == "video"
        func stream(_ id: String, _ type: String, _ ssrc: UInt32?) -> RTCStats {
            var stats = object(id, type)
            stats.set("kind", kind)
            stats.set("ssrc", ssrc.map { Int($0) })
            stats.set("transportId", "T")
            stats.set("codecId", "C" + letter)
            stats.set("mid", media.mid)
            return stats
        }
        var codec = object("C" + letter, "codec")
        codec.set("payloadType", Int(media.payloadType))
        codec.set("transportId", "T")
        codec.set("mimeType", isVideo ? "video/VP8" : "audio/opus")
        codec.set("clockRate", isVideo ? 90_000 : 48_000)
        if !isVideo { codec.set("channels", 2) }

        var outbound = stream("O" + letter, "outbound-rtp", ssrc)
        outbound.set("packetsSent", medium.packetsSent)
        outbound.set("bytesSent", medium.bytesSent)
        outbound.set("remoteId", "RI" + letter)
        var remoteInbound = stream("RI" + letter, "remote-inbound-rtp", ssrc)
        remoteInbound.set("localId", "O" + letter)
        remoteInbound.set("packetsLost", medium.remotePacketsLost)
        remoteInbound.set("fractionLost", medium.remoteFractionLost)
        remoteInbound.set("jitter", medium.remoteJitter.seconds)
        remoteInbound.set("roundTripTime", all.roundTripTime?.seconds)
        var inbound = stream("I" + letter, "inbound-rtp", media.remoteSSRC)
        inbound.set("packetsReceived", medium.packetsReceived)
        inbound.set("bytesReceived", medium.bytesReceived)
        inbound.set("packetsLost", medium.packetsLost)
        inbound.set("jitter", medium.jitter.seconds)
        if isVideo {
            outbound.set("framesSent", medium.framesSent)
            outbound.set("retransmittedPacketsSent", all.retransmittedSent)
            outbound.set("retransmittedBytesSent", all.retransmittedBytesSent)
            outbound.set("targetBitrate", all.targetBitrate)
            outbound.set("nackCount", all.nackPacketsReceived)
            outbound.set("pliCount", all.plisReceived)
            outbound.set("firCount", all.firsReceived)
            inbound.set("framesReceived", medium.framesReceived)
            inbound.set("nackCount", all.nacksSent)
            inbound.set("pliCount", all.plisSent)
            inbound.set("retransmittedPacketsReceived", all.recovered)
        }
        return [codec, outbound, remoteInbound, inbound]
    }
}
