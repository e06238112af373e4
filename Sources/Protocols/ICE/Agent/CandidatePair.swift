import Primitives

/// A local socket and a remote candidate (RFC 8445 §6.1.2).
struct CandidatePair: Sendable {
    enum State: Sendable { case frozen, waiting, inProgress, succeeded, failed }

    let id: Int
    let base: SocketAddress
    /// Of the base's host candidate, whatever the peer sees it as.
    let localPriority: UInt32
    /// The base's host candidate, until a response tells how the peer sees it.
    var local: Candidate
    var remote: Candidate
    var priority: UInt64
    /// Both foundations: pairs that likely succeed or fail together.
    var foundation: String
    var state = State.frozen
    /// When it was declared failed.
    var failedAt = Instant.zero
    var lastCheck: Instant?
    /// The consent clock: the last authentic success response.
    var lastResponse: Instant?
    var lastTriggered: Instant?
    var roundTripTime: Interval?
    /// Randomised anew for each check (RFC 7675 §5.1).
    var consentInterval = Interval.zero
    /// The peer asked for this pair before our own check of it succeeded.
    var nominateOnSuccess = false
    /// When the peer last sent USE-CANDIDATE on it.
    var lastNominated: Instant?
    var firstNominated: Instant?

    var destination: SocketAddress { remote.address }

    /// At either end.
    var isRelayed: Bool { local.type == .relayed || remote.type == .relayed }
    /// Our TURN server's, if there is one.
    var relayProtocol: TURNTransport?
    /// The peer's data last came by it, while another pair was selected.
    var lastData: Instant?
    /// It fell silent while it was selected.
    var silentAt: Instant?

    /// Kinds of paths, the worst first: what a better one is worth changing to for its own sake.
    enum Kind: Int, Comparable, Sendable {
        case relayed, stream, direct
        static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }
    }
    var kind: Kind { isRelayed ? .relayed : local.transport == .tcp ? .stream : .direct }

    mutating func measured(_ sample: Interval) {
        // TCP's 1/8 gain (RFC 6298 §2).
        roundTripTime = roundTripTime.map { $0 + (sample - $0) / 8 } ?? sample
    }

    var selected: SelectedPair {
        SelectedPair(
            local: local, remote: remote, base: base, destination: destination, roundTripTime: roundTripTime, relayProtocol: relayProtocol)
    }
}
