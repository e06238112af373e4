import Primitives

/// Candidates of both sides, and the pairs that they make.
extension ICEAgent {
    /// One call for each bound UDP socket; `base` is its address and names it from now on.
    public mutating func addHostCandidate(base: SocketAddress, now: Instant) {
        guard !isOver, !sockets.contains(base), !locals.contains(where: { $0.base == base }), sockets.count < Limit.hostCandidates
        else { return }
        sockets.append(base)
        gatheringSettled = now + timings.gatheringSettling
        addToRelays(base: base, servers: configuration.turnServers, now: now)
        // Under the relay policy a socket is no candidate: it serves allocations.
        guard configuration.policy == .all else { return update(now) }
        let ordinal = locals.count {
            $0.candidate.type == .host && $0.isBase && $0.base.ip.isIPv4 == base.ip.isIPv4 && $0.base.ip.isLoopback == base.ip.isLoopback
        }
        let preference = Candidate.localPreference(of: base.ip, ordinalInFamily: ordinal)
        let candidate = Candidate(
            foundation: Candidate.foundation(type: .host, base: base.ip),
            priority: Candidate.priority(type: .host, localPreference: preference), address: base,
            type: .host, ufrag: localCredentials.ufrag)
        locals.append(LocalCandidate(base: base, candidate: candidate))
        emit(.localCandidate(candidate))
        for remote in remotes { pair(base: base, local: candidate, remote: remote, now: now) }
        for remote in remotes { pairActively(remote, now: now) }
        gatherer.start(base: base, servers: configuration.stunServers, random: &random, now: now)
        update(now)
    }

    /// Servers whose names were only now resolved: the sockets that are there ask them too.
    public mutating func addSTUNServers(_ servers: [SocketAddress], now: Instant) {
        guard !isOver else { return }
        let room = max(0, Limit.stunServers - configuration.stunServers.count)
        let new = Array(servers.filter { !configuration.stunServers.contains($0) }.prefix(room))
        guard !new.isEmpty else { return }
        configuration.stunServers += new
        gatheringSettled = now + timings.gatheringSettling
        for local in locals where local.candidate.type == .host && local.isBase {
            gatherer.start(base: local.base, servers: new, random: &random, now: now)
        }
        update(now)
    }

    /// The host or relayed candidate whose address `base` is: the one that checks are sent from.
    func baseCandidate(_ base: SocketAddress) -> Candidate? {
        if base.isStreamName { return streams.index(base: base).flatMap { streams[$0].local } }
        return locals.first { $0.base == base && $0.isBase }?.candidate
    }

    /// A STUN server answered: a candidate for the peer, but no pairs of its own, since it is checked from its base (RFC 8445 §6.1.2.4).
    mutating func addServerReflexive(mapped: SocketAddress, base: SocketAddress, server: SocketAddress) {
        guard let host = baseCandidate(base), !mapped.ip.isUnspecified, mapped.port != 0,
            !locals.contains(where: { $0.base == base && $0.candidate.address == mapped })
        else { return }
        let preference = UInt16(truncatingIfNeeded: host.priority >> 8)
        let candidate = Candidate(
            foundation: Candidate.foundation(type: .serverReflexive, base: base.ip, server: server.ip),
            priority: Candidate.priority(type: .serverReflexive, localPreference: preference),
            address: mapped, type: .serverReflexive, relatedAddress: base, ufrag: localCredentials.ufrag)
        locals.append(LocalCandidate(base: base, candidate: candidate))
        emit(.localCandidate(candidate))
    }

    /// The peer's, from its session description. Others than before mean that it restarted: its old candidates are forgotten.
    public mutating func setRemoteCredentials(_ credentials: ICECredentials, now: Instant) {
        guard !isOver, credentials != remoteCredentials,
            (1...256).contains(credentials.ufrag.utf8.count), (1...256).contains(credentials.password.utf8.count)
        else { return }
        if remoteCredentials != nil {
            previousPair = selectedPair ?? previousPair
            streams.markOld()
            forgetSession()
        }
        remoteCredentials = credentials
        startedAt = now
        nextOrdinaryCheck = now
        setState(.checking)
        let queued = earlyCandidates
        earlyCandidates = []
        for candidate in queued { addRemote(candidate, now: now) }
        let requests = earlyRequests
        earlyRequests = []
        for request in requests {
            guard let index = pairIndex(base: request.base, source: request.source, priority: request.priority, now: now) else { continue }
            respondToCheck(of: index, useCandidate: request.useCandidate, now: now)
        }
        update(now)
    }

