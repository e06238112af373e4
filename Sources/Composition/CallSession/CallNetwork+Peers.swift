import DatagramSocket
import ICE
import PeerConnection
import Primitives
import Threading

/// Peer connections: made, served and taken away.
extension CallNetwork {
    func member(_ id: CallCoordinator.MemberID) -> Member? { members.first { $0.id == id } }

    /// What the person sees begin; a new attempt after a silence is not that, for they are told to wait.
    func announce(_ actions: [CallCoordinator.Action], now: Instant) { perform(actions, isAnnounced: true, now: now) }

    func perform(_ actions: [CallCoordinator.Action], now: Instant) { perform(actions, isAnnounced: false, now: now) }

    private func perform(_ actions: [CallCoordinator.Action], isAnnounced: Bool, now: Instant) {
        for news in coordinator.takeArrivals() { tell(news, now: now) }
        for action in actions {
            perform(action, now: now)
            if isAnnounced, case .makePeer(let id, _) = action { own.report.event(.connecting(id.id)) }
        }
        for news in coordinator.takeDepartures() { tell(news, now: now) }
    }

    private func tell(_ news: CallCoordinator.News, now: Instant) {
        switch news {
        case .arrived(let id, let name):
            own.report.arrived(id.id, name: name)
            // With plain members `ready` says so.
            if coordinator.isGroup, !hasCompany { own.report.ready(now: now) }
            hasCompany = true
        case .departed(let id, let reason):
            own.report.departed(id.id, reason: reason)
            ownScreens[id.id] = nil
            hasCompany = !coordinator.members.isEmpty
        }
    }

