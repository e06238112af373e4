import ByteCoding
import Primitives

/// What comes in: responses to our checks and to STUN servers' queries.
extension ICEAgent {
    /// false: not STUN, so for DTLS or SRTP (it still counts as a sign of life). Bad STUN is counted and otherwise ignored.
    public mutating func handle(_ datagram: Span<UInt8>, from source: SocketAddress, base: SocketAddress, now: Instant) -> Bool {
        guard STUNMessage.claims(datagram) else {
            if state != .closed { noteData(from: source, base: base, now: now) }
            return false
        }
        guard !isOver else { return true }
        do throws(WireError) {
            let message = try STUNMessage(parsing: datagram)
            switch message.messageClass {
            case .request where message.method == .binding: handleRequest(message, from: source, base: base, now: now)
            case .success, .error: handleResponse(message, from: source, base: base, now: now)
            default: break
            }
        } catch {
            statistics.malformed += 1
        }
        return true
    }

    mutating func noteTraffic(from source: SocketAddress, base: SocketAddress, now: Instant) {
        if let selection, selection.destination == source, selection.base == base {
            self.selection?.lastReceived = now
            lastReceived = now
            if state == .disconnected { setState(.connected) }
        } else if checks.index(base: base, destination: source) != nil {
            lastReceived = now
        }
    }

    /// The same for what is not STUN; by it the controlling side sees that the peer has moved to another pair.
    private mutating func noteData(from source: SocketAddress, base: SocketAddress, now: Instant) {
        // After a restart the old pair serves until there is another, and the peer is alive as long as it does.
        if let previousPair, previousPair.destination == source, previousPair.base == base { lastReceived = now }
        guard let selection, selection.destination != source || selection.base != base else {
            return noteTraffic(from: source, base: base, now: now)
        }
        guard let index = checks.index(base: base, destination: source) else { return }
        lastReceived = now
        checks[index].lastData = now
        if role == .controlling, nominating != checks[index].id, now - selection.lastReceived >= timings.movedAfter { update(now) }
    }

    private mutating func handleResponse(_ message: STUNMessage, from source: SocketAddress, base: SocketAddress, now: Instant) {
        statistics.responsesReceived += 1
        if !base.isStreamName { datagramResponses += 1 }
        if !relays.isEmpty, relays.handle(message, from: source, base: base, now: now) { return update(now) }
        let answer = gatherer.handle(message, from: source, base: base, now: now)
        if answer.isOurs {
            if let mapped = answer.mapped {
                mappings.note(base: base, observer: source, mapped: mapped)
                addServerReflexive(mapped: mapped, base: base, server: source)
            }
            return update(now)
        }
        // A response must take the request's way back (RFC 8445 §7.2.5.2.1); another is ignored, so that nobody else can fail the pair.
        guard let index = transactions.index(of: message.transactionID), let remote = remoteCredentials,
            transactions[index].destination == source, transactions[index].base == base
        else {
            statistics.untrusted += 1
            return
        }
        guard message.fingerprint == .valid else {
            statistics.malformed += 1
            return
        }
        let isAuthentic = message.isAuthentic(key: Array(remote.password.utf8), hmacSHA1: hmacSHA1)
        // An error may be unable to authenticate itself: its sender perhaps does not know us.
        guard isAuthentic || (message.messageClass == .error && !message.hasIntegrity) else {
            statistics.untrusted += 1
            return
        }
        if message.messageClass == .success {
            guard let mapped = message.mappedAddress, message.unknownRequiredAttributes.isEmpty else {
                statistics.malformed += 1
                return
            }
            succeed(transactions.remove(at: index), mapped: mapped, now: now)
        } else {
            handleError(message.errorCode, of: transactions.remove(at: index), now: now)
        }
        if isAuthentic { noteTraffic(from: source, base: base, now: now) }
        update(now)
    }

    private mutating func succeed(_ transaction: CheckTransaction, mapped: SocketAddress, now: Instant) {
        guard let index = checks.index(of: transaction.pairID) else { return }
        // A retransmitted request's answer measures nothing (Karn).
        if transaction.sends == 1 { checks[index].measured(now - transaction.sentAt) }
        checks[index].lastResponse = now
        if sockets.contains(transaction.base) {
            mappings.note(base: transaction.base, observer: transaction.destination, mapped: mapped)
        }
        checks[index].local = localCandidate(mapped: mapped, pair: checks[index], priority: transaction.priority)
        checks[index].state = .succeeded
        checks.unfreeze(checks[index].foundation)
        if let relay = relays.index(relayed: transaction.base) { relays.bind(transaction.destination, through: relay, now: now) }
        // The pair is decided; only the check that nominates it still has to be answered.
        if nominating != transaction.pairID || transaction.nominates {
            transactions.supersede(pairID: transaction.pairID, expiry: now + timings.checkRetransmissionLimit)
        }
        if selection?.pairID == transaction.pairID { selection?.isBlocked = false }
        if role == .controlling {
            if transaction.nominates, nominating == transaction.pairID {
                nominating = nil
                select(index, now: now)
            } else if settled == nil || (checks[index].kind == .direct && now + timings.nominationSettling < settled ?? now) {
                let waitsForDirect = checks[index].kind != .direct && checks.mayBecomeDirect(before: index)
                settled = now + (waitsForDirect ? timings.relaySettling : timings.nominationSettling)
                // A better pair that has not had its turn gets it now, so that the wait is for its answer and not for Ta.
                if checks.mayBeBettered(index) { nextOrdinaryCheck = now }
            }
        } else if checks[index].nominateOnSuccess {
            checks[index].nominateOnSuccess = false
            considerNominated(index, now: now)
        }
    }

    /// Which of our candidates the peer saw; one it alone knows is peer-reflexive (RFC 8445 §7.2.5.3.1).
    private func localCandidate(mapped: SocketAddress, pair: CandidatePair, priority: UInt32) -> Candidate {
        if let known = locals.first(where: { $0.base == pair.base && $0.candidate.address == mapped }) { return known.candidate }
        if pair.local.address == mapped { return pair.local }
        return Candidate(
            foundation: Candidate.foundation(type: .peerReflexive, base: pair.base.ip), transport: pair.local.transport,
            priority: priority, address: mapped, type: .peerReflexive, tcpType: pair.local.tcpType,
            relatedAddress: pair.base.isStreamName ? pair.local.address : pair.base, ufrag: localCredentials.ufrag)
    }

    private mutating func handleError(_ code: Int?, of transaction: CheckTransaction, now: Instant) {
        guard code == 487 else {
            if transaction.kind == .check, !transaction.isSuperseded { fail(pairID: transaction.pairID, now: now) }
            return
        }
        statistics.roleConflicts += 1
        // Only if we did not switch since it was sent (RFC 8445 §7.2.5.1).
        if transaction.role == role { switchRole() }
        if let index = checks.index(of: transaction.pairID) { checks.trigger(index) }
    }

    mutating func switchRole() {
        role = role == .controlling ? .controlled : .controlling
        tieBreaker = random.next()
        nominating = nil
        checks.reprioritise(role: role)
    }
}