    public mutating func addRemoteCandidate(_ candidate: Candidate, now: Instant) {
        guard !isOver else { return }
        guard remoteCredentials != nil else {
            guard earlyCandidates.count < Limit.remoteCandidates, !earlyCandidates.contains(candidate) else {
                statistics.droppedCandidates += 1
                return
            }
            return earlyCandidates.append(candidate)
        }
        addRemote(candidate, now: now)
        update(now)
    }

    /// The peer will send no more; it may still be discovered at other addresses.
    public mutating func endOfRemoteCandidates(now: Instant) { hasAllRemoteCandidates = true }

    private mutating func addRemote(_ candidate: Candidate, now: Instant) {
        guard candidate.component == 1, candidate.ufrag == nil || candidate.ufrag == remoteCredentials?.ufrag else {
            statistics.droppedCandidates += 1
            return
        }
        if let known = remotes.firstIndex(where: { $0.address == candidate.address && $0.transport == candidate.transport }) {
            guard remotes[known].type == .peerReflexive, candidate.type != .peerReflexive else { return }
            upgrade(known, to: candidate)
            return
        }
        guard remotes.count < Limit.remoteCandidates else {
            statistics.droppedCandidates += 1
            return
        }
        remotes.append(candidate)
        guard candidate.transport == .udp else { return pairActively(candidate, now: now) }
        for local in locals where local.isBase { pair(base: local.base, local: local.candidate, remote: candidate, now: now) }
    }

    /// The signalled form of a candidate that was discovered first: priority, state and nomination of its pairs stay (RFC 8445 §7.3.1.3).
    private mutating func upgrade(_ index: Int, to candidate: Candidate) {
        var upgraded = candidate
        upgraded.priority = remotes[index].priority
        remotes[index] = upgraded
        for i in checks.pairs.indices where checks[i].destination == candidate.address && checks[i].remote.transport == candidate.transport
        {
            checks[i].remote = upgraded
        }
    }

    mutating func pair(base: SocketAddress, local: Candidate, remote: Candidate, now: Instant) {
        guard local.transport == remote.transport, local.address.ip.isIPv4 == remote.address.ip.isIPv4 else { return }
        let relay = relays.index(relayed: base)
        if let relay { relays.permit(remote.address.ip, through: relay, now: now) }
        guard let id = checks.add(base: base, local: local, remote: remote, role: role, keeping: selection?.pairID) else {
            return statistics.droppedCandidates += 1
        }
        if let relay, let index = checks.index(of: id) { checks[index].relayProtocol = relays.relays[relay].client.server.transport }
    }

    /// The pair on which a request came; its source becomes a peer-reflexive candidate when it is new (RFC 8445 §7.3.1.3).
    mutating func pairIndex(base: SocketAddress, source: SocketAddress, priority: UInt32, now: Instant) -> Int? {
        if let index = checks.index(base: base, destination: source) { return index }
        guard let local = baseCandidate(base) else { return nil }
        let transport = local.transport
        var remote = remotes.first { $0.address == source && $0.transport == transport }
        if remote == nil {
            guard remotes.count < Limit.remoteCandidates else {
                statistics.droppedCandidates += 1
                return nil
            }
            let foundation = random.string(8, from: "abcdefghijklmnopqrstuvwxyz0123456789")
            let found = Candidate(
                foundation: foundation, transport: transport, priority: max(1, priority), address: source, type: .peerReflexive,
                tcpType: transport == .tcp ? .active : nil, ufrag: remoteCredentials?.ufrag)
            remotes.append(found)
            remote = found
        }
        guard let remote else { return nil }
        pair(base: base, local: local, remote: remote, now: now)
        return checks.index(base: base, destination: source)
    }

    // MARK: Role and restart

    public mutating func setRole(_ new: ICERole, now: Instant) {
        guard role != new else { return }
        role = new
        nominating = nil
        checks.reprioritise(role: new)
        update(now)
    }

    /// Starts over with new credentials of ours and, once they come, of the peer's (RFC 8445 §9);
    /// the old pair stays `sendPair` until a new one answers.
    public mutating func restart(credentials: ICECredentials, now: Instant) {
        guard state != .closed else { return }
        failureDiagnosis = nil
        previousPair = selectedPair ?? previousPair
        forgetSession()
        streams.markOld()
        reviveRelays(now)
        localCredentials = credentials
        remoteCredentials = nil
        earlyCandidates = []
        startedAt = nil
        setState(.new)
        locals = locals.map { old in
            var candidate = old.candidate
            candidate.ufrag = credentials.ufrag
            return LocalCandidate(base: old.base, candidate: candidate)
        }
        for local in locals { emit(.localCandidate(local.candidate)) }
        gatheringSettled = now + timings.gatheringSettling
        update(now)
    }
}
