import DTLS
import ICE
import Primitives
import RTP
import SDP

extension PeerConnection {
    /// An offer to be signalled. The side that offers first is ICE's controlling one.
    ///
    /// Asked again before the answer, it gives the same offer; after one, a further offer of the same call.
    /// - Parameter restartingICE: whether a further offer asks for a new path (RFC 8445 section 9), as after `.failed`.
    public mutating func createOffer(restartingICE: Bool = false, now: Instant) throws(PeerError) -> String {
        guard !isClosed else { throw .closed }
        self.now = now
        if case .haveLocalOffer(let offer) = signalling { return offer.text }
        let restarts = restartingICE && session != nil
        if restarts { restartICE(.random(using: &random)) }
        if restarts || session == nil { agent.setRole(.controlling, now: now) }
        sessionVersion += 1
        let local = localParameters()
        let offer = localDescription.map { SessionDescription.offer(local, renewing: $0) } ?? .offer(local)
        signalling = .haveLocalOffer(offer)
        announceCandidates()
        return offer.text
    }

    /// The answer to the other side's offer, or nil when the offer is ignored in glare: this side's own offer then stands.
    ///
    /// A description that cannot be used leaves the call as it was.
    public mutating func handleOffer(_ sdp: String, now: Instant) throws(PeerError) -> String? {
        guard !isClosed else { throw .closed }
        self.now = now
        let offer = try parse(sdp)
        if case .haveLocalOffer = signalling, !configuration.isPolite {
            ignoresCandidates = true
            return nil
        }
        sessionVersion += 1
        var local = localParameters()
        let restarted: ICECredentials? = try restartsICE(offer) ? .random(using: &random) : nil
        if let restarted {
            local.ufrag = restarted.ufrag
            local.password = restarted.password
            local.candidates = []
        }
        let answer: SessionDescription
        let negotiated: NegotiatedSession
        do {
            answer = try SessionDescription.answer(to: offer, local)
            negotiated = try NegotiatedSession(offer: offer, answer: answer, isOfferer: false)
        } catch { throw .description(error) }
        // From here on the offer stands, and an own one that collided is rolled back.
        let wasRolledBack = if case .haveLocalOffer = signalling { true } else { false }
        signalling = .stable
        if let restarted { restartICE(restarted) }
        if restarted != nil || session == nil { agent.setRole(negotiated.remoteIsLite ? .controlling : .controlled, now: now) }
        apply(negotiated, localDescription: answer)
        // What went out with the own offer may have been ignored along with it.
        if wasRolledBack && !configuration.candidatesInSDP { toldCandidates = 0 }
        announceCandidates()
        return answer.text
    }

    /// The answer to this side's offer.
    ///
    /// Before the call stands, a further answer takes the first one's place: that one may have been meant for an offer of an earlier
    /// connection of ours, which nothing in it tells.
    public mutating func handleAnswer(_ sdp: String, now: Instant) throws(PeerError) {
        guard !isClosed else { throw .closed }
        self.now = now
        guard case .haveLocalOffer(let offer) = signalling else { return try replaceAnswer(sdp) }
        let answer = try parse(sdp)
        let negotiated: NegotiatedSession
        do { negotiated = try NegotiatedSession(offer: offer, answer: answer, isOfferer: true) } catch { throw .description(error) }
        guard session == nil || isSamePeer(negotiated.remoteFingerprints) else { throw .differentPeer }
        signalling = .stable
        apply(negotiated, localDescription: offer)
    }

    private mutating func replaceAnswer(_ sdp: String) throws(PeerError) {
        guard let session, session.isOfferer, let offer = localDescription, !isSecure, !hasFailed else { throw .unexpectedAnswer }
        let answer = try parse(sdp)
        let negotiated: NegotiatedSession
        do { negotiated = try NegotiatedSession(offer: offer, answer: answer, isOfferer: true) } catch { throw .description(error) }
        guard negotiated.remoteUfrag != session.remoteUfrag || negotiated.remotePassword != session.remotePassword else { return }
        dtls = nil
        data = nil
        earlyHandshake = EarlyDatagrams(limit: 16)
        apply(negotiated, localDescription: offer)
    }

    private func parse(_ sdp: String) throws(PeerError) -> SessionDescription {
        do { return try SessionDescription(parsing: sdp) } catch { throw .description(error) }
    }

