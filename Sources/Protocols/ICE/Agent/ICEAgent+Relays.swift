import Primitives

/// Relayed candidates (RFC 8445 §5.1.1.2). A relayed address is a base like a socket's: what is sent from it goes wrapped to the
/// TURN server, and what the server passes on has arrived there.
extension ICEAgent {
    /// Servers whose names were only now resolved.
    public mutating func addTURNServers(_ servers: [TURNServer], now: Instant) {
        guard !isOver else { return }
        var new: [TURNServer] = []
        for server in servers where configuration.turnServers.count + new.count < Limit.turnServers {
            let isKnown = (configuration.turnServers + new).contains { $0.isSame(as: server) }
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
        for server in servers.prefix(Limit.turnServers) where server.address.ip.isLoopback || !base.ip.isLoopback {
            // A stream needs none of our sockets.
            guard server.transport.isStream || server.address.ip.isIPv4 == base.ip.isIPv4 else { continue }
            if relays.add(server: server, base: base) { startRelay(server, base: base, now: now) }
        }
    }

    private mutating func startRelay(_ server: TURNServer, base: SocketAddress, now: Instant) {
        guard md5 != nil else { return }
        var base = base
        if server.transport.isStream {
            var tls: String?
            if case .tls(let name) = server.transport { tls = name }
            guard let stream = streams.add(remote: server.address, framing: .turn, tls: tls) else { return }
            base = stream
        }
        guard let client = turnClient(server, now: now) else { return }
        relays.start(client, base: base, now: now)
        if let index = streams.index(base: base) { openStream(index, now: now) }
    }

    private mutating func turnClient(_ server: TURNServer, now: Instant) -> TURNClient? {
        md5.map { TURNClient(server: server, random: random.fork(), hmacSHA1: hmacSHA1, md5: $0, now: now) }
    }

    mutating func serveRelays(_ now: Instant) {
        relays.handleTimeout(now: now)
        while let spare = relays.takeSpare(now: now) { startRelay(spare.server, base: spare.base, now: now) }
        while let index = relays.reconnectDue(now) { reconnectRelay(index, now: now) }
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
                // How a stream is seen says nothing about a socket.
                if let mapped, !relay.base.isStreamName { mappings.note(base: relay.base, observer: relay.server, mapped: mapped) }
                if configuration.policy == .all, let mapped, !relay.base.isStreamName {
                    addServerReflexive(mapped: mapped, base: relay.base, server: relay.server)
                }
                addRelayed(relayed, mapped: mapped, relay: relay, now: now)
            case .failed(let reason): relayFailed(relay, reason, now: now)
            }
        }
    }

    private mutating func relayFailed(_ relay: RelayTable.Relay, _ reason: TURNFailure, now: Instant) {
        if let relayed = relay.relayed { forgetRelayed(relayed, now: now) }
        if reason == .refused(code: 437), relay.hasServed, let index = relays.index(server: relay.server, base: relay.base) {
            // It has been restarted, or we have slept for too long: another allocation will do.
            relays.scheduleReconnect(index, now: now)
        } else if case .connection = reason {
            // Once lost it usually comes back at once; a person is told when it does not.
            if relay.failures == (relay.hasServed ? 2 : 1) { emit(.relayFailed(server: relay.client.server, reason)) }
        } else {
            emit(.relayFailed(server: relay.client.server, reason))
            if relay.base.isStreamName { dropStream(base: relay.base) }
        }
    }

    private mutating func addRelayed(_ address: SocketAddress, mapped: SocketAddress?, relay: RelayTable.Relay, now: Instant) {
        // An address that is ours already would send the socket's own datagrams to the server.
        guard !locals.contains(where: { $0.base == address }), !sockets.contains(address) else { return }
        relays.accept(address, of: relay)
        let ordinal = locals.count { $0.candidate.type == .relayed && $0.candidate.address.ip.isIPv4 == address.ip.isIPv4 }
        let preference = Candidate.localPreference(of: address.ip, ordinalInFamily: ordinal)
        let socket = relay.base.isStreamName ? nil : relay.base
        let candidate = Candidate(
            foundation: Candidate.foundation(type: .relayed, base: address.ip, server: relay.server.ip),
            priority: Candidate.priority(typePreference: relay.client.server.transport.typePreference, localPreference: preference),
            address: address, type: .relayed,
            // Who wants relays alone wants nobody to know where they are.
            relatedAddress: configuration.policy == .all ? mapped ?? socket : nil, ufrag: localCredentials.ufrag)
        locals.append(LocalCandidate(base: address, candidate: candidate))
        emit(.localCandidate(candidate))
        for remote in remotes { pair(base: address, local: candidate, remote: remote, now: now) }
    }

    /// The selected pair stays until another takes over or its consent runs out, like any that falls silent.
    mutating func forgetRelayed(_ address: SocketAddress, now: Instant) {
        locals.removeAll { $0.base == address }
        removePairs(base: address, keeping: selection?.pairID)
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

    // MARK: Streams

    /// An allocation ends with its connection (RFC 8656 §3.1); another one is asked for, with another relayed address.
    mutating func loseRelayStream(_ base: SocketAddress, reason: String, now: Instant) {
        guard let index = relays.index(streamBase: base), !relays.relays[index].client.isOver else { return }
        relays.scheduleReconnect(index, now: now)
        relays.lose(index, .connection(reason))
        collectFromRelays(now)
    }

    private mutating func reconnectRelay(_ index: Int, now: Instant) {
        let relay = relays.relays[index]
        guard let client = turnClient(relay.client.server, now: now) else { return }
        relays.restart(index, client)
        if let stream = streams.index(base: relay.base) { openStream(stream, now: now) }
    }

    /// Allocations that ended get another chance, as after a night's sleep.
    mutating func reviveRelays(_ now: Instant) {
        for index in relays.relays.indices where relays.relays[index].client.isOver {
            let relay = relays.relays[index]
            // What the server said about the credential it would say again.
            guard relay.client.state != .failed(.wrongCredential), let client = turnClient(relay.client.server, now: now) else { continue }
            if relay.base.isStreamName {
                guard let stream = streams.index(base: relay.base) else { continue }
                relays.restart(index, client)
                openStream(stream, now: now)
            } else {
                relays.restart(index, client)
            }
        }
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

    /// How to send on a pair. What needs a frame, for a TURN server or in a stream, gets it in place; nil: it cannot be sent now.
    public mutating func route(_ payload: inout [UInt8], over pair: SelectedPair) -> ICERoute? {
        if sockets.contains(pair.base) { return .socket(base: pair.base, destination: pair.destination) }
        if let index = relays.index(relayed: pair.base) { return route(&payload, throughRelay: index, to: pair.destination) }
        return streamRoute(&payload, base: pair.base)
    }

    mutating func route(_ payload: inout [UInt8], throughRelay index: Int, to peer: SocketAddress) -> ICERoute? {
        let base = relays.relays[index].base
        if base.isStreamName {
            guard let stream = streams.index(base: base), streams[stream].isOpen else { return nil }
        }
        guard relays.wrap(&payload, through: index, to: peer) else { return nil }
        guard base.isStreamName else { return .socket(base: base, destination: relays.relays[index].server) }
        return streamRoute(&payload, base: base)
    }

    private func streamRoute(_ payload: inout [UInt8], base: SocketAddress) -> ICERoute? {
        guard let index = streams.index(base: base), streams.streams[index].isOpen, let id = streams.streams[index].id else { return nil }
        streams.streams[index].framing.frame(&payload)
        return .stream(id)
    }
}
