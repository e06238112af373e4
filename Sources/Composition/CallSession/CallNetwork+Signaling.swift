import PeerConnection
import Primitives
import Signaling

/// What signaling says: who is there, and the descriptions that go back and forth.
extension CallNetwork {
    func handle(_ event: SignalingEvent, now: Instant) {
        switch event {
        case .connected(let id):
            isSignalingOpen = true
            toldLoss = nil
            // The join that waited goes out right behind the greeting.
            if channel != nil { own.report.joinSent(now: now) }
            own.report.event(.signalingConnected(id: id))
        case .disconnected(let reason, let willRetry): signalingLost(reason, willRetry: willRetry)
        case .joined(let place): joined(place, now: now)
        case .joinFailed(let failure, let name):
            // Of one that was left, or never waited for, nothing is to be known any more.
            guard name == channel else { return }
            // A call that stands needs no place in the channel.
            let isCalling = members.contains(where: \.isConnected)
            own.report.event(
                isCalling ? .error("The channel cannot be joined again. \(failure.sentence)") : .joinFailed(failure, channel: name))
        case .ready(let name):
            guard name == channel else { return }
            own.report.ready(now: now)
            hasCompany = true
            announce(coordinator.ready(isAlive: isAlive(.anonymous, now: now), now: now), now: now)
            offerAwaitedRestarts(now: now)
        case .message(let text): own.report.event(.message(text))
        case .memberJoined(let other): memberJoined(other, now: now)
        case .memberLeft(let id, _, let reason): memberLeft(id, reason: reason, now: now)
        case .offer(let sdp, let from):
            if let id = coordinator.sender(from) { receiveOffer(sdp, from: id, now: now) }
        case .answer(let sdp, let from):
            if let id = coordinator.sender(from) { receiveAnswer(sdp, from: id, now: now) }
        case .candidate(let candidate, let mid, let mLineIndex, let from):
            guard let id = coordinator.sender(from) else { return }
            member(id)?.peer.addRemoteCandidate(candidate, mid: mid, mLineIndex: mLineIndex, now: now)
        case .closeConnection, .wait:
            // Both follow `memberLeft`, which knows more.
            if coordinator.doubtedSince() == nil { perform(coordinator.peerLeft(reason: "The other side left."), now: now) }
        case .channels(let list): own.report.event(.channels(list))
        case .listUnsupported: own.report.event(.listUnsupported)
        case .refused(let failure): own.report.event(.error(failure.sentence))
        case .serverStopping(let text): own.report.event(.signalingStopping(text))
        }
    }

    private func signalingLost(_ reason: String, willRetry: Bool) {
        let wasOpen = isSignalingOpen
        isSignalingOpen = false
        coordinator.signalingLost()
        var text = reason
        if members.contains(where: \.isConnected) {
            let rest = "the call goes on, nobody new can join until it is back."
            text = willRetry ? "The signaling server is gone; \(rest)" : "\(reason) The call goes on, but nobody new can join."
        }
        // Each further try ends the same way.
        guard wasOpen || text != toldLoss else { return }
        toldLoss = text
        own.report.event(.signalingLost(text))
        // It lets nobody in, now or later: there is nothing to wait for.
        guard !willRetry, let channel, !members.contains(where: \.isConnected) else { return }
        own.report.event(.joinFailed(JoinFailure(code: JoinFailure.refusedByServer, message: reason), channel: channel))
    }

    private func joined(_ place: JoinedChannel, now: Instant) {
        guard place.channel == channel else { return }
        let isFirst = place.isFirst && !members.contains(where: \.isConnected)
        own.report.event(.joined(channel: place.channel, isFirst: isFirst))
        guard place.isGroup else {
            return perform(
                coordinator.joined(isFirst: place.isFirst, isAlive: { self.isAlive($0, doubtedSince: $1, now: now) }, now: now), now: now)
        }
        useSignaled(place.iceServers, now: now)
        let others = place.members.map(CallCoordinator.Other.init)
        announce(
            coordinator.joined(as: place.id, others: others, isAlive: { self.isAlive($0, doubtedSince: $1, now: now) }, now: now), now: now)
        offerAwaitedRestarts(now: now)
    }

