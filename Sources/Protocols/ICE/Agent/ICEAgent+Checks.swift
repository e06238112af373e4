import Primitives

/// Sending checks, and what becomes of the pairs (RFC 8445 §7.2).
extension ICEAgent {
    /// Everything that is due: called at the end of each input.
    mutating func update(_ now: Instant) {
        guard state != .closed else { return }
        if state != .failed {
            serveGathering(now)
            serveTransactions(now)
            reviveFailedPairs(now)
            keepPairsAlive(now)
            while let index = checks.popTriggered() { check(index, now: now) }
            if now >= nextOrdinaryCheck, remoteCredentials != nil, let index = checks.nextOrdinary() {
                check(index, now: now)
                nextOrdinaryCheck = now + timings.pacing
            }
            nominateIfReady(now)
            judgeConnection(now)
        }
        nextTimeout = isOver ? nil : computeNextTimeout()
    }

    public mutating func handleTimeout(now: Instant) { update(now) }

    private mutating func serveGathering(_ now: Instant) {
        let keepAlive = selection == nil
        for datagram in gatherer.handleTimeout(keepAlive: keepAlive, random: &random, now: now) {
            transmit(datagram.payload, base: datagram.base, to: datagram.server)
        }
        if !relays.isEmpty { serveRelays(now) }
        if !streams.isEmpty { serveStreams(now) }
        if let settled = gatheringSettled, settled <= now, !gatherer.isPending, !relays.isPending {
            gatheringSettled = nil
            emit(.gatheringComplete)
        }
    }

    /// A check whose outcome decides over the pair; `nominating` a pair, it carries USE-CANDIDATE.
    mutating func check(_ index: Int, now: Instant) {
        let pair = checks[index]
        if pair.state != .succeeded { checks[index].state = .inProgress }
        transactions.supersede(pairID: pair.id, expiry: now + timings.checkRetransmissionLimit * 2)
        send(.check, index: index, nominates: nominating == pair.id, now: now)
    }

    mutating func send(_ kind: CheckTransaction.Kind, index: Int, nominates: Bool, now: Instant) {
        guard let remote = remoteCredentials else { return }
        let pair = checks[index]
        let priority = peerReflexivePriority(base: pair.base)
        var message = STUNMessage(.request, transactionID: STUNTransactionID(using: &random))
        message.attributes = [
            .username(Array("\(remote.ufrag):\(localCredentials.ufrag)".utf8)), .priority(priority),
            role == .controlling ? .iceControlling(tieBreaker: tieBreaker) : .iceControlled(tieBreaker: tieBreaker),
        ]
        if nominates { message.attributes.append(.useCandidate) }
        if !configuration.software.isEmpty { message.attributes.append(.software(Array(configuration.software.utf8))) }
        let payload = message.encoded(integrity: (Array(remote.password.utf8), hmacSHA1))
        let wait = kind == .check ? retransmission(after: 1) : timings.disconnectedAfter
        var sends = 1
        if pair.base.isStreamName, let stream = streams.index(base: pair.base) {
            openStream(stream, now: now)
            // The time that connecting takes is not the path's: counted as sent again, it measures nothing.
            if !streams[stream].isOpen { sends = 2 }
        }
        transactions.add(
            CheckTransaction(
                id: message.transactionID, pairID: pair.id, base: pair.base, destination: pair.destination, kind: kind, role: role,
                nominates: nominates, priority: priority, payload: payload, sentAt: now, sends: sends, due: now + wait))
        checks[index].lastCheck = now
        checks[index].consentInterval = timings.consentInterval * Double.random(in: 0.8...1.2, using: &random)
        statistics.checksSent += 1
        transmit(payload, base: pair.base, to: pair.destination)
    }

    /// What the peer gives our address if it does not know it (RFC 8445 §7.1.1). A relayed one keeps its own, lower one: taken
    /// for a peer-reflexive candidate, it would be preferred to paths that need no server.
    private func peerReflexivePriority(base: SocketAddress) -> UInt32 {
        let candidate = baseCandidate(base)
        if let candidate, candidate.type == .relayed { return candidate.priority }
        if let candidate, let tcpType = candidate.tcpType {
            let preference = UInt16(truncatingIfNeeded: candidate.priority >> 8)
            return Candidate.tcpPriority(type: .peerReflexive, tcpType: tcpType, localPreference: preference)
        }
        return Candidate.priority(type: .peerReflexive, localPreference: UInt16(truncatingIfNeeded: (candidate?.priority ?? 0) >> 8))
    }

