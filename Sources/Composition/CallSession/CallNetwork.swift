import DTLS
import DatagramSocket
import ICE
import Logging
import MediaTypes
import PeerConnection
import Primitives
import Signaling
import Threading

/// The network thread of a session: sockets, peer connections and timers, one loop around one poll.
///
/// Confined to that thread: other threads reach it through the inbox. Nothing here blocks but the poll.
final class CallNetwork {
    struct Dependencies: Sendable {
        let configuration: CallConfiguration
        let certificate: DTLSCertificate
        let inbox: CommandInbox
        let signaling: SignalingClient
        let media: MediaHub
        let report: CallReport
        let logger: Logger
    }

    let own: Dependencies
    private(set) var coordinator = CallCoordinator()
    private(set) var members: [Member] = [] { didSet { sockets = members.flatMap(\.sockets) } }
    private var sockets: [DatagramSocket] = []
    private var channel: String?
    private var stunServers: [SocketAddress] = []
    private var turnServers: [TURNServer] = []
    private var random = RandomSource.system
    private var poller = Poller()
    private var nextReport = Instant.zero
    private var isStopping = false
    private var isSignalingOpen = false

    private static let reportPeriod = Interval.milliseconds(250)

    init(_ dependencies: Dependencies) { own = dependencies }

    /// Returns after `.stop`.
    func run() {
        var commands: [NetworkCommand] = []
        while true {
            var now = MonotonicClock.now()
            own.inbox.wake.drain()
            own.inbox.drain(into: &commands)
            for command in commands { handle(command, now: now) }
            for member in members { member.receive(now: now) }
            now = MonotonicClock.now()
            perform(coordinator.handleTimeout(now: now), now: now)
            for member in members {
                if let due = member.peer.nextTimeout(now: now), due <= now { member.peer.handleTimeout(now: now) }
                checkLife(of: member, now: now)
            }
            flush(now: now)
            if now >= nextReport {
                nextReport = now + Self.reportPeriod
                publish(now: now)
            }
            if isStopping { return }
            poller.wait(on: sockets, event: own.inbox.wake, until: deadline(now: now))
        }
    }

    private func deadline(now: Instant) -> Instant {
        var due = nextReport
        if let timeout = coordinator.nextTimeout { due = min(due, timeout) }
        for member in members {
            if let timeout = member.peer.nextTimeout(now: now) { due = min(due, timeout) }
        }
        return due
    }

    // MARK: - Commands

    private func handle(_ command: NetworkCommand, now: Instant) {
        switch command {
        case .signal(let event): handle(event, now: now)
        case .video(let frame):
            for member in members where member.isConnected { member.peer.sendVideo(frame, now: now) }
            own.report.update { $0.video.sent += members.contains(where: \.isConnected) ? 1 : 0 }
        case .audio(let frame):
            for member in members where member.isConnected { member.peer.sendAudio(frame, now: now) }
            own.report.update { $0.audio.sent += members.contains(where: \.isConnected) ? 1 : 0 }
        case .needKeyFrame(let id): member(id)?.peer.requestKeyFrame(now: now)
        case .stunServers(let servers):
            stunServers = servers
            for member in members { member.peer.addSTUNServers(servers, now: now) }
        case .turnServers(let servers):
            turnServers = servers
            for member in members { member.peer.addTURNServers(servers, now: now) }
        case .join(let name):
            if channel != name { leave(now: now) }
            channel = name
            if isSignalingOpen { own.report.joinSent(now: now) }
            own.report.event(.joining(channel: name, at: now))
            own.signaling.join(name)
        case .leave: leave(now: now)
        case .stop:
            leave(now: now)
            isStopping = true
        }
    }

    private func leave(now: Instant) {
        guard let name = channel else { return }
        perform(coordinator.left(), now: now)
        own.signaling.leave(name)
        channel = nil
        own.report.event(.left(channel: name))
    }

