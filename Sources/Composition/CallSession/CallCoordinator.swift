import Primitives

/// Decides, from what signaling says and what the network shows, when a peer connection is made, who offers, and when it is given up.
///
/// Pure: signals and a time in, actions out. Members are keyed, though a plain channel, which names nobody, has one: `.anonymous`.
///
/// Who calls: the first member; if no offer comes within 2 s, the second does. A collision is solved by perfect negotiation
/// (RFC 8829, and the W3C's pattern of that name), in which the second member is the polite one.
struct CallCoordinator: Sendable {
    struct MemberID: Hashable, Sendable {
        let id: String
        static let anonymous = MemberID(id: "")
    }

    enum Action: Equatable, Sendable {
        /// Takes the place of one that is there.
        case makePeer(MemberID, isPolite: Bool)
        case sendOffer(MemberID)
        case removePeer(MemberID, reason: String)
        /// To the person: we wait again.
        case wait
    }

    /// How long the second member waits for the first one's offer.
    static let offerPatience = Interval.seconds(2)
    /// A peer that has sent nothing for so long is gone; a blackout of some seconds is not yet a death.
    static let silence = Interval.seconds(7)
    /// An attempt that has found no path by then starts anew, as long as signaling says that someone is there.
    static let attemptLimit = Interval.seconds(40)

    private enum State: Sendable {
        case outside
        case waiting
        /// `offerDue`: when we call ourselves, nil once a description has gone either way.
        case calling(offerDue: Instant?, since: Instant)
        case connected
    }

    private var state = State.outside
    private var isFirst = false
    private(set) var member = MemberID.anonymous

    var isInside: Bool { if case .outside = state { false } else { true } }
    var hasPeer: Bool {
        switch state {
        case .outside, .waiting: false
        case .calling, .connected: true
        }
    }

    mutating func joined(isFirst: Bool) {
        self.isFirst = isFirst
        state = .waiting
    }

    /// Someone else is in the channel. `isAlive`: the connection that we have has had traffic just now, so only signaling began anew.
    mutating func ready(isAlive: Bool, now: Instant) -> [Action] {
        if case .outside = state { return [] }
        if case .connected = state, isAlive { return [] }
        return begin(now: now)
    }

    /// An offer came in. `isNewPeer`: it is not from the certificate that the connection we have was negotiated with, or there is none.
    mutating func offerReceived(isNewPeer: Bool, now: Instant) -> [Action] {
        if case .outside = state { return [] }
        guard isNewPeer || !hasPeer else {
            if case .calling(_, let since) = state { state = .calling(offerDue: nil, since: since) }
            return []
        }
        state = .calling(offerDue: nil, since: now)
        return [.makePeer(member, isPolite: !isFirst)]
    }

    mutating func answerReceived() {
        if case .calling(_, let since) = state { state = .calling(offerDue: nil, since: since) }
    }

    mutating func connected() {
        if hasPeer { state = .connected }
    }

    /// Signaling, or the peer's own goodbye, says that the other side has left. Whoever stays is the first from now on.
    mutating func peerLeft(reason: String) -> [Action] {
        guard isInside else { return [] }
        isFirst = true
        guard hasPeer else { return [] }
        state = .waiting
        return [.removePeer(member, reason: reason), .wait]
    }

    /// Nothing came for `silence`, though signaling has said nothing: the person is told, and a new attempt waits for the other side.
    mutating func peerSilent(reason: String, now: Instant) -> [Action] {
        guard hasPeer else { return [] }
        return [.removePeer(member, reason: reason), .wait] + begin(now: now)
    }

    mutating func left() -> [Action] {
        let had = hasPeer
        state = .outside
        isFirst = false
        return had ? [.removePeer(member, reason: "")] : []
    }

    var nextTimeout: Instant? {
        guard case .calling(let offerDue, let since) = state else { return nil }
        return offerDue ?? since + Self.attemptLimit
    }

    mutating func handleTimeout(now: Instant) -> [Action] {
        guard case .calling(let offerDue, let since) = state else { return [] }
        if let offerDue, offerDue <= now {
            state = .calling(offerDue: nil, since: since)
            return [.sendOffer(member)]
        }
        if since + Self.attemptLimit <= now { return begin(now: now) }
        return []
    }

    private mutating func begin(now: Instant) -> [Action] {
        if isFirst {
            state = .calling(offerDue: nil, since: now)
            return [.makePeer(member, isPolite: false), .sendOffer(member)]
        }
        state = .calling(offerDue: now + Self.offerPatience, since: now)
        return [.makePeer(member, isPolite: true)]
    }
}
