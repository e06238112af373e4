import DTLS
import ICE
import Primitives
import RTP
import SRTP

extension PeerConnection {
    public mutating func handleTimeout(now: Instant) {
        guard !isClosed else { return }
        self.now = now
        agent.handleTimeout(now: now)
        dtls?.handleTimeout(now: now)
        if isMediaReady {
            rtp?.handleTimeout(now: now)
            losses.note(rtp?.statistics ?? RTPStatistics(), now: now)
            data?.handleTimeout(now: now)
        }
    }

    /// When `handleTimeout` must be called next; nil: only input can change anything.
    public func nextTimeout(now: Instant) -> Instant? {
        if !outputs.isEmpty { return now }
        if isClosed { return nil }
        var next = agent.nextTimeout
        if let other = dtls?.nextTimeout(now: now) { next = min(next ?? other, other) }
        if isMediaReady {
            if let other = rtp?.nextTimeout { next = min(next ?? other, other) }
            if let other = data?.nextTimeout { next = min(next ?? other, other) }
        }
        return next
    }

    /// What is to be done, one thing at a time; nil: all done.
    public mutating func poll() -> PeerOutput? {
        while true {
            if let output = outputs.popFirst() { return output }
            if isClosed { return nil }
            if let output = agent.poll() {
                // The common case straight through, not by the queue.
                if case .transmit(let base, let destination, let payload) = output {
                    return transmit(base, destination, payload)
                }
                take(output)
            } else if let output = dtls?.poll() {
                take(output)
            } else if isMediaReady, let output = rtp?.poll() {
                if let result = take(output) { return result }
            } else if isMediaReady, let output = data?.poll() {
                if let result = take(output) { return result }
            } else {
                return nil
            }
        }
    }

    private mutating func transmit(_ base: SocketAddress, _ destination: SocketAddress, _ payload: [UInt8]) -> PeerOutput {
        noteSent(payload.count)
        return .transmit(base: base, destination: destination, payload: payload)
    }

    private mutating func noteSent(_ count: Int) {
        sentRate.add(count, now: now)
        datagramsSent &+= 1
        bytesSent &+= count
    }

    private mutating func send(_ payload: [UInt8], on stream: StreamID) -> PeerOutput {
        noteSent(payload.count)
        return .sendStream(stream, payload: payload)
    }

    /// Handshake and media take the best pair there is; without one they are lost, as on any network.
    private mutating func transmitOnPath(_ payload: consuming [UInt8]) -> PeerOutput? {
        guard let pair = agent.sendPair, let route = agent.route(&payload, over: pair) else {
            unsentDatagrams &+= 1
            return nil
        }
        switch route {
        case .socket(let base, let destination): return transmit(base, destination, payload)
        case .stream(let id): return send(payload, on: id)
        }
    }

    mutating func take(_ output: ICEOutput) {
        switch output {
        case .transmit(let base, let destination, let payload): outputs.append(transmit(base, destination, payload))
        case .openStream(let id, let remote, let tls): outputs.append(.openStream(id, to: remote, tls: tls))
        case .sendStream(let id, let payload): outputs.append(send(payload, on: id))
        case .closeStream(let id): outputs.append(.closeStream(id))
        case .resolve(let name): outputs.append(.resolve(name: name))
        case .event(.restartNeeded): outputs.append(.event(.restartNeeded))
        case .event(.localCandidate(let candidate)): addLocal(candidate)
        case .event(.gatheringComplete): break
        case .event(.stateChanged(let state)):
            iceState = state
            updateState()
            startDTLSIfPossible()
        case .event(.selectedPair):
            selectedPairChanges &+= 1
            startDTLSIfPossible()
        case .event(.relayFailed(let server, let reason)):
            outputs.append(.event(.relayFailed("The TURN server \(server) gives no relay: \(reason).")))
        }
    }

    private mutating func take(_ output: DTLSOutput) {
        switch output {
        case .transmit(let datagram):
            if let output = transmitOnPath(datagram) { outputs.append(output) }
        case .connected(let keys): secured(with: keys)
        case .applicationData(let packet): handleData(packet)
        case .closed: remoteClosed(.closeNotify)
        case .failed(let error): fail("\(error)")
        }
    }

    /// Nil when it leads to nothing for the outside.
    private mutating func take(_ output: consuming RTPOutput) -> PeerOutput? {
        switch consume output {
        case .transmitRTP(var packet):
            do { try srtp?.protectRTP(&packet) } catch { return nil }
            return transmitOnPath(packet)
        case .transmitRTCP(var packet):
            do { try srtp?.protectRTCP(&packet) } catch { return nil }
            return transmitOnPath(packet)
        case .video(let frame): return .event(.video(frame))
        case .audio(let packet): return .event(.audio(packet))
        case .keyFrameRequested: return .event(.keyFrameRequested)
        case .targetBitrate(let bitrate):
            // On a narrow path copies of the sound would take from the picture what it needs to be one.
            rtp?.limitAudioCopies(bitrate < 80_000 ? 0 : bitrate < 150_000 ? 1 : 2)
            return .event(.targetBitrate(bitrate))
        case .audioNetwork(let lost, let roundTrip):
            // Redundancy follows at once; the encoder is the owner's.
            rtp?.setAudioLoss(lost)
            return .event(.audioNetwork(lossFraction: lost, roundTrip: roundTrip))
        case .remoteBye:
            remoteClosed(.bye)
            return nil
        }
    }

    mutating func updateState() {
        let state: PeerConnectionState
        if isClosed {
            state = .closed
        } else if hasFailed {
            state = .failed
        } else if session == nil {
            state = .new
        } else {
            state =
                switch iceState {
                case .failed: .failed
                case .disconnected: .disconnected
                case .connected where isSecure: .connected
                // The call goes on over the old path while a restarted one is being checked.
                case .new, .checking: isSecure && connectionState != .failed ? connectionState : .connecting
                case .connected, .closed: .connecting
                }
        }
        guard state != connectionState else { return }
        if state == .failed, failureReason == nil { failureReason = connectivityReport.text }
        connectionState = state
        outputs.append(.event(.connectionState(state)))
    }

    mutating func fail(_ reason: String) {
        guard !hasFailed else { return }
        hasFailed = true
        failureReason = reason
        updateState()
    }

    private mutating func remoteClosed(_ reason: RemoteCloseReason) {
        guard !hasRemoteClosed else { return }
        hasRemoteClosed = true
        outputs.append(.event(.remoteClosed(reason)))
    }

    /// Tells the other side (RTCP BYE, DTLS close_notify); `poll` still gives those datagrams, then nothing more.
    public mutating func close(now: Instant) {
        guard !isClosed else { return }
        self.now = now
        if isSecure && !hasFailed {
            rtp?.stop(now: now)
            while let output = rtp?.poll() {
                if case .transmitRTCP = output, let datagram = take(output) { outputs.append(datagram) }
            }
        }
        data?.abort(now: now)
        while let output = data?.poll() { if case .transmit(let packet) = output { dtls?.send(packet) } }
        dtls?.close(now: now)
        while let output = dtls?.poll() {
            if case .transmit(let datagram) = output, let datagram = transmitOnPath(datagram) { outputs.append(datagram) }
        }
        isClosed = true
        agent.close()
        // Allocations go back to their servers.
        while let output = agent.poll() {
            switch output {
            case .transmit, .sendStream, .closeStream: take(output)
            case .openStream, .resolve, .event: break
            }
        }
        updateState()
        rtp = nil
        data = nil
        srtp = nil
        dtls = nil
        earlyCandidates = []
    }
}