    private func handle(_ event: SignalingEvent, now: Instant) {
        switch event {
        case .connected(let id):
            isSignalingOpen = true
            // The join that waited goes out right behind the greeting.
            if channel != nil { own.report.joinSent(now: now) }
            own.report.event(.signalingConnected(id: id))
        case .disconnected(let reason, _):
            isSignalingOpen = false
            own.report.event(.signalingLost(reason))
        case .joined(let name, let isFirst):
            guard name == channel else { return }
            perform(coordinator.joined(isFirst: isFirst), now: now)
            own.report.event(.joined(channel: name, isFirst: isFirst))
        case .joinFailed(let text):
            // A call that stands needs no place in the channel.
            let isCalling = members.contains(where: \.isConnected)
            own.report.event(isCalling ? .error("The channel cannot be joined again: \(text)") : .joinFailed(text))
        case .ready(let name):
            guard name == channel else { return }
            own.report.ready(now: now)
            announce(coordinator.ready(isAlive: isAlive(now: now), now: now), now: now)
        case .message(let text): own.report.event(.message(text))
        case .peerJoined(_, let name):
            perform(coordinator.peerArrived(isAlive: isAlive(now: now)), now: now)
            if let name { own.report.event(.peerNamed(name)) }
        case .offer(let sdp, _): receiveOffer(sdp, now: now)
        case .answer(let sdp, _):
            guard let member = member(coordinator.member) else { return }
            coordinator.answerReceived()
            do { try member.peer.handleAnswer(sdp, now: now) } catch { refuse(error) }
        case .candidate(let candidate, let mid, let mLineIndex, _):
            member(coordinator.member)?.peer.addRemoteCandidate(candidate, mid: mid, mLineIndex: mLineIndex, now: now)
        case .peerLeft(_, "disconnected"):
            perform(coordinator.peerLost(reason: "The other side is gone.", isAlive: isAlive(now: now), now: now), now: now)
        case .peerLeft: perform(coordinator.peerLeft(reason: "The other side left."), now: now)
        case .closeConnection, .wait:
            // Both follow `peerLeft`, which knows more.
            if coordinator.doubtedSince == nil { perform(coordinator.peerLeft(reason: "The other side left."), now: now) }
        case .channels(let list): own.report.event(.channels(list))
        case .listUnsupported: own.report.event(.listUnsupported)
        }
    }

    private func receiveOffer(_ sdp: String, now: Instant) {
        announce(coordinator.offerReceived(isNewPeer: false, now: now), now: now)
        guard let member = member(coordinator.member) else { return }
        do {
            try answer(sdp, of: member, now: now)
        } catch .differentPeer {
            // Somebody new has taken the other's place: a connection of their own, and the old one goes.
            announce(coordinator.offerReceived(isNewPeer: true, now: now), now: now)
            guard let member = self.member(coordinator.member) else { return }
            do { try answer(sdp, of: member, now: now) } catch { refuse(error) }
        } catch {
            refuse(error)
        }
    }

    private func answer(_ offer: String, of member: Member, now: Instant) throws(PeerError) {
        if let answer = try member.peer.handleOffer(offer, now: now) { own.signaling.send(.answer(sdp: answer)) }
    }

    private func refuse(_ error: PeerError) {
        own.logger.warning("description refused", metadata: ["reason": "\(error)"])
        own.report.event(.error("The other side's description cannot be used: \(error)."))
    }

    // MARK: - Peers

    private func member(_ id: CallCoordinator.MemberID) -> Member? { members.first { $0.id == id } }

    /// What the person sees begin; a new attempt after a silence is not that, for they are told to wait.
    private func announce(_ actions: [CallCoordinator.Action], now: Instant) {
        perform(actions, now: now)
        if !actions.isEmpty { own.report.event(.connecting) }
    }

