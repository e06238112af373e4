import Primitives

/// Decides, from what signaling says and what the network shows, when a peer connection to a member is made, who offers, and when it is
/// given up.
///
/// Pure: signals and a time in, actions out. Each member has a `MemberCall`. A plain member, or whoever is there on a plain server, which
/// names nobody, is `.anonymous`: of those there is one at the most.
///
/// Who calls: whoever comes calls those who are there; if no offer comes from them within 2 s, these do. With a plain member it is the other
/// way round. A collision is solved by perfect negotiation (RFC 8829, and the W3C's pattern of that name): polite is the one with the
/// smaller id, and against a plain member the one who came second.
struct CallCoordinator: Sendable {
    struct MemberID: Hashable, Sendable {
        let id: String
        static let anonymous = MemberID(id: "")
    }

    enum Action: Equatable, Sendable {
        /// Takes the place of one that is there.
        case makePeer(MemberID, isPolite: Bool)
        /// The first, or the same once more when nobody has answered.
        case sendOffer(MemberID)
        /// Without a reason nobody needs to be told.
        case removePeer(MemberID, reason: String)
        /// Nobody is left: we wait again.
        case wait
    }

    /// For the person: arrivals are told before the actions that came with them, departures after them.
    enum News: Equatable, Sendable {
        case arrived(MemberID, name: String?)
        case departed(MemberID, reason: String)
    }

    /// Whether the connection to a member has had traffic just now. `doubtedSince`: what came before does not count. That is for plain members
    /// alone, of whom a new program looks like the old one; of the others an id is one program's.
    typealias LifeSign = (_ id: MemberID, _ doubtedSince: Instant?) -> Bool

    /// How long who is called waits for the offer.
    static let offerPatience = Interval.seconds(2)
    /// An offer without an answer is repeated after this, then after twice as long, and so on: either may be lost with a connection to the
    /// signaling server.
    static let repeatAfter = Interval.seconds(3)
    /// Who has closed a connection and stays in the channel is called after this.
    static let recallAfter = Interval.seconds(5)
    /// A peer that has sent nothing for so long is gone; a blackout of some seconds is not yet a death.
    static let silence = Interval.seconds(7)
    /// The same when signaling has lost the other side too: both together are hardly a blackout.
    static let doubtfulSilence = Interval.seconds(2)
    /// What still comes this long after signaling lost the other side may have been on its way.
    static let afterglow = Interval.milliseconds(200)
    /// An attempt that has found no path by then starts anew, as long as signaling says that someone is there.
    static let attemptLimit = Interval.seconds(40)
    /// As many as a server lets into a channel.
    static let mostMembers = 64
    static let replaced = "The other side left."

    private(set) var isInside = false
    private var isOnline = false
    /// Our own id, on a server that knows channels of more than two.
    private var ownID: String?
    /// Of the plain member in such a channel.
    private var plainID: String?
    // Among two that plain signaling has brought together.
    private var isFirst = false
    /// Joined as the second, and the `ready` that belongs to it is still to come.
    private var isNewcomer = false
    private var calls: [MemberCall] = []
    private var arrivals: [News] = []
    private var departures: [News] = []

    // MARK: - Looked at

    /// On a server that knows channels of more than two.
    var isGroup: Bool { ownID != nil }
    var hasPeer: Bool { calls.contains(where: \.hasPeer) }
    /// Those who are in the channel, or connected.
    var members: [MemberID] { calls.map(\.id) }
    func hasPeer(_ id: MemberID) -> Bool { call(id)?.hasPeer ?? false }
    /// When signaling lost the other side of a connection that stands.
    func doubtedSince(_ id: MemberID = .anonymous) -> Instant? { call(id)?.doubtedSince }
    func silenceLimit(_ id: MemberID = .anonymous) -> Interval { doubtedSince(id) == nil ? Self.silence : Self.doubtfulSilence }

