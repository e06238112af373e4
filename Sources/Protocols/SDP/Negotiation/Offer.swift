extension SessionDescription {
    /// An offer in the shape that browsers give theirs: Opus as 111, VP8 as 96 with retransmission as 97, all on one path.
    public static func offer(_ local: LocalParameters) -> SessionDescription {
        var offer = SessionDescription(sessionID: local.sessionID, sessionVersion: local.sessionVersion)
        offer.streamSemantic = " WMS " + local.streamID
        for (index, kind) in MediaKind.allCases.enumerated() {
            guard kind != .application else {
                if local.offersData { offer.media.append(.dataChannels(local, mid: String(index))) }
                continue
            }
            let codecs =
                kind == .audio
                ? [opus(payloadType: 111), red(payloadType: 63, of: 111)] : [vp8(payloadType: 96), rtx(payloadType: 97, of: 96)]
            var section = MediaSection(
                kind: kind.rawValue, port: 9, transportProtocol: "UDP/TLS/RTP/SAVPF", formats: codecs.map { String($0.payloadType) })
            section.mid = String(index)
            section.codecs = codecs
            section.extensions = kind.extensions
            section.transport = local.transport(setup: .actpass, isBase: index == 0)
            section.direction = Direction(sends: kind == .audio ? local.sendsAudio : local.sendsVideo, receives: true)
            section.hasRTCPMux = true
            section.hasReducedSizeRTCP = true
            section.announce(local, kind: kind)
            offer.media.append(section)
        }
        offer.bundleGroups = [offer.media.compactMap(\.mid)]
        return offer
    }

    /// A further offer: `previous`, ours of the last negotiation, with the same sections, payload types and ids (RFC 8829 section 5.2.2).
    public static func offer(_ local: LocalParameters, renewing previous: SessionDescription) -> SessionDescription {
        var offer = previous
        offer.sessionVersion = local.sessionVersion
        let base = offer.bundleGroups.first?.first
        for i in offer.media.indices where !offer.media[i].isRejected {
            guard let kind = MediaKind(rawValue: offer.media[i].kind) else { continue }
            // The roles stay; that the answerer may choose is said all the same (RFC 8842 section 5.2).
            offer.media[i].transport = local.transport(setup: .actpass, isBase: offer.media[i].mid == base)
            guard kind != .application else { continue }
            offer.media[i].direction = Direction(sends: kind == .audio ? local.sendsAudio : local.sendsVideo, receives: true)
            offer.media[i].announce(local, kind: kind)
        }
        return offer
    }

    static func opus(payloadType: UInt8) -> Codec {
        var codec = Codec(payloadType: payloadType)
        codec.name = "opus"
        codec.clockRate = 48000
        codec.channels = 2
        codec.feedback = MediaKind.audio.feedback
        codec.parameters = "minptime=10;useinbandfec=1"
        return codec
    }

    /// Redundant audio (RFC 2198), in the shape of Chromium's.
    static func red(payloadType: UInt8, of primary: UInt8) -> Codec {
        var codec = Codec(payloadType: payloadType)
        codec.name = "red"
        codec.clockRate = 48000
        codec.channels = 2
        codec.parameters = "\(primary)/\(primary)"
        return codec
    }

    static func vp8(payloadType: UInt8) -> Codec {
        var codec = Codec(payloadType: payloadType)
        codec.name = "VP8"
        codec.clockRate = 90000
        codec.feedback = MediaKind.video.feedback
        return codec
    }

    static func rtx(payloadType: UInt8, of primary: UInt8) -> Codec {
        var codec = Codec(payloadType: payloadType)
        codec.name = "rtx"
        codec.clockRate = 90000
        codec.parameters = "apt=\(primary)"
        return codec
    }
}

extension MediaSection {
    fileprivate static func dataChannels(_ local: LocalParameters, mid: String) -> MediaSection {
        var section = MediaSection(kind: "application", port: 9, transportProtocol: "UDP/DTLS/SCTP", formats: ["webrtc-datachannel"])
        section.mid = mid
        section.transport = local.transport(setup: .actpass, isBase: false)
        section.announceDataChannels()
        return section
    }

    mutating func announceDataChannels() {
        sctpPort = DataChannelDefaults.port
        maximumMessageSize = DataChannelDefaults.maximumMessageSize
    }

    /// Writes the sources in, when this section sends.
    mutating func announce(_ local: LocalParameters, kind: MediaKind) {
        streamIDs = []
        sources = []
        repairPairs = []
        guard direction?.sends == true else { return }
        let track = kind == .audio ? local.audio : local.video
        streamIDs = [local.streamID + " " + track.id]
        sources = [(track.ssrc, local.cname)]
        if let repair = track.repairSSRC, codecs.contains(where: { $0.name == "rtx" }) {
            sources.append((repair, local.cname))
            repairPairs = [(track.ssrc, repair)]
        }
    }
}
