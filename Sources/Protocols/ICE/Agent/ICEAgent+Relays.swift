import Primitives

/// Relayed candidates (RFC 8445 §5.1.1.2). A relayed address is a base like a socket's: what is sent from it goes wrapped to the
/// TURN server, and what the server passes on has arrived there.
extension ICEAgent {
    /// Servers whose names were only now resolved.
    public mutating func addTURNServers(_ servers: [TURNServer], now: Instant) {
        guard !isOver else { return }
        var new: [TURNServer] = []
        for server in servers where configuration.turnServers.count + new.count < Limit.turnServers {
            let isKnown = (configuration.turnServers + new).contains { $0.address == server.address }
            if !isKnown { new.append(server) }
        }
        guard !new.isEmpty else { return }
        configuration.turnServers += new
        gatheringSettled = now + timings.gatheringSettling
        for base in sockets { addToRelays(base: base, servers: new, now: now) }
        update(now)
    }

    mutating func addToRelays(base: SocketAddress, servers: [TURNServer], now: Instant) {
        guard md5 != nil else { return }
        for server in servers.prefix(Limit.turnServers)
        where server.address.ip.isIPv4 == base.ip.isIPv4 && (server.address.ip.isLoopback || !base.ip.isLoopback) {
            if relays.add(server: server, base: base) { startRelay(server, base: base, now: now) }
        }
    }

    private mutating func startRelay(_ server: TURNServer, base: SocketAddress, now: Instant) {
        guard let md5 else { return }
        relays.start(TURNClient(server: server, random: random.fork(), hmacSHA1: hmacSHA1, md5: md5, now: now), base: base, now: now)
    }

    mutating func serveRelays(_ now: Instant) {
        relays.handleTimeout(now: now)
        while let spare = relays.takeSpare(now: now) { startRelay(spare.server, base: spare.base, now: now) }
        collectFromRelays(now)
        // Allocations that were just made have pairs now, whose permissions are asked for in the same breath.
        relays.handleTimeout(now: now)
        collectFromRelays(now)
    }

    /// Takes out what the clients have to send and to say.
    mutating func collectFromRelays(_ now: Instant) {
        while let (relay, output) = relays.poll() {
            switch output {
            case .transmit(let payload): transmit(payload, base: relay.base, to: relay.server)
            case .allocated(let relayed, let mapped):
                if configuration.policy == .all, let mapped {
                    addServerReflexive(mapped: mapped, base: relay.base, server: relay.server)
                }
                addRelayed(relayed, mapped: mapped, relay: relay, now: now)
            case .failed(let reason):
                if let relayed = relay.relayed { forgetRelayed(relayed, now: now) }
                emit(.relayFailed(server: relay.server, reason))
            }
        }
    }

    private mutating func addRelayed(_ address: SocketAddress, mapped: SocketAddress?, relay: RelayTable.Relay, now: Instant) {
        // An address that is ours already would send the socket's own datagrams to the server.
        guard !locals.contains(where: { $0.base == address }), !sockets.contains(address) else { return }
        relays.accept(address, of: relay)
        let ordinal = locals.count { $0.candidate.type == .relayed && $0.candidate.address.ip.isIPv4 == address.ip.isIPv4 }
        let preference = Candidate.localPreference(of: address.ip, ordinalInFamily: ordinal)
        let candidate = Candidate(
            foundation: Candidate.foundation(type: .relayed, base: address.ip, server: relay.server.ip),
            priority: Candidate.priority(type: .relayed, localPreference: preference), address: address, type: .relayed,
            // Who wants relays alone wants nobody to know where they are.
            relatedAddress: configuration.policy == .all ? mapped ?? relay.base : nil, ufrag: localCredentials.ufrag)
        locals.append(LocalCandidate(base: address, candidate: candidate))
        emit(.localCandidate(candidate))
        for remote in remotes { pair(base: address, local: candidate, remote: remote, now: now) }
    }

    /// The selected pair stays until another takes over or its consent runs out, like any that falls silent.
    private mutating func forgetRelayed(_ address: SocketAddress, now: Instant) {
        locals.removeAll { $0.base == address }
        checks.removeAll(base: address, keeping: selection?.pairID)
        for i in checks.pairs.indices where checks[i].base == address { block(i, now: now) }
    }

    /// The socket that serves an allocation cannot send to the server: neither can anything from the relayed address.
    mutating func relayUnreachable(server: SocketAddress, base: SocketAddress, now: Instant) {
        guard !relays.isEmpty, let index = relays.index(server: server, base: base) else { return }
        statistics.sendFailures += 1
        relays.markUnreachable(index)
        if let relayed = relays.relays[index].relayed {
            for i in checks.pairs.indices where checks[i].base == relayed { block(i, now: now) }
        }
        update(now)
    }

    mutating func closeRelays() {
        relays.close()
        collectFromRelays(.zero)
    }

    // MARK: Data

    /// The peer's datagram inside one that a TURN server passed on, to be handled in its place; nil: it is what it is.
    public func unwrap(_ datagram: Span<UInt8>, from source: SocketAddress, base: SocketAddress) -> RelayedDatagram? {
        relays.isEmpty ? nil : relays.unwrap(datagram, from: source, base: base)
    }

    /// How to send on a pair. For a relayed one the payload is framed for the TURN server, in place; nil: it cannot be sent now.
    public mutating func route(_ payload: inout [UInt8], over pair: SelectedPair) -> ICERoute? {
        guard !relays.isEmpty, !sockets.contains(pair.base) else { return ICERoute(base: pair.base, destination: pair.destination) }
        guard let index = relays.index(relayed: pair.base) else { return nil }
        return relays.wrap(&payload, through: index, to: pair.destination)
    }
}
