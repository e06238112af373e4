import ByteCoding
import DTLS
import ICE
import MediaTypes
import Primitives
import RTP
import SRTP

extension PeerConnection {
    /// One received datagram; what it is, its first byte says (RFC 7983).
    public mutating func handle(_ datagram: Span<UInt8>, from source: SocketAddress, base: SocketAddress, now: Instant) {
        guard !isClosed, datagram.count > 0 else { return }
        self.now = now
        noteReceived(datagram.count)
        unwrap(datagram, from: source, base: base)
    }

    mutating func noteReceived(_ count: Int) {
        receivedRate.add(count, now: now)
        datagramsReceived &+= 1
        bytesReceived &+= count
    }

    mutating func unwrap(_ datagram: Span<UInt8>, from source: SocketAddress, base: SocketAddress) {
        if let inner = agent.unwrap(datagram, from: source, base: base) {
            demultiplex(datagram.extracting(inner.payload), from: inner.source, base: inner.base)
        } else {
            demultiplex(datagram, from: source, base: base)
        }
    }

    private mutating func demultiplex(_ datagram: Span<UInt8>, from source: SocketAddress, base: SocketAddress) {
        guard datagram.count > 0 else { return }
        // What is not STUN is a sign of life of the pair all the same.
        if agent.handle(datagram, from: source, base: base, now: now) {
            // A pair that answers is enough, well before one is nominated.
            startDTLSIfPossible()
            return
        }
        switch datagram[0] {
        case 20...63: handleDTLS(datagram, from: source)
        case 128...191: handleMedia(datagram, from: source)
        default: discardedDatagrams &+= 1
        }
    }

    /// ENETUNREACH and the like: this pair cannot be sent on for now.
    public mutating func sendFailed(to destination: SocketAddress, base: SocketAddress, now: Instant) {
        guard !isClosed else { return }
        self.now = now
        agent.sendFailed(to: destination, base: base, now: now)
    }

    private mutating func handleDTLS(_ datagram: Span<UInt8>, from source: SocketAddress) {
        startDTLSIfPossible()
        guard dtls != nil else {
            // A ClientHello can overtake the description or the path's last check; dropping it costs a retransmission time.
            earlyHandshake.append(Array(copying: datagram), from: source)
            return
        }
        guard isPeerAddress(source) else {
            discardedDatagrams &+= 1
            return
        }
        dtls?.handle(datagram, now: now)
    }

    /// The first records of a handshake are not authenticated: a stranger's could end it.
    private func isPeerAddress(_ source: SocketAddress) -> Bool {
        remoteAddresses.contains(source) || agent.sendPair?.destination == source || agent.knowsRemote(source)
    }

    private mutating func handleMedia(_ datagram: Span<UInt8>, from source: SocketAddress) {
        guard srtp != nil, rtp != nil else {
            // The side that finishes the handshake first may send before the other has heard of it.
            earlyMedia.append(Array(copying: datagram), from: source)
            return
        }
        // Out of `self` while it is in use, so that its bytes can be lent to the session.
        var packet: [UInt8] = []
        swap(&packet, &scratch)
        packet.removeAll(keepingCapacity: true)
        packet.append(span: datagram)
        decrypt(&packet)
        swap(&packet, &scratch)
    }

    private mutating func decrypt(_ packet: inout [UInt8]) {
        guard packet.count >= 8, !hasRemoteClosed, !hasFailed else {
            discardedDatagrams &+= 1
            return
        }
        // RFC 5761 section 4.
        let isRTCP = (192...223).contains(packet[1])
        do {
            if isRTCP { try srtp?.unprotectRTCP(&packet) } else { try srtp?.unprotectRTP(&packet) }
        } catch {
            discardedDatagrams &+= 1
            return
        }
        if isRTCP { rtp?.handleRTCP(packet.span, now: now) } else { rtp?.handleRTP(packet.span, now: now) }
    }

    /// Starts the handshake once both the other side's certificate and a path are known, nominated or not.
    mutating func startDTLSIfPossible() {
        guard dtls == nil, !hasFailed, !isClosed, let session, let pair = agent.sendPair else { return }
        let fingerprints = session.remoteFingerprints.compactMap(CertificateFingerprint.init(sdp:))
        let roundTrip = pair.roundTripTime ?? .milliseconds(100)
        let base = max(.milliseconds(50), min(.milliseconds(3000), roundTrip * 2))
        do {
            dtls = try DTLSTransport(
                role: session.isDTLSClient ? .client : .server, certificate: configuration.certificate, remoteFingerprints: fingerprints,
                retransmissionBase: base, now: now)
        } catch {
            fail("\(error)")
            return
        }
        dtls?.start(now: now)
        for (datagram, source) in earlyHandshake.take() where isPeerAddress(source) { dtls?.handle(datagram.span, now: now) }
    }

    mutating func secured(with keys: SRTPKeys) {
        do { srtp = try SRTPContext(keys: keys) } catch {
            fail("\(error)")
            return
        }
        isSecure = true
        srtpProfile = keys.profile
        remoteFingerprint = dtls?.remoteFingerprint?.bytes
        data?.start(now: now)
        updateState()
        // The encoder has been at work: nothing of it has been sent, and only a key frame can be begun with.
        outputs.append(.event(.keyFrameRequested))
        for (datagram, _) in earlyMedia.take() {
            var packet = datagram
            decrypt(&packet)
        }
    }

    /// Dropped until media may flow.
    public mutating func sendVideo(_ frame: EncodedVideoFrame, now: Instant) {
        guard isMediaReady, session?.video?.sends == true else { return }
        self.now = now
        rtp?.sendVideo(frame, now: now)
    }

    public mutating func sendAudio(_ frame: EncodedAudioFrame, now: Instant) {
        guard isMediaReady, session?.audio?.sends == true else { return }
        self.now = now
        rtp?.sendAudio(frame, now: now)
    }

    /// The decoder failed: the other side is asked for a key frame.
    public mutating func requestKeyFrame(now: Instant) {
        guard isMediaReady else { return }
        self.now = now
        rtp?.requestKeyFrame(now: now)
    }
}