    private func perform(_ action: CallCoordinator.Action, now: Instant) {
        switch action {
        case .makePeer(let id, let isPolite): makePeer(id, isPolite: isPolite, now: now)
        case .sendOffer(let id): if let member = member(id) { sendOffer(of: member, now: now) }
        case .removePeer(let id, let reason):
            remove(id, now: now)
            if !reason.isEmpty { own.report.event(.peerLeft(id.id, reason: own.report.sentence(reason, about: id.id))) }
        case .wait: break
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
        configuration.stunServers = iceServers.stun + signaledICEServers.stun
        configuration.turnServers = iceServers.turn + signaledICEServers.turn
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
        if member.isConnected { own.report.details(of: id.id, member.peer.stats(now: now)) }
        own.report.retire(id.id, member.peer.statistics(now: now), now: now)
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

    /// The connection to a member has had traffic just now.
    func isAlive(_ id: CallCoordinator.MemberID, now: Instant) -> Bool {
        isAlive(id, doubtedSince: id == .anonymous ? coordinator.doubtedSince() : nil, now: now)
    }

    func isAlive(_ id: CallCoordinator.MemberID, doubtedSince: Instant?, now: Instant) -> Bool {
        guard let member = member(id), member.isConnected, let last = member.peer.lastReceived else { return false }
        if let doubted = doubtedSince, last < doubted + CallCoordinator.afterglow { return false }
        return now - last < CallCoordinator.doubtfulSilence
    }

    func checkLife(of member: Member, now: Instant) {
        guard member.isConnected, let last = member.peer.lastReceived else { return }
        let silence = now - last
        if silence > coordinator.silenceLimit(member.id) {
            let isLost = coordinator.doubtedSince(member.id) != nil
            let reason = isLost ? "The other side is gone." : "Nothing has come from the other side for 7 seconds."
            perform(coordinator.peerSilent(member.id, reason: reason, now: now), now: now)
        } else if silence > .seconds(2), !member.isInterrupted {
            member.isInterrupted = true
            own.report.event(.interrupted(member.id.id))
        } else if silence < .seconds(1), member.isInterrupted {
            member.isInterrupted = false
            own.report.event(.resumed(member.id.id))
        }
    }

    func handleTimeout(of member: Member, now: Instant) {
        member.peer.handleTimeout(now: now)
        if let due = member.talk?.nextTimeout, due <= now {
            member.talk?.handleTimeout(now: now)
            serveTalk(of: member, now: now)
        }
        offerDueRestart(of: member, now: now)
    }

    /// Hands out all that those peers have to send and to say that something was done with. One may lead to work for another, which is
    /// done too, or at the latest in the next turn.
    func service(now: Instant) {
        for _ in 0..<4 {
            var isDone = true
            for member in members where member.needsService {
                isDone = false
                drain(member, now: now)
                member.flush(now: now)
                member.reckonDue(now: now)
            }
            if isDone { return }
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
            let candidate = DescriptionLog.Candidate(sdp: sdp, mid: mid, mLineIndex: mLineIndex)
            member.descriptions.told(candidate)
            send(candidate, to: member.id)
        case .connectionState(let state): stateChanged(state, of: member, now: now)
        case .video(let frame):
            own.report.receivedVideo(from: member.id.id)
            own.media.receive(frame, from: member.id)
        case .audio(let packet):
            if !packet.isRedundant { own.report.receivedAudio(from: member.id.id) }
            own.media.receive(packet, from: member.id)
        case .keyFrameRequested: own.media.requestKeyFrame()
        case .targetBitrate(let bitsPerSecond):
            member.targetBitrate = bitsPerSecond
            adaptBitrate()
        case .audioNetwork(let lossFraction, _):
            member.audioLoss = lossFraction
            adaptSound()
        case .dataChannel(let event): handle(event, of: member, now: now)
        case .restartNeeded: considerRestart(of: member, now: now)
        case .relayFailed(let sentence):
            own.logger.warning("relay", metadata: ["reason": "\(sentence)"])
            own.report.event(.error(sentence))
        case .remoteClosed: perform(coordinator.peerClosed(member.id, reason: "The other side left.", now: now), now: now)
        }
    }

    func stateChanged(_ state: PeerConnectionState, of member: Member, now: Instant) {
        own.logger.info("peer connection", metadata: ["state": "\(state)"])
        switch state {
        case .connected where !member.isConnected:
            member.isConnected = true
            nextStats = now
            coordinator.connected(member.id)
            own.media.addReceiver(member.id)
            // Who never says what the path carries must not hold the others' picture down.
            if !member.peer.tellsBandwidth { member.targetBitrate = own.configuration.bitrateKbps * 1000 }
            // Before the first key frame: it should fit a path that nothing is known of yet.
            adapt()
            own.media.setSending(true)
            own.media.requestKeyFrame(isForNewcomer: true)
            own.report.connected(member.id.id, path: member.peer.statistics(now: now).pair ?? "", now: now)
            startTalk(with: member, now: now)
        case .failed where member.isConnected:
            perform(coordinator.peerSilent(member.id, reason: "The connection to the other side has failed.", now: now), now: now)
        case .failed:
            let reason = member.peer.failureReason ?? "no reason is known"
            let sentence = reason.hasSuffix(".") ? reason : reason + "."
            own.report.event(
                .error(
                    own.report.sentence(
                        "No connection to the other side: \(sentence) It is tried again as long as they wait.", about: member.id.id)))
        case .new, .connecting, .connected, .disconnected, .closed: break
        }
    }

    func publish(now: Instant) {
        let connected = members.filter(\.isConnected)
        if connected.isEmpty, let member = members.first {
            // Whoever gives up before the agent does wants to know as well.
            own.report.noPath(member.peer.connectivityReport.text)
        }
        let withDetails = now >= nextStats
        if withDetails { nextStats = now + Self.statsPeriod }
        for member in connected {
            let statistics = member.peer.statistics(now: now)
            own.report.transport(of: member.id.id, statistics)
            if withDetails { own.report.details(of: member.id.id, member.peer.stats(now: now)) }
            if let pair = statistics.pair, statistics.pairChanges != member.pairChanges {
                member.pairChanges = statistics.pairChanges
                own.report.event(.path(member.id.id, isRelayed: statistics.isRelayed, summary: statistics.pathSummary, pair: pair))
            }
        }
    }

    /// One encoder serves everybody: the slowest network and the largest screen count.
    func adapt() {
        adaptBitrate()
        adaptPicture()
        adaptSound()
    }

    private func adaptBitrate() {
        guard let target = members.filter(\.isConnected).map(\.targetBitrate).min() else { return }
        own.media.setTargetBitrate(target)
    }

    func adaptPicture() {
        let screens = members.filter(\.isConnected).map(\.screen)
        own.media.setReceiverScreens(screens.map { $0.map { PictureSize(width: $0.width, height: $0.height) } })
    }

    /// Whoever gets the least of it needs the most protection.
    private func adaptSound() {
        guard let loss = members.filter(\.isConnected).map(\.audioLoss).max() else { return }
        own.media.setAudioLoss(percent: loss * 100)
    }
}
