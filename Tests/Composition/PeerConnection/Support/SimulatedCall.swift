import DTLS
import MediaTypes
import PeerConnection
import Primitives
import TURNSimulation
import TestSupport
import VirtualTimeOfDay

/// A whole call between two peer connections in simulated time: network, signalling and both sides' media.
final class SimulatedCall {
    enum Signal {
        case offer(String)
        case answer(String)
        case candidate(String, String?, Int)
    }

    let seed: UInt64
    var network: SimulatedNetwork
    private(set) var now = Instant.zero + .seconds(1000)
    let start = Instant.zero + .seconds(1000)
    let a: Endpoint
    let b: Endpoint
    var signallingDelay = Interval.milliseconds(5)
    /// Held back in addition: descriptions alone, so that handshakes can overtake them.
    var answerDelay = Interval.zero
    /// As with a peer that does not trickle.
    var losesCandidates = false
    private var signals: [(at: Instant, to: Endpoint, signal: Signal)] = []
    var errors: [String] = []
    var turn: SimulatedTURNServer? {
        didSet { if let turn { streams.listen(at: turn.address, owner: 2) } }
    }
    var streams: SimulatedStreams
    private var turnStreams = SimulatedTURNStreams()
    /// Everything sent on streams, in its framing.
    var streamFrames: [[UInt8]] = []
    var resolutions: [String] = []
    var restartsNeeded: [(side: Endpoint, at: Instant)] = []
    /// Sends of hosts that may only use TCP are lost.
    var udpBlocked = false
    /// Sees each datagram on its way out; what it gives is sent instead.
    var tap: ((_ from: Endpoint, _ payload: [UInt8]) -> [[UInt8]])?
    /// What a signaling server makes of each description.
    var describe: ((_ sdp: String) -> String)?
    /// Sees them too; what it gives goes to the same place from somewhere else.
    var stranger: ((_ payload: [UInt8]) -> [[UInt8]])?

    init(
        seed: UInt64, conditions: PathConditions = PathConditions(),
        change: (inout PeerConnection.Configuration) -> Void = { _ in }
    ) throws {
        self.seed = seed
        network = SimulatedNetwork(seed: seed, conditions: conditions)
        streams = SimulatedStreams(seed: seed, delay: conditions.delay)
        var random = RandomSource.seeded(seed)
        func endpoint(_ name: String, _ host: UInt32, isPolite: Bool) throws -> Endpoint {
            var configuration = PeerConnection.Configuration(certificate: try DTLSCertificate.generate(), isPolite: isPolite)
            change(&configuration)
            return Endpoint(
                name: name, address: SocketAddress(.v4(host), port: 5000),
                peer: PeerConnection(configuration: configuration, random: random.fork(), now: .zero + .seconds(1000)),
                random: random.fork())
        }
        a = try endpoint("a", 0x0a00_0001, isPolite: false)
        b = try endpoint("b", 0x0a00_0002, isPolite: true)
        virtual_time_of_day_set(now.microseconds)
        for side in [a, b] {
            side.peer.addLocalSocket(base: side.address, now: now)
            side.startMedia(at: now)
        }
    }

    deinit { virtual_time_of_day_set(-1) }

    func other(_ side: Endpoint) -> Endpoint { side === a ? b : a }

    func offer(from side: Endpoint, restartingICE: Bool = false) {
        do {
            send(.offer(try side.peer.createOffer(restartingICE: restartingICE, now: now)), from: side)
        } catch {
            errors.append("\(side.name): \(error)")
        }
        drain(side)
    }

    func send(_ original: Signal, from side: Endpoint) {
        var signal = original
        switch signal {
        case .offer(let text): signal = .offer(describe?(text) ?? text)
        case .answer(let text): signal = .answer(describe?(text) ?? text)
        case .candidate: break
        }
        var at = now + signallingDelay
        if case .answer = signal { at += answerDelay }
        signals.append((max(at, signals.last { $0.to === other(side) }?.at ?? at), other(side), signal))
    }

    private func deliver(_ signal: Signal, to side: Endpoint) {
        do throws(PeerError) {
            switch signal {
            case .offer(let text):
                if let answer = try side.peer.handleOffer(text, now: now) { send(.answer(answer), from: side) }
            case .answer(let text): try side.peer.handleAnswer(text, now: now)
            case .candidate(let text, let mid, let index): side.peer.addRemoteCandidate(text, mid: mid, mLineIndex: index, now: now)
            }
        } catch {
            errors.append("\(side.name): \(error)")
        }
        drain(side)
    }

