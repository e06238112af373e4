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
    /// The same when signaling has lost the other side too: both together are hardly a blackout.
    static let doubtfulSilence = Interval.seconds(2)
    /// What still comes this long after signaling lost the other side may have been on its way.
    static let afterglow = Interval.milliseconds(200)
    /// An attempt that has found no path by then starts anew, as long as signaling says that someone is there.
    static let attemptLimit = Interval.seconds(40)

    private enum State: Sendable {
        case outside
        case waiting
        /// `offerDue`: when we call ourselves, nil once a description has gone either way.
        case calling(offerDue: Instant?, since: Instant)
        /// `doubtedSince`: signaling has lost the other side, though not by a goodbye.
        case connected(doubtedSince: Instant?)
    }

    private var state = State.outside
    private var isFirst = false
    /// Joined as the second, and the `ready` that belongs to it is still to come.
    private var isNewcomer = false
    private(set) var member = MemberID.anonymous

    var isInside: Bool { if case .outside = state { false } else { true } }
    var hasPeer: Bool {
        switch state {
        case .outside, .waiting: false
        case .calling, .connected: true
        }
    }

    /// When signaling lost the other side of a connection that stands.
    var doubtedSince: Instant? { if case .connected(let since) = state { since } else { nil } }
    var silenceLimit: Interval { doubtedSince == nil ? Self.silence : Self.doubtfulSilence }

    /// The server has given us a place; after a reconnect a new one. A call that stands goes on, an attempt waits for the next `ready`.
    mutating func joined(isFirst: Bool) -> [Action] {
        self.isFirst = isFirst
        isNewcomer = !isFirst
        switch state {
        case .connected: return []
        case .calling:
            state = .waiting
            return [.removePeer(member, reason: ""), .wait]
        case .outside, .waiting:
            state = .waiting
            return []
        }
    }

    /// Somebody came in. `isAlive`: the connection that we have has traffic, so it is the same one, whose signaling began anew.
    mutating func peerArrived(isAlive: Bool) -> [Action] {
        guard case .connected = state, !isAlive else { return [] }
        state = .waiting
        return [.removePeer(member, reason: Self.replaced), .wait]
    }

    /// Someone else is in the channel; `isAlive` as in `peerArrived`.
    mutating func ready(isAlive: Bool, now: Instant) -> [Action] {
        if case .outside = state { return [] }
        // Who was there before the other came is the first, whoever was it once.
        if isNewcomer { isNewcomer = false } else { isFirst = true }
        let actions = peerArrived(isAlive: isAlive)
        if case .connected = state {
            state = .connected(doubtedSince: nil)
            return []
        }
        return actions + begin(now: now)
    }

    private static let replaced = "The other side left."

    /// An offer came in. `isNewPeer`: it is not from the certificate that the connection we have was negotiated with, or there is none.
    mutating func offerReceived(isNewPeer: Bool, now: Instant) -> [Action] {
        if case .outside = state { return [] }
        guard isNewPeer || !hasPeer else {
            if case .calling(_, let since) = state { state = .calling(offerDue: nil, since: since) }
            return []
        }
        let actions = peerArrived(isAlive: false)
        state = .calling(offerDue: nil, since: now)
        return actions + [.makePeer(member, isPolite: !isFirst)]
    }

    mutating func answerReceived() {
        if case .calling(_, let since) = state { state = .calling(offerDue: nil, since: since) }
    }

    mutating func connected() {
        if hasPeer { state = .connected(doubtedSince: nil) }
    }

    /// Signaling says that the other side has left. Whoever stays is the first from now on.
    mutating func peerLeft(reason: String) -> [Action] {
        guard isInside else { return [] }
        isFirst = true
        isNewcomer = false
        return peerClosed(reason: reason)
    }

    /// Signaling has lost the other side without a goodbye. While media comes, only its signaling is gone, and it will be back: the call
    /// stays, and a short silence ends it.
    mutating func peerLost(reason: String, isAlive: Bool, now: Instant) -> [Action] {
        guard case .connected(let since) = state, isAlive else { return peerLeft(reason: reason) }
        isFirst = true
        isNewcomer = false
        state = .connected(doubtedSince: since ?? now)
        return []
    }

    /// The peer itself has ended the connection. Whether its place in the channel is free too, signaling tells: its owner may call again.
    mutating func peerClosed(reason: String) -> [Action] {
        guard hasPeer else { return [] }
        state = .waiting
        return [.removePeer(member, reason: reason), .wait]
    }

    /// Nothing came for `silenceLimit`. The person is told; unless signaling has lost the other side too, a new attempt waits for it.
    mutating func peerSilent(reason: String, now: Instant) -> [Action] {
        guard hasPeer else { return [] }
        if doubtedSince != nil { return peerLeft(reason: reason) }
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
