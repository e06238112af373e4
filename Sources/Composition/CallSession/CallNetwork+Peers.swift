import DatagramSocket
import ICE
import PeerConnection
import Primitives
import Threading

/// Peer connections: made, served and taken away.
extension CallNetwork {
    func member(_ id: CallCoordinator.MemberID) -> Member? { members.first { $0.id == id } }

    /// What the person sees begin; a new attempt after a silence is not that, for they are told to wait.
    func announce(_ actions: [CallCoordinator.Action], now: Instant) {
        perform(actions, now: now)
        if !actions.isEmpty { own.report.event(.connecting(coordinator.member.id)) }
    }

    func perform(_ actions: [CallCoordinator.Action], now: Instant) {
        for action in actions { perform(action, now: now) }
    }

    private func perform(_ action: CallCoordinator.Action, now: Instant) {
        switch action {
        case .makePeer(let id, let isPolite): makePeer(id, isPolite: isPolite, now: now)
        case .sendOffer(let id):
            guard let member = member(id) else { return }
            do { own.signaling.send(.offer(sdp: try member.peer.createOffer(now: now))) } catch { refuse(error) }
        case .removePeer(let id, let reason):
            remove(id, now: now)
            if !reason.isEmpty { own.report.event(.peerLeft(id.id, reason: reason)) }
        case .wait: own.report.peerGone()
        }
    }

    func makePeer(_ id: CallCoordinator.MemberID, isPolite: Bool, now: Instant) {
        remove(id, now: now)
        let addresses = callAddresses()
        let sockets = addresses.compactMap { try? DatagramSocket(binding: $0, port: 0) }
        if sockets.isEmpty {
            own.report.event(.error("No UDP socket can be opened; is the limit on open files reached (ulimit -n)?"))
            return
        }
        var configuration = PeerConnection.Configuration(certificate: own.certificate, isPolite: isPolite)
        configuration.stunServers = stunServers
        configuration.turnServers = turnServers
        configuration.icePolicy = own.configuration.icePolicy == .relay ? .relay : .all
        configuration.maximumVideoBitrate = own.configuration.bitrateKbps * 1000
        configuration.ntpOffset = .milliseconds(Int(WallClock.milliseconds())) - (now - .zero)
        let peer = PeerConnection(configuration: configuration, random: random.fork(), now: now)
        let member = Member(id: id, peer: peer, sockets: sockets)
        for socket in sockets { member.peer.addLocalSocket(base: socket.localAddress, now: now) }
        members.append(member)
        for address in addresses { listen(for: member, on: address, now: now) }
    }

    func remove(_ id: CallCoordinator.MemberID, now: Instant) {
        guard let index = members.firstIndex(where: { $0.id == id }) else { return }
        let member = members.remove(at: index)
        // A closed connection has no numbers any more.
        if member.isConnected { own.report.details(member.peer.stats(now: now)) }
        own.report.retire(member.peer.statistics(now: now), now: now)
        member.peer.close(now: now)
        // What it still has to say is about a connection that nobody counts on any more.
        while let output = member.peer.poll() {
            switch output {
            case .transmit(let base, let destination, let payload): member.transmit(payload, from: base, to: destination)
            case .sendStream(let id, let payload): own.streams.send(id, payload)
            case .openStream, .closeStream, .resolve, .event: break
            }
        }
        member.flush(now: now)
        closeStreams(of: member)
        own.media.removeReceiver(id)
        adapt()
        own.media.setSending(members.contains(where: \.isConnected))
    }

    /// The connection to the other side has had traffic just now.
    func isAlive(now: Instant) -> Bool {
        guard let member = member(coordinator.member), member.isConnected, let last = member.peer.lastReceived else { return false }
        if let doubted = coordinator.doubtedSince, last < doubted + CallCoordinator.afterglow { return false }
        return now - last < CallCoordinator.doubtfulSilence
    }

    func checkLife(of member: Member, now: Instant) {
        guard member.isConnected, let last = member.peer.lastReceived else { return }
        let silence = now - last
        if silence > coordinator.silenceLimit {
            let isLost = coordinator.doubtedSince != nil
            let reason = isLost ? "The other side is gone." : "Nothing has come from the other side for 7 seconds."
            perform(coordinator.peerSilent(reason: reason, now: now), now: now)
        } else if silence > .seconds(2), !member.isInterrupted {
            member.isInterrupted = true
            own.report.event(.interrupted(member.id.id))
        } else if silence < .seconds(1), member.isInterrupted {
            member.isInterrupted = false
            own.report.event(.resumed(member.id.id))
        }
    }

