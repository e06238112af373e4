import PeerConnection
import Primitives
import Signaling

/// What signaling says: who is there, and the descriptions that go back and forth.
extension CallNetwork {
    func handle(_ event: SignalingEvent, now: Instant) {
        switch event {
        case .connected(let id):
            isSignalingOpen = true
            // The join that waited goes out right behind the greeting.
            if channel != nil { own.report.joinSent(now: now) }
            own.report.event(.signalingConnected(id: id))
        case .disconnected(let reason, _):
            isSignalingOpen = false
            own.report.event(.signalingLost(reason))
        case .joined(let place):
            guard place.channel == channel else { return }
            perform(coordinator.joined(isFirst: place.isFirst), now: now)
            own.report.event(.joined(channel: place.channel, isFirst: place.isFirst))
        case .joinFailed(let failure):
            let text = failure.message
            // A call that stands needs no place in the channel.
            let isCalling = members.contains(where: \.isConnected)
            own.report.event(isCalling ? .error("The channel cannot be joined again: \(text)") : .joinFailed(failure))
        case .ready(let name):
            guard name == channel else { return }
            own.report.ready(now: now)
            announce(coordinator.ready(isAlive: isAlive(now: now), now: now), now: now)
            offerAwaitedRestarts(now: now)
        case .message(let text): own.report.event(.message(text))
        case .memberJoined(let other):
            perform(coordinator.peerArrived(isAlive: isAlive(now: now)), now: now)
            own.report.event(.memberArrived(coordinator.member.id, name: other.name))
            if let name = other.name { own.report.event(.peerNamed(coordinator.member.id, name)) }
        case .offer(let sdp, _): receiveOffer(sdp, now: now)
        case .answer(let sdp, _):
            guard let member = member(coordinator.member) else { return }
            coordinator.answerReceived()
            member.wantsRestart = false
            do { try member.peer.handleAnswer(sdp, now: now) } catch { refuse(error) }
        case .candidate(let candidate, let mid, let mLineIndex, _):
            member(coordinator.member)?.peer.addRemoteCandidate(candidate, mid: mid, mLineIndex: mLineIndex, now: now)
        case .memberLeft(_, _, "disconnected"):
            perform(coordinator.peerLost(reason: "The other side is gone.", isAlive: isAlive(now: now), now: now), now: now)
        case .memberLeft: perform(coordinator.peerLeft(reason: "The other side left."), now: now)
        case .closeConnection, .wait:
            // Both follow `peerLeft`, which knows more.
            if coordinator.doubtedSince == nil { perform(coordinator.peerLeft(reason: "The other side left."), now: now) }
        case .channels(let list): own.report.event(.channels(list))
        case .listUnsupported: own.report.event(.listUnsupported)
        case .refused(let failure): own.report.event(.error(failure.message))
        case .serverStopping(let text): own.report.event(.signalingStopping(text))
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
        guard let answer = try member.peer.handleOffer(offer, now: now) else { return }
        member.wantsRestart = false
        own.signaling.send(.answer(sdp: answer))
    }

    func refuse(_ error: PeerError) {
        own.logger.warning("description refused", metadata: ["reason": "\(error)"])
        own.report.event(.error("The other side's description cannot be used: \(error)."))
    }
}
