import Primitives

/// Sockets come and go while the call lasts: Wi-Fi to cable, a new address. New ones are `addHostCandidate`'s.
extension ICEAgent {
    /// The socket is closed, or its address is no longer this machine's.
    ///
    /// If the selected pair used it, the best other one that works takes over at once; if there is none, `restartNeeded` is told.
    public mutating func removeLocalSocket(base: SocketAddress, now: Instant) {
        guard !isOver else { return }
        removeTCPListener(base: base, now: now)
        guard sockets.contains(base) else { return update(now) }
        sockets.removeAll { $0 == base }
        locals.removeAll { local in
            local.base == base
                || local.candidate.tcpType == .active && !sockets.contains { $0.ip == local.candidate.address.ip }
        }
        gatherer.remove(base: base)
        let lost = relays.removeAll(base: base)
        for address in [base] + lost.relayed {
            locals.removeAll { $0.base == address }
            removePairs(base: address, keeping: nil)
            if previousPair?.base == address { previousPair = nil }
        }
        // The servers that were asked from it are asked from another.
        for other in sockets { addToRelays(base: other, servers: lost.servers, now: now) }
        if let selection, checks.index(of: selection.pairID) == nil { fallOver(now: now) }
        update(now)
    }

    /// The selected pair is gone without a doubt.
    private mutating func fallOver(now: Instant) {
        selection = nil
        nominating = nil
        if let best = checks.bestSucceeded {
            // The controlled side sends there too, by which the other one sees what has happened.
            select(best, now: now)
            guard role == .controlling else { return }
            nominating = checks[best].id
            check(best, now: now)
        } else {
            startedAt = now
            settled = nil
            nextOrdinaryCheck = now
            setState(.disconnected)
            emit(.restartNeeded)
        }
    }
}
