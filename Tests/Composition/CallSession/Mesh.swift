import Primitives

@testable import CallSession

/// Tchats in one channel in simulated time, without media: each has the coordinator and the log of descriptions of the real one, and peer
/// connections that know no more than who negotiated with whom. A relay between them, as the signaling server is.
///
/// What can go wrong does: connections to the server end with messages on their way, noticed or not; the server is started anew; paths
/// are blocked; goodbyes get lost.
final class Mesh {
    /// One end of a connection between two.
    final class Peer {
        let session: Int
        let isPolite: Bool
        var log = DescriptionLog()
        var pending: String?
        private var isOfferer = false
        private var version = 0
        /// The session of the other side's that this one was negotiated with.
        var remote: Int?
        var isConnected = false
        var lastReceived = Instant.zero
        var agreedSince: Instant?

        init(session: Int, isPolite: Bool) { (self.session, self.isPolite) = (session, isPolite) }

        private func describe(_ kind: String) -> String {
            version += 1
            return "\(kind)\no=- \(session) \(version) IN IP4 0.0.0.0\na=ice-ufrag:u\(session)\n"
        }

        func createOffer() -> String {
            let offer = pending ?? describe("offer")
            (pending, isOfferer) = (offer, true)
            return offer
        }

        func handleOffer(_ offer: String) -> String? {
            if pending != nil, !isPolite { return nil }
            (pending, isOfferer) = (nil, false)
            remote = Mesh.session(offer)
            return describe("answer")
        }

        /// As `PeerConnection`: before the call stands, a further answer takes the first one's place.
        func handleAnswer(_ answer: String) -> Bool {
            guard pending != nil || (isOfferer && !isConnected) else { return false }
            pending = nil
            remote = Mesh.session(answer)
            return true
        }
    }

    enum Signal {
        case join, leave
        case offer(String, to: String), answer(String, to: String)
    }

    enum Told {
        case joined(others: [String])
        case memberJoined(String)
        case memberLeft(String, isGoodbye: Bool)
        case offer(String, from: String), answer(String, from: String)
    }

    final class Node {
        let id: String
        var coordinator = CallCoordinator()
        var peers: [CallCoordinator.MemberID: Peer] = [:]
        /// The person wants to be in the channel.
        var wantsIn = false
        /// Its connection to the server; nil: none.
        var socket: Int?
        var isInside = false
        var nextDial = Instant.zero
        /// As its signaling client knows them.
        var present: Set<String> = []
        /// Whom the person has been told to be there.
        var shown: Set<String> = []

        init(id: String) { self.id = id }
    }

    private(set) var now = Instant.zero
    var random: RandomSource
    var nodes: [Node] = []
    private var nextSession = 1
    private var nextSocket = 1
    // The server.
    private var order: [String] = []
    private var place: [String: Int] = [:]
    private var isServerUp = true
    private var upAgain = Instant.zero
    /// By socket, in order: when it arrives, and what.
    private var toServer: [Int: [(due: Instant, from: String, signal: Signal)]] = [:]
    private var toNode: [Int: [(due: Instant, told: Told)]] = [:]
    /// Sockets that have ended without the server knowing, and when it will.
    private var ghosts: [(socket: Int, id: String, due: Instant)] = []
    /// Pairs whose path is blocked.
    private var blocked: [(a: String, b: String, until: Instant)] = []

    init(seed: UInt64) { random = .seeded(seed) }

    static func session(_ sdp: String) -> Int? {
        sdp.split(separator: "\n").first { $0.hasPrefix("o=") }?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }

    func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    private func milliseconds(_ range: ClosedRange<Int>) -> Interval { .milliseconds(Int.random(in: range, using: &random)) }

    // MARK: - What happens to them

    func join(_ node: Node) {
        node.wantsIn = true
        if node.socket != nil { send(.join, from: node) }
    }

    func leave(_ node: Node) {
        guard node.wantsIn else { return }
        node.wantsIn = false
        perform(node.coordinator.left(), at: node)
        node.shown = []
        send(.leave, from: node)
        (node.isInside, node.present) = (false, [])
    }

    /// The process is gone; the server sees a closed socket.
    func kill(_ node: Node) {
        cut(node, isSeen: true)
        // Without a goodbye to anybody.
        node.peers = [:]
        node.coordinator = CallCoordinator()
        node.wantsIn = false
        nodes.removeAll { $0 === node }
    }