    private func memberJoined(_ other: ChannelMember, now: Instant) {
        if coordinator.isGroup {
            let other = CallCoordinator.Other(other)
            announce(coordinator.memberJoined(other, isAlive: { self.isAlive($0, doubtedSince: $1, now: now) }, now: now), now: now)
            offerAwaitedRestarts(now: now)
        } else {
            perform(coordinator.peerArrived(name: other.name, isAlive: isAlive(.anonymous, now: now)), now: now)
        }
    }

    private func memberLeft(_ id: String?, reason: String, now: Instant) {
        let isGoodbye = reason == "left"
        let sentence = isGoodbye ? "The other side left." : "The other side is gone."
        guard let id = coordinator.sender(id) else { return }
        let alive = isAlive(id, now: now)
        if id == .anonymous {
            let actions =
                isGoodbye ? coordinator.peerLeft(reason: sentence) : coordinator.peerLost(reason: sentence, isAlive: alive, now: now)
            return perform(actions, now: now)
        }
        perform(coordinator.memberLeft(id, reason: sentence, isGoodbye: isGoodbye, isAlive: alive, now: now), now: now)
    }

    // MARK: - Descriptions

    private func receiveOffer(_ sdp: String, from id: CallCoordinator.MemberID, now: Instant) {
        switch member(id)?.descriptions.kind(of: sdp) {
        case .repeated(let answer):
            own.signaling.send(.answer(sdp: answer, to: coordinator.address(of: id)))
            for candidate in member(id)?.descriptions.candidates ?? [] { send(candidate, to: id) }
        case .renewed: answerNewPeer(sdp, from: id, now: now)
        case .usual, nil:
            announce(coordinator.offerReceived(id, isNewPeer: false, now: now), now: now)
            guard let member = member(id) else { return }
            do {
                try answer(sdp, of: member, now: now)
            } catch .differentPeer {
                answerNewPeer(sdp, from: id, now: now)
            } catch {
                refuse(error)
            }
        }
    }

    /// Somebody new has taken the other's place, or they have made a new connection: one of their own, and the old one goes.
    private func answerNewPeer(_ sdp: String, from id: CallCoordinator.MemberID, now: Instant) {
        announce(coordinator.offerReceived(id, isNewPeer: true, now: now), now: now)
        guard let member = member(id) else { return }
        do { try answer(sdp, of: member, now: now) } catch { refuse(error) }
    }

    private func answer(_ offer: String, of member: Member, now: Instant) throws(PeerError) {
        guard let answer = try member.peer.handleOffer(offer, now: now) else { return }
        member.wantsRestart = false
        member.descriptions.answered(offer, with: answer)
        own.signaling.send(.answer(sdp: answer, to: coordinator.address(of: member.id)))
    }

    private func receiveAnswer(_ sdp: String, from id: CallCoordinator.MemberID, now: Instant) {
        guard let member = member(id), !member.descriptions.isKnown(answer: sdp) else { return }
        coordinator.answerReceived(id)
        member.wantsRestart = false
        do throws(PeerError) {
            try member.peer.handleAnswer(sdp, now: now)
            member.descriptions.accepted(answer: sdp)
        } catch .unexpectedAnswer where member.isConnected {
            // To an offer that was made twice.
            own.logger.info("late answer")
        } catch {
            refuse(error)
        }
    }

    /// The offer of a connection's, and again with all that has been told since when it is the same.
    func sendOffer(of member: Member, restartingICE: Bool = false, now: Instant) {
        guard coordinator.canReach(member.id) else { return }
        do throws(PeerError) {
            let offer = try member.peer.createOffer(restartingICE: restartingICE, now: now)
            let told = member.descriptions.offered(offer)
            own.signaling.send(.offer(sdp: offer, to: coordinator.address(of: member.id)))
            for candidate in told { send(candidate, to: member.id) }
        } catch {
            refuse(error)
        }
    }

    func send(_ candidate: DescriptionLog.Candidate, to id: CallCoordinator.MemberID) {
        guard coordinator.canReach(id) else { return }
        own.signaling.send(
            .candidate(candidate: candidate.sdp, mid: candidate.mid, mLineIndex: candidate.mLineIndex, to: coordinator.address(of: id)))
    }

    func refuse(_ error: PeerError) {
        own.logger.warning("description refused", metadata: ["reason": "\(error)"])
        own.report.event(.error("The other side's description cannot be used: \(error)."))
    }
}

extension CallCoordinator.Other {
    init(_ member: ChannelMember) { self.init(id: member.id, name: member.name, isPlain: member.isPlain) }
}
