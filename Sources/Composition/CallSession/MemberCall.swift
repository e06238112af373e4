import Primitives

/// What is between this side and one other member: nothing yet, an attempt, or a connection. The part of `CallCoordinator` that is of one
/// member alone, and as pure.
struct MemberCall: Sendable {
    typealias Action = CallCoordinator.Action

    private enum State: Sendable {
        /// No peer connection. `callDue`: when we make one ourselves if nothing comes from the other side.
        case idle(callDue: Instant?)
        case calling(Attempt)
        /// `doubtedSince`: signaling has lost the other side, though not by a goodbye.
        case connected(doubtedSince: Instant?)
    }

    private struct Attempt: Sendable {
        var since: Instant
        /// When we offer, for the first time or again; nil once both sides have described themselves.
        var offerDue: Instant?
        var hasOffered: Bool
        /// How long the last offer is given.
        var nextWait = CallCoordinator.repeatAfter
    }

    let id: CallCoordinator.MemberID
    var name: String?
    /// Whether an attempt begins with our offer; otherwise the other's is waited for.
    var calls: Bool
    /// Of the two, the one that takes its own offer back when both have made one.
    var isPolite: Bool
    /// Whether the other side takes an offer that comes twice for one: browser pages of the seed's kind need not.
    let takesRepeats: Bool
    /// In the channel, as signaling says.
    var isPresent = true
    private var state = State.idle(callDue: nil)

    init(id: CallCoordinator.MemberID, name: String? = nil, calls: Bool, isPolite: Bool, takesRepeats: Bool) {
        self.id = id
        self.name = name
        self.calls = calls
        self.isPolite = isPolite
        self.takesRepeats = takesRepeats
    }

    var hasPeer: Bool { if case .idle = state { false } else { true } }
    var isConnected: Bool { if case .connected = state { true } else { false } }
    var isCalling: Bool { if case .calling = state { true } else { false } }
    var doubtedSince: Instant? { if case .connected(let since) = state { since } else { nil } }

    /// A new attempt, in place of whatever there is.
    mutating func begin(now: Instant) -> [Action] {
        var attempt = Attempt(since: now, offerDue: now + CallCoordinator.offerPatience, hasOffered: calls)
        guard calls else {
            state = .calling(attempt)
            return [.makePeer(id, isPolite: isPolite)]
        }
        attempt.offerDue = takesRepeats ? now + attempt.nextWait : nil
        state = .calling(attempt)
        return [.makePeer(id, isPolite: isPolite), .sendOffer(id)]
    }

    /// The connection, or the attempt, is over.
    mutating func end(reason: String, callDue: Instant? = nil) -> [Action] {
        guard hasPeer else { return [] }
        state = .idle(callDue: callDue)
        return [.removePeer(id, reason: reason), .wait]
    }

    /// An offer came in; `isNewPeer` as in `CallCoordinator.offerReceived`.
    mutating func offerReceived(isNewPeer: Bool, now: Instant) -> [Action] {
        guard isNewPeer || !hasPeer else {
            // Who is not polite lets its own offer stand, and goes on repeating it.
            if case .calling(var attempt) = state, isPolite || !attempt.hasOffered {
                attempt.offerDue = nil
                attempt.hasOffered = false
                state = .calling(attempt)
            }
            return []
        }
        let actions = isConnected ? end(reason: CallCoordinator.replaced) : []
        state = .calling(Attempt(since: now, offerDue: nil, hasOffered: false))
        return actions + [.makePeer(id, isPolite: isPolite)]
    }

    mutating func answerReceived() {
        guard case .calling(var attempt) = state else { return }
        attempt.offerDue = nil
        state = .calling(attempt)
    }

    mutating func connected() { if hasPeer { state = .connected(doubtedSince: nil) } }

    mutating func doubt(since now: Instant) { if case .connected(let since) = state { state = .connected(doubtedSince: since ?? now) } }
    mutating func trust() { if case .connected = state { state = .connected(doubtedSince: nil) } }

    /// - Parameter isOnline: what is due to be sent now would get through.
    func nextTimeout(isOnline: Bool) -> Instant? {
        switch state {
        case .idle(let callDue): isOnline ? callDue : nil
        case .calling(let attempt): earliest(isOnline ? attempt.offerDue : nil, attempt.since + CallCoordinator.attemptLimit)
        case .connected: nil
        }
    }

    /// Nil: the attempt is given up, as nobody can be reached for another.
    mutating func handleTimeout(isOnline: Bool, now: Instant) -> [Action]? {
        switch state {
        case .idle(let callDue?) where isOnline && callDue <= now: return begin(now: now)
        case .calling(var attempt):
            if isOnline, let due = attempt.offerDue, due <= now {
                if attempt.hasOffered { attempt.nextWait = attempt.nextWait * 2 }
                attempt.offerDue = takesRepeats ? now + attempt.nextWait : nil
                attempt.hasOffered = true
                state = .calling(attempt)
                return [.sendOffer(id)]
            }
            guard attempt.since + CallCoordinator.attemptLimit <= now else { return [] }
            return isOnline ? begin(now: now) : nil
        case .idle, .connected: return []
        }
    }
}
