import ICE
import Primitives

/// What a test of the way to the STUN and TURN servers has found.
public enum PathFinding: Sendable, Equatable {
    /// No server is set: calls stay within this network.
    case localOnly
    /// A STUN server answers, so fast: direct calls are likely.
    case direct(milliseconds: Int)
    /// Two STUN servers see different ports: this router makes direct calls unlikely. Whether a relay answers as well.
    case portsChange(hasRelay: Bool)
    /// No STUN server answers, or none was asked, and a relay does.
    case relay(milliseconds: Int)
    /// Nobody answers; whom was asked, for a person. UDP may be blocked.
    case noAnswer(server: String)
    /// No relay lets us in; why, as a clause.
    case relayRefused(server: String, why: String)
    /// The name of no server can be looked up.
    case unknownName(host: String)
    /// There is no network to send anything on.
    case noNetwork
    /// Relays by TCP or TLS alone, which only a call tries.
    case untried
}

/// Asks STUN servers by Binding requests (RFC 8489 section 6.2.1) and TURN servers by an allocation that is given back, all by UDP.
/// Take what there is from `poll`; call `handleTimeout` at `nextTimeout`; it is over when `isOver`.
struct PathProbe: Sendable {
    static let limit = Interval.seconds(3)
    private static let firstWait = Interval.milliseconds(250)

    private struct Binding: Sendable {
        let server: SocketAddress
        let id: STUNTransactionID
        var sent: [Instant] = []
        var due: Instant
        var answer: (mapped: SocketAddress, time: Interval)?
    }

    private struct Relay: Sendable {
        var client: TURNClient
        let start: Instant
        var time: Interval?
        var failure: TURNFailure?
    }

    private let start: Instant
    private var bindings: [Binding]
    private var relays: [Relay]
    private var outputs: [(payload: [UInt8], to: SocketAddress)] = []
    /// Servers to which there is no way from here at all.
    private var unreachable: Set<SocketAddress> = []

    /// - Parameters:
    ///   - stun: at most eight are asked.
    ///   - turn: those reached by UDP, at most four.
    init(
        stun: [SocketAddress], turn: [TURNServer], random: inout RandomSource, hmacSHA1: @escaping HMACSHA1, md5: @escaping MD5,
        now: Instant
    ) {
        start = now
        bindings = stun.prefix(8).map { Binding(server: $0, id: STUNTransactionID(using: &random), due: now) }
        relays = turn.filter { $0.transport == .udp }.prefix(4).map { server in
            Relay(client: TURNClient(server: server, random: random.fork(), hmacSHA1: hmacSHA1, md5: md5, now: now), start: now)
        }
        handleTimeout(now: now)
    }

    mutating func poll() -> (payload: [UInt8], to: SocketAddress)? { outputs.isEmpty ? nil : outputs.removeFirst() }

    /// Everybody has answered, or the time is over.
    func isOver(now: Instant) -> Bool {
        now - start >= Self.limit
            || bindings.allSatisfy { $0.answer != nil || unreachable.contains($0.server) }
                && relays.allSatisfy { $0.time != nil || $0.failure != nil || unreachable.contains($0.client.server.address) }
    }

    var nextTimeout: Instant {
        let dues = bindings.filter { $0.answer == nil }.map(\.due) + relays.compactMap(\.client.nextTimeout)
        return dues.reduce(start + Self.limit, min)
    }

    mutating func handleTimeout(now: Instant) {
        for index in bindings.indices where bindings[index].answer == nil && bindings[index].due <= now {
            bindings[index].sent.append(now)
            bindings[index].due = now + Self.firstWait * (1 << min(4, bindings[index].sent.count - 1))
            outputs.append((STUNMessage(.request, transactionID: bindings[index].id).encoded(), bindings[index].server))
        }
        for index in relays.indices {
            relays[index].client.handleTimeout(now: now)
            drain(index, now)
        }
    }

    /// A datagram that has come in; what is no answer of a server to its request is not heard.
    mutating func handle(_ datagram: Span<UInt8>, from source: SocketAddress, now: Instant) {
        guard STUNMessage.claims(datagram), let message = try? STUNMessage(parsing: datagram) else { return }
        if let index = bindings.firstIndex(where: { $0.server == source && $0.id == message.transactionID && $0.answer == nil }) {
            guard message.messageClass == .success, message.fingerprint != .wrong, let mapped = message.mappedAddress else { return }
            // To the newest request: an answer to an earlier one then seems quicker than it was, by which nobody is harmed.
            bindings[index].answer = (mapped, now - (bindings[index].sent.last ?? start))
            return
        }
        guard let index = relays.firstIndex(where: { $0.client.server.address == source }) else { return }
        _ = relays[index].client.handle(message, now: now)
        drain(index, now)
    }

    mutating func failed(_ server: SocketAddress) { unreachable.insert(server) }

    private mutating func drain(_ index: Int, _ now: Instant) {
        while let output = relays[index].client.poll() {
            switch output {
            case .transmit(let payload): outputs.append((payload, relays[index].client.server.address))
            case .failed(let failure): relays[index].failure = failure
            case .allocated:
                relays[index].time = now - relays[index].start
                // Nothing is kept at the server.
                relays[index].client.close()
            }
        }
    }

    /// What has been found until now; names are the servers as a person wrote them.
    func finding(name: (SocketAddress) -> String) -> PathFinding {
        let answers = bindings.compactMap(\.answer)
        let relay = relays.compactMap(\.time).min()
        let milliseconds = { (time: Interval) in max(1, Int(time.milliseconds.rounded())) }
        if let best = answers.map(\.time).min() {
            // One socket of each family asks them all.
            let mapped = Dictionary(grouping: answers.map(\.mapped), by: \.ip)
            if mapped.values.contains(where: { Set($0.map(\.port)).count > 1 }) { return .portsChange(hasRelay: relay != nil) }
            return .direct(milliseconds: milliseconds(best))
        }
        if let relay { return .relay(milliseconds: milliseconds(relay)) }
        if let refused = relays.first(where: { $0.failure.map { $0 != .noAnswer } ?? false }), let failure = refused.failure {
            return .relayRefused(server: name(refused.client.server.address), why: failure.description)
        }
        let asked = bindings.map(\.server) + relays.map(\.client.server.address)
        guard let first = asked.first(where: { !unreachable.contains($0) }) else { return asked.isEmpty ? .localOnly : .noNetwork }
        return .noAnswer(server: name(first))
    }
}