    private func perform(_ actions: [CallCoordinator.Action], now: Instant) {
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
            if !reason.isEmpty { own.report.event(.peerLeft(reason)) }
        case .wait: own.report.peerGone()
        }
    }

    private func makePeer(_ id: CallCoordinator.MemberID, isPolite: Bool, now: Instant) {
        remove(id, now: now)
        var addresses = localAddresses(includingLoopback: own.configuration.loopback)
        if addresses.isEmpty { addresses = [.loopback4] }
        let sockets = addresses.prefix(16).compactMap { try? DatagramSocket(binding: $0, port: 0) }
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
    }

    private func remove(_ id: CallCoordinator.MemberID, now: Instant) {
        guard let index = members.firstIndex(where: { $0.id == id }) else { return }
        let member = members.remove(at: index)
        // A closed connection has no numbers any more.
        own.report.retire(member.peer.statistics(now: now), now: now)
        member.peer.close(now: now)
        // What it still has to say is about a connection that nobody counts on any more.
        while let output = member.peer.poll() {
            if case .transmit(let base, let destination, let payload) = output {
                member.transmit(payload, from: base, to: destination, now: now)
            }
        }
        own.media.removeReceiver(id)
        own.media.setSending(members.contains(where: \.isConnected))
    }

    /// The connection to the other side has had traffic just now.
    private func isAlive(now: Instant) -> Bool {
        guard let member = member(coordinator.member), member.isConnected, let last = member.peer.lastReceived else { return false }
        if let doubted = coordinator.doubtedSince, last < doubted + CallCoordinator.afterglow { return false }
        return now - last < CallCoordinator.doubtfulSilence
    }

    private func checkLife(of member: Member, now: Instant) {
        guard member.isConnected, let last = member.peer.lastReceived else { return }
        let silence = now - last
        if silence > coordinator.silenceLimit {
            let isLost = coordinator.doubtedSince != nil
            let reason = isLost ? "The other side is gone." : "Nothing has come from the other side for 7 seconds."
            perform(coordinator.peerSilent(reason: reason, now: now), now: now)
        } else if silence > .seconds(2), !member.isInterrupted {
            member.isInterrupted = true
            own.report.event(.interrupted)
        } else if silence < .seconds(1), member.isInterrupted {
            member.isInterrupted = false
            own.report.event(.resumed)
        }
    }

    /// Hands out all that the peers have to send and to say.
    private func flush(now: Instant) {
        for member in members { drain(member, now: now) }
    }

    private func drain(_ member: Member, now: Instant) {
        while let output = member.peer.poll() {
            switch output {
            case .transmit(let base, let destination, let payload):
                member.transmit(payload, from: base, to: destination, now: now)
            case .openStream(let id, _, _): member.peer.streamClosed(id, reason: "there are no streams here", now: now)
            case .sendStream, .closeStream, .resolve: break
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
            own.report.update { $0.audio.received += 1 }
            own.media.receive(packet, from: member.id)
        case .keyFrameRequested: own.media.requestKeyFrame()
        case .targetBitrate, .audioNetwork, .restartNeeded, .dataChannel: break
        case .relayFailed(let sentence):
            own.logger.warning("relay", metadata: ["reason": "\(sentence)"])
            own.report.event(.error(sentence))
        case .remoteClosed: perform(coordinator.peerClosed(reason: "The other side left."), now: now)
        }
    }

    private func stateChanged(_ state: PeerConnectionState, of member: Member, now: Instant) {
        own.logger.info("peer connection", metadata: ["state": "\(state)"])
        switch state {
        case .connected where !member.isConnected:
            member.isConnected = true
            coordinator.connected()
            own.media.addReceiver(member.id)
            own.media.setSending(true)
            own.media.requestKeyFrame()
            own.report.connected(path: member.peer.statistics(now: now).pair ?? "", now: now)
        case .failed where member.isConnected:
            perform(coordinator.peerSilent(reason: "The connection to the other side has failed.", now: now), now: now)
        case .failed:
            let reason = member.peer.failureReason ?? "no reason is known"
            own.report.event(.error("No connection to the other side: \(reason). It is tried again as long as they wait."))
        case .new, .connecting, .connected, .disconnected, .closed: break
        }
    }

    private func publish(now: Instant) {
        guard let member = members.first(where: \.isConnected) else { return }
        own.report.transport(member.peer.statistics(now: now))
    }
}