    /// Whom a signal is from; nil when it can be nobody's.
    func sender(_ id: String?) -> MemberID? {
        guard ownID != nil else { return .anonymous }
        guard let id else { return plainID == nil ? nil : .anonymous }
        return id == plainID ? .anonymous : MemberID(id: id)
    }

    /// Where a signal to a member goes; nil: to whoever else is there.
    func address(of id: MemberID) -> String? { id == .anonymous ? plainID : id.id }

    /// In a group, what is addressed to nobody goes to everybody: a plain member that signaling has lost cannot be told anything.
    func canReach(_ id: MemberID) -> Bool { ownID == nil || address(of: id) != nil }

    mutating func takeArrivals() -> [News] { take(&arrivals) }
    mutating func takeDepartures() -> [News] { take(&departures) }
    private func take(_ news: inout [News]) -> [News] {
        defer { news = [] }
        return news
    }

    private func call(_ id: MemberID) -> MemberCall? { calls.first { $0.id == id } }

    /// Changes one member's call. That nobody is left holds only when the others have no peer either.
    private mutating func change(_ id: MemberID, _ body: (inout MemberCall) -> [Action]) -> [Action] {
        guard let index = calls.firstIndex(where: { $0.id == id }) else { return [] }
        let actions = body(&calls[index])
        let isAlone = !calls.indices.contains { $0 != index && calls[$0].hasPeer }
        return isAlone ? actions : actions.filter { $0 != .wait }
    }

    /// False: there are too many.
    private mutating func add(_ new: MemberCall) -> Bool {
        guard calls.count < Self.mostMembers else { return false }
        calls.append(new)
        arrivals.append(.arrived(new.id, name: new.name))
        return true
    }

    /// - Parameter isQuiet: the end of the connection is nothing to tell.
    private mutating func drop(_ id: MemberID, reason: String, isQuiet: Bool = false) -> [Action] {
        let actions = change(id) { $0.end(reason: isQuiet ? "" : reason) }
        if let index = calls.firstIndex(where: { $0.id == id }) {
            calls.remove(at: index)
            departures.append(.departed(id, reason: reason))
        }
        return actions
    }

    // MARK: - Signaling, on a server that knows groups

    struct Other: Equatable, Sendable {
        var id: String
        var name: String?
        var isPlain = false
    }

    /// The server has given us a place; after a reconnect a new one, perhaps on a server that was started anew. A connection that lives goes
    /// on, attempts begin again.
    /// - Parameter others: who is there.
    mutating func joined(as own: String, others: [Other], isAlive: LifeSign, now: Instant) -> [Action] {
        isInside = true
        isOnline = true
        ownID = own
        plainID = others.last(where: \.isPlain)?.id
        isNewcomer = true
        var actions = missed(those: Set(others.map { $0.isPlain ? .anonymous : MemberID(id: $0.id) }), isAlive: isAlive, now: now)
        for other in others {
            actions +=
                other.isPlain
                ? plainArrived(name: other.name, isAlive: isAlive(.anonymous, doubtedSince()), now: now)
                : met(other, isAlive: isAlive, calls: true, now: now)
        }
        return actions
    }

    /// Somebody came in, or came back.
    mutating func memberJoined(_ other: Other, isAlive: LifeSign, now: Instant) -> [Action] {
        guard isInside, ownID != nil else { return [] }
        if other.isPlain {
            plainID = other.id
            isNewcomer = false
            return plainArrived(name: other.name, isAlive: isAlive(.anonymous, doubtedSince()), now: now)
        }
        return met(other, isAlive: isAlive, calls: false, now: now)
    }