    /// Hands out all that the peers have to send and to say.
    func flush(now: Instant) {
        for member in members {
            drain(member, now: now)
            member.flush(now: now)
        }
    }

    func drain(_ member: Member, now: Instant) {
        while let output = member.peer.poll() {
            switch output {
            case .transmit(let base, let destination, let payload):
                member.transmit(payload, from: base, to: destination)
            case .openStream(let id, let remote, let name):
                member.streams.insert(id)
                own.streams.connect(id, to: remote, from: nil, tls: name)
            case .sendStream(let id, let payload): own.streams.send(id, payload)
            case .closeStream(let id):
                member.streams.remove(id)
                own.streams.close(id)
            case .resolve(let name): resolve(name, for: member, now: now)
            case .event(let event): handle(event, of: member, now: now)
            }
        }
    }

    private func handle(_ event: PeerEvent, of member: Member, now: Instant) {
        switch event {
        case .localCandidate(let sdp, let mid, let mLineIndex):
            own.signaling.send(.candidate(candidate: sdp, mid: mid, mLineIndex: mLineIndex))
        case .connectionState(let state): stateChanged(state, of: member, now: now)
        case .video(let frame):
            own.report.update { $0.video.received += 1 }
            own.media.receive(frame, from: member.id)
        case .audio(let packet):
            if !packet.isRedundant { own.report.update { $0.audio.received += 1 } }
            own.media.receive(packet, from: member.id)
        case .keyFrameRequested: own.media.requestKeyFrame()
        case .targetBitrate(let bitsPerSecond):
            member.targetBitrate = bitsPerSecond
            adaptBitrate()
        case .audioNetwork(let lossFraction, _): own.media.setAudioLoss(percent: lossFraction * 100)
        case .dataChannel(let event): handle(event, of: member, now: now)
        case .restartNeeded: considerRestart(of: member, now: now)
        case .relayFailed(let sentence):
            own.logger.warning("relay", metadata: ["reason": "\(sentence)"])
            own.report.event(.error(sentence))
        case .remoteClosed: perform(coordinator.peerClosed(reason: "The other side left."), now: now)
        }
    }

    func stateChanged(_ state: PeerConnectionState, of member: Member, now: Instant) {
        own.logger.info("peer connection", metadata: ["state": "\(state)"])
        switch state {
        case .connected where !member.isConnected:
            member.isConnected = true
            nextStats = now
            coordinator.connected()
            own.media.addReceiver(member.id)
            // Before the first key frame: it should fit a path that nothing is known of yet.
            adapt()
            own.media.setSending(true)
            own.media.requestKeyFrame()
            own.report.connected(member.id.id, path: member.peer.statistics(now: now).pair ?? "", now: now)
            startTalk(with: member, now: now)
        case .failed where member.isConnected:
            perform(coordinator.peerSilent(reason: "The connection to the other side has failed.", now: now), now: now)
        case .failed:
            let reason = member.peer.failureReason ?? "no reason is known"
            let sentence = reason.hasSuffix(".") ? reason : reason + "."
            own.report.event(.error("No connection to the other side: \(sentence) It is tried again as long as they wait."))
        case .new, .connecting, .connected, .disconnected, .closed: break
        }
    }

    func publish(now: Instant) {
        guard let member = members.first(where: \.isConnected) else {
            // Whoever gives up before the agent does wants to know as well.
            if let member = members.first, coordinator.hasPeer { own.report.noPath(member.peer.connectivityReport.text) }
            return
        }
        let statistics = member.peer.statistics(now: now)
        own.report.transport(statistics)
        if now >= nextStats {
            nextStats = now + Self.statsPeriod
            own.report.details(member.peer.stats(now: now))
        }
        if let pair = statistics.pair, statistics.pairChanges != member.pairChanges {
            member.pairChanges = statistics.pairChanges
            own.report.event(.path(member.id.id, isRelayed: statistics.isRelayed, summary: statistics.pathSummary, pair: pair))
        }
    }

    /// One encoder serves everybody: the slowest network and the largest screen count.
    func adapt() {
        adaptBitrate()
        adaptPicture()
    }

    private func adaptBitrate() {
        guard let target = members.filter(\.isConnected).map(\.targetBitrate).min() else { return }
        own.media.setTargetBitrate(target)
    }

    func adaptPicture() {
        let screens = members.filter(\.isConnected).map(\.screen)
        own.media.setReceiverScreens(screens.map { $0.map { PictureSize(width: $0.width, height: $0.height) } })
    }
}
