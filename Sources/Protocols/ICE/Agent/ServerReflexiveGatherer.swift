import ByteCoding
import Primitives

/// Asks STUN servers how they see our sockets (RFC 8445 §5.1.1.2), and keeps the NAT's binding open until a pair does that.
struct ServerReflexiveGatherer: Sendable {
    private struct Query: Sendable {
        let base: SocketAddress
        let server: SocketAddress
        var id: STUNTransactionID
        var payload: [UInt8]
        var sends = 0
        /// The next send; after the last one, when to give up. nil: over.
        var due: Instant?
        var answered = false
    }

    struct Datagram {
        let base: SocketAddress
        let server: SocketAddress
        let payload: [UInt8]
    }

    private var queries: [Query] = []
    private let timings: ICEAgent.Timings

    init(timings: ICEAgent.Timings) { self.timings = timings }

    /// Whether an answer that is still awaited could bring a candidate.
    var isPending: Bool { queries.contains { !$0.answered && $0.due != nil } }
    var nextTimeout: Instant? { queries.compactMap(\.due).min() }

    mutating func start(base: SocketAddress, servers: [SocketAddress], random: inout RandomSource, now: Instant) {
        for server in servers.prefix(ICEAgent.Limit.stunServers)
        where server.ip.isIPv4 == base.ip.isIPv4 && (server.ip.isLoopback || !base.ip.isLoopback) {
            let id = STUNTransactionID(using: &random)
            queries.append(Query(base: base, server: server, id: id, payload: Self.request(id), due: now))
        }
    }

    var askedServers: Set<SocketAddress> { Set(queries.lazy.filter { $0.sends > 0 }.map(\.server)) }
    var answeredServers: Set<SocketAddress> { Set(queries.lazy.filter(\.answered).map(\.server)) }

    mutating func remove(base: SocketAddress) { queries.removeAll { $0.base == base } }

    private static func request(_ id: STUNTransactionID) -> [UInt8] { STUNMessage(.request, transactionID: id).encoded() }

    /// The datagrams that are due.
    mutating func handleTimeout(keepAlive: Bool, random: inout RandomSource, now: Instant) -> [Datagram] {
        var datagrams: [Datagram] = []
        for i in queries.indices {
            guard let due = queries[i].due, due <= now else { continue }
            if queries[i].answered {
                guard keepAlive else {
                    queries[i].due = nil
                    continue
                }
                queries[i].id = STUNTransactionID(using: &random)
                queries[i].payload = Self.request(queries[i].id)
                queries[i].due = now + timings.stunServerKeepalive
            } else if queries[i].sends >= timings.stunServerSends {
                queries[i].due = nil
                continue
            } else {
                queries[i].due = now + timings.stunServerRetransmission * (1 << min(queries[i].sends, 4))
                queries[i].sends += 1
            }
            datagrams.append(Datagram(base: queries[i].base, server: queries[i].server, payload: queries[i].payload))
        }
        return datagrams
    }

    /// Whether the transaction is one of these; `mapped` is the first answer's address.
    mutating func handle(
        _ message: STUNMessage, from: SocketAddress, base: SocketAddress, now: Instant
    ) -> (isOurs: Bool, mapped: SocketAddress?) {
        let index = queries.firstIndex { $0.id == message.transactionID && $0.base == base && $0.server == from }
        guard let i = index else { return (false, nil) }
        guard message.fingerprint != .wrong, !queries[i].answered else { return (true, nil) }
        guard message.messageClass == .success, let mapped = message.mappedAddress else {
            queries[i].due = nil
            return (true, nil)
        }
        queries[i].answered = true
        queries[i].due = now + timings.stunServerKeepalive
        return (true, mapped)
    }
}