    private mutating func met(_ other: Other, isAlive: LifeSign, calls isCaller: Bool, now: Instant) -> [Action] {
        guard let ownID, other.id != ownID else { return [] }
        let id = MemberID(id: other.id)
        if call(id) == nil {
            let isPolite = ownID.utf8.lexicographicallyPrecedes(other.id.utf8)
            guard add(MemberCall(id: id, name: other.name, calls: isCaller, isPolite: isPolite, takesRepeats: true)) else { return [] }
        }
        let lives = isAlive(id, nil)
        return change(id) { call in
            call.isPresent = true
            call.calls = isCaller
            if call.isConnected, lives {
                call.trust()
                return []
            }
            return (call.isConnected ? call.end(reason: Self.replaced) : []) + call.begin(now: now)
        }
    }

    /// Those who are not in the channel any more, or not yet again: only who is connected stays, for the time being.
    private mutating func missed(those present: Set<MemberID>, isAlive: LifeSign, now: Instant) -> [Action] {
        var actions: [Action] = []
        for id in calls.map(\.id) where !present.contains(id) {
            actions += lost(id, reason: Self.gone, isAlive: isAlive(id, id == .anonymous ? doubtedSince() : nil), now: now)
        }
        return actions
    }

    private static let gone = "The other side is gone."

    /// - Parameter isGoodbye: they have said so themselves.
    mutating func memberLeft(_ id: MemberID, reason: String, isGoodbye: Bool, isAlive: Bool, now: Instant) -> [Action] {
        guard isInside else { return [] }
        if id == .anonymous { plainID = nil }
        return isGoodbye ? drop(id, reason: reason) : lost(id, reason: reason, isAlive: isAlive, now: now)
    }

    /// Signaling has lost somebody without a goodbye. While media comes, only their signaling is gone, and it will be back: the call stays,
    /// and a short silence ends it.
    private mutating func lost(_ id: MemberID, reason: String, isAlive: Bool, now: Instant) -> [Action] {
        guard isAlive, call(id)?.isConnected == true else { return drop(id, reason: reason) }
        return change(id) { call in
            call.isPresent = false
            call.doubt(since: now)
            return []
        }
    }

    /// The server cannot be reached. Connections go on; nobody can be called.
    mutating func signalingLost() { isOnline = false }

    // MARK: - Signaling, with a plain server or a plain member

    /// A plain server has given us a place. A call that stands goes on, an attempt waits for the next `ready`.
    mutating func joined(isFirst: Bool, isAlive: LifeSign = { _, _ in true }, now: Instant = .zero) -> [Action] {
        var actions: [Action] = []
        if ownID != nil { actions = missed(those: [], isAlive: isAlive, now: now) }
        isInside = true
        isOnline = true
        ownID = nil
        plainID = nil
        self.isFirst = isFirst
        isNewcomer = !isFirst
        if call(.anonymous)?.isConnected == false { actions += drop(.anonymous, reason: Self.gone, isQuiet: true) }
        return actions
    }

    /// Somebody came in. `isAlive`: the connection that we have has traffic, so it is the same one, whose signaling began anew.
    mutating func peerArrived(name: String? = nil, isAlive: Bool) -> [Action] {
        guard isInside else { return [] }
        if call(.anonymous) == nil {
            _ = add(MemberCall(id: .anonymous, name: name, calls: isFirst, isPolite: !isFirst, takesRepeats: false))
        }
        return change(.anonymous) { call in
            call.isPresent = true
            return call.isConnected && !isAlive ? call.end(reason: Self.replaced) : []
        }
    }

    /// Someone else is in the channel; `isAlive` as in `peerArrived`.
    mutating func ready(name: String? = nil, isAlive: Bool, now: Instant) -> [Action] {
        guard isInside else { return [] }
        // Who was there before the other came is the first, whoever was it once.
        if isNewcomer { isNewcomer = false } else { isFirst = true }
        let actions = peerArrived(name: name, isAlive: isAlive)
        let isFirst = isFirst
        return actions
            + change(.anonymous) { call in
                call.calls = isFirst
                call.isPolite = !isFirst
                if call.isConnected {
                    call.trust()
                    return []
                }
                return call.begin(now: now)
            }
    }

    private mutating func plainArrived(name: String?, isAlive: Bool, now: Instant) -> [Action] {
        isFirst = !isNewcomer
        return ready(name: name, isAlive: isAlive, now: now)
    }