    func drain(_ side: Endpoint) {
        while let output = side.peer.poll() {
            switch output {
            case .transmit(let base, let destination, let payload):
                if udpBlocked { continue }
                for datagram in tap?(side, payload) ?? [payload] {
                    if network.send(datagram, from: base, to: destination, at: now) == .unreachable {
                        side.peer.sendFailed(to: destination, base: base, now: now)
                    }
                }
                for datagram in stranger?(payload) ?? [] {
                    network.send(datagram, from: SocketAddress(.v4(0x0a00_0042), port: 6000), to: destination, at: now)
                }
            case .openStream(let id, let remote, _): streams.open(id, owner: side === a ? 0 : 1, from: side.address.ip, to: remote, at: now)
            case .sendStream(let id, let payload):
                streamFrames.append(payload)
                streams.send(payload, on: id, at: now)
            case .closeStream(let id): streams.close(id, at: now)
            case .resolve(let name): resolutions.append(name)
            case .event(.restartNeeded): restartsNeeded.append((side, now))
            case .event(.localCandidate) where losesCandidates: break
            case .event(.localCandidate(let sdp, let mid, let index)): send(.candidate(sdp, mid, index), from: side)
            case .event(.connectionState(let state)): side.states.append((state, now))
            case .event(.video(let frame)): side.receivedVideo.append((frame, now))
            case .event(.audio(let packet)): side.receivedAudio.append(packet)
            case .event(.keyFrameRequested): side.keyFrameRequested()
            case .event(.targetBitrate(let bitrate)): side.targetBitrates.append(bitrate)
            case .event(.audioNetwork(let lost, _)): side.audioLosses.append(lost)
            case .event(.relayFailed(let sentence)): errors.append("\(side.name): \(sentence)")
            case .event(.dataChannel(let event)): side.dataEvents.append((event, now))
            case .event(.remoteClosed(let reason)): side.remoteClosed = reason
            }
        }
    }

    func run(for time: Interval) { run(until: now + time) }

    func run(until end: Instant) {
        var stuck = 0
        while true {
            var next = end
            for side in [a, b] {
                next = min(next, side.peer.nextTimeout(now: now) ?? end, side.nextMedia ?? end)
            }
            next = min(next, network.nextDelivery ?? end, streams.nextDelivery ?? end, signals.map(\.at).min() ?? end)
            stuck = next <= now ? stuck + 1 : 0
            guard stuck < 1000 else {
                errors.append("a time-out that is always due, at \(now)")
                return
            }
            now = max(now, next)
            virtual_time_of_day_set(now.microseconds)
            if now >= end { return }
            step()
        }
    }

    private func step() {
        while let i = signals.firstIndex(where: { $0.at <= now }) {
            let (_, side, signal) = signals.remove(at: i)
            deliver(signal, to: side)
        }
        for delivery in network.deliver(upTo: now) {
            if let server = turn?.address, delivery.to.ip == server.ip {
                serve(delivery.payload, from: delivery.from, to: delivery.to)
                continue
            }
            guard let side = [a, b].first(where: { $0.address == delivery.to }) else { continue }
            side.peer.handle(delivery.payload.span, from: delivery.from, base: side.address, now: now)
            drain(side)
        }
        for delivery in streams.deliver(upTo: now) { take(delivery) }
        for side in [a, b] {
            side.produceMedia(now: now)
            if let due = side.peer.nextTimeout(now: now), due <= now { side.peer.handleTimeout(now: now) }
            drain(side)
        }
    }

    private func take(_ delivery: SimulatedStreams.Delivery) {
        guard delivery.owner < 2 else {
            switch delivery.event {
            case .accepted(_, let client): turnStreams.accept(delivery.id, client: client)
            case .received(let bytes):
                guard let (client, messages) = turnStreams.receive(delivery.id, bytes), let server = turn?.address else { return }
                for message in messages { serve(message, from: client, to: server) }
            case .closed: if let client = turnStreams.close(delivery.id) { turn?.endAllocation(of: client) }
            case .opened: break
            }
            return
        }
        let side = delivery.owner == 0 ? a : b
        switch delivery.event {
        case .opened(let local): side.peer.streamOpened(delivery.id, local: local, now: now)
        case .accepted(let listener, let remote): side.peer.streamAccepted(delivery.id, local: listener, remote: remote, now: now)
        case .received(let bytes): side.peer.streamReceived(delivery.id, bytes.span, now: now)
        case .closed(let reason): side.peer.streamClosed(delivery.id, reason: reason, now: now)
        }
        drain(side)
    }

    private func serve(_ payload: [UInt8], from: SocketAddress, to: SocketAddress) {
        for answer in turn?.handle(payload, from: from, to: to, now: now) ?? [] {
            if let id = turnStreams.stream(of: answer.to) {
                streams.send(SimulatedTURNStreams.framed(answer.payload), on: id, at: now)
            } else {
                network.send(answer.payload, from: answer.from, to: answer.to, at: now)
            }
        }
    }

    func addTCPListener(_ address: SocketAddress, to side: Endpoint) {
        streams.listen(at: address, owner: side === a ? 0 : 1)
        side.peer.addTCPListener(base: address, now: now)
        drain(side)
    }

    /// The other socket's address is this side's from now on.
    func move(_ side: Endpoint, to address: SocketAddress) {
        let old = side.address
        side.address = address
        network.unroutedHosts.insert(old.ip)
        side.peer.removeLocalSocket(base: old, now: now)
        drain(side)
        side.peer.addLocalSocket(base: address, now: now)
        drain(side)
    }

    /// For failure messages.
    var story: String {
        func tell(_ side: Endpoint) -> String {
            let states = side.states.map { "\($0.state) +\(($0.at - start).wholeMilliseconds)" }.joined(separator: ", ")
            return "\(side.name): [\(states)] video \(side.receivedVideo.count) audio \(side.receivedAudio.count) "
                + (side.peer.failureReason ?? "")
        }
        return "seed \(seed), at \((now - start).wholeMilliseconds) ms; \(tell(a)); \(tell(b)); \(network.statistics); \(errors)"
    }
}