    /// The connection to the server ends, with all that is on its way.
    func cut(_ node: Node, isSeen: Bool) {
        guard let socket = node.socket else { return }
        toServer[socket] = nil
        toNode[socket] = nil
        node.socket = nil
        node.isInside = false
        node.nextDial = now + milliseconds(500...4000)
        node.coordinator.signalingLost()
        if isSeen { closed(socket, of: node.id) } else { ghosts.append((socket, node.id, now + milliseconds(3000...30_000))) }
    }

    func restartServer() {
        isServerUp = false
        upAgain = now + milliseconds(200...8000)
        (order, place, ghosts) = ([], [:], [])
        for node in nodes { cut(node, isSeen: false) }
        ghosts = []
    }

    func block(_ a: Node, _ b: Node) { blocked.append((a.id, b.id, now + milliseconds(500...15_000))) }

    // MARK: - Time

    func run(_ time: Interval, step: Interval = .milliseconds(100)) {
        let end = now + time
        while now < end {
            now += step
            if !isServerUp, now >= upAgain { isServerUp = true }
            blocked.removeAll { $0.until <= now }
            for node in nodes where node.socket == nil && isServerUp && now >= node.nextDial { dial(node) }
            serve()
            for node in nodes {
                receive(node)
                perform(node.coordinator.handleTimeout(now: now), at: node)
            }
            flow()
        }
    }

    private func dial(_ node: Node) {
        node.socket = nextSocket
        nextSocket += 1
        if node.wantsIn { send(.join, from: node) }
    }

    private func send(_ signal: Signal, from node: Node) {
        guard let socket = node.socket else { return }
        let due = max(toServer[socket]?.last?.due ?? .zero, now + milliseconds(5...150))
        toServer[socket, default: []].append((due, node.id, signal))
    }

    private func tell(_ id: String, _ told: Told) {
        guard let socket = place[id], nodes.contains(where: { $0.socket == socket }) else { return }
        let due = max(toNode[socket]?.last?.due ?? .zero, now + milliseconds(5...150))
        toNode[socket, default: []].append((due, told))
    }

    private func serve() {
        for ghost in ghosts where ghost.due <= now { closed(ghost.socket, of: ghost.id) }
        ghosts.removeAll { $0.due <= now }
        for socket in toServer.keys.sorted() {
            while let first = toServer[socket]?.first, first.due <= now {
                toServer[socket]?.removeFirst()
                take(first.signal, from: first.from, socket)
            }
        }
    }

    private func take(_ signal: Signal, from id: String, _ socket: Int) {
        switch signal {
        case .join:
            let others = order.filter { $0 != id }
            // Who takes the place of its own ghost is not told of again.
            let isNew = place[id] == nil
            place[id] = socket
            if isNew { order.append(id) }
            tell(id, .joined(others: others))
            if isNew { for other in others { tell(other, .memberJoined(id)) } }
        case .leave: if place[id] == socket { gone(id, isGoodbye: true) }
        case .offer(let sdp, let to): if place[id] == socket, place[to] != nil { tell(to, .offer(sdp, from: id)) }
        case .answer(let sdp, let to): if place[id] == socket, place[to] != nil { tell(to, .answer(sdp, from: id)) }
        }
    }

    private func closed(_ socket: Int, of id: String) { if place[id] == socket { gone(id, isGoodbye: false) } }

    private func gone(_ id: String, isGoodbye: Bool) {
        place[id] = nil
        order.removeAll { $0 == id }
        for other in order { tell(other, .memberLeft(id, isGoodbye: isGoodbye)) }
    }

    // MARK: - A tchat

    private func receive(_ node: Node) {
        guard let socket = node.socket else { return }
        while let first = toNode[socket]?.first, first.due <= now {
            toNode[socket]?.removeFirst()
            take(first.told, at: node)
        }
    }

    private func isAlive(_ id: CallCoordinator.MemberID, _ doubtedSince: Instant?, at node: Node) -> Bool {
        guard let peer = node.peers[id], peer.isConnected else { return false }
        if let doubted = doubtedSince, peer.lastReceived < doubted + CallCoordinator.afterglow { return false }
        return now - peer.lastReceived < CallCoordinator.doubtfulSilence
    }