    private mutating func localParameters() -> LocalParameters {
        var local = LocalParameters(
            sessionID: sessionID, ufrag: credentials.ufrag, password: credentials.password,
            fingerprint: configuration.certificate.fingerprint.sdp, cname: cname, streamID: streamID,
            audio: .init(id: streamID + "a", ssrc: ssrcs.audio),
            video: .init(id: streamID + "v", ssrc: ssrcs.video, repairSSRC: ssrcs.videoRTX))
        local.sessionVersion = sessionVersion
        local.sendsAudio = configuration.sendsAudio
        local.sendsVideo = configuration.sendsVideo
        local.offersData = configuration.offersData
        local.isDTLSClient = session?.isDTLSClient
        if configuration.candidatesInSDP {
            local.candidates = localCandidates.map(\.sdp)
            toldCandidates = localCandidates.count
        }
        return local
    }

    /// Whether an offer within the call asks for a new path (RFC 8839 section 4.4.1.1.1).
    private func restartsICE(_ offer: SessionDescription) throws(PeerError) -> Bool {
        guard let session else { return false }
        let transport = offer.transport(of: session.transportIndex)
        if !transport.fingerprints.isEmpty, !isSamePeer(transport.fingerprints) { throw .differentPeer }
        guard let ufrag = transport.ufrag, let password = transport.password else { return false }
        guard ufrag != session.remoteUfrag || password != session.remotePassword else { return false }
        // A new connection of the same program's has its certificate, but knows nothing of the handshake that this one has been through.
        let ids = [offer.sessionID, session.remoteSessionID]
        if ids[0] != ids[1], !ids.contains(0) { throw .differentPeer }
        return true
    }

    private func isSamePeer(_ fingerprints: [String]) -> Bool {
        guard let session else { return false }
        let known = Set(session.remoteFingerprints.compactMap(CertificateFingerprint.init(sdp:)))
        return fingerprints.compactMap(CertificateFingerprint.init(sdp:)).contains(where: known.contains)
    }

    private mutating func apply(_ negotiated: NegotiatedSession, localDescription: SessionDescription) {
        let remote = ICECredentials(ufrag: negotiated.remoteUfrag, password: negotiated.remotePassword)
        session = negotiated
        self.localDescription = localDescription
        ignoresCandidates = false
        if agent.remoteCredentials != remote {
            remoteAddresses = []
            agent.setRemoteCredentials(remote, now: now)
        }
        for text in negotiated.remoteCandidates { addRemote(text) }
        if negotiated.hasEndOfCandidates { agent.endOfRemoteCandidates(now: now) }
        for early in takeEarlyCandidates() { addRemoteCandidate(early.text, mid: early.mid, mLineIndex: early.mLineIndex, now: now) }
        let media = NegotiatedMedia(negotiated)
        if rtp != nil {
            rtp?.update(media)
        } else {
            var settings = RTPSession.Configuration(localSSRCs: ssrcs, cname: cname, media: media)
            settings.initialVideoBitrate = configuration.initialVideoBitrate
            settings.maximumVideoBitrate = configuration.maximumVideoBitrate
            settings.ntpOffset = configuration.ntpOffset
            rtp = RTPSession(configuration: settings, random: random.fork(), now: now)
        }
        prepareDataChannels()
        updateState()
        startDTLSIfPossible()
    }

    /// The handshake and the media session outlive the path (RFC 8842 section 5.4); the candidates are told again, as the new generation's.
    private mutating func restartICE(_ new: ICECredentials) {
        credentials = new
        localCandidates = []
        toldCandidates = 0
        agent.restart(credentials: credentials, now: now)
        collectCandidates()
    }
}

extension NegotiatedMedia {
    init(_ session: NegotiatedSession) {
        self.init(
            videoPayloadType: session.video?.payloadType, videoRTXPayloadType: session.video?.repairPayloadType,
            audioPayloadType: session.audio?.payloadType, midExtensionID: session.audio?.midExtensionID ?? session.video?.midExtensionID,
            videoMID: session.video?.mid, audioMID: session.audio?.mid)
        audioREDPayloadType = session.audio?.redundancyPayloadType
        remoteVideoSSRC = session.video?.remoteSSRC
        remoteVideoRTXSSRC = session.video?.remoteRepairSSRC
        remoteAudioSSRC = session.audio?.remoteSSRC
        videoTransportSequenceID = session.video?.transportSequenceExtensionID
        audioTransportSequenceID = session.audio?.transportSequenceExtensionID
        videoSendTimeID = session.video?.sendTimeExtensionID
        videoREMB = session.video?.hasREMB ?? false
        videoNACK = session.video?.hasNACK ?? false
        videoPLI = session.video?.hasPLI ?? false
        reducedSizeRTCP = session.video?.hasReducedSizeRTCP ?? session.audio?.hasReducedSizeRTCP ?? false
    }
}
