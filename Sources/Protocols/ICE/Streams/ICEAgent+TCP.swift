import Primitives

/// Pairs over TCP (RFC 6544): the peer's active candidates connect to our listeners, ours to its passive ones.
extension ICEAgent {
    private static let discardPort: UInt16 = 9
    private static let proofPatience = Interval.seconds(10)

    /// A listening TCP socket, by its address; what it accepts comes by `streamAccepted`.
    public mutating func addTCPListener(base: SocketAddress, now: Instant) {
        guard !isOver, configuration.policy == .all, passiveCandidate(base) == nil else { return }
        addTCPCandidate(.passive, address: base)
        gatheringSettled = now + timings.gatheringSettling
        update(now)
    }

    public mutating func removeTCPListener(base: SocketAddress, now: Instant) {
        locals.removeAll { $0.candidate.tcpType == .passive && $0.candidate.address == base }
    }

    /// Somebody connected.
    /// - Parameter local: the listener's address.
    public mutating func streamAccepted(_ id: StreamID, local: SocketAddress, remote: SocketAddress, now: Instant) {
        let unproven = streams.streams.count { $0.unprovenUntil != nil }
        guard !isOver, streams.index(id) == nil, unproven < Limit.unprovenStreams, let candidate = passiveCandidate(local),
            let base = streams.add(remote: remote, framing: .lengths, local: candidate, accepted: id), let index = streams.index(base: base)
        else { return emit(.closeStream(id)) }
        streams[index].unprovenUntil = now + Self.proofPatience
        update(now)
    }

    private func passiveCandidate(_ address: SocketAddress) -> Candidate? {
        locals.first { $0.candidate.tcpType == .passive && $0.candidate.address == address }?.candidate
    }

    @discardableResult
    private mutating func addTCPCandidate(_ tcpType: TCPCandidateType, address: SocketAddress) -> Candidate? {
        guard locals.count < Limit.hostCandidates * 4 else { return nil }
        let ordinal = locals.count { $0.candidate.tcpType == tcpType && $0.candidate.address.ip.isIPv4 == address.ip.isIPv4 }
        let candidate = Candidate(
            foundation: Candidate.foundation(type: .host, base: address.ip, tcpType: tcpType), transport: .tcp,
            priority: Candidate.tcpPriority(
                type: .host, tcpType: tcpType, localPreference: Candidate.localPreference(of: address.ip, ordinalInFamily: ordinal)),
            address: address, type: .host, tcpType: tcpType, ufrag: localCredentials.ufrag)
        // No pair is checked from it: every connection is a base of its own.
        locals.append(LocalCandidate(base: streams.newName(), candidate: candidate))
        emit(.localCandidate(candidate))
        return candidate
    }

    /// A connection to a passive candidate of the peer's, by way of the best address of that family.
    mutating func pairActively(_ remote: Candidate, now: Instant) {
        guard remote.tcpType == .passive, configuration.policy == .all else { return }
        let isThere = checks.pairs.contains {
            $0.remote.transport == .tcp && $0.destination == remote.address && $0.local.tcpType == .active
        }
        guard !isThere, streams.streams.count(where: { $0.isActive && $0.local != nil }) < Limit.activeStreams else { return }
        let host = locals.first {
            // Nobody else's word makes us connect to ourselves.
            $0.isBase && $0.candidate.type == .host && $0.base.ip.isIPv4 == remote.address.ip.isIPv4
                && $0.base.ip.isLoopback == remote.address.ip.isLoopback
        }
        guard let host else { return }
        let address = SocketAddress(host.base.ip, port: Self.discardPort)
        let known = locals.first { $0.candidate.tcpType == .active && $0.candidate.address == address }?.candidate
        guard let local = known ?? addTCPCandidate(.active, address: address),
            let base = streams.add(remote: remote.address, framing: .lengths, local: local)
        else { return }
        pair(base: base, local: local, remote: remote, now: now)
    }

    /// After a restart, once something is selected: what served the old session alone is closed.
    mutating func dropOldStreams() {
        for stream in streams.streams where stream.isOld && !checks.pairs.contains(where: { $0.base == stream.base }) {
            dropStream(base: stream.base)
        }
    }
}
