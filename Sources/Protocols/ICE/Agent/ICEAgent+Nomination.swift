import Primitives

/// Which pair is used, and whether there is a connection at all.
extension ICEAgent {
    /// Regular nomination (RFC 8445 §8.1.1): one pair at a time is asked for; at once when no better can come, else after a short wait.
    mutating func nominateIfReady(_ now: Instant) {
        guard role == .controlling else { return }
        // What the peer already uses needs no trial, and does not wait for one that gets no answer.
        if let moved = movedTo(now), nominating != checks[moved].id {
            select(moved, now: now)
            nominate(moved, now: now)
        } else if nominating == nil, let best = nominee(now) {
            nominate(best, now: now)
        }
    }

    private mutating func nominate(_ index: Int, now: Instant) {
        nominating = checks[index].id
        check(index, now: now)
    }

    private func nominee(_ now: Instant) -> Int? {
        guard let selection, let current = checks.index(of: selection.pairID) else {
            guard let best = checks.bestSucceeded else { return nil }
            if checks.mayBeBettered(best), let settled, now < settled { return nil }
            return best
        }
        // A path without a relay, or one that is no stream, turned up late.
        let better = checks.pairs.firstIndex { pair in
            pair.state == .succeeded && pair.kind > checks[current].kind && now - (pair.lastResponse ?? .zero) < timings.fallbackAfter
                && pair.silentAt.map { now - $0 >= timings.distrust } ?? true
        }
        if let better { return better }
        guard selection.isBlocked || now - selection.lastReceived >= timings.fallbackAfter else { return nil }
        // Only one that has answered since the selected pair fell silent.
        return checks.pairs.firstIndex { pair in
            pair.state == .succeeded && pair.id != selection.pairID
                && (pair.lastResponse ?? .zero) > max(selection.lastReceived, now - timings.fallbackAfter)
        }
    }

    /// The pair that the peer sends on now, and no longer on the selected one: its socket under that is gone.
    private func movedTo(_ now: Instant) -> Int? {
        guard let selection else { return nil }
        return checks.pairs.firstIndex { pair in
            pair.state == .succeeded && pair.id != selection.pairID && pair.lastData == now
                && now - selection.lastReceived >= timings.movedAfter
        }
    }

    /// The controlling side wants this pair. With several (aggressive nomination, RFC 5245) the best wins;
    /// but one asked for well after the last has replaced it, and one that works replaces one that does not.
    mutating func considerNominated(_ index: Int, now: Instant) {
        guard let selection, let current = checks.index(of: selection.pairID) else { return select(index, now: now) }
        guard current != index else { return }
        let isLate = checks[index].firstNominated.map { $0 - selection.since > .seconds(1) } ?? false
        let isReplaced = isLate || checks[current].lastNominated.map { now - $0 > .seconds(1) } ?? true
        let isSilent = now - selection.lastReceived >= timings.fallbackAfter
        if checks[index].priority > checks[current].priority || isReplaced || isSilent || selection.isBlocked { select(index, now: now) }
    }

    mutating func select(_ index: Int, now: Instant) {
        let pair = checks[index]
        previousPair = nil
        guard selection?.pairID != pair.id else { return }
        if let selection, let old = checks.index(of: selection.pairID), now - selection.lastReceived >= timings.quietAfter {
            checks[old].silentAt = now
        }
        selection = Selection(pairID: pair.id, base: pair.base, destination: pair.destination, since: now, lastReceived: now)
        lastReceived = now
        emit(.selectedPair(pair.selected))
        setState(.connected)
        dropOldStreams()
    }

    mutating func judgeConnection(_ now: Instant) {
        if let selection, let index = checks.index(of: selection.pairID) {
            if let response = checks[index].lastResponse, now - response >= timings.consentExpiry { return giveUp() }
            let silence = now - max(lastReceived ?? selection.lastReceived, selection.lastReceived)
            setState(silence >= timings.disconnectedAfter ? .disconnected : .connected)
        } else if let startedAt, now - startedAt >= timings.patience {
            giveUp()
        }
    }

    private mutating func giveUp() {
        failureDiagnosis = currentDiagnosis
        forgetSession()
        previousPair = nil
        setState(.failed)
    }

    /// The earliest instant at which `update` would do something.
    func computeNextTimeout() -> Instant? {
        var next: Instant?
        func consider(_ instant: Instant?) {
            guard let instant else { return }
            next = min(next ?? instant, instant)
        }
        consider(gatherer.nextTimeout)
        if !relays.isEmpty { consider(relays.nextTimeout) }
        if !streams.isEmpty { consider(streams.nextTimeout) }
        if !gatherer.isPending, !relays.isPending { consider(gatheringSettled) }
        consider(transactions.nextTimeout)
        if remoteCredentials != nil, checks.nextOrdinary() != nil { consider(nextOrdinaryCheck) }
        for pair in checks.pairs {
            if pair.state == .failed { consider(retryTime(pair)) }
            if pair.state == .succeeded { consider(keepaliveTime(pair)) }
        }
        if let selection, let index = checks.index(of: selection.pairID) {
            if let response = checks[index].lastResponse { consider(response + timings.consentExpiry) }
            if state == .connected { consider((lastReceived ?? selection.lastReceived) + timings.disconnectedAfter) }
        } else {
            if role == .controlling, nominating == nil, checks.bestSucceeded != nil { consider(settled) }
            consider(startedAt.map { $0 + timings.patience })
        }
        return next
    }
}