    private func retransmission(after sends: Int) -> Interval {
        let doubled = timings.checkRetransmission * (1 << min(max(0, sends - 1), 10))
        return max(min(doubled, timings.checkRetransmissionLimit), timings.pacing * checks.inProgressCount)
    }

    private mutating func serveTransactions(_ now: Instant) {
        var index = 0
        while index < transactions.all.count {
            guard transactions[index].due <= now else {
                index += 1
                continue
            }
            let transaction = transactions[index]
            if transaction.kind == .check, !transaction.isSuperseded, transaction.sends < timings.checkSends {
                transactions[index].sends += 1
                transactions[index].due = now + retransmission(after: transaction.sends + 1)
                // A stream repeats it itself (RFC 6544 §7.1).
                if !transaction.base.isStreamName {
                    statistics.checksRetransmitted += 1
                    transmit(transaction.payload, base: transaction.base, to: transaction.destination)
                }
                index += 1
            } else {
                _ = transactions.remove(at: index)
                if transaction.kind == .check, !transaction.isSuperseded { fail(pairID: transaction.pairID, now: now) }
            }
        }
    }

    /// The pair does not work for now. The selected one stays selected until consent runs out: only its own checks can tell.
    mutating func fail(pairID: Int, now: Instant) {
        if nominating == pairID { nominating = nil }
        guard let index = checks.index(of: pairID) else { return }
        if selection?.pairID == pairID { return }
        transactions.removeAll(of: pairID)
        checks[index].state = .failed
        checks[index].failedAt = now
        checks.unfreeze(checks[index].foundation)
    }

    /// The base is no more, and neither is what was going on there.
    mutating func removePairs(base: SocketAddress, keeping protected: Int?) {
        for id in checks.removeAll(base: base, keeping: protected) {
            transactions.removeAll(of: id)
            if nominating == id { nominating = nil }
        }
    }

    /// The socket refused: that pair alone is out, until a later check goes through.
    public mutating func sendFailed(to destination: SocketAddress, base: SocketAddress, now: Instant) {
        guard !isOver else { return }
        relayUnreachable(server: destination, base: base, now: now)
        guard let index = checks.index(base: base, destination: destination) else { return }
        statistics.sendFailures += 1
        block(index, now: now)
        update(now)
    }

    mutating func block(_ index: Int, now: Instant) {
        if selection?.pairID == checks[index].id {
            selection?.isBlocked = true
        } else if checks[index].state != .failed {
            fail(pairID: checks[index].id, now: now)
        }
    }

    /// When a failed pair is worth another try: soon without a connection, rarely with one, soon again when that falls silent.
    func retryTime(_ pair: CandidatePair) -> Instant {
        guard let selection else { return pair.failedAt + timings.failedPairRetry }
        let urgent = pair.failedAt + timings.fallbackInterval
        if selection.isBlocked { return urgent }
        return min(pair.failedAt + timings.reserveInterval * 2, max(selection.lastReceived + timings.fallbackAfter, urgent))
    }

    private mutating func reviveFailedPairs(_ now: Instant) {
        for i in checks.pairs.indices where checks[i].state == .failed && retryTime(checks[i]) <= now { checks[i].state = .waiting }
    }

    /// When a pair that works is checked again.
    func keepaliveTime(_ pair: CandidatePair) -> Instant {
        let last = pair.lastCheck ?? .zero
        guard let selection else { return last + timings.fallbackInterval }
        if selection.pairID == pair.id {
            let patience = max(timings.quietInterval, min(.seconds(1), (pair.roundTripTime ?? .zero) * 2))
            if selection.isBlocked { return last + patience }
            return min(last + pair.consentInterval, max(selection.lastReceived + timings.quietAfter, last + patience))
        }
        let urgent = last + timings.fallbackInterval
        if selection.isBlocked { return urgent }
        return min(last + timings.reserveInterval, max(selection.lastReceived + timings.fallbackAfter, urgent))
    }

    private mutating func keepPairsAlive(_ now: Instant) {
        for i in checks.pairs.indices where checks[i].state == .succeeded && keepaliveTime(checks[i]) <= now {
            let isSelected = selection?.pairID == checks[i].id
            // Repeating the nomination keeps both sides on the same pair, whatever was lost.
            send(.keepalive, index: i, nominates: isSelected && role == .controlling, now: now)
        }
        // A pair in reserve that stays silent is no reserve.
        for i in checks.pairs.indices where checks[i].state == .succeeded && checks[i].id != selection?.pairID {
            if let response = checks[i].lastResponse, now - response >= timings.consentExpiry { fail(pairID: checks[i].id, now: now) }
        }
    }
}
