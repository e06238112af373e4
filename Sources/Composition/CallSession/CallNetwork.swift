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
    private(set) var members: [Member] = []
    private var channel: String?
    private var stunServers: [SocketAddress] = []
    private var random = RandomSource.system
    private var poller = Poller()
    private var nextReport = Instant.zero
    private var isStopping = false

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
            for action in coordinator.handleTimeout(now: now) { perform(action, now: now) }
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
            poller.wait(on: members.flatMap(\.sockets), event: own.inbox.wake, until: deadline(now: now))
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
        case .join(let name):
            channel = name
            own.report.joining(name, now: now)
            own.signaling.join(name)
        case .leave: leave(now: now)
        case .stop:
            leave(now: now)
            isStopping = true
        }
    }

    private func leave(now: Instant) {
        guard let name = channel else { return }
        for action in coordinator.left() { perform(action, now: now) }
        own.signaling.leave(name)
        channel = nil
        own.report.event(.left(channel: name))
    }

    private func handle(_ event: SignalingEvent, now: Instant) {
        switch event {
        case .connected(let id): own.report.event(.signalingConnected(id: id))
        case .disconnected(let reason, _): own.report.event(.signalingLost(reason))
        case .joined(let name, let isFirst):
            guard name == channel else { return }
            // After a reconnect the place in the channel is new, but a call that lives goes on.
            if !members.contains(where: { isAlive($0, now: now) }) { coordinator.joined(isFirst: isFirst) }
            own.report.event(.joined(channel: name, isFirst: isFirst))
        case .joinFailed(let text):
            own.report.event(.joinFailed(text))
        case .ready(let name):
            guard name == channel else { return }
            own.report.ready(now: now)
            let alive = member(coordinator.member).map { isAlive($0, now: now) } ?? false
            for action in coordinator.ready(isAlive: alive, now: now) { perform(action, now: now) }
        case .message(let text): own.report.event(.message(text))
        case .peerJoined(_, let name): if let name { own.report.event(.peerNamed(name)) }
        case .offer(let sdp, _): receiveOffer(sdp, now: now)
        case .answer(let sdp, _):
            guard let member = member(coordinator.member) else { return }
            coordinator.answerReceived()
            do { try member.peer.handleAnswer(sdp, now: now) } catch { refuse(error) }
        case .candidate(let candidate, let mid, let mLineIndex, _):
            member(coordinator.member)?.peer.addRemoteCandidate(candidate, mid: mid, mLineIndex: mLineIndex, now: now)
        case .peerLeft(_, let reason):
            for action in coordinator.peerLeft(reason: reason) { perform(action, now: now) }
        case .closeConnection, .wait:
            for action in coordinator.peerLeft(reason: "The other side left.") { perform(action, now: now) }
        case .channels(let list):
            own.report.event(
                .channels(list.map { ChannelSummary(name: $0.name, members: $0.members, names: $0.names, capacity: $0.capacity) }))
        case .listUnsupported: own.report.event(.listUnsupported)
        }
    }

    private func receiveOffer(_ sdp: String, now: Instant) {
        for action in coordinator.offerReceived(isNewPeer: false, now: now) { perform(action, now: now) }
        guard let member = member(coordinator.member) else { return }
        do {
            try answer(sdp, of: member, now: now)
        } catch .differentPeer {
            // Somebody new has taken the other's place: a connection of their own, and the old one goes.
            for action in coordinator.offerReceived(isNewPeer: true, now: now) { perform(action, now: now) }
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
        configuration.icePolicy = own.configuration.icePolicy == .relay ? .relay : .all
        configuration.initialVideoBitrate = own.configuration.bitrateKbps * 1000
        configuration.ntpOffset = .milliseconds(Int(WallClock.milliseconds())) - (now - .zero)
        let peer = PeerConnection(configuration: configuration, random: random.fork(), now: now)
        let member = Member(id: id, peer: peer, sockets: sockets)
        for socket in sockets { member.peer.addLocalSocket(base: socket.localAddress, now: now) }
        members.append(member)
        own.report.event(.connecting)
    }

    private func remove(_ id: CallCoordinator.MemberID, now: Instant) {
        guard let index = members.firstIndex(where: { $0.id == id }) else { return }
        let member = members.remove(at: index)
        // A closed connection has no numbers any more.
        own.report.retire(member.peer.statistics(now: now), now: now)
        member.peer.close(now: now)
        drain(member, now: now)
        own.media.removeReceiver(id)
        own.media.setSending(members.contains(where: \.isConnected))
    }

    private func isAlive(_ member: Member, now: Instant) -> Bool {
        guard member.isConnected, let last = member.peer.lastReceived else { return false }
        return now - last < .seconds(2)
    }

    private func checkLife(of member: Member, now: Instant) {
        guard member.isConnected, let last = member.peer.lastReceived else { return }
        let silence = now - last
        if silence > CallCoordinator.silence {
            for action in coordinator.peerSilent(reason: "Nothing has come from the other side for 7 seconds.", now: now) {
                perform(action, now: now)
            }
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
        case .remoteClosed:
            for action in coordinator.peerLeft(reason: "The other side left.") { perform(action, now: now) }
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
        case .failed where !member.isConnected:
            own.report.event(.error("No path to the other side was found; it is tried again as long as they wait."))
        case .new, .connecting, .connected, .disconnected, .failed, .closed: break
        }
    }

    private func publish(now: Instant) {
        guard let member = members.first(where: \.isConnected) else { return }
        own.report.transport(member.peer.statistics(now: now))
    }
}