    private func take(_ told: Told, at node: Node) {
        guard node.wantsIn else { return }
        switch told {
        case .joined(let others):
            node.isInside = true
            node.present = Set(others)
            let all = others.map { CallCoordinator.Other(id: $0) }
            perform(node.coordinator.joined(as: node.id, others: all, isAlive: { self.isAlive($0, $1, at: node) }, now: now), at: node)
        case .memberJoined(let id):
            guard node.isInside, node.present.insert(id).inserted else { return }
            let other = CallCoordinator.Other(id: id)
            perform(node.coordinator.memberJoined(other, isAlive: { self.isAlive($0, $1, at: node) }, now: now), at: node)
        case .memberLeft(let id, let isGoodbye):
            guard node.isInside, node.present.remove(id) != nil else { return }
            let member = CallCoordinator.MemberID(id: id)
            perform(
                node.coordinator.memberLeft(
                    member, reason: "gone", isGoodbye: isGoodbye, isAlive: isAlive(member, nil, at: node), now: now), at: node)
        case .offer(let sdp, let from):
            if node.isInside, node.present.contains(from) { offered(sdp, from: CallCoordinator.MemberID(id: from), at: node) }
        case .answer(let sdp, let from):
            let id = CallCoordinator.MemberID(id: from)
            guard node.isInside, node.present.contains(from), let peer = node.peers[id], !peer.log.isKnown(answer: sdp) else { return }
            node.coordinator.answerReceived(id)
            if peer.handleAnswer(sdp) { peer.log.accepted(answer: sdp) }
        }
    }

    private func offered(_ sdp: String, from id: CallCoordinator.MemberID, at node: Node) {
        switch node.peers[id]?.log.kind(of: sdp) {
        case .repeated(let answer): send(.answer(answer, to: id.id), from: node)
        case .renewed:
            perform(node.coordinator.offerReceived(id, isNewPeer: true, now: now), at: node)
            answer(sdp, to: id, at: node)
        case .usual, nil:
            perform(node.coordinator.offerReceived(id, isNewPeer: false, now: now), at: node)
            answer(sdp, to: id, at: node)
        }
    }

    private func answer(_ sdp: String, to id: CallCoordinator.MemberID, at node: Node) {
        guard let peer = node.peers[id], let answer = peer.handleOffer(sdp) else { return }
        peer.log.answered(sdp, with: answer)
        send(.answer(answer, to: id.id), from: node)
    }

    private func perform(_ actions: [CallCoordinator.Action], at node: Node) {
        for case .arrived(let id, _) in node.coordinator.takeArrivals() { node.shown.insert(id.id) }
        for action in actions {
            switch action {
            case .makePeer(let id, let isPolite):
                close(id, at: node)
                node.peers[id] = Peer(session: nextSession, isPolite: isPolite)
                nextSession += 1
            case .sendOffer(let id):
                guard let peer = node.peers[id] else { continue }
                let offer = peer.createOffer()
                _ = peer.log.offered(offer)
                if node.isInside { send(.offer(offer, to: id.id), from: node) }
            case .removePeer(let id, _): close(id, at: node)
            case .wait: break
            }
        }
        for case .departed(let id, _) in node.coordinator.takeDepartures() { node.shown.remove(id.id) }
    }

    /// The goodbye that goes over the connection itself may get lost.
    private func close(_ id: CallCoordinator.MemberID, at node: Node) {
        guard let peer = node.peers.removeValue(forKey: id), peer.isConnected, !isBlocked(node.id, id.id), chance(70) else { return }
        guard let (other, end) = counterpart(of: peer, to: id, at: node), end.isConnected else { return }
        perform(other.coordinator.peerClosed(CallCoordinator.MemberID(id: node.id), reason: "left", now: now), at: other)
    }

    // MARK: - Paths

    private func isBlocked(_ a: String, _ b: String) -> Bool { blocked.contains { [$0.a, $0.b].contains(a) && [$0.a, $0.b].contains(b) } }

    /// The other end, when both have been negotiated with each other.
    func counterpart(of peer: Peer, to id: CallCoordinator.MemberID, at node: Node) -> (Node, Peer)? {
        guard let other = nodes.first(where: { $0.id == id.id }), let end = other.peers[CallCoordinator.MemberID(id: node.id)],
            end.session == peer.remote, end.remote == peer.session
        else { return nil }
        return (other, end)
    }

    private func flow() {
        for node in nodes {
            for (id, peer) in node.peers.sorted(by: { $0.key.id < $1.key.id }) {
                let isThere = counterpart(of: peer, to: id, at: node) != nil && !isBlocked(node.id, id.id)
                if !isThere { peer.agreedSince = nil } else if peer.agreedSince == nil { peer.agreedSince = now }
                if isThere, peer.isConnected { peer.lastReceived = now }
                if isThere, !peer.isConnected, let since = peer.agreedSince, now - since >= milliseconds(200...800) {
                    peer.isConnected = true
                    peer.lastReceived = now
                    node.coordinator.connected(id)
                }
                if node.peers[id] === peer, peer.isConnected, now - peer.lastReceived > node.coordinator.silenceLimit(id) {
                    perform(node.coordinator.peerSilent(id, reason: "silent", now: now), at: node)
                }
            }
        }
    }
}
