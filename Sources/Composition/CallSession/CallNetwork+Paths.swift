import DatagramSocket
import ICE
import PeerConnection
import Primitives
import StreamSockets
import Threading

/// What carries a call besides its UDP sockets, and what happens when the machine's addresses change.
extension CallNetwork {
    // MARK: - TCP and TLS

    /// What TCP and TLS connections have to tell.
    func handle(_ event: StreamEvent, now: Instant) {
        switch event {
        case .opened(let id, let local): owner(of: id)?.peer.streamOpened(id, local: local, now: now)
        case .accepted(let id, let listener, let remote):
            guard let member = members.first(where: { $0.listeners.contains(listener) }) else { return own.streams.close(id) }
            // The agent itself closes what does not prove to be the peer.
            own.streams.keep(id)
            member.streams.insert(id)
            member.peer.streamAccepted(id, local: listener, remote: remote, now: now)
        case .received(let id, let bytes):
            own.streams.consumed(id, bytes.count)
            owner(of: id)?.peer.streamReceived(id, bytes.span, now: now)
        case .closed(let id, let reason):
            guard let member = owner(of: id) else { return }
            member.streams.remove(id)
            member.peer.streamClosed(id, reason: reason, now: now)
        }
    }

    private func owner(of id: StreamID) -> Member? { members.first { $0.streams.contains(id) } }

    /// One listener for each address that is told: browsers behind firewalls without UDP connect to it (RFC 6544).
    func listen(for member: Member, on address: IPAddress, now: Instant) {
        guard own.configuration.icePolicy == .all, let listener = own.streams.listen(on: address) else { return }
        member.listeners.append(listener)
        member.peer.addTCPListener(base: listener, now: now)
    }

    func closeStreams(of member: Member) {
        for listener in member.listeners { own.streams.stopListening(listener) }
        for id in member.streams { own.streams.close(id) }
        member.listeners = []
        member.streams = []
    }

    // MARK: - Changes of the network

    /// Addresses have come or gone, or the machine has slept. What is new is told to the other side as further candidates, and pairs that
    /// work take over by themselves; a restart is for when none does.
    func networkChanged(_ change: NetworkChanges.Change, now: Instant) {
        let addresses = callAddresses()
        names?.networkChanged()
        own.signaling.networkChanged()
        for member in members {
            let before = Set(member.sockets.map(\.localAddress.ip))
            let gone = before.subtracting(addresses)
            let come = addresses.filter { !before.contains($0) }
            own.logger.info("network changed", metadata: ["come": "\(come)", "gone": "\(gone)"])
            // First what is new, so that there is something to go over to.
            for address in come.prefix(max(0, 16 - member.sockets.count)) {
                guard let socket = try? DatagramSocket(binding: address, port: 0) else { continue }
                member.sockets.append(socket)
                member.peer.addLocalSocket(base: socket.localAddress, now: now)
                listen(for: member, on: address, now: now)
            }
            for listener in member.listeners where gone.contains(listener.ip) {
                own.streams.stopListening(listener)
                member.peer.removeLocalSocket(base: listener, now: now)
            }
            member.listeners.removeAll { gone.contains($0.ip) }
            for socket in member.sockets where gone.contains(socket.localAddress.ip) {
                member.peer.removeLocalSocket(base: socket.localAddress, now: now)
            }
            member.sockets.removeAll { gone.contains($0.localAddress.ip) }
            // No NAT on the way remembers a machine that has slept.
            if change.hasSlept { restartICE(member, now: now) }
        }
        collectSockets()
    }

    func callAddresses() -> [IPAddress] {
        let addresses = localAddresses(includingLoopback: own.configuration.loopback)
        return addresses.isEmpty ? [.loopback4] : Array(addresses.prefix(16))
    }

    /// No pair works any more. New sockets may still find one with what both sides know, without signaling: a restart forgets that.
    func considerRestart(of member: Member, now: Instant) { member.restartDue = now + Self.restartPatience }

    func offerDueRestart(of member: Member, now: Instant) {
        guard let due = member.restartDue, now >= due else { return }
        member.restartDue = nil
        if member.peer.selectedPair == nil { restartICE(member, now: now) }
    }

    private static let restartPatience = Interval.seconds(1)

    /// Offers the call a new path; the old one serves until the new one is there (RFC 8445 section 9). Signaling may be as lost as the path
    /// was: the offer is made again when it is back, until it is answered.
    func restartICE(_ member: Member, now: Instant) {
        guard member.isConnected else { return }
        member.restartDue = nil
        member.wantsRestart = true
        if isSignalingOpen { sendOffer(of: member, restartingICE: true, now: now) }
    }

    /// Signaling is there again, and the other side within reach.
    func offerAwaitedRestarts(now: Instant) { for member in members where member.wantsRestart { restartICE(member, now: now) } }

    // MARK: - Names

    /// `.local` names of a browser's candidates, by multicast DNS.
    func resolve(_ name: String, for member: Member, now: Instant) {
        if names == nil { names = NameResolution() }
        names?.resolve(name, for: member.id, now: now)
        resolveNames(now: now)
    }

    func resolveNames(now: Instant) {
        guard names != nil else { return }
        for answer in names?.answers(now: now) ?? [] {
            member(answer.member)?.peer.resolved(name: answer.name, address: answer.address, now: now)
        }
        // Whatever else is said on the local network would wake this thread for the rest of the call.
        if names?.nextTimeout == nil { names = nil }
    }
}