    /// Signaling says that the other side has left. Whoever stays is the first from now on.
    mutating func peerLeft(reason: String) -> [Action] {
        guard isInside else { return [] }
        isFirst = true
        isNewcomer = false
        return memberLeft(.anonymous, reason: reason, isGoodbye: true, isAlive: false, now: .zero)
    }

    /// Signaling has lost the other side without a goodbye.
    mutating func peerLost(reason: String, isAlive: Bool, now: Instant) -> [Action] {
        guard isInside else { return [] }
        isFirst = true
        isNewcomer = false
        return memberLeft(.anonymous, reason: reason, isGoodbye: false, isAlive: isAlive, now: now)
    }

    // MARK: - Descriptions and connections

    /// An offer came in. `isNewPeer`: it is not of the connection that the one we have was negotiated with, or there is none.
    mutating func offerReceived(_ id: MemberID = .anonymous, isNewPeer: Bool, now: Instant) -> [Action] {
        guard isInside else { return [] }
        if call(id) == nil {
            let isPolite: Bool =
                if id != .anonymous, let ownID { ownID.utf8.lexicographicallyPrecedes(id.id.utf8) } else { !self.isFirst }
            let new = MemberCall(id: id, calls: id == .anonymous && self.isFirst, isPolite: isPolite, takesRepeats: id != .anonymous)
            guard add(new) else { return [] }
        }
        let isFirst = isFirst
        return change(id) { call in
            if id == .anonymous, !call.hasPeer || isNewPeer { call.isPolite = !isFirst }
            return call.offerReceived(isNewPeer: isNewPeer, now: now)
        }
    }

    mutating func answerReceived(_ id: MemberID = .anonymous) {
        _ = change(id) {
            $0.answerReceived()
            return []
        }
    }

    mutating func connected(_ id: MemberID = .anonymous) {
        _ = change(id) {
            $0.connected()
            return []
        }
    }

    /// The peer itself has ended the connection. Whether its place in the channel is free too, signaling tells: its owner may call again.
    mutating func peerClosed(_ id: MemberID = .anonymous, reason: String, now: Instant) -> [Action] {
        guard let call = call(id), call.hasPeer else { return [] }
        guard call.isPresent, isOnline else { return drop(id, reason: reason) }
        return change(id) { $0.end(reason: reason, callDue: id == .anonymous ? nil : now + Self.recallAfter) }
    }

    /// Nothing came for `silenceLimit`, or the connection has failed. The person is told; unless signaling has lost the other side too, or
    /// is lost itself, a new attempt begins.
    mutating func peerSilent(_ id: MemberID = .anonymous, reason: String, now: Instant) -> [Action] {
        guard let call = call(id), call.hasPeer else { return [] }
        guard call.isPresent, call.doubtedSince == nil, isOnline else { return drop(id, reason: reason) }
        return change(id) { $0.end(reason: reason) + $0.begin(now: now) }
    }

    mutating func left() -> [Action] {
        let actions = calls.filter(\.hasPeer).map { Action.removePeer($0.id, reason: "") }
        let online = isOnline
        self = CallCoordinator()
        isOnline = online
        return actions
    }

    // MARK: - Time

    var nextTimeout: Instant? { calls.reduce(nil) { earliest($0, $1.nextTimeout(isOnline: isOnline)) } }

    mutating func handleTimeout(now: Instant) -> [Action] {
        guard let due = nextTimeout, due <= now else { return [] }
        var actions: [Action] = []
        var given: [MemberID] = []
        let isOnline = isOnline
        for id in calls.map(\.id) {
            actions += change(id) { call in
                guard let actions = call.handleTimeout(isOnline: isOnline, now: now) else {
                    given.append(id)
                    return []
                }
                return actions
            }
        }
        for id in given { actions += drop(id, reason: Self.gone) }
        return actions
    }
}
